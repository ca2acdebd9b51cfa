"""The named parts of values, as in ``deadline.year`` (DMN 1.5, table 65); nothing else can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from service.feel.values.dates import Date
from service.feel.values.durations import NANOSECONDS_PER_SECOND, DaysDuration, MonthsDuration
from service.feel.values.numbers import number_from_int
from service.feel.values.ranges import Comparison, Range
from service.feel.values.times import DateTime, Time


class Missing:
    """The type of :data:`MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
"""The answer for a property that the value does not have; a property that is null is another thing."""


def property_of(value: Any, name: str) -> Any:
    """Return the part ``name`` of ``value``, or :data:`MISSING` when such values have no such part."""
    if type(value) is dict:
        return value.get(name, MISSING)
    part = _PROPERTIES.get(type(value), _NONE).get(name)
    return MISSING if part is None else part(value)


def property_names(value: Any) -> tuple[str, ...]:
    """Return the names that :func:`property_of` knows for ``value``, for messages."""
    return tuple(value) if type(value) is dict else tuple(_PROPERTIES.get(type(value), _NONE))


def _offset(seconds: int | None) -> DaysDuration | None:
    return None if seconds is None else DaysDuration(seconds * NANOSECONDS_PER_SECOND)


def _zone_name(value: Time | DateTime) -> str | None:
    return None if value.zone is None else value.zone.name


_Part = Callable[[Any], Any]
_NONE: Final[Mapping[str, _Part]] = {}
_DATE: Final[Mapping[str, _Part]] = {
    "year": lambda value: number_from_int(value.year),
    "month": lambda value: number_from_int(value.month),
    "day": lambda value: number_from_int(value.day),
    "weekday": lambda value: number_from_int(value.weekday),
}
_CLOCK: Final[Mapping[str, _Part]] = {
    "hour": lambda value: number_from_int(value.hour),
    "minute": lambda value: number_from_int(value.minute),
    "second": lambda value: number_from_int(value.second),
}
_RANGE: Final[Mapping[str, _Part]] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_included,
    "end included": lambda value: value.high_included,
}


def _of(attribute: str, parts: Mapping[str, _Part]) -> dict[str, _Part]:
    """Lift the parts of an attribute to its owner."""

    def lifted(part: _Part) -> _Part:
        return lambda value: part(getattr(value, attribute))

    return {name: lifted(part) for name, part in parts.items()}


_PROPERTIES: Final[Mapping[type, Mapping[str, _Part]]] = {
    Date: _DATE,
    Time: {
        **_CLOCK,
        "time offset": lambda value: _offset(None if value.zone is None else value.zone.offset),
        "timezone": _zone_name,
    },
    DateTime: {
        **_of("date", _DATE),
        **_of("time", _CLOCK),
        "time offset": lambda value: _offset(value.offset),
        "timezone": _zone_name,
    },
    MonthsDuration: {
        "years": lambda value: number_from_int(value.parts[0]),
        "months": lambda value: number_from_int(value.parts[1]),
    },
    DaysDuration: {
        "days": lambda value: number_from_int(value.parts[0]),
        "hours": lambda value: number_from_int(value.parts[1]),
        "minutes": lambda value: number_from_int(value.parts[2]),
        "seconds": lambda value: number_from_int(value.parts[3]),
    },
    Range: _RANGE,
    Comparison: _RANGE,
}
