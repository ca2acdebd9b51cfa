"""Official PDFs from templates and data: documents, slips, registers (NĐ 30/2020 Phụ lục I; ADR 0015).

A template is a ``.typ`` file of this project; all that people wrote goes in as JSON and is drawn as text,
never read as code. The same template, data and instant give the same bytes. Typesetting happens in a process
of its own, because a table of a million rows must cost a bounded amount.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fontTools import ttLib  # type: ignore[import-untyped, unused-ignore] # ships no types

from handlers.contract import Json
from handlers.documents.child import ChildStopped, ask
from handlers.resources import InspectionLimits
from handlers.signing.typeface import Typeface, find_typeface
from service.domain.errors import TooLarge
from service.domain.signatures import Box

TEMPLATES: Final = Path(__file__).with_name("templates")
LIMITS: Final = InspectionLimits(time=timedelta(seconds=60))
"""What typesetting one document may cost before it is given up."""

_TEMPLATE: Final = re.compile(r"[a-z][a-z0-9_]*")
UNDRAWABLE: Final = "?"
"""Stands for a character that the typeface lacks."""

_BLANKS: Final = dict.fromkeys((0x09, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " ")
_LAID_OUT: Final = frozenset("\n \N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}\N{WORD JOINER}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place of a template.

    Attributes:
        page: index from 0.
        x: left edge, in points from the page's left.
        y: lower edge, in points from the page's bottom.
        width: in points.
        height: in points.
    """

    page: int
    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> Box:
        """Return the same place as a box of a signature layout."""
        return Box(self.x, self.y, self.x + self.width, self.y + self.height)


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF and where its labelled places are.

    Attributes:
        pdf: PDF/A-2b.
        marks: by label; a label that a template sets twice is kept where it stands last.
        page_sizes: width and height of each page in points.
        undrawn: characters that the typeface lacks, each once; :data:`UNDRAWABLE` stands in their places.
    """

    pdf: bytes
    marks: Mapping[str, Mark]
    page_sizes: tuple[tuple[float, float], ...]
    undrawn: str

    @property
    def page_amount(self) -> int:
        """Return the number of pages."""
        return len(self.page_sizes)


def typeset(
    template: str,
    data: Json,
    *,
    at: datetime | None = None,
    folder: Path = TEMPLATES,
    limits: InspectionLimits | None = None,
) -> Typeset:
    """Typeset a document.

    Args:
        template: name of a file in ``folder``, without ``.typ``.
        data: what the template reads as ``data``; JSON values, texts are composed to NFC here.
        at: aware; the PDF's date of creation. None = the ISO instant ``data["typeset_at"]``.
        folder: the templates; they read nothing outside it.
        limits: of the process.

    Raises:
        TooLarge: ``typesetting.too_large``, it took more time or memory than a document may.
        Unavailable: ``font.missing``.
        ValueError: no such template, or no instant.
        RuntimeError: the template is wrong or does not fit the data.
    """
    face = find_typeface()
    cleaner = _Cleaner(face)
    request = {
        "root": str(folder),
        "template": _file_of(template, folder),
        "fonts": str(face.path.parent),
        "family": _family(face.path),
        "data": cleaner.clean(data),
        "at": (at.isoformat() if at else _instant_of(data)),
    }
    answer, pdf = _ask(request, limits or LIMITS)
    marks = {one["name"]: Mark(*(one[key] for key in _MARK_KEYS)) for one in answer["marks"]}
    sizes = tuple((float(width), float(height)) for width, height in answer["pages"])
    return Typeset(pdf, marks, sizes, "".join(sorted(cleaner.undrawn)))


_MARK_KEYS: Final = ("page", "x", "y", "width", "height")


class _Cleaner:
    """Composes texts and replaces what cannot be drawn."""

    def __init__(self, face: Typeface) -> None:
        self._face = face
        self.undrawn: set[str] = set()

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._clean_text(value)
        if isinstance(value, Mapping):
            return {str(key): self.clean(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.clean(one) for one in value]
        return float(value) if isinstance(value, Decimal) else value  # numbers of JSONB come as Decimal

    def _clean_text(self, text: str) -> str:
        composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).translate(_BLANKS)
        lacking = set(self._face.missing(composed)) - _LAID_OUT
        self.undrawn |= lacking
        return composed.translate({ord(char): UNDRAWABLE for char in lacking}) if lacking else composed


def _file_of(template: str, folder: Path) -> str:
    if not _TEMPLATE.fullmatch(template) or not (folder / f"{template}.typ").is_file():
        raise ValueError(f"no template {template!r}")
    return f"{template}.typ"


def _instant_of(data: Json) -> str:
    given = datetime.fromisoformat(str(data.get("typeset_at")))
    if given.tzinfo is None:
        raise ValueError("typeset_at is an instant with an offset")
    return given.isoformat()


@lru_cache(maxsize=4)
def _family(path: Path) -> str:
    with ttLib.TTFont(path, lazy=True) as font:
        return str(font["name"].getBestFamilyName())


def _ask(request: Json, limits: InspectionLimits) -> tuple[Json, bytes]:
    try:
        answer, pdf = ask("typesetter", request, limits)
    except ChildStopped:
        raise _too_large() from None
    if "error" in answer:
        raise RuntimeError(f"template {request['template']}: {answer['error']}")
    return answer, pdf


def _too_large() -> TooLarge:
    vi, en = "Văn bản quá lớn, không dàn trang được.", "The document is too large to be typeset."
    return TooLarge("typesetting.too_large", vi, en)
