"""Equality, order and membership, three-valued: null between unlike kinds (DMN 1.5, table 51)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from service.feel.values.dates import Date
from service.feel.values.durations import NANOSECONDS_PER_SECOND, DaysDuration, MonthsDuration
from service.feel.values.function import FeelFunction
from service.feel.values.nesting import Walk
from service.feel.values.ranges import Comparison, Range
from service.feel.values.reasons import ZONE_ON_ONE_SIDE, Reason, Report, settle, unlike_kinds
from service.feel.values.times import DateTime, Time

_PLAIN: Final = frozenset({Decimal, str, bool, Date, DaysDuration, MonthsDuration})
"""Kinds whose equality is Python's."""


def equal(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left = right``: null equals null alone, unlike kinds give null with a reason.

    Times and date-times are compared as instants to the whole second.

    Raises:
        FeelLimitError: a list or context is too deep or too large to compare.
    """
    kind = type(left)
    if kind is type(right) and kind in _PLAIN:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    answer: bool | None = settle(_equal(left, right, Walk()), report)
    return answer


def less(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left < right`` of two values of one ordered kind, else null with a reason."""
    kind = type(left)
    if kind is type(right) and (kind is Decimal or kind is str):
        return bool(left < right)
    order = _order("<", left, right, report)
    return None if order is None else order < 0


def less_equal(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left <= right`` of two values of one ordered kind, else null with a reason."""
    kind = type(left)
    if kind is type(right) and (kind is Decimal or kind is str):
        return bool(left <= right)
    order = _order("<=", left, right, report)
    return None if order is None else order <= 0


def greater(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left > right`` of two values of one ordered kind, else null with a reason."""
    kind = type(left)
    if kind is type(right) and (kind is Decimal or kind is str):
        return bool(left > right)
    order = _order(">", left, right, report)
    return None if order is None else order > 0


def greater_equal(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left >= right`` of two values of one ordered kind, else null with a reason."""
    kind = type(left)
    if kind is type(right) and (kind is Decimal or kind is str):
        return bool(left >= right)
    order = _order(">=", left, right, report)
    return None if order is None else order >= 0


def contains(interval: Range, value: Any, report: Report) -> bool | None:
    """Return ``value in interval``; null when an end is null or of another kind."""
    if type(interval) is Comparison:
        return _TESTS[interval.operator](value, interval.operand, report)
    above = (greater_equal if interval.low_included else greater)(value, interval.low, report)
    if above is None:
        return None
    below = (less_equal if interval.high_included else less)(value, interval.high, report)
    return None if below is None else above and below


def is_same(left: Any, right: Any) -> bool:
    """Return ``is(left, right)``: same kind, same value, and for times the same zone too."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Time):
        return str(left) == str(right)
    if isinstance(left, DateTime):
        return str(left) == str(right)
    return equal(left, right, _ignore) is True


def _ignore(code: str, vi: str, en: str) -> None:
    """Take a reason that no one needs: the caller gives an answer, not null."""


def _not_equal(left: Any, right: Any, report: Report) -> bool | None:
    answer = equal(left, right, report)
    return None if answer is None else not answer


_TESTS: Final[Mapping[str, Callable[[Any, Any, Report], bool | None]]] = {
    "<": less,
    "<=": less_equal,
    ">": greater,
    ">=": greater_equal,
    "=": equal,
    "!=": _not_equal,
}


def _equal(left: Any, right: Any, walk: Walk) -> bool | Reason:
    if left is right:
        return True
    compare = _EQUALITIES.get(type(left)) if type(left) is type(right) else None
    if compare is not None:
        return compare(left, right, walk)
    if isinstance(left, Range) and isinstance(right, Range):
        return False
    if isinstance(left, FeelFunction) and isinstance(right, FeelFunction):
        return False
    return unlike_kinds("=", left, right)


def _equal_inside(left: Any, right: Any, walk: Walk) -> bool:
    """Compare parts of lists, contexts and ranges: parts of unlike kinds make the wholes unequal."""
    kind = type(left)
    if kind is type(right) and kind in _PLAIN:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    return _equal(left, right, walk) is True


def _equal_lists(left: list[Any], right: list[Any], walk: Walk) -> bool:
    if len(left) != len(right):
        return False
    walk.enter(len(left))
    answer = all(_equal_inside(a, b, walk) for a, b in zip(left, right, strict=True))
    walk.leave()
    return answer


def _equal_contexts(left: dict[str, Any], right: dict[str, Any], walk: Walk) -> bool:
    if left.keys() != right.keys():
        return False
    walk.enter(len(left))
    answer = all(_equal_inside(value, right[key], walk) for key, value in left.items())
    walk.leave()
    return answer


def _equal_ranges(left: Range, right: Range, walk: Walk) -> bool:
    bounds = (left.low_included, left.high_included) == (right.low_included, right.high_included)
    return bounds and _equal_inside(left.low, right.low, walk) and _equal_inside(left.high, right.high, walk)


def _equal_comparisons(left: Comparison, right: Comparison, walk: Walk) -> bool:
    return left.operator == right.operator and _equal_inside(left.operand, right.operand, walk)


def _equal_moments(left: Time | DateTime, right: Time | DateTime, _walk: Walk) -> bool | Reason:
    if (left.zone is None) != (right.zone is None):
        return ZONE_ON_ONE_SIDE
    return left.utc_nanosecond // NANOSECONDS_PER_SECOND == right.utc_nanosecond // NANOSECONDS_PER_SECOND


_Equality: TypeAlias = Callable[[Any, Any, Walk], bool | Reason]
_EQUALITIES: Final[Mapping[type, _Equality]] = {
    **dict.fromkeys(_PLAIN, lambda left, right, _walk: bool(left == right)),
    list: _equal_lists,
    dict: _equal_contexts,
    Range: _equal_ranges,
    Comparison: _equal_comparisons,
    Time: _equal_moments,
    DateTime: _equal_moments,
}


def _order(operator: str, left: Any, right: Any, report: Report) -> int | None:
    """Compare two values of one kind: negative, zero or positive; null with a reason for other pairs."""
    key = _SORT_KEYS.get(type(left)) if type(left) is type(right) else None
    if key is None:
        settle(unlike_kinds(operator, left, right), report)
        return None
    if type(left) in _ZONED and (left.zone is None) != (right.zone is None):
        settle(ZONE_ON_ONE_SIDE, report)
        return None
    first, second = key(left), key(right)
    return bool(first > second) - bool(first < second)


_ZONED: Final = frozenset({Time, DateTime})
_SORT_KEYS: Final[Mapping[type, Callable[[Any], Any]]] = {
    Decimal: lambda value: value,
    str: lambda value: value,
    Date: lambda value: (value.year, value.month, value.day),
    Time: lambda value: value.utc_nanosecond,
    DateTime: lambda value: value.utc_nanosecond,
    DaysDuration: lambda value: value.nanoseconds,
    MonthsDuration: lambda value: value.months,
}
