"""Where signatures stand on a page and who may still write after whom (NĐ 30/2020 Điều 14, 32–33, Phụ lục I).

A signed file may never be made anew, so every place that is written later (number, date, seal, copy stamp)
must exist before the first signature, and each signature names what stays open after it. The order is fixed:
initials, the leader, then number, date and seal in one act, then copies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self

from service.domain.errors import Finding, InvalidInput

POINTS_PER_MM: Final = 72 / 25.4
SEAL_DIAMETER_MM: Final = 36.0
"""A round agency seal at its real size."""

SIGNATURE_WIDTH_MM: Final = 50.0
"""The longest side of the image of a hand's signature on paper."""

MOST_SLOTS: Final = 40
DESCENT: Final = 0.22
"""How far a line of text reaches below its baseline, as a part of the font size."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Level(StrEnum):
    """Baseline levels of PAdES (ETSI EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class SlotKind(StrEnum):
    """What a place on the page is for."""

    INITIALS = "initials"
    LEADER = "leader"
    TEXT = "text"
    SEAL = "seal"
    COPY = "copy"

    def owns(self, name: str) -> bool:
        """Say whether a field's name tells that it is of this kind: ``seal``, ``leader_2``."""
        return self != SlotKind.TEXT and (name == self.value or name.startswith(f"{self.value}_"))

    @property
    def stage(self) -> int:
        """Return the turn in the order of acts; text is filled together with the seal."""
        return _STAGES[self]


_STAGES: Final = {
    SlotKind.INITIALS: 0,
    SlotKind.LEADER: 1,
    SlotKind.TEXT: 2,
    SlotKind.SEAL: 2,
    SlotKind.COPY: 3,
}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points; the origin is the page's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Return the width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return the height in points."""
        return self.top - self.bottom

    def holds(self, other: Box) -> bool:
        """Say whether ``other`` lies inside, a hair's breadth forgiven."""
        inner, hair = other.corners(), 0.5
        lower = self.left - hair <= inner[0] and self.bottom - hair <= inner[1]
        return lower and inner[2] <= self.right + hair and inner[3] <= self.top + hair

    def lowered(self, times: int) -> Box:
        """Return the box moved down by so many times its height."""
        down = times * self.height
        return Box(self.left, self.bottom - down, self.right, self.top - down)

    def corners(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right, top."""
        return (self.left, self.bottom, self.right, self.top)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on a page.

    Attributes:
        name: of the PDF field, unique in the document; it is or begins with the kind (``leader_2``), so that
            the file itself tells what a field is for. A text has any other name (``number``, ``day``).
        kind: what it is for.
        page: index from 0; negative counts from the end, -1 = the last page.
        box: where it stands.
        font_size: in points, of a text.
        is_italic: of a text; the line of place and date is (NĐ 30/2020 Phụ lục I, ô số 4).
    """

    name: str
    kind: SlotKind
    page: int
    box: Box
    font_size: float = 13.0
    is_italic: bool = False

    def is_named_well(self) -> bool:
        """Say whether the name tells this kind and no other."""
        telling = [kind for kind in SlotKind if kind.owns(self.name)]
        return telling == ([] if self.kind == SlotKind.TEXT else [self.kind])


@dataclass(frozen=True, slots=True)
class SignatureLayout:
    """All places that will be written on a document after its text is final."""

    slots: tuple[Slot, ...]

    def signatures(self) -> Iterator[Slot]:
        """Yield the places of signatures, in the order of acts."""
        return iter(sorted((one for one in self.slots if one.kind != SlotKind.TEXT), key=_turn))

    def names(self) -> set[str]:
        """Return the names of all places."""
        return {one.name for one in self.slots}

    def texts(self) -> Iterator[Slot]:
        """Yield the places that are filled when the agency signs."""
        return (one for one in self.slots if one.kind == SlotKind.TEXT)

    def open_after(self, slot: Slot) -> list[str]:
        """Return the names that may still be written after ``slot`` is signed.

        These are the later stages and the other signatures of the same stage; its texts are closed by the
        first seal, with which they are filled. A further seal leaves them out of its lock: the first keeps
        them, and verifiers take a text filled before a signature that locks it for changed after that.
        """
        return [
            one.name
            for one in self.slots
            if one.kind.stage > slot.kind.stage
            or (one.kind.stage == slot.kind.stage and one.name != slot.name and one.kind != SlotKind.TEXT)
            or (one.kind == SlotKind.TEXT and slot.kind == SlotKind.SEAL and slot.name != SlotKind.SEAL)
        ]

    def to_json(self) -> dict[str, Any]:
        """Return ``{"slots": [{name, kind, page, box: [left, bottom, right, top], font_size, …}]}``."""
        return {
            "slots": [
                {
                    "name": one.name,
                    "kind": one.kind.value,
                    "page": one.page,
                    "box": list(one.box.corners()),
                    "font_size": one.font_size,
                    "is_italic": one.is_italic,
                }
                for one in self.slots
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the layout that :meth:`to_json` described.

        Raises:
            InvalidInput: ``layout.invalid``, a finding for each slot that is wrong.
        """
        entries = data.get("slots")
        if not isinstance(entries, list) or not entries or len(entries) > MOST_SLOTS:
            raise _refuse([_finding("", f"Cần từ 1 đến {MOST_SLOTS} ô ký.", f"1 to {MOST_SLOTS} slots.")])
        findings: list[Finding] = []
        slots = [slot for index, one in enumerate(entries) if (slot := _read_slot(index, one, findings))]
        findings += _find_doubles(slots)
        if findings:
            raise _refuse(findings)
        return cls(tuple(slots))


def numbered(kind: SlotKind, ordinal: int) -> str:
    """Return the name of the field of the first, second … of a kind: ``seal``, ``seal_2``."""
    return kind.value if ordinal == 1 else f"{kind.value}_{ordinal}"


def _turn(slot: Slot) -> int:
    return slot.kind.stage


def _read_slot(index: int, entry: Any, findings: list[Finding]) -> Slot | None:
    pointer = f"/slots/{index}"
    if not isinstance(entry, Mapping):
        findings.append(_finding(pointer, "Ô ký phải là một đối tượng.", "A slot is an object."))
        return None
    name, kind, box = entry.get("name"), entry.get("kind"), _read_box(entry.get("box"))
    page, size = entry.get("page", 0), entry.get("font_size", 13.0)
    before = len(findings)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        findings.append(_finding(f"{pointer}/name", "Tên ô ký không hợp lệ.", "Bad name of a slot."))
    if kind not in list(SlotKind):
        findings.append(_finding(f"{pointer}/kind", "Loại ô ký không có.", "No such kind of slot."))
    if box is None:
        vi, en = (
            "Khung phải là bốn số: trái < phải, dưới < trên.",
            "A box is four numbers, left < right, bottom < top.",
        )
        findings.append(_finding(f"{pointer}/box", vi, en))
    if type(page) is not int:
        findings.append(_finding(f"{pointer}/page", "Trang phải là số nguyên.", "The page is an integer."))
    if not _is_number(size) or not 4 <= size <= 72:  # noqa: PLR2004 - points that can be read and fit a page
        findings.append(_finding(f"{pointer}/font_size", "Cỡ chữ từ 4 đến 72.", "Font size from 4 to 72."))
    if len(findings) > before or box is None or not isinstance(kind, str):
        return None
    slot = Slot(str(name), SlotKind(kind), page, box, float(size), entry.get("is_italic") is True)
    if not slot.is_named_well():
        vi, en = "Tên ô ký phải theo loại của nó.", "The name of a slot must begin with its kind."
        findings.append(_finding(f"{pointer}/name", vi, en))
    return slot


def _read_box(value: Any) -> Box | None:
    if not isinstance(value, list) or [_is_number(one) for one in value] != [True] * 4:
        return None
    box = Box(*map(float, value))
    return box if box.width > 0 and box.height > 0 else None


def _is_number(value: Any) -> bool:
    return type(value) in (int, float, Decimal) and abs(value) < 1e5  # noqa: PLR2004 - far beyond any page; no NaN


def _find_doubles(slots: Sequence[Slot]) -> list[Finding]:
    names = [one.name for one in slots]
    return [
        _finding("/slots", f"Tên ô ký “{name}” bị trùng.", f'The slot name "{name}" is used twice.')
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _finding(pointer: str, vi: str, en: str) -> Finding:
    return Finding("layout.slot", vi, en, pointer)


def _refuse(findings: list[Finding]) -> InvalidInput:
    vi, en = "Sơ đồ ô ký không hợp lệ.", "The layout of signatures is not valid."
    return InvalidInput("layout.invalid", vi, en, findings)


def text_box(left: float, right: float, baseline: float, font_size: float) -> Box:
    """Return the field of a text on ``baseline`` (points from the page's bottom) among printed words."""
    return Box(left, baseline - DESCENT * font_size, right, baseline + font_size)


def seal_box(leader: Box, diameter_mm: float = SEAL_DIAMETER_MM) -> Box:
    """Return where a round seal covers a third of the leader's signature, from its left (NĐ 30 Phụ lục I)."""
    size = diameter_mm * POINTS_PER_MM
    right = leader.left + leader.width / 3
    middle = (leader.bottom + leader.top) / 2
    return Box(right - size, middle - size / 2, right, middle + size / 2)


def corner_box(page_width: float, page_height: float) -> Box:
    """Return a page's upper right corner, where annexes and copies carry their lines (NĐ 30 Phụ lục I)."""
    right = page_width - 15 * POINTS_PER_MM
    top = page_height - 5 * POINTS_PER_MM
    return Box(right - 80 * POINTS_PER_MM, top - 14 * POINTS_PER_MM, right, top)
