"""Makes every field that will be written on a document, before its first signature (NĐ 30/2020 Điều 14, 32).

A signature covers the file as it is; what comes later may only fill fields that were there. Each signature
field carries a lock (FieldMDP, ISO 32000-2 §12.8.2.4) that leaves open only what must still follow, so that a
number changed after the agency has signed breaks the agency's signature.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO, Final

from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, SigFieldSpec, append_signature_field

from handlers.signing.pdf_objects import array, dictionary, entry, form, name
from handlers.signing.revision import form_fields, open_revision, reading_pdf
from handlers.signing.signed_by_others import require_room
from service.domain.errors import Finding, InvalidInput
from service.domain.signatures import Box, SignatureLayout, Slot, SlotKind, corner_box

UPRIGHT: Final = "TiRo"
ITALIC: Final = "TiIt"
"""Names of a style in a field's default appearance; what is drawn embeds its own font."""

_PRINTED_AND_LOCKED: Final = 4 + 128
_READ_ONLY: Final = 1
_CENTRED: Final = 1
RIGHTWARDS: Final = 2
_NUMBER: Final = "number"
"""The text that stands directly before the notation: ``01`` of ``01-CV/VPTU``."""


def prepare(stream: BinaryIO, layout: SignatureLayout) -> None:
    """Extend the file by the empty fields of ``layout``.

    A file that others have signed gets signature fields beside theirs, if their locks leave room. Texts
    cannot be added any more: number and date then stand in the seal's signature, in the page's corner.

    Raises:
        InvalidInput: ``pdf.unreadable``, ``pdf.encrypted`` or ``layout.invalid``.
        Conflict: ``signature.already_prepared``, the document has a form, or fields of ours;
            ``signature.locked_by_others``, what others signed may not be extended.
    """
    writer = open_revision(stream)
    if form_fields(writer) or "/XFA" in (entry(writer.root, "/AcroForm") or ()):
        require_room(writer, layout)
        with reading_pdf():
            layout = _beside_others(layout, page_box(writer, 0))
    with reading_pdf():
        boxes = _page_boxes(writer, layout)
    _check_places(layout, boxes)
    with reading_pdf():
        for slot in layout.texts():
            _add_text_field(writer, slot)
        for slot in layout.signatures():
            append_signature_field(writer, _specify(slot, layout.open_after(slot)))
        writer.write_in_place()


def page_box(writer: Any, page: int) -> Box:
    """Return the visible box of a page (ISO 32000-2 §14.11.2), with what it inherits."""
    found = writer.find_page_for_modification(page)[0].get_object()
    while found is not None:
        for key in ("/CropBox", "/MediaBox"):
            if key in found:
                left, bottom, right, top = (float(one) for one in found[key])
                return Box(min(left, right), min(bottom, top), max(left, right), max(bottom, top))
        found = entry(found, "/Parent")
    raise ValueError("no MediaBox")


def _beside_others(layout: SignatureLayout, first_page: Box) -> SignatureLayout:
    """Return the layout without texts, seals in the first page's corner, where they say number and date."""
    corner = corner_box(first_page.right, first_page.top)
    kept = [slot for slot in layout.slots if slot.kind != SlotKind.TEXT]
    seals = [slot for slot in kept if slot.kind == SlotKind.SEAL]
    below = {one.name: corner.lowered(index) for index, one in enumerate(seals)}
    moved = [replace(one, page=0, box=below[one.name]) if one.name in below else one for one in kept]
    return SignatureLayout(tuple(moved))


def _page_boxes(writer: Any, layout: SignatureLayout) -> dict[int, Box | None]:
    """Return the box of each page that the layout names, None for a page that is not there."""
    count = int(writer.root["/Pages"]["/Count"])
    pages = {one.page for one in layout.slots}
    return {page: page_box(writer, page) if -count <= page < count else None for page in pages}


def _check_places(layout: SignatureLayout, boxes: dict[int, Box | None]) -> None:
    findings = []
    for index, slot in enumerate(layout.slots):
        around = boxes[slot.page]
        if around is None or not around.holds(slot.box):
            vi = f"Ô ký “{slot.name}” nằm ngoài trang."
            en = f'The slot "{slot.name}" lies outside the page.'
            findings.append(Finding("layout.slot", vi, en, f"/slots/{index}"))
        if not slot.is_named_well():
            vi, en = "Tên ô ký phải theo loại của nó.", "The name of a slot must begin with its kind."
            findings.append(Finding("layout.slot", vi, en, f"/slots/{index}/name"))
    if findings:
        vi, en = "Sơ đồ ô ký không hợp lệ.", "The layout of signatures is not valid."
        raise InvalidInput("layout.invalid", vi, en, findings)


def _specify(slot: Slot, still_open: list[str]) -> SigFieldSpec:
    spec = (
        FieldMDPSpec(FieldMDPAction.EXCLUDE, still_open) if still_open else FieldMDPSpec(FieldMDPAction.ALL)
    )
    return SigFieldSpec(slot.name, on_page=slot.page, box=slot.box.corners(), field_mdp_spec=spec)  # type: ignore[arg-type] # points need not be whole


def _add_text_field(writer: Any, slot: Slot) -> None:
    page = writer.find_page_for_modification(slot.page)[0]
    empty = form(slot.box.width, slot.box.height, b"", {})
    widget = {
        "/FT": "/Tx",
        "/T": slot.name,
        "/Ff": _READ_ONLY,
        "/DA": f"0 g /{ITALIC if slot.is_italic else UPRIGHT} {slot.font_size:g} Tf",
        "/Q": RIGHTWARDS if slot.name == _NUMBER else _CENTRED,
        "/Type": "/Annot",
        "/Subtype": "/Widget",
        "/F": _PRINTED_AND_LOCKED,
        "/Rect": slot.box.corners(),
        "/P": page,
        "/AP": {"/N": writer.add_object(empty)},
    }
    reference = writer.add_object(dictionary(widget))
    _append(writer, _form_of(writer), "/Fields", reference)
    _append(writer, page.get_object(), "/Annots", reference)


def _form_of(writer: Any) -> Any:
    if "/AcroForm" not in writer.root:
        writer.root[name("/AcroForm")] = writer.add_object(dictionary({"/Fields": []}))
        writer.update_root()
    return writer.root["/AcroForm"]


def _append(writer: Any, container: Any, key: str, reference: Any) -> None:
    if key in container:
        container[key].append(reference)
        writer.update_container(container[key])
    else:
        container[name(key)] = array([reference])
        writer.update_container(container)
