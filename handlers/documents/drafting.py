"""Lays a draft's content out by the form that holds: the data of a template, the page, the places to sign.

What stands where is decided by the profile's data and the templates; this module puts the words together:
the heading, the symbol, the numbering of articles and clauses, the lines of the signature (NĐ 30/2020 Phụ lục
I; HD 36-HD/VPTW).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handlers.contract import Json
from handlers.documents.signatories import (
    Signatory,
    block_lines,
    body_names,
    sealed_fields,
    shared_superior,
)
from handlers.documents.typesetting import Typeset, typeset
from service.domain.clock import OFFICE_ZONE
from service.domain.document_profiles import DocumentProfile, DocumentType
from service.domain.signatures import SignatureLayout, Slot, SlotKind, corner_box, numbered, seal_box

POINTS: Final = "abcdđeghiklmnopqrstuvxy"
"""The letters of points, in the order of the Vietnamese alphabet (NĐ 30/2020 Phụ lục I mục II.6)."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A receiver as the document names it; ``purpose`` is to, copy or file."""

    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Everything that a page is made of.

    Attributes:
        form: the profile that holds.
        kind: the type of document.
        notation: what is printed after the number: ``/TB-UBND``, ``-TB/TU``.
        body_name: as the heading names it.
        superior_name: of the body above it, or empty.
        place: named before the date.
        subject: the abstract.
        capacity: code of the capacity in which it is signed.
        position: of the signer.
        signer_name: of the signer.
        urgency: ``normal`` … ``flash``.
        recipients: in order.
        content: cleaned by :func:`service.domain.draft_content.clean_content`.
        author: the agency, for the PDF's properties.
        cosigners: who sign after the one named above, in order.
    """

    form: DocumentProfile
    kind: DocumentType
    notation: str
    body_name: str
    superior_name: str
    place: str
    subject: str
    capacity: str
    position: str
    signer_name: str
    urgency: str
    recipients: Sequence[Recipient]
    content: Mapping[str, Any]
    author: str
    cosigners: Sequence[Signatory] = ()

    @property
    def lead_notation(self) -> str:
        """Return what stands in the symbol for the body that leads: ``UBND`` of ``/QĐ-UBND``."""
        names = dict.fromkeys(one.body_notation for one in self.cosigners if one.body_name != self.body_name)
        whole = self.notation.removesuffix("".join(f"-{one}" for one in names))
        return whole.rpartition("/" if self.form.name == "party" else "-")[2].lstrip("/")

    @property
    def signatories(self) -> tuple[Signatory, ...]:
        """Return everyone whose name stands under the document, in the order of signing."""
        own = Signatory(
            name=self.signer_name,
            position=self.position,
            capacity=self.capacity,
            words=self.content["signing"],
            body_name=self.body_name,
            body_notation=self.lead_notation,
            superior_name=self.superior_name,
        )
        return (own, *self.cosigners)

    @property
    def is_joint(self) -> bool:
        """Say whether several bodies issue the document."""
        return len(body_names(self.signatories)) > 1

    def seals(self) -> tuple[str, ...]:
        """Return the fields of the signatures that the bodies' seals stand over."""
        return sealed_fields(self.signatories)


def render(page: DraftPage, at: datetime, *, draft_note: str = "") -> Typeset:
    """Typeset a draft.

    Args:
        page: what it says.
        at: aware; the PDF's date of creation, and the year that a draft shows.
        draft_note: small words in the margin; empty for the text to be signed, which leaves the year open.

    Raises:
        TooLarge: it is more than may be typeset.
        Unavailable: no font is installed.
    """
    return typeset(page.form.name, page_data(page, at, draft_note=draft_note), at=at)


def page_data(page: DraftPage, at: datetime, *, draft_note: str = "") -> Json:
    """Return what the templates of both forms read."""
    content, form = page.content, page.form
    text_blocks, annexes = _split_annexes(list(_numbered(content["blocks"])))
    return {
        "layout": dict(form.layout),
        "size": content["text_size"],
        "title": f"{page.kind.name}: {page.subject}" if page.subject else page.kind.name,
        "author": page.author,
        "shape": page.kind.shape,
        "type_name": page.kind.name,
        "is_numbered": page.kind.is_numbered,
        "notation": page.notation,
        "superior": (content["heading"]["superior"] or shared_superior(page.signatories)).upper(),
        "bodies": heading_names(page),
        "place": content["place"] or page.place,
        "year": f"{at.astimezone(OFFICE_ZONE):%Y}" if draft_note else "",
        "subject": page.subject,
        "address": address_of(page),
        "basis": content["basis"],
        "decider": content["decider"] if page.kind.decides else "",
        "decides": page.kind.decides,
        "blocks": _ended(text_blocks, form.layout["text"]["ending"]),
        "annexes": annexes,
        "stamps": [form.layout["urgency"][page.urgency]] if page.urgency in form.layout["urgency"] else [],
        "recipients": recipient_lines(page),
        "signatures": signature_blocks(page),
        "footer": content["footer"],
        "draft_note": draft_note,
    }


def address_of(page: DraftPage) -> list[str]:
    """Return whom the document is addressed to (“Kính gửi”): as written, else a letter's main receivers."""
    written = list(page.content["address"])
    if written or not page.kind.must_address:
        return written if page.kind.may_address else []
    return [one.name for one in page.recipients if one.purpose == "to"]


def recipient_lines(page: DraftPage) -> list[str]:
    """Return the lines of “Nơi nhận”; the last one says where the document is kept."""
    lines = list(page.content["recipient_lines"])
    if not lines:
        addressed = address_of(page)
        lines = ["Như trên"] if addressed else []
        purposes = ("copy",) if addressed else ("to", "copy")
        lines += [one.name for one in page.recipients if one.purpose in purposes]
    kept = [one.name for one in page.recipients if one.purpose == "file"]
    if kept:
        lines.append(f"{'Lưu: ' if page.form.name == 'state' else 'Lưu '}{', '.join(kept)}")
    return [line.rstrip(";. ") for line in lines]


def heading_names(page: DraftPage) -> list[str]:
    """Return the names of the bodies in capitals, a dash after each but the last."""
    written = page.content["heading"]["body"]
    names = [written] if written else body_names(page.signatories)
    return [name.upper() + (" -" if index + 1 < len(names) else "") for index, name in enumerate(names)]


def signature_lines(page: DraftPage) -> list[Json]:
    """Return the lines over the first signature: for whom and in whose place, then the position."""
    return block_lines(page.form, page.signatories[0], is_joint=page.is_joint)


def signature_blocks(page: DraftPage) -> list[Json]:
    """Return ``{lines, name, mark}`` of each signature, in the order of signing."""
    return [
        {
            "lines": block_lines(page.form, one, is_joint=page.is_joint),
            "name": one.name,
            "mark": numbered(SlotKind.LEADER, ordinal),
        }
        for ordinal, one in enumerate(page.signatories, start=1)
    ]


def layout_of(
    made: Typeset, sealed: Sequence[str] = ("leader",), *, with_copy: bool = True
) -> SignatureLayout:
    """Return where a typeset document is written and signed later, from the marks of its template.

    Args:
        made: the document.
        sealed: fields of the signatures that seals stand over, in the order of the seals.
        with_copy: whether it has a place for copies.
    """
    marks, slots = made.marks, []
    for name in ("number", "day", "month", "year"):
        if name in marks:
            size = round(marks[name].height / 1.22, 2)
            italic = name != "number"
            slots.append(Slot(name, SlotKind.TEXT, marks[name].page, marks[name].box, size, italic))
    for name in sorted(marks):
        if SlotKind.INITIALS.owns(name):
            slots.append(Slot(name, SlotKind.INITIALS, marks[name].page, marks[name].box))
        elif SlotKind.LEADER.owns(name):
            slots.append(Slot(name, SlotKind.LEADER, marks[name].page, marks[name].box))
    for ordinal, name in enumerate(sealed, start=1):
        leader = marks[name]
        slots.append(Slot(numbered(SlotKind.SEAL, ordinal), SlotKind.SEAL, leader.page, seal_box(leader.box)))
    if with_copy:
        slots.append(Slot("copy", SlotKind.COPY, 0, corner_box(*made.page_sizes[0])))
    return SignatureLayout(tuple(slots))


def _numbered(blocks: Sequence[Mapping[str, Any]]) -> Iterator[Json]:
    """Yield the blocks; articles, clauses and points without a label get the next one."""
    articles = clauses = points = 0
    for block in blocks:
        kind, label = block["kind"], block.get("label", "")
        if kind in {"heading", "article", "annex"}:
            clauses = points = 0
        if kind == "annex":
            articles = 0
        elif kind == "article":
            articles += 1
            label = label or f"Điều {articles}."
        elif kind == "clause":
            clauses, points = clauses + 1, 0
            label = label or f"{clauses}."
        elif kind == "point":
            label = label or f"{POINTS[points % len(POINTS)]})"
            points += 1
        shown = "clause" if kind == "point" else kind
        yield {**block, "kind": shown, "label": label}


def _split_annexes(blocks: list[Json]) -> tuple[list[Json], list[Json]]:
    for index, block in enumerate(blocks):
        if block["kind"] == "annex":
            return blocks[:index], blocks[index:]
    return blocks, []


def _ended(blocks: list[Json], ending: str) -> list[Json]:
    """Return the blocks with the mark that the form sets after the last words (``./.``)."""
    if not blocks or ending == "." or blocks[-1]["kind"] not in {"paragraph", "article", "clause"}:
        return blocks
    last = blocks[-1]
    text = last["text"]
    closed: Any
    if isinstance(text, str):
        closed = text if text.endswith(ending) else f"{text.rstrip('. ')}{ending}"
    else:
        closed = [*text, {"text": ending}]
    return [*blocks[:-1], {**last, "text": closed}]
