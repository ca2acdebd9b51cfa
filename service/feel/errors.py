"""What may go wrong in FEEL: syntax and limits are errors, everything else is null with a warning.

FeelSyntaxError  the text is not FEEL; the finding says where and what was expected
FeelLimitError   the text or its evaluation is over a limit (steps, depth, sizes, time)
FeelWarning      why a part of an evaluation became null
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from service.domain.errors import Finding, InvalidInput


class FeelSyntaxError(InvalidInput):
    """The text is not FEEL; exactly one finding carries line and column."""


class FeelLimitError(InvalidInput):
    """An expression is over one of the limits; exactly one finding carries the place."""


@dataclass(frozen=True)
class Source:
    """The text of one expression, able to tell the line and column of an offset."""

    text: str
    name: str | None = field(default=None)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(at + 1 for at, character in enumerate(self.text) if character == "\n")]

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column (in characters) of ``offset``."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


class Place(NamedTuple):
    """A point in the text of an expression."""

    source: Source
    offset: int


@dataclass(frozen=True, slots=True)
class FeelWarning:
    """Why a part of an evaluation became null.

    Attributes:
        code: stable, ``feel.reason``.
        vi: what happened, Vietnamese.
        en: the same in English.
        line: 1-based line in the expression's text.
        column: 1-based column in the expression's text.
        text: the expression that the line and column refer to.
    """

    code: str
    vi: str
    en: str
    line: int
    column: int
    text: str = ""


def syntax_error(source: Source, offset: int, code: str, vi: str, en: str) -> FeelSyntaxError:
    """Build the error for text that is not FEEL; ``vi`` and ``en`` say what was found and expected."""
    line, column = source.line_and_column(offset)
    finding = Finding(f"feel.{code}", vi, en, file=source.name, line=line, column=column)
    return FeelSyntaxError(
        "feel.syntax",
        f"Biểu thức FEEL sai cú pháp ở dòng {line}, cột {column}: {vi}",
        f"The FEEL expression is wrong at line {line}, column {column}: {en}",
        (finding,),
    )


def limit_error(place: Place | None, code: str, vi: str, en: str) -> FeelLimitError:
    """Build the error for a limit that was passed; ``vi`` and ``en`` name the limit."""
    line, column = place.source.line_and_column(place.offset) if place else (1, 1)
    name = place.source.name if place else None
    finding = Finding(f"feel.{code}", vi, en, file=name, line=line, column=column)
    return FeelLimitError("feel.limit", vi, en, (finding,))
