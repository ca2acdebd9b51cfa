"""What is in a PDF: words with their places, pages as images; read in a process of its own, with limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from handlers.contract import Json
from handlers.documents.child import ChildStopped, ask
from handlers.resources import InspectionLimits
from service.domain.errors import InvalidInput, NotFound
from service.domain.signatures import Box

SCREEN_DPI: Final = 110
_PROGRAM: Final = "pdf_reader"


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page.

    Attributes:
        page: index from 0.
        text: as it is drawn.
        box: in points.
        size: of the type, in points.
        font: name of the font.
        is_bold: by the font's name, weight or flags.
        is_italic: likewise.
        baseline: height of the line that its letters stand on, in points from the page's bottom.
    """

    page: int
    text: str
    box: Box
    size: float
    font: str
    is_bold: bool
    is_italic: bool
    baseline: float = 0.0


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What was read of a PDF; words of the first pages of a very long one only."""

    page_amount: int
    page_sizes: Sequence[tuple[float, float]]
    words: Sequence[Word]
    signatures: int
    has_form: bool

    def text(self) -> str:
        """Return the words, a blank between two."""
        return " ".join(word.text for word in self.words)


def read_pdf(path: Path, limits: InspectionLimits) -> PdfFacts:
    """Return what is in a PDF.

    Raises:
        InvalidInput: ``pdf.unreadable``, it is broken, locked with a password, or made to waste time.
    """
    answer, _ = _ask({"task": "facts", "path": str(path)}, limits)
    words = [
        Word(page, text, Box(*box), size, font, bold, italic, baseline)
        for page, text, *box, size, font, bold, italic, baseline in answer["words"]
    ]
    sizes = [(width, height) for width, height in answer["page_sizes"]]
    return PdfFacts(answer["page_amount"], sizes, words, answer["signatures"], answer["has_form"])


def draw_page(path: Path, page: int, limits: InspectionLimits, *, dpi: int = SCREEN_DPI) -> bytes:
    """Return a page as PNG.

    Raises:
        InvalidInput: ``pdf.unreadable``.
        NotFound: ``page.not_found``.
    """
    if page < 0:
        raise no_page()
    _, image = _ask({"task": "page", "path": str(path), "page": page, "dpi": dpi}, limits)
    return image


def draw_difference(
    first: Path, second: Path, page: int, limits: InspectionLimits
) -> tuple[bytes, list[list[float]]]:
    """Return a page of two files side by side as PNG, and where they differ.

    Returns:
        The image, and ``[left, top, right, bottom]`` of each region in points from the upper left corner.

    Raises:
        InvalidInput: ``pdf.unreadable``.
        NotFound: ``page.not_found``, neither file has such a page.
    """
    if page < 0:
        raise no_page()
    request: Json = {"task": "difference", "path": str(first), "other": str(second)}
    answer, image = _ask(request | {"page": page, "dpi": SCREEN_DPI}, limits)
    return image, answer["regions"]


def no_page() -> NotFound:
    """Return the answer for a page that is not there."""
    return NotFound("page.not_found", "Không có trang này.", "There is no such page.")


def unreadable() -> InvalidInput:
    """Return the answer for a file that cannot be read."""
    vi = "Không đọc được tệp PDF: tệp hỏng, có mật khẩu hoặc quá phức tạp."
    return InvalidInput("pdf.unreadable", vi, "The PDF cannot be read: broken, locked or too complex.")


def _ask(request: Json, limits: InspectionLimits) -> tuple[Json, bytes]:
    try:
        answer, image = ask(_PROGRAM, request, limits)
    except ChildStopped:
        raise unreadable() from None
    if answer.get("error") == "no_page":
        raise no_page()
    if "error" in answer:
        raise unreadable()
    return answer, image
