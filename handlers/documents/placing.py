"""Where a PDF that was brought as a file will be numbered, dated, signed and sealed: found by its words.

The places are those of NĐ 30/2020 Phụ lục I: the gap after “Số:”, the gaps of “ngày … tháng … năm …”, the
room over the signer's name. What is not found, or has no room, is a finding: nothing is placed by guess.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from handlers.documents.findings import CheckFinding, error
from handlers.documents.reading import PdfFacts, Word
from service.domain.signatures import (
    POINTS_PER_MM,
    Box,
    SignatureLayout,
    Slot,
    SlotKind,
    corner_box,
    numbered,
    seal_box,
    text_box,
)

LEADER_WIDTH: Final = 50 * POINTS_PER_MM
LEADER_HEIGHT: Final = 26 * POINTS_PER_MM
LEAST_LEADER_HEIGHT: Final = 13 * POINTS_PER_MM
LEAST_NUMBER_WIDTH: Final = 14.0
LEAST_DATE_WIDTH: Final = 11.0
_AIR: Final = 1.5
_LINE: Final = 4.0
_INITIALS: Final = (34.0, 12.0)


@dataclass
class Places:
    """What was found.

    Attributes:
        slots: the places.
        findings: what is missing or has no room.
    """

    slots: list[Slot] = field(default_factory=list)
    findings: list[CheckFinding] = field(default_factory=list)

    @property
    def layout(self) -> SignatureLayout:
        """Return the places as a layout."""
        return SignatureLayout(tuple(self.slots))


def find_places(
    facts: PdfFacts, *signers: str, sealed: Sequence[str] = ("leader",), is_numbered: bool = True
) -> Places:
    """Return where a PDF will be written and signed later.

    Args:
        facts: of the PDF.
        signers: as they are printed under their signatures, in the order of signing.
        sealed: fields of the signatures that seals stand over, in the order of the seals.
        is_numbered: whether the document gets a number.
    """
    places = Places()
    top = [word for word in facts.words if word.page == 0 and _is_upper(word, facts)]
    lines = list(_lines_of(top))
    if is_numbered:
        _find_number(lines, places)
    _find_date(lines, places)
    found = [_find_leader(facts, name, places) for name in signers]
    leaders = {
        numbered(SlotKind.LEADER, ordinal): one
        for ordinal, one in enumerate(found, start=1)
        if one is not None
    }
    if len(leaders) == len(found):
        _add_signatures(facts, leaders, sealed, places)
    places.slots.append(Slot("copy", SlotKind.COPY, 0, corner_box(*facts.page_sizes[0])))
    return places


def _is_upper(word: Word, facts: PdfFacts) -> bool:
    return word.box.bottom > facts.page_sizes[word.page][1] / 2


def _lines_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield the words by line, from the left; two columns at the same height are one line."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda one: -one.box.bottom):
        if rows and abs(rows[-1][0].box.bottom - word.box.bottom) < _LINE:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        yield sorted(row, key=lambda one: one.box.left)


def _find_number(lines: Sequence[Sequence[Word]], places: Places) -> None:
    for line in lines:
        for word, following in pairwise(line):
            if _plain(word.text).rstrip(":") != "số" or following.text[0] not in "/-–":
                continue
            box = _between(word, following)
            if box.width < LEAST_NUMBER_WIDTH:
                break
            places.slots.append(Slot("number", SlotKind.TEXT, word.page, box, round(word.size, 1)))
            return
    vi = "Không thấy chỗ trống cho số sau chữ “Số” ở trang đầu; hãy để trống giữa “Số:” và ký hiệu."
    en = "No gap for the number after “Số” on the first page; leave one before the symbol."
    places.findings.append(error("place.number", vi, en, "page/1"))


def _find_date(lines: Sequence[Sequence[Word]], places: Places) -> None:
    for line in lines:
        words = [_plain(word.text) for word in line]
        if not {"ngày", "tháng", "năm"} <= set(words):
            continue
        day, month, year = (line[words.index(name)] for name in ("ngày", "tháng", "năm"))
        boxes = _between(day, month), _between(month, year)
        is_empty = all(_is_empty(box, line) for box in boxes)
        if is_empty and all(box.width >= LEAST_DATE_WIDTH for box in boxes):
            for name, word, box in (("day", day, boxes[0]), ("month", month, boxes[1])):
                slot = Slot(
                    name, SlotKind.TEXT, word.page, box, round(word.size, 1), is_italic=word.is_italic
                )
                places.slots.append(slot)
            return
    vi = "Không thấy chỗ trống cho ngày, tháng ở trang đầu; hãy để trống trong “ngày … tháng … năm”."
    en = "No gaps for day and month on the first page; leave them in “ngày … tháng … năm”."
    places.findings.append(error("place.date", vi, en, "page/1"))


def _find_leader(facts: PdfFacts, signer_name: str, places: Places) -> tuple[int, Box] | None:
    name = _last_run(facts.words, [_plain(part) for part in signer_name.split()])
    if name is None:
        vi = f"Không thấy họ tên người ký “{signer_name}” trong tệp."
        places.findings.append(
            error("place.signer", vi, f"The signer's name “{signer_name}” is not in the file.", "signer")
        )
        return None
    page = name[0].page
    left, right = min(one.box.left for one in name), max(one.box.right for one in name)
    floor = max(one.box.top for one in name) + _AIR
    middle, width = (left + right) / 2, facts.page_sizes[page][0]
    box_left = min(max(middle - LEADER_WIDTH / 2, 0), width - LEADER_WIDTH)
    above = [
        word.box.bottom
        for word in facts.words
        if word.page == page
        and word.box.bottom > floor
        and word.box.left < box_left + LEADER_WIDTH
        and word.box.right > box_left
    ]
    ceiling = min([*above, facts.page_sizes[page][1]]) - _AIR
    height = min(LEADER_HEIGHT, ceiling - floor)
    if height < LEAST_LEADER_HEIGHT:
        vi = "Giữa chức vụ và họ tên người ký không đủ chỗ cho chữ ký (ít nhất 13 mm)."
        en = "There is no room for the signature between position and name (13 mm at least)."
        places.findings.append(error("place.signature", vi, en, f"page/{page + 1}"))
        return None
    return page, Box(box_left, floor, box_left + LEADER_WIDTH, floor + height)


def _add_signatures(
    facts: PdfFacts, leaders: Mapping[str, tuple[int, Box]], sealed: Sequence[str], places: Places
) -> None:
    page, box = leaders["leader"]
    width, height = _INITIALS
    right = min(box.right + width, facts.page_sizes[page][0])
    beside = Box(right - width, box.bottom, right, box.bottom + height)
    places.slots.append(Slot("initials_1", SlotKind.INITIALS, page, beside))
    kept = _last_run(
        [word for word in facts.words if word.page == page and word.box.right < box.left], ["lưu"]
    )
    if kept is not None:
        line = [
            word
            for word in facts.words
            if word.page == kept[0].page and abs(word.box.bottom - kept[0].box.bottom) < _LINE
        ]
        end = max(word.box.right for word in line if word.box.right < box.left)
        place = Box(end + _AIR, kept[0].box.bottom, end + _AIR + width, kept[0].box.bottom + height)
        places.slots.append(Slot("initials_2", SlotKind.INITIALS, kept[0].page, place))
    places.slots += [Slot(name, SlotKind.LEADER, *place) for name, place in leaders.items()]
    for ordinal, name in enumerate(sealed, start=1):
        page, box = leaders[name]
        places.slots.append(Slot(numbered(SlotKind.SEAL, ordinal), SlotKind.SEAL, page, seal_box(box)))


def _between(left: Word, right: Word) -> Box:
    return text_box(left.box.right + _AIR, right.box.left - _AIR, left.baseline, left.size)


def _is_empty(box: Box, line: Sequence[Word]) -> bool:
    return not any(word.box.right > box.left and word.box.left < box.right for word in line)


def _last_run(words: Sequence[Word], wanted: Sequence[str]) -> list[Word] | None:
    """Return the last place where these words follow each other."""
    if not wanted:
        return None
    plain = [_plain(word.text).strip(":-;.") for word in words]
    for start in range(len(words) - len(wanted), -1, -1):
        if plain[start : start + len(wanted)] == list(wanted):
            return list(words[start : start + len(wanted)])
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
