"""Checks of a PDF's pages against the form: paper, margins, type, heading, number, date, signer.

Only what a machine can decide is said; where the form allows a range, the measure found is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from handlers.documents.drafting import DraftPage
from handlers.documents.findings import CheckFinding, error, warning
from handlers.documents.reading import PdfFacts, Word
from service.domain.signatures import POINTS_PER_MM

_PAPER_TOLERANCE_MM: Final = 2.0
_MARGIN_TOLERANCE_MM: Final = 1.5
_SIZE_TOLERANCE: Final = 0.6
_SMALL_PRINT: Final = 9.0
"""Below this size words are a note in the margin, no text of the document."""

_SERIFS: Final = ("timesnewroman", "times", "liberationserif", "notoserif", "tinos", "termes", "nimbusrom")
_LEGACY: Final = re.compile(r"(^|\+)(\.?vn[a-z]|vni[-_ ])", re.IGNORECASE)
_FOREIGN_SHARE: Final = 0.05
_DATE_LINE: Final = re.compile(r"ngày\s.{0,40}?tháng\s.{0,40}?năm\s")
"""Bounded: a page of nothing but these words would otherwise cost minutes."""

_FEW_WORDS: Final = 40
_RAGGED_MM: Final = 8
_MANY_LINES: Final = 8
"""Lines as long as the page from which on its left edge is known: short ones may all be indented."""

_WRONG_MARKS: Final[Mapping[str, str]] = {
    "party": r"(?<![\w.])(TM|KT|TL|TUQ)\.(?=\s)",
    "state": r"(?<!\w)(T/M|K/T|T/L)(?=\s)",
}


def check_pages(page: DraftPage, facts: PdfFacts, *, is_plain: bool = True) -> Iterator[CheckFinding]:
    """Yield what is not as the form asks on the pages of a PDF.

    Args:
        page: the draft.
        facts: of the PDF.
        is_plain: whether it should have neither signatures nor places for them yet.
    """
    if is_plain and (facts.signatures or facts.has_form):
        vi = "Tệp PDF đã có chữ ký số hoặc biểu mẫu; dự thảo phải là tệp chưa ký."
        yield error("pdf.not_plain", vi, "The PDF is signed or has a form already.", "page/1")
    if not facts.words:
        vi = "Tệp PDF không có chữ (ảnh chụp); hãy xuất PDF từ phần mềm soạn thảo."
        yield error("pdf.no_text", vi, "The PDF has no text (a scan); export it from the editor.", "page/1")
        return
    layout = page.form.layout
    yield from _paper(facts, layout["page"])
    yield from _margins(facts, layout["page"]["allowed_margins_mm"])
    yield from _type(facts, layout["text"]["allowed_sizes_pt"])
    yield from _letters(facts)
    yield from _heading(page, facts)
    yield from _page_numbers(facts)


_ACTIVE: Final[Mapping[str, tuple[str, str]]] = {
    "script": ("mã lệnh (JavaScript)", "scripts"),
    "outside_action": ("lệnh mở chương trình, tệp hoặc gửi dữ liệu ra ngoài", "actions that reach outside"),
    "automatic_action": ("lệnh tự chạy khi mở", "actions that run by themselves"),
    "attachment": ("tệp đính kèm bên trong", "embedded files"),
    "media": ("âm thanh, phim hoặc nội dung 3D", "sound, film or 3D content"),
    "form_program": ("biểu mẫu động (XFA)", "a dynamic form (XFA)"),
}


def check_active(kinds: Sequence[str]) -> Iterator[CheckFinding]:
    """Yield an error where a PDF does something by itself: nobody signs what they cannot see.

    Args:
        kinds: as :func:`handlers.signing.inspection.find_active_content` names them.
    """
    if kinds:
        vi, en = (", ".join(_ACTIVE[kind][language] for kind in kinds) for language in (0, 1))
        vi = f"Tệp PDF có nội dung tự hoạt động: {vi}; hãy xuất lại PDF chỉ gồm trang văn bản."
        yield error("pdf.active", vi, f"The PDF has active content: {en}; export its pages alone.", "page/1")


def _paper(facts: PdfFacts, wanted: Mapping[str, Any]) -> Iterator[CheckFinding]:
    size = (wanted["width_mm"], wanted["height_mm"])
    for index, points in enumerate(facts.page_sizes):
        given = tuple(value / POINTS_PER_MM for value in points)
        fits = [
            all(abs(a - b) <= _PAPER_TOLERANCE_MM for a, b in zip(given, one, strict=True))
            for one in (size, size[::-1])
        ]
        if not any(fits):
            vi = f"Khổ giấy {given[0]:.0f} × {given[1]:.0f} mm, phải là A4 (210 × 297 mm)."
            yield error("page.size", vi, "The paper is not A4.", f"page/{index + 1}")
            return


def _margins(facts: PdfFacts, allowed: Mapping[str, Sequence[float]]) -> Iterator[CheckFinding]:
    for index, (width, height) in enumerate(facts.page_sizes):
        words = [word for word in facts.words if word.page == index and _is_text(word, height)]
        if width > height or len(words) < _FEW_WORDS:
            continue
        found = {
            "left": min(word.box.left for word in words),
            "right": width - max(word.box.right for word in words),
            "top": height - max(word.box.top for word in words),
            "bottom": min(word.box.bottom for word in words),
        }
        is_filled = (
            _full_lines(words, width - (allowed["right"][1] + _RAGGED_MM) * POINTS_PER_MM) >= _MANY_LINES
        )
        for side, points in found.items():
            yield from _margin(side, points / POINTS_PER_MM, allowed[side], index, is_filled=is_filled)


def _full_lines(words: Sequence[Word], edge: float) -> int:
    """Return how many lines reach the right edge of the text: the line after each begins at the left one."""
    return len({round(word.box.bottom) for word in words if word.box.right > edge})


_SIDES: Final = {
    "left": ("trái", "left"),
    "right": ("phải", "right"),
    "top": ("trên", "top"),
    "bottom": ("dưới", "bottom"),
}


def _margin(
    side: str, found: float, allowed: Sequence[float], page: int, *, is_filled: bool
) -> Iterator[CheckFinding]:
    low, high = allowed[0], allowed[1]
    is_narrow = found < low - _MARGIN_TOLERANCE_MM
    is_wide = side == "left" and is_filled and found > high + _MARGIN_TOLERANCE_MM
    if is_narrow or is_wide:
        vi_side, en_side = _SIDES[side]
        wanted = f"{low:g} mm" if low == high else f"{low:g}-{high:g} mm"
        vi = f"Lề {vi_side} {found:.0f} mm, phải là {wanted}."
        en = f"The {en_side} margin is {found:.0f} mm instead of {wanted}."
        yield warning(f"margin.{side}", vi, en, f"page/{page + 1}")


def _is_text(word: Word, height: float) -> bool:
    """Whether a word belongs to the text: page numbers and small notes stand in the margin."""
    is_number = word.text.isdigit() and word.box.bottom > height - 20 * POINTS_PER_MM
    return word.size >= _SMALL_PRINT and not is_number


def _type(facts: PdfFacts, sizes: Sequence[float]) -> Iterator[CheckFinding]:
    letters = Counter[str]()
    by_size = Counter[float]()
    for word in facts.words:
        letters[word.font] += len(word.text)
        by_size[round(word.size * 2) / 2] += len(word.text)
    total = sum(letters.values())
    legacy = sorted(name for name in letters if _LEGACY.search(name))
    if legacy:
        vi = f"Phông mã cũ (không phải Unicode TCVN 6909:2001): {', '.join(legacy)}."
        yield error("font.legacy", vi, f"Fonts of an old encoding: {', '.join(legacy)}.", "page/1")
    foreign = sum(count for name, count in letters.items() if not _is_serif(name))
    if foreign > _FOREIGN_SHARE * total:
        names = ", ".join(sorted({name.partition("+")[2] or name for name in letters if not _is_serif(name)}))
        vi = f"Phông chữ không phải Times New Roman: {names}."
        yield warning("font.family", vi, f"The typeface is not Times New Roman: {names}.", "page/1")
    main = by_size.most_common(1)[0][0]
    if not any(abs(main - size) <= _SIZE_TOLERANCE for size in sizes):
        wanted = "-".join(f"{size:g}" for size in (min(sizes), max(sizes)))
        vi = f"Cỡ chữ nội dung {main:g}, phải là {wanted}."
        yield warning("font.size", vi, f"The text is of size {main:g} instead of {wanted}.", "page/1")


def _is_serif(font: str) -> bool:
    plain = re.sub(r"[^a-z]", "", font.partition("+")[2].lower() or font.lower())
    return any(name in plain for name in _SERIFS)


def _letters(facts: PdfFacts) -> Iterator[CheckFinding]:
    for word in facts.words:
        if not unicodedata.is_normalized("NFC", word.text):
            vi = f"Chữ “{word.text}” dùng dấu tách rời, không theo TCVN 6909:2001 dựng sẵn."
            en = f"The word “{word.text}” is written with marks apart (not composed Unicode)."
            yield warning("text.not_composed", vi, en, f"page/{word.page + 1}")
            return


def _heading(page: DraftPage, facts: PdfFacts) -> Iterator[CheckFinding]:
    form, name = page.form, page.form.name
    first = _plain(" ".join(word.text for word in facts.words if word.page == 0))
    for line in form.layout["heading"]["lines"]:
        if _plain(line) not in first:
            vi, en = f"Trang đầu thiếu dòng “{line}”.", f"The first page lacks “{line}”."
            yield error("heading.missing", vi, en, "page/1")
    if page.kind.is_numbered and not re.search(form.layout["number"]["allowed_text"], first + " "):
        label = form.layout["number"]["label"].strip()
        vi = f"Số, ký hiệu phải bắt đầu bằng “{label}”."
        yield error("number.form", vi, f"Number and symbol begin with “{label}”.", "page/1")
    if not _DATE_LINE.search(first):
        yield error("date.missing", "Trang đầu thiếu ngày, tháng, năm.", "The date is missing.", "page/1")
    whole = _plain(facts.text())
    if page.kind.shape != "letter" and _plain(page.kind.name.upper()) not in first:
        vi = f"Trang đầu thiếu tên loại “{page.kind.name.upper()}”."
        yield error("title.missing", vi, "The first page lacks the type of the document.", "page/1")
    prefix = form.layout["letter_subject"]["prefix"].strip()
    if page.kind.shape == "letter" and page.kind.is_numbered and prefix.lower() not in first.lower():
        vi = f"Công văn thiếu trích yếu “{prefix} …” dưới số, ký hiệu."
        yield error("subject.missing", vi, f"The letter lacks its subject after “{prefix}”.", "page/1")
    if "nơi nhận" not in whole.lower():
        yield error("recipients.not_printed", "Thiếu “Nơi nhận”.", "“Nơi nhận” is missing.", "page/1")
    for signer in [one.name for one in page.signatories if one.name and _plain(one.name) not in whole]:
        vi = f"Không thấy họ tên người ký “{signer}”."
        yield error("signer.not_printed", vi, f"The signer “{signer}” is not printed.", "signer")
    wrong = re.search(_WRONG_MARKS[name], whole + " ")
    if wrong is not None:
        vi = f"Cách ghi quyền hạn “{wrong[0]}” không đúng thể thức này."
        yield error("capacity.form", vi, f"“{wrong[0]}” is not how this form marks the capacity.", "capacity")


def _page_numbers(facts: PdfFacts) -> Iterator[CheckFinding]:
    for index in range(1, min(facts.page_amount, len(facts.page_sizes))):
        width, height = facts.page_sizes[index]
        numbered = any(
            word.page == index
            and word.text == str(index + 1)
            and word.box.bottom > height - 22 * POINTS_PER_MM
            and abs((word.box.left + word.box.right - width) / 2) < width / 6
            for word in facts.words
        )
        if not numbered:
            vi, en = "Thiếu số trang ở giữa lề trên.", "The page number is missing in the top margin."
            yield warning("page.number", vi, en, f"page/{index + 1}")
            return


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
