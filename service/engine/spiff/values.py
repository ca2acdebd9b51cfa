"""What a variable may hold: JSON values, exact numbers, dates, times, durations and bytes; ids become text.

Everything that enters a process passes through :func:`admit`: it copies (so no caller keeps a hold on a
variable), refuses what the state format could not give back unchanged, and says where the bad value is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from service.domain.errors import Finding, InvalidInput
from service.feel.values import Date, DateTime, DaysDuration, MonthsDuration, Time, to_python

MAX_DEPTH: Final = 60
"""Deepest nesting of lists and contexts in a variable."""

_ATOMS: Final = frozenset({str, bool, int, type(None)})
_EXTRA_TYPES: Final = frozenset({datetime, date, time, timedelta, bytes, MonthsDuration})
_FEEL_TYPES: Final = frozenset({Date, DateTime, Time, DaysDuration})
"""FEEL's own become the standard library's where that holds them exactly, else stay as they are."""


def admit(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of new variables that the engine may keep.

    Raises:
        InvalidInput: a value of a type that a variable cannot hold; the pointer says where.
    """
    return {_name(key, ""): _admit(value, f"/{key}", 0) for key, value in patch.items()}


def admit_value(value: Any) -> Any:
    """Return a copy of one value that the engine may keep; raises as :func:`admit`."""
    return _admit(value, "", 0)


def _admit(value: Any, pointer: str, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return _text(value, pointer)
    if kind in _ATOMS or kind in _EXTRA_TYPES:
        return value
    if kind is float or kind is Decimal:
        return _number(value, pointer)
    if kind is UUID:
        return str(value)
    if kind in _FEEL_TYPES:
        return _plain(value)
    if depth >= MAX_DEPTH:
        raise _refuse(pointer, "lồng quá sâu", "is nested too deeply")
    if isinstance(value, Mapping):
        return {
            _name(key, pointer): _admit(item, f"{pointer}/{key}", depth + 1) for key, item in value.items()
        }
    if kind is list or kind is tuple:
        return [_admit(item, f"{pointer}/{index}", depth + 1) for index, item in enumerate(value)]
    raise _refuse(pointer, f"có kiểu {kind.__name__}", f"is of type {kind.__name__}")


def _plain(value: Any) -> Any:
    """Return a FEEL date, time or duration as the standard library's, if that loses nothing."""
    precise = value.time if isinstance(value, DateTime) else value
    nanoseconds = getattr(precise, "nanosecond", 0) or getattr(precise, "nanoseconds", 0)
    if nanoseconds % 1000:
        return value
    try:
        return to_python(value)
    except (ValueError, OverflowError):
        return value


def _text(value: str, pointer: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refuse(pointer, "có ký tự không hợp lệ", "has invalid characters") from None
    return value


def _number(value: float | Decimal, pointer: str) -> Any:
    if not math.isfinite(value):
        raise _refuse(pointer, "không phải số hữu hạn", "is not a finite number")
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value)
    return value


def _name(key: Any, pointer: str) -> str:
    if type(key) is not str:
        raise _refuse(pointer, "có tên không phải chuỗi", "has a name that is not a string")
    return _text(key, pointer)


def _refuse(pointer: str, vi: str, en: str) -> InvalidInput:
    finding = Finding("variable.invalid", f"Giá trị {vi}.", f"The value {en}.", pointer)
    return InvalidInput(
        "variable.invalid",
        "Biến của quy trình có giá trị không lưu được.",
        "A process variable has a value that cannot be kept.",
        [finding],
    )
