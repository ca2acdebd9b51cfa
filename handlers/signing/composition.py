"""What an act writes into a file, put together from what the house knows: field, image, number, lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from handlers.signing.approve import approval
from handlers.signing.images import StampImage
from handlers.signing.key_ring import typefaces
from handlers.signing.revision import SignatureAct, form_fields, is_signed
from handlers.signing.seal import annexing, copying, corner_lines, sealing
from service.domain.consents import PERSONAL_ACTS, SLOT_KINDS, Act
from service.domain.errors import Conflict
from service.domain.signatures import SEAL_DIAMETER_MM, SIGNATURE_WIDTH_MM, SlotKind
from service.storage.blobs import BlobStore

ANNEX_FIELD: Final = SlotKind.SEAL.value


@dataclass(frozen=True, slots=True)
class SigningOrder:
    """One act, ready to be written.

    Attributes:
        act: see :data:`service.domain.consents.Act`.
        field: that is signed.
        at: aware; the claimed time.
        image: of the hand's signature or the seal; None = none.
        texts: number and date by the names of text fields; what the file has no field for is left out.
        code: number and symbol of the document, for an annex, and for a seal on a file without fields.
        copy_form: ``SY``, ``TrS`` or ``SL``, for a copy.
        agency: name of the copying agency, for a copy.
    """

    act: Act
    field: str
    at: datetime
    image: StampImage | None = None
    texts: Mapping[str, str] = attribute(default_factory=dict)
    code: str = ""
    copy_form: str = ""
    agency: str = ""


def compose(writer: Any, order: SigningOrder) -> SignatureAct:
    """Return the act of an order on an open document.

    Raises:
        InvalidInput: number and date do not fill the file's fields, or cannot be drawn.
        Conflict: the file does not allow the act, or ``signature.no_image``: a leader's signature and a seal
            are shown by an image (NĐ 30/2020 Phụ lục I).
    """
    if order.act in PERSONAL_ACTS:
        if order.act == "leader":
            _require_image(order)
        _refuse_late_initials(writer, order)
        return approval(order.field, order.image, order.at)
    if order.act == "annex":
        return annexing(writer, code=order.code, typeface=typefaces().upright, at=order.at)
    if order.act == "copy":
        return copying(
            writer,
            form=order.copy_form,
            agency=order.agency,
            typeface=typefaces().upright,
            at=order.at,
            field=order.field,
        )
    return _seal(writer, order)


def _seal(writer: Any, order: SigningOrder) -> SignatureAct:
    """Return the act of a seal; on a file without fields for number and date it writes them in the corner."""
    fields = form_fields(writer)
    known = {name: text for name, text in order.texts.items() if name in fields}
    image = _require_image(order)
    act = sealing(
        writer,
        texts=known,
        image=image,
        typefaces=typefaces(),
        at=order.at,
        field=order.field,
    )
    if any(one.get("/FT") == "/Tx" for one in fields.values()):
        return act
    return replace(act, appearance=corner_lines([order.code], typefaces().upright, order.at))


def next_field(writer: Any, act: Act, own: str = "") -> str:
    """Return the field that the act is signed into: the first one of its kind that is still empty.

    Args:
        writer: an open revision of the file.
        act: that is signed.
        own: the field that was made for who signs, on a document that several sign; empty = any of the kind.

    Raises:
        Conflict: ``signature.no_field``, there is none; or ``signature.already_signed``.
    """
    if act == "annex":
        return ANNEX_FIELD
    kind = SLOT_KINDS[act]
    fields = {name: one for name, one in form_fields(writer).items() if kind.owns(name) and own in {"", name}}
    if not fields:
        vi = "Tệp không có ô ký cho việc này; hãy hoàn thiện dự thảo trước khi ký."
        raise Conflict("signature.no_field", vi, "The file has no field for this; finalise the draft first.")
    for name in sorted(fields, key=lambda label: (len(label), label)):
        if not is_signed(fields[name]):
            return name
    vi, en = "Các ô ký cho việc này đã ký hết.", "Every field for this is signed already."
    raise Conflict("signature.already_signed", vi, en)


def read_image(blobs: BlobStore, sha256: bytes | None, *, is_seal: bool) -> StampImage | None:
    """Return a key's image, decoded once for the life of the process; None without one."""
    if sha256 is None:
        return None
    return _decode(blobs.path_of(sha256), SEAL_DIAMETER_MM if is_seal else SIGNATURE_WIDTH_MM)


@lru_cache(maxsize=64)
def _decode(path: Path, longest_mm: float) -> StampImage:
    return StampImage.read(path.read_bytes(), longest_mm)


def _require_image(order: SigningOrder) -> StampImage:
    if order.image is None:
        vi = "Khóa ký số chưa có ảnh chữ ký hoặc ảnh dấu; hãy bổ sung ảnh rồi ký."
        raise Conflict(
            "signature.no_image", vi, "The key has no image of the signature or seal; add one first."
        )
    return order.image


def _refuse_late_initials(writer: Any, order: SigningOrder) -> None:
    """Initials after the leader would break the leader's lock (NĐ 30/2020 Điều 13: they come first)."""
    if order.act == "initials" and any(
        SlotKind.LEADER.owns(name) and is_signed(one) for name, one in form_fields(writer).items()
    ):
        vi, en = (
            "Người có thẩm quyền đã ký, không ký nháy được nữa.",
            "The leader has signed; too late to initial.",
        )
        raise Conflict("signature.too_late", vi, en)
