"""Signing with a key that only the signer holds: the attributes go out, the signature comes back.

A USB token or a remote service signs somewhere else and maybe minutes later, so nothing waits in memory: the
first request leaves the prepared file and a small JSON state, the second completes them. What comes back is
believed only if it is a signature by the certificate that was registered for this person, over exactly this
file, in time. Raw mode (a signature over the attributes) leaves every attribute to us; a token program that
only makes whole CMS structures can be served too.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final, Self

from handlers.signing.cms import read_signed_data, signed_attributes
from handlers.signing.keys import SigningCertificate, read_certificate
from handlers.signing.revision import (
    SignatureAct,
    SignatureMade,
    StartedSignature,
    fill_signature,
    start_signature,
)
from handlers.signing.timestamps import TOKEN_BYTES, TimestampAuthority
from service.domain.errors import Conflict, InvalidInput
from service.domain.signatures import Level

TIME_TO_SIGN: Final = timedelta(minutes=10)
_CHUNK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PreparedSignature:
    """The state between the two requests; holds nothing secret.

    Attributes:
        started: the revision that waits for its signature.
        certificate: that must sign.
        attributes: what it signs, a DER SET; the client's key signs their SHA-256.
        expires_at: aware; a signature that comes later is refused.
    """

    started: StartedSignature
    certificate: SigningCertificate
    attributes: bytes
    expires_at: datetime

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the attributes, for tokens that take a digest."""
        return hashlib.sha256(self.attributes).digest()

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON, bytes in base64; the prepared file is kept beside it."""
        return {
            "field": self.started.field,
            "document_digest": self.started.digest.hex(),
            "region": [self.started.region_start, self.started.region_end],
            "certificate": _text(self.certificate.der),
            "chain": [_text(one) for one in self.certificate.chain],
            "attributes": _text(self.attributes),
            "expires_at": self.expires_at.isoformat(),
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Return the state that :meth:`to_json` described; it was kept by ourselves."""
        start, end = state["region"]
        started = StartedSignature(
            state["field"], bytes.fromhex(state["document_digest"]), int(start), int(end)
        )
        chain = [base64.b64decode(one) for one in state["chain"]]
        return cls(
            started,
            read_certificate(base64.b64decode(state["certificate"]), chain),
            base64.b64decode(state["attributes"]),
            datetime.fromisoformat(state["expires_at"]),
        )


def begin(
    writer: Any, act: SignatureAct, certificate: SigningCertificate, *, has_timestamp: bool = False
) -> PreparedSignature:
    """Write the revision with room for the signature and return what the client must sign.

    Args:
        writer: an open revision of the file.
        act: what is signed and shown.
        certificate: the registered one of the person or agency.
        has_timestamp: leaves room for a time-stamp.

    Raises:
        Conflict: the field or the certificate does not allow it.
    """
    started = start_signature(writer, act, certificate, TOKEN_BYTES if has_timestamp else 0)
    attributes = signed_attributes(certificate, started.digest)
    return PreparedSignature(started, certificate, attributes, act.signed_at + TIME_TO_SIGN)


def complete(
    stream: BinaryIO,
    prepared: PreparedSignature,
    signature: bytes,
    *,
    registered: str,
    at: datetime,
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Check the client's signature over the attributes and fill it in, in place.

    Args:
        stream: the prepared file.
        prepared: the state kept since :func:`begin`.
        signature: over ``prepared.attributes``.
        registered: fingerprint of the certificate registered for this signer now.
        at: aware; now.
        timestamps: makes the signature B-T, if room was left.

    Raises:
        Conflict: ``signature.expired``, ``certificate.not_registered`` or ``signature.file_changed``.
        InvalidInput: ``signature.wrong``.
        Unavailable: the time-stamping service cannot be reached; nothing was written.
    """
    _check_still_good(stream, prepared, registered, at)
    certificate = prepared.certificate
    certificate.check_signature(signature, prepared.attributes)
    fill_signature(
        stream, prepared.started, certificate, prepared.attributes, signature, timestamps=timestamps
    )
    return SignatureMade(prepared.started.field, Level.B_T if timestamps else Level.B_B, certificate)


def complete_with_cms(
    stream: BinaryIO,
    prepared: PreparedSignature,
    cms: bytes,
    *,
    registered: str,
    at: datetime,
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Check a whole CMS structure that the client made over the document's digest and fill it in.

    Only its attributes and signature are taken over; the structure around them is ours again.

    Raises:
        Conflict: as of :func:`complete`.
        InvalidInput: ``signature.wrong``; by another certificate, over another digest, or not CAdES.
        Unavailable: the time-stamping service cannot be reached; nothing was written.
    """
    _check_still_good(stream, prepared, registered, at)
    certificate = prepared.certificate
    found = read_signed_data(cms, certificate, prepared.started.digest)
    if found is None:
        vi, en = (
            "Chữ ký trả về không dành cho văn bản này.",
            "The returned signature is not for this document.",
        )
        raise InvalidInput("signature.wrong", vi, en)
    attributes, signature = found
    certificate.check_signature(signature, attributes)
    fill_signature(stream, prepared.started, certificate, attributes, signature, timestamps=timestamps)
    return SignatureMade(prepared.started.field, Level.B_T if timestamps else Level.B_B, certificate)


def _check_still_good(stream: BinaryIO, prepared: PreparedSignature, registered: str, at: datetime) -> None:
    if at > prepared.expires_at:
        vi, en = "Đã quá thời gian ký, hãy ký lại từ đầu.", "The time to sign has passed; begin again."
        raise Conflict("signature.expired", vi, en)
    if prepared.certificate.fingerprint != registered:
        vi, en = (
            "Chứng thư số không phải của người ký đã đăng ký.",
            "Not the certificate registered for the signer.",
        )
        raise Conflict("certificate.not_registered", vi, en)
    prepared.certificate.check_at(at)
    if _digest_around(stream, prepared.started) != prepared.started.digest:
        vi, en = "Tệp chờ ký đã bị thay đổi.", "The file that waits for its signature was changed."
        raise Conflict("signature.file_changed", vi, en)


def _digest_around(stream: BinaryIO, started: StartedSignature) -> bytes:
    """Return the SHA-256 of the file without the reserved region."""
    digest = hashlib.sha256()
    stream.seek(0)
    left = started.region_start
    while left > 0 and (block := stream.read(min(left, _CHUNK_BYTES))):
        digest.update(block)
        left -= len(block)
    stream.seek(started.region_end)
    while block := stream.read(_CHUNK_BYTES):
        digest.update(block)
    return digest.digest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
