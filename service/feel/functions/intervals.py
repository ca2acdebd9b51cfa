"""Functions that place points and ranges on a line (DMN 1.5, table 78), and ``range()``.

Each end of a range is a place: its value and a shift, -1 just before, 0 on it, +1 just behind. ``[1..5)``
goes from (1, 0) to (5, -1), the point 5 from (5, 0) to (5, 0). The functions are comparisons of places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from service.feel.functions.library import Library
from service.feel.values import (
    Comparison,
    Range,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_number,
    parse_time,
)
from service.feel.values.comparisons import less, less_equal
from service.feel.values.reasons import Reason

INTERVALS: Final = Library()

_UNBOUNDED: Final = object()


class _Place(NamedTuple):
    """A place on the line; ``value`` is _UNBOUNDED beyond every value, on the side of ``shift``."""

    value: Any
    shift: int


class _Span(NamedTuple):
    """A point or range as the places of its ends."""

    start: _Place
    end: _Place


class _IncomparableError(Exception):
    """Two places have no order; carries the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.en)
        self.reason = reason


def _span(value: Any) -> _Span:
    """Read a point or a range.

    Raises:
        _IncomparableError: an end is null.
    """
    if not isinstance(value, Range):
        return _Span(_Place(value, 0), _Place(value, 0))
    start = _Place(value.low, 0 if value.low_included else 1)
    end = _Place(value.high, 0 if value.high_included else -1)
    if isinstance(value, Comparison) and value.operator != "!=":
        start = _Place(_UNBOUNDED, -1) if value.low is None else start
        end = _Place(_UNBOUNDED, 1) if value.high is None else end
    if start.value is None or end.value is None:
        raise _IncomparableError(
            Reason("feel.null_end", "một đầu của khoảng là null.", "an end of a range is null.")
        )
    return _Span(start, end)


def _order(left: _Place, right: _Place) -> int:
    """Compare two places: negative, zero or positive.

    Raises:
        _IncomparableError: their values are of unlike kinds.
    """
    if left.value is _UNBOUNDED or right.value is _UNBOUNDED:
        first = left.shift if left.value is _UNBOUNDED else 0
        second = right.shift if right.value is _UNBOUNDED else 0
        return first - second
    if less(left.value, right.value, _incomparable):
        return -1
    return left.shift - right.shift if less_equal(left.value, right.value, _incomparable) else 1


def _incomparable(code: str, vi: str, en: str) -> None:
    raise _IncomparableError(Reason(code, vi, en))


_POINT_POINT: Final = "point1: Any, point2: Any"
_POINT_RANGE: Final = "point: Any, range: range"
_RANGE_POINT: Final = "range: range, point: Any"
_RANGE_RANGE: Final = "range1: range, range2: range"


def _declare(name: str, holds: Callable[[_Span, _Span], bool], *forms: str) -> None:
    """Declare one function under each of its forms."""

    def place(first: Any, second: Any) -> bool | Reason:
        try:
            return holds(_span(first), _span(second))
        except _IncomparableError as error:
            return error.reason

    for form in forms:
        INTERVALS.function(f"{name}({form}) -> boolean")(place)


def _before(a: _Span, b: _Span) -> bool:
    return _order(a.end, b.start) < 0


def _meets(a: _Span, b: _Span) -> bool:
    return a.end.shift == 0 == b.start.shift and _order(a.end, b.start) == 0


def _overlaps(a: _Span, b: _Span) -> bool:
    return _order(a.end, b.start) >= 0 and _order(a.start, b.end) <= 0


def _overlaps_before(a: _Span, b: _Span) -> bool:
    starts_first = _order(a.start, b.start) < 0
    return starts_first and _order(a.end, b.start) >= 0 and _order(a.end, b.end) <= 0


def _finishes(a: _Span, b: _Span) -> bool:
    return _order(a.end, b.end) == 0 and _order(a.start, b.start) >= 0


def _includes(a: _Span, b: _Span) -> bool:
    return _order(a.start, b.start) <= 0 and _order(a.end, b.end) >= 0


def _starts(a: _Span, b: _Span) -> bool:
    return _order(a.start, b.start) == 0 and _order(a.end, b.end) <= 0


def _coincides(a: _Span, b: _Span) -> bool:
    return _order(a.start, b.start) == 0 and _order(a.end, b.end) == 0


def _mirrored(holds: Callable[[_Span, _Span], bool]) -> Callable[[_Span, _Span], bool]:
    return lambda a, b: holds(b, a)


_ALL_FORMS: Final = (_RANGE_RANGE, _POINT_RANGE, _RANGE_POINT, _POINT_POINT)
_declare("before", _before, *_ALL_FORMS)
_declare("after", _mirrored(_before), *_ALL_FORMS)
_declare("meets", _meets, _RANGE_RANGE)
_declare("met by", _mirrored(_meets), _RANGE_RANGE)
_declare("overlaps", _overlaps, _RANGE_RANGE)
_declare("overlaps before", _overlaps_before, _RANGE_RANGE)
_declare("overlaps after", _mirrored(_overlaps_before), _RANGE_RANGE)
_declare("finishes", _finishes, _RANGE_RANGE, _POINT_RANGE)
_declare("finished by", _mirrored(_finishes), _RANGE_RANGE, _RANGE_POINT)
_declare("includes", _includes, _RANGE_RANGE, _RANGE_POINT)
_declare("during", _mirrored(_includes), _RANGE_RANGE, _POINT_RANGE)
_declare("starts", _starts, _RANGE_RANGE, _POINT_RANGE)
_declare("started by", _mirrored(_starts), _RANGE_RANGE, _RANGE_POINT)
_declare("coincides", _coincides, _RANGE_RANGE, _POINT_POINT)


@cache
def _range_text() -> re.Pattern[str]:
    end = (
        r'\s*(?:(?P<number{0}>-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))|"(?P<string{0}>(?:[^"\\]|\\["\\])*)"'
        r'|@"(?P<at{0}>[^"]*)"'
        r'|(?P<function{0}>date and time|date|time|duration)\s*\(\s*"(?P<argument{0}>[^"]*)"\s*\))\s*'
    )
    return re.compile(rf"\s*(?P<opening>[\[\](]){end.format(1)}\.\.{end.format(2)}(?P<closing>[\])\[])\s*")


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "duration": parse_duration,
}


@INTERVALS.function("range(from: string) -> range")
def range_from_text(text: str) -> Range | Reason:
    """Read a range of literals such as ``[1..10)``."""
    match = _range_text().fullmatch(text)
    low, high = (None, None) if match is None else (_literal(match, 1), _literal(match, 2))
    reasons: list[Reason] = []
    if match is not None and low is not None and high is not None:
        is_ordered = less_equal(low, high, lambda code, vi, en: reasons.append(Reason(code, vi, en)))
        if is_ordered:
            return Range(low, high, match["opening"] == "[", match["closing"] == "]")
    return next(
        iter(reasons),
        Reason(
            "feel.not_convertible",
            f"“{text[:60]}” không phải là khoảng hợp lệ.",
            f"“{text[:60]}” is not a valid range.",
        ),
    )


def _literal(match: re.Match[str], end: int) -> Any:
    number, string, at, function = (match[f"{part}{end}"] for part in ("number", "string", "at", "function"))
    if number is not None:
        return parse_number(number)
    if string is not None:
        return string.replace('\\"', '"').replace("\\\\", "\\")
    if at is not None:
        return parse_date(at) or parse_date_time(at) or parse_time(at) or parse_duration(at)
    return _READERS[function](match[f"argument{end}"])
