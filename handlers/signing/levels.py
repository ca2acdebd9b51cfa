"""Raises signatures to long-term levels: B-LT keeps the proof in the file, B-LTA seals it with a time-stamp.

A certificate expires after some years, the document does not. The certificates and revocation lists that
show each signature good are put into the file (ETSI EN 319 142-1 §5.4), and a document time-stamp over them
lets later readers trust both. The same call renews the chain of time-stamps before the last one expires: a
signature that the file proves by then needs nothing more, though its certificate has ended or was revoked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings
from pyhanko.sign.validation import validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from handlers.signing.pdf_inspector import Trust, prove_time
from handlers.signing.revision import DIGEST, open_revision, reading_pdf
from handlers.signing.timestamps import TimestampAuthority, unavailable
from service.domain.errors import Conflict
from service.domain.signatures import Level

_BEFORE_STAMP: Final = TimestampDSSContentSettings(update_before_ts=True, include_vri=False)


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """What the deployment trusts, all at hand: nothing is fetched while a file is processed.

    Attributes:
        roots: DER of the anchors.
        intermediates: DER of further certificates.
        revocation_lists: DER of the lists in force.
    """

    roots: Sequence[bytes]
    intermediates: Sequence[bytes] = ()
    revocation_lists: Sequence[bytes] = ()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return what lies in ``roots/``, ``intermediates/`` and ``crls/`` as PEM or DER."""
        return cls(
            [one.public_bytes(Encoding.DER) for one in _certificates(folder / "roots")],
            [one.public_bytes(Encoding.DER) for one in _certificates(folder / "intermediates")],
            [_read_list(path.read_bytes()) for path in _files(folder / "crls")],
        )

    def context(self, at: datetime, revocation_mode: str = "require") -> ValidationContext:
        """Return a fresh context that, unless told otherwise, demands revocation data; it fetches nothing."""
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(one) for one in self.roots],
            other_certs=[asn1_x509.Certificate.load(one) for one in self.intermediates],
            crls=[asn1_crl.CertificateList.load(one) for one in self.revocation_lists],
            allow_fetching=False,
            revocation_mode=revocation_mode,
            moment=at,
        )

    def trust(self) -> Trust:
        """Return the same for the inspector's judgement."""
        return Trust(
            [asn1_x509.Certificate.load(one) for one in self.roots],
            [asn1_x509.Certificate.load(one) for one in self.intermediates],
            [asn1_crl.CertificateList.load(one) for one in self.revocation_lists],
        )


def raise_level(
    stream: BinaryIO, trust: TrustMaterial, at: datetime, timestamps: TimestampAuthority | None = None
) -> Level:
    """Extend a signed file in place to B-LT, or to B-LTA where a time-stamping service is configured.

    Runs an event loop of its own: call it from a job, not from a coroutine.

    Args:
        stream: the file, readable and writable; spoilt if this fails.
        trust: with lists that are in force at ``at``.
        at: aware; as of when certificates are judged.
        timestamps: of the document time-stamp.

    Raises:
        InvalidInput: the PDF is broken or encrypted.
        Conflict: ``signature.none``, or ``signature.not_provable``: a certificate is revoked, not trusted, or
            no list in force says that it is good.
        Unavailable: the service cannot be reached.
    """
    writer = open_revision(stream)
    context = trust.context(at)
    with reading_pdf():
        signatures = list(writer.prev.embedded_regular_signatures)
        stamps = list(writer.prev.embedded_timestamp_signatures)
    if not signatures:
        vi, en = "Tệp chưa có chữ ký.", "The file has no signature."
        raise Conflict("signature.none", vi, en)
    try:
        paths = _collect(signatures, context, lambda one: _is_proved(writer.prev, one, trust, at))
        paths += _collect(stamps[-1:], context)
        if timestamps is None:
            DocumentSecurityStore.supply_dss_in_writer(
                writer, None, paths=paths, validation_context=context, embed_roots=True
            )
            writer.write_in_place()
            return Level.B_LT
        _stamp(writer, timestamps, context, paths)
        _check_last_stamp(stream, trust.context(at))
    except (PathError, ValidationError, SignatureValidationError, SigningError):
        vi = "Chưa chứng minh được chứng thư số còn hiệu lực: thiếu danh sách thu hồi hoặc đã bị thu hồi."
        en = "A certificate cannot be shown good: no revocation list in force, not trusted, or revoked."
        raise Conflict("signature.not_provable", vi, en) from None
    return Level.B_LTA


def _stamp(
    writer: IncrementalPdfFileWriter,
    timestamps: TimestampAuthority,
    context: ValidationContext,
    paths: list[Any],
) -> None:
    """Add the document time-stamp, with the proof of what was signed before it."""
    PdfTimeStamper(timestamps).timestamp_pdf(
        writer,
        DIGEST,
        validation_context=context,
        validation_paths=paths,
        bytes_reserved=2 * timestamps.token_bytes,
        in_place=True,
        dss_settings=_BEFORE_STAMP,
    )


def archive_ends_at(stream: BinaryIO) -> datetime | None:
    """Return until when the certificate of a file's last document time-stamp is good; None without one.

    Raises:
        InvalidInput: the PDF is broken or encrypted.
    """
    reader = open_revision(stream).prev
    with reading_pdf():
        stamps = list(reader.embedded_timestamp_signatures)
        return stamps[-1].signer_cert.not_valid_after if stamps else None


def _collect(
    signatures: Sequence[Any],
    context: ValidationContext,
    is_proved: Callable[[Any], bool] = lambda _: False,
) -> list[Any]:
    """Return the validation paths of all signers and time-stamps; the context keeps the lists they used.

    Raises:
        PathError: no list in force shows a certificate good, nor does ``is_proved``.
        ValidationError: likewise.
    """
    paths: list[Any] = []
    for signature in signatures:
        try:
            paths += asyncio.run(collect_validation_info(signature, context))
        except (PathError, ValidationError):
            if not is_proved(signature):
                raise
    return paths


def _is_proved(reader: PdfFileReader, signature: Any, trust: TrustMaterial, at: datetime) -> bool:
    """Say whether a file proves a signature good by its time-stamps and a list that it carries."""
    proved = prove_time(reader, signature, trust.trust(), at)
    if proved is None or proved[1] != "good":
        return False
    _, lists, _ = Trust([], [], []).with_kept_in(reader)
    ended, issuer = signature.signer_cert.not_valid_after, signature.signer_cert.issuer
    of_issuer = [one["tbs_cert_list"] for one in lists if one.issuer == issuer]
    spans = [(one["this_update"].native, one["next_update"].native) for one in of_issuer]
    return any(begun <= ended and proved[0] <= (until or proved[0]) for begun, until in spans)


def _check_last_stamp(stream: BinaryIO, context: ValidationContext) -> None:
    """Refuse a document time-stamp that does not hold or that no anchor vouches for.

    Raises:
        Unavailable: ``timestamp.unavailable``.
    """
    status = validate_pdf_timestamp(open_revision(stream).prev.embedded_timestamp_signatures[-1], context)
    if not (status.intact and status.valid and status.trusted):
        raise unavailable()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _certificates(folder: Path) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for path in _files(folder):
        data = path.read_bytes()
        found += (
            x509.load_pem_x509_certificates(data)
            if b"-----BEGIN" in data
            else [x509.load_der_x509_certificate(data)]
        )
    return found


def _read_list(data: bytes) -> bytes:
    load = x509.load_pem_x509_crl if b"-----BEGIN" in data else x509.load_der_x509_crl
    return load(data).public_bytes(Encoding.DER)
