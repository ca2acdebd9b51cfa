"""One more revision of a signed PDF: the only way this house ever changes one.

A file is extended in place, so a hundred megabytes are read but never copied; whoever calls works on a copy
of its own and throws it away when something fails. Each signature is made in two steps with the same code for
every kind of key: the revision is written with room for the signature, then the signature is filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Any, BinaryIO, Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import FieldMDPSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject

from handlers.signing.appearance import Appearance
from handlers.signing.cms import longest_signed_data_bytes, signed_attributes, signed_data
from handlers.signing.keys import SigningCertificate, SigningKey
from handlers.signing.pdf_objects import entry, name, value
from handlers.signing.timestamps import TimestampAuthority
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, InvalidInput, Unavailable
from service.domain.signatures import Box, Level

DIGEST: Final = "sha256"


@dataclass(frozen=True, slots=True)
class SignatureAct:
    """One signature to be made.

    Attributes:
        field: the prepared signature field.
        signed_at: aware; the claimed time, and as of when the certificate must be valid.
        appearance: what the field shows, None = nothing.
        texts: what text fields show, filled in the same revision: field name to (value, drawing).
        reason: for the signature's properties, or None.
    """

    field: str
    signed_at: datetime
    appearance: Appearance | None = None
    texts: Mapping[str, tuple[str, Appearance]] = attribute(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StartedSignature:
    """A revision that is written but for the signature itself.

    Attributes:
        field: of the signature.
        digest: SHA-256 of the file without the reserved region.
        region_start: offset of the region's first byte, a ``<``.
        region_end: offset after its last byte.
    """

    field: str
    digest: bytes
    region_start: int
    region_end: int


@dataclass(frozen=True, slots=True)
class SignatureMade:
    """What the record keeps of a signature."""

    field: str
    level: Level
    certificate: SigningCertificate


@contextmanager
def reading_pdf() -> Iterator[None]:
    """Turn the library's errors about a file into one of ours.

    Raises:
        InvalidInput: ``pdf.unreadable``.
    """
    try:
        yield
    except (PdfError, SigningError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        vi, en = "Tệp PDF hỏng hoặc không theo chuẩn.", "The PDF is broken or does not follow the standard."
        raise InvalidInput("pdf.unreadable", vi, en) from None


def open_revision(stream: BinaryIO) -> Any:
    """Return a writer that will extend the file; nothing is written yet.

    Raises:
        InvalidInput: ``pdf.unreadable``, or ``pdf.encrypted``.
    """
    with reading_pdf():
        stream.seek(0)
        writer = IncrementalPdfFileWriter(stream)
        is_encrypted = writer.prev.encrypted
    if is_encrypted:
        vi, en = "Tệp PDF có mật khẩu hoặc bị mã hóa.", "The PDF is encrypted."
        raise InvalidInput("pdf.encrypted", vi, en)
    return writer


def form_fields(writer: Any) -> dict[str, Any]:
    """Return the top fields of the document's form by name."""
    with reading_pdf():
        fields = entry(entry(writer.root, "/AcroForm") or {}, "/Fields") or ()
        return {str(one.get_object().get("/T", "")): one.get_object() for one in fields}


def is_signed(form_field: Any) -> bool:
    """Say whether a signature field holds a signature."""
    return "/V" in form_field


def require_open_field(writer: Any, field_name: str) -> Any:
    """Return an unsigned signature field.

    Raises:
        Conflict: ``signature.no_field`` or ``signature.already_signed``.
    """
    found = form_fields(writer).get(field_name)
    if found is None or found.get("/FT") != "/Sig":
        vi, en = f"Tệp không có ô ký “{field_name}”.", f'The file has no signature field "{field_name}".'
        raise Conflict("signature.no_field", vi, en)
    if is_signed(found):
        vi, en = f"Ô ký “{field_name}” đã được ký.", f'The field "{field_name}" is already signed.'
        raise Conflict("signature.already_signed", vi, en)
    return found


def sign(
    writer: Any, act: SignatureAct, key: SigningKey, timestamps: TimestampAuthority | None = None
) -> SignatureMade:
    """Sign with a key that is at hand; with ``timestamps`` the signature is B-T, else B-B.

    Raises:
        Conflict: the field or the certificate does not allow it.
        Unavailable: the key or the time-stamping service cannot be reached; the file is then spoilt.
    """
    room = timestamps.token_bytes if timestamps else 0
    started = start_signature(writer, act, key.certificate, room)
    attributes = signed_attributes(key.certificate, started.digest)
    signature = key.sign(attributes)
    stream = writer.prev.stream
    fill_signature(stream, started, key.certificate, attributes, signature, timestamps=timestamps)
    return SignatureMade(act.field, Level.B_T if timestamps else Level.B_B, key.certificate)


def start_signature(
    writer: Any, act: SignatureAct, certificate: SigningCertificate, token_bytes: int
) -> StartedSignature:
    """Write the revision with room for the signature.

    Raises:
        Conflict: ``signature.no_field``, ``signature.already_signed``, or what the certificate forbids.
    """
    certificate.check_at(act.signed_at)
    signature_field = require_open_field(writer, act.field)
    fields = form_fields(writer)
    for text_name, (text, drawing) in act.texts.items():
        _fill_text(writer, fields[text_name], text, drawing)
    if act.appearance is not None:
        _show(writer, signature_field, act.appearance)
    room = 2 * longest_signed_data_bytes(certificate, token_bytes)
    with reading_pdf():
        prepared = _write(writer, act, signature_field, room)
    return StartedSignature(
        act.field, prepared.document_digest, prepared.reserved_region_start, prepared.reserved_region_end
    )


def fill_signature(
    stream: BinaryIO,
    started: StartedSignature,
    certificate: SigningCertificate,
    attributes: bytes,
    signature: bytes,
    *,
    timestamps: TimestampAuthority | None = None,
) -> None:
    """Fill the reserved region with the signature and, where configured, a time-stamp over it.

    Raises:
        Unavailable: the service cannot be reached, or its token is larger than the room.
    """
    token = timestamps.request_token(signature) if timestamps else None
    content = signed_data(certificate, attributes, signature, token)
    prepared = PreparedByteRangeDigest(started.digest, started.region_start, started.region_end)
    try:
        prepared.fill_with_cms(stream, content)
    except SigningError:
        vi, en = "Dấu thời gian dài hơn chỗ dành sẵn.", "The time-stamp token is larger than the room for it."
        raise Unavailable("timestamp.too_long", vi, en) from None


def field_box(form_field: Any) -> Box:
    """Return where a field stands."""
    left, bottom, right, top = (float(one) for one in form_field["/Rect"])
    return Box(min(left, right), min(bottom, top), max(left, right), max(bottom, top))


def _write(writer: Any, act: SignatureAct, signature_field: Any, room: int) -> PreparedByteRangeDigest:
    lock = entry(signature_field, "/Lock")
    spec = FieldMDPSpec.from_pdf_object(lock) if lock is not None else None
    steps = PdfCMSEmbedder().write_cms(act.field, writer, existing_fields_only=True)
    next(steps)
    placeholder = SignatureObject(
        timestamp=act.signed_at.astimezone(OFFICE_ZONE),
        subfilter=SigSeedSubFilter.PADES,
        reason=act.reason,
        bytes_reserved=room,
    )
    steps.send(SigObjSetup(placeholder, SigMDPSetup(DIGEST, field_lock=spec)))
    prepared, _ = steps.send(SigIOSetup(DIGEST, in_place=True))
    assert isinstance(prepared, PreparedByteRangeDigest)
    return prepared


def _fill_text(writer: Any, form_field: Any, text: str, drawing: Appearance) -> None:
    form_field[name("/V")] = value(text)
    _show(writer, form_field, drawing)


def _show(writer: Any, form_field: Any, drawing: Appearance) -> None:
    form_field[name("/AP")] = value({"/N": drawing.draw(writer, field_box(form_field))})
    writer.update_container(form_field)
