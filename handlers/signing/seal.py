"""The agency's signatures: seal with number and date, annexes, copies (NĐ 30/2020 Điều 14–17, 25–27, 33).

Number, date and the agency's signature are one act and one revision: a file with a number that nobody sealed,
or a seal over an empty number, cannot come about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Final

from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field

from handlers.signing.appearance import Align, ImageAppearance, TextAppearance
from handlers.signing.fields import ITALIC, RIGHTWARDS, page_box
from handlers.signing.images import StampImage
from handlers.signing.keys import SigningKey
from handlers.signing.revision import (
    SignatureAct,
    SignatureMade,
    form_fields,
    is_signed,
    open_revision,
    reading_pdf,
    sign,
)
from handlers.signing.timestamps import TimestampAuthority
from handlers.signing.typeface import Typeface, Typefaces, normalise
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.signatures import SlotKind, corner_box

CORNER_FONT_SIZE: Final = 10.0
"""NĐ 30/2020 Phụ lục I: Times New Roman, upright, size 10, black."""

COPY_FORMS: Final = {"SY": "SAO Y", "TrS": "TRÍCH SAO", "SL": "SAO LỤC"}
_LONGEST_TEXT: Final = 60


def seal(
    stream: BinaryIO,
    key: SigningKey,
    *,
    texts: Mapping[str, str],
    image: StampImage,
    typefaces: Typefaces,
    at: datetime,
    field: str = "seal",
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Fill number and date and sign as the agency with its red seal, in one revision, in place.

    Args:
        stream: the file, signed by every leader it has a field for; spoilt if this fails.
        key: of the issuing body.
        texts: a text for each prepared text field (``number``, ``day``, ``month``).
        image: the red seal.
        typefaces: draw the texts.
        at: aware; the claimed time.
        field: of the seal.
        timestamps: makes the signature B-T.

    Raises:
        InvalidInput: ``seal.texts``, a text is missing, unknown or cannot be drawn; or the PDF is broken.
        Conflict: ``seal.before_leader``; or the field or the certificate does not allow it.
        Unavailable: the key or the time-stamping service cannot be reached.
    """
    writer = open_revision(stream)
    act = sealing(writer, texts=texts, image=image, typefaces=typefaces, at=at, field=field)
    return sign(writer, act, key, timestamps)


def sealing(
    writer: Any,
    *,
    texts: Mapping[str, str],
    image: StampImage,
    typefaces: Typefaces,
    at: datetime,
    field: str = "seal",
) -> SignatureAct:
    """Return the act of the agency's signature on an open document; errors as of :func:`seal`."""
    fields = form_fields(writer)
    if not SlotKind.SEAL.owns(field):
        raise _wrong_field(field)
    if any(SlotKind.LEADER.owns(label) and not is_signed(one) for label, one in fields.items()):
        vi, en = "Người có thẩm quyền chưa ký.", "The person in authority has not signed yet."
        raise Conflict("seal.before_leader", vi, en)
    waiting = {label: one for label, one in fields.items() if one.get("/FT") == "/Tx" and "/V" not in one}
    cleaned = {label: normalise(text).strip() for label, text in texts.items()}
    _check_texts(cleaned, waiting)
    drawn = {label: (text, _text_drawing(waiting[label], text, typefaces)) for label, text in cleaned.items()}
    return SignatureAct(field, at, ImageAppearance(image), drawn)


def sign_annex(
    stream: BinaryIO,
    key: SigningKey,
    *,
    code: str,
    typeface: Typeface,
    at: datetime,
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Sign a separate annex file as the agency: no image, number and time in the first page's corner.

    Args:
        stream: the file, without any signature; spoilt if this fails.
        key: of the issuing body.
        code: number and notation of the document it belongs to, ``15/QĐ-BNV``.
        typeface: draws the lines.
        at: aware; shown in the office's zone, with its offset (ISO 8601).
        timestamps: makes the signature B-T.

    Raises:
        InvalidInput: the PDF is broken or encrypted, or the code cannot be drawn.
        Conflict: ``signature.already_signed``; or the certificate is not valid.
        Unavailable: the key or the time-stamping service cannot be reached.
    """
    writer = open_revision(stream)
    return sign(writer, annexing(writer, code=code, typeface=typeface, at=at), key, timestamps)


def annexing(writer: Any, *, code: str, typeface: Typeface, at: datetime) -> SignatureAct:
    """Add an annex's field to an open document and return the act; errors as of :func:`sign_annex`."""
    if any(one.get("/FT") == "/Sig" for one in form_fields(writer).values()):
        vi, en = "Tệp phụ lục đã có chữ ký.", "The annex already has a signature."
        raise Conflict("signature.already_signed", vi, en)
    with reading_pdf():
        page = page_box(writer, 0)
        box = corner_box(page.right, page.top)
        lock = FieldMDPSpec(FieldMDPAction.ALL)
        spec: Any = SigFieldSpec(SlotKind.SEAL.value, box=box.corners(), field_mdp_spec=lock)  # type: ignore[arg-type] # points need not be whole
        append_signature_field(writer, spec)
    return SignatureAct(SlotKind.SEAL.value, at, corner_lines([code], typeface, at))


def corner_lines(lines: Sequence[str], typeface: Typeface, at: datetime) -> TextAppearance:
    """Return lines for a page's upper right corner, the time below them (NĐ 30/2020 Phụ lục I)."""
    return TextAppearance([*lines, _office_time(at)], typeface, CORNER_FONT_SIZE, "right")


def sign_copy(
    stream: BinaryIO,
    key: SigningKey,
    *,
    form: str,
    agency: str,
    typeface: Typeface,
    at: datetime,
    field: str = "copy",
    timestamps: TimestampAuthority | None = None,
) -> SignatureMade:
    """Sign an issued document as a certified copy in its prepared copy field: form, agency and time.

    Args:
        stream: the file; spoilt if this fails.
        key: of the copying agency.
        form: ``SY``, ``TrS`` or ``SL``.
        agency: name of the copying agency.
        typeface: draws the lines.
        at: aware; shown in the office's zone.
        field: of the copy.
        timestamps: makes the signature B-T.

    Raises:
        InvalidInput: ``copy.form``; or the PDF is broken.
        Conflict: ``copy.not_issued``; or the field or the certificate does not allow it.
        Unavailable: the key or the time-stamping service cannot be reached.
    """
    writer = open_revision(stream)
    act = copying(writer, form=form, agency=agency, typeface=typeface, at=at, field=field)
    return sign(writer, act, key, timestamps)


def copying(
    writer: Any, *, form: str, agency: str, typeface: Typeface, at: datetime, field: str = "copy"
) -> SignatureAct:
    """Return the act of a certified copy on an open document; errors as of :func:`sign_copy`."""
    if form not in COPY_FORMS:
        vi, en = (
            f"Hình thức sao phải là {', '.join(COPY_FORMS)}.",
            f"A copy is one of {', '.join(COPY_FORMS)}.",
        )
        raise InvalidInput("copy.form", vi, en)
    if not SlotKind.COPY.owns(field):
        raise _wrong_field(field)
    seals = [one for label, one in form_fields(writer).items() if SlotKind.SEAL.owns(label)]
    if not seals or not all(map(is_signed, seals)):
        vi, en = "Văn bản chưa phát hành nên chưa sao được.", "Only an issued document can be copied."
        raise Conflict("copy.not_issued", vi, en)
    return SignatureAct(field, at, corner_lines([COPY_FORMS[form], agency], typeface, at))


def _check_texts(texts: Mapping[str, str], waiting: Mapping[str, Any]) -> None:
    findings = []
    for label in sorted({*texts, *waiting}):
        pointer = f"/{label}"
        if label not in waiting:
            vi, en = f"Tệp không có ô “{label}” còn trống.", f'The file has no empty field "{label}".'
            findings.append(Finding("seal.unknown_text", vi, en, pointer))
        elif not texts.get(label) or len(texts[label]) > _LONGEST_TEXT or not texts[label].isprintable():
            vi, en = f"Ô “{label}” cần một dòng chữ.", f'The field "{label}" needs one line of text.'
            findings.append(Finding("seal.missing_text", vi, en, pointer))
    if findings:
        vi, en = "Số, ngày tháng chưa đủ hoặc không đúng.", "Number and date are incomplete or wrong."
        raise InvalidInput("seal.texts", vi, en, findings)


def _text_drawing(form_field: Any, text: str, typefaces: Typefaces) -> TextAppearance:
    """Return the drawing in the style, size and alignment that the field was prepared with."""
    style, size, _ = str(form_field["/DA"]).split()[-3:]
    typeface = typefaces.italic if style == f"/{ITALIC}" else typefaces.upright
    align: Align = "right" if form_field.get("/Q") == RIGHTWARDS else "centre"
    return TextAppearance([text], typeface, float(size), align)


def _office_time(at: datetime) -> str:
    local = at.astimezone(OFFICE_ZONE)
    offset = local.strftime("%z")
    return f"{local:%d/%m/%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"


def _wrong_field(field: str) -> Conflict:
    vi, en = f"Ô “{field}” không dành cho việc này.", f'The field "{field}" is not for this.'
    return Conflict("signature.wrong_field", vi, en)
