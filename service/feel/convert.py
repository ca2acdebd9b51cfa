"""Plain Python data to FEEL values and back to JSON.

Data comes as decoded JSON or as Python objects. It is converted where an expression touches it, not by
walking
everything: :func:`to_feel` is applied to what a name, path or filter finally yields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from service.feel.values import (
    CONTEXT,
    Comparison,
    Date,
    DateTime,
    DaysDuration,
    FeelFunction,
    MonthsDuration,
    Range,
    Time,
    from_python,
)

_FEEL_CLASSES: Final = (Date, DateTime, Time, DaysDuration, MonthsDuration, Range, FeelFunction)
_TEXT_CLASSES: Final = (Date, DateTime, Time, DaysDuration, MonthsDuration)
_PLAIN: Final = frozenset({str, bool, type(None), *_TEXT_CLASSES})
_SEQUENCES: Final = (list, tuple, set, frozenset)
_MOST_DIGITS: Final = 34
_LARGEST_EXPONENT: Final = 6144
_ZERO: Final = Decimal(0)


def to_feel(value: Any) -> Any:
    """Return ``value`` as a FEEL value, containers and all; what FEEL cannot hold becomes null.

    A container that needs no change is given back as it is. Floats are taken by their shortest decimal form.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Decimal:
        return _number(value)
    if kind is int:
        return _number(CONTEXT.create_decimal(value))
    if kind is list:
        return _list(value)
    if kind is dict:
        return _context(value)
    return _other(value)


def _number(value: Decimal) -> Decimal | None:
    """Return a number that FEEL can hold; a huge or tiny one would be a bomb when it is written out."""
    if not value.is_finite():
        return None
    if abs(value.adjusted()) <= _LARGEST_EXPONENT:
        return value
    return None if value else _ZERO


def _list(value: list[Any]) -> list[Any]:
    items = [to_feel(item) for item in value]
    return items if any(new is not old for new, old in zip(items, value, strict=True)) else value


def _context(value: dict[Any, Any]) -> dict[str, Any]:
    entries = {str(key): to_feel(part) for key, part in value.items()}
    same = all(new is old for new, old in zip(entries.values(), value.values(), strict=False))
    return value if same and all(type(key) is str for key in value) else entries


def _other(value: Any) -> Any:
    """Convert what is neither plain nor a built-in container."""
    if isinstance(value, Decimal):
        return to_feel(Decimal(value))
    if isinstance(value, _FEEL_CLASSES):
        return value
    if isinstance(value, Enum):
        return to_feel(value.value)
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return from_python(value)
    if isinstance(value, float):
        return to_feel(CONTEXT.create_decimal(repr(float(value))))
    if isinstance(value, int):
        return to_feel(int(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_feel(part) for key, part in value.items()}
    if isinstance(value, _SEQUENCES):
        return [to_feel(item) for item in value]
    return None


def to_json(value: Any) -> Any:
    """Return a FEEL value as JSON data.

    Whole numbers become ints, others stay Decimal (a JSON number); dates, times and durations become ISO
    8601 text, ranges FEEL text; functions become null.
    """
    if isinstance(value, Decimal):
        return _json_number(value)
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(part) for key, part in value.items()}
    if isinstance(value, _TEXT_CLASSES):
        return str(value)
    if isinstance(value, Range):
        return _range_text(value)
    return None if isinstance(value, FeelFunction) else value


def _json_number(value: Decimal) -> int | Decimal:
    if value.adjusted() < _MOST_DIGITS and value == value.to_integral_value(context=CONTEXT):
        return int(value)
    return value


def _range_text(value: Range) -> str:
    if isinstance(value, Comparison):
        return f"({value.operator} {_end_text(value.operand)})"
    opening = "[" if value.low_included else "("
    closing = "]" if value.high_included else ")"
    return f"{opening}{_end_text(value.low)}..{_end_text(value.high)}{closing}"


def _end_text(value: Any) -> str:
    if isinstance(value, _TEXT_CLASSES):
        return f'@"{value}"'
    return f'"{value}"' if isinstance(value, str) else "null" if value is None else str(value)
