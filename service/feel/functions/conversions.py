"""Functions that build a value from others: date, time, number, string, duration (DMN 1.5, table 73)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    make_date,
    make_time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_number,
    parse_time,
)
from service.feel.values.durations import NANOSECONDS_PER_SECOND, months_duration
from service.feel.values.gregorian import months_between
from service.feel.values.reasons import Reason
from service.feel.values.text import text_of
from service.feel.values.times import UTC_MIDNIGHT
from service.feel.values.zones import Zone, zone_named, zone_of_offset

CONVERSIONS: Final = Library()

_SEPARATORS: Final = frozenset({" ", ",", "."})
_DECIMAL_SEPARATORS: Final = frozenset({",", "."})


def _not_a(vi: str, en: str, value: Any) -> Reason:
    shown = text_of(value)[:60]
    return Reason(
        "feel.not_convertible", f"“{shown}” không phải là {vi} hợp lệ.", f"“{shown}” is not a valid {en}."
    )


@CONVERSIONS.function("date(from: string) -> date")
def date_from_text(text: str) -> Date | Reason:
    """Read a date such as ``2026-11-24``."""
    return parse_date(text) or _not_a("ngày", "date", text)


@CONVERSIONS.function("date(from: date | date and time) -> date")
def date_from_moment(moment: Date | DateTime) -> Date:
    """Give the date part."""
    return moment.date if isinstance(moment, DateTime) else moment


@CONVERSIONS.function("date(year: number, month: number, day: number) -> date")
def date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Date | Reason:
    """Build a date from its numbers."""
    made = make_date(int(year), int(month), int(day))
    return made or _not_a("ngày", "date", [year, month, day])


@CONVERSIONS.function("time(from: string) -> time")
def time_from_text(text: str) -> Time | Reason:
    """Read a time such as ``08:30:00``, also out of a date and time."""
    moment = parse_time(text) or parse_date_time(text)
    if isinstance(moment, DateTime):
        return moment.time if "T" in text else _not_a("giờ", "time", text)
    return moment or _not_a("giờ", "time", text)


@CONVERSIONS.function("time(from: time | date | date and time) -> time")
def time_from_moment(moment: Time | Date | DateTime) -> Time:
    """Give the time part; a date counts as its midnight in UTC."""
    if isinstance(moment, DateTime):
        return moment.time
    return UTC_MIDNIGHT if isinstance(moment, Date) else moment


@CONVERSIONS.function(
    "time(hour: number, minute: number, second: number, offset?: days and time duration?) -> time"
)
def time_from_parts(
    hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time | Reason:
    """Build a time from its numbers and its distance from UTC."""
    zone = _zone_of(offset)
    if isinstance(zone, Reason):
        return zone
    made = make_time(int(hour), int(minute), *_whole_and_nanoseconds(second), zone)
    return made or _not_a("giờ", "time", [hour, minute, second])


@CONVERSIONS.function("date and time(from: string) -> date and time")
def date_time_from_text(text: str) -> DateTime | Reason:
    """Read a date and time such as ``2026-11-24T08:30:00@Asia/Ho_Chi_Minh``, or a date for its midnight."""
    return parse_date_time(text) or _not_a("ngày giờ", "date and time", text)


@CONVERSIONS.function("date and time(from: date and time | date) -> date and time")
def date_time_from_moment(moment: DateTime | Date) -> DateTime:
    """Give the date and time as it is; a date becomes its midnight, local."""
    return DateTime(moment, Time(0, 0, 0)) if isinstance(moment, Date) else moment


@CONVERSIONS.function("date and time(date: date | date and time, time: time) -> date and time")
def date_time_from_date_and_time(date: Date | DateTime, time: Time) -> DateTime:
    """Put a date and a time together."""
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


@CONVERSIONS.function(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "offset?: days and time duration?) -> date and time"
)
def date_time_from_parts(  # noqa: PLR0917 - the standard's parameters
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysDuration | None = None,
) -> DateTime | Reason:
    """Build a date and time from its numbers and its distance from UTC."""
    date = date_from_parts(year, month, day)
    time = time_from_parts(hour, minute, second, offset)
    if isinstance(date, Reason):
        return date
    return time if isinstance(time, Reason) else DateTime(date, time)


@CONVERSIONS.function(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "timezone: string) -> date and time"
)
def date_time_from_parts_in_zone(  # noqa: PLR0917 - the standard's parameters
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    timezone: str,
) -> DateTime | Reason:
    """Build a date and time from its numbers and its zone's name."""
    built = date_time_from_parts(year, month, day, hour, minute, second)
    zone = zone_named(timezone)
    if isinstance(built, Reason):
        return built
    if zone is None:
        return _not_a("múi giờ", "time zone", timezone)
    time = built.time
    return DateTime(built.date, Time(time.hour, time.minute, time.second, time.nanosecond, zone))


@CONVERSIONS.function("duration(from: string) -> days and time duration")
def duration_from_text(text: str) -> DaysDuration | MonthsDuration | Reason:
    """Read a duration such as ``P5D``, ``PT4H`` or ``P1Y6M``."""
    return parse_duration(text) or _not_a("thời lượng", "duration", text)


@CONVERSIONS.function(
    "duration(from: days and time duration | years and months duration) -> days and time duration"
)
def duration_from_duration(duration: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    """Give the duration as it is."""
    return duration


@CONVERSIONS.function(
    "years and months duration(from: date | date and time, to: date | date and time) "
    "-> years and months duration"
)
def years_and_months_duration(start: Date | DateTime, end: Date | DateTime) -> MonthsDuration | Reason:
    """Count the whole months between two days."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    months = months_between((first.year, first.month, first.day), (last.year, last.month, last.day))
    return months_duration(months) or _not_a("thời lượng", "duration", months)


@CONVERSIONS.function(
    "number(from: string, grouping separator?: string?, decimal separator?: string?) -> number"
)
def number_from_text(text: str, grouping: str | None = None, decimal: str | None = None) -> Decimal | Reason:
    """Read a number whose thousands and decimals are separated as told: ``1.000.000,01`` in Vietnamese."""
    if (grouping is not None and grouping not in _SEPARATORS) or (
        decimal is not None and (decimal not in _DECIMAL_SEPARATORS or decimal == grouping)
    ):
        return Reason(
            "feel.separators",
            "dấu phân cách nghìn là dấu cách, “,” hoặc “.”; dấu thập phân là “,” hoặc “.”, khác dấu kia.",
            "the grouping separator is a space, “,” or “.”, the decimal separator another of “,” or “.”.",
        )
    plain = text.replace(grouping, "") if grouping else text
    if decimal == ",":
        plain = plain.replace(".", "x").replace(",", ".")
    number = parse_number(plain)
    return _not_a("số", "number", text) if number is None else number


@CONVERSIONS.function("number(from: number) -> number")
def number_from_number(number: Decimal) -> Decimal:
    """Give the number as it is."""
    return number


@CONVERSIONS.function("string(from: Any) -> string")
def string_of(run: Run, value: Any) -> str:
    """Write a value as text."""
    text = text_of(value)
    run.check_string(len(text))
    return text


def _zone_of(offset: DaysDuration | None) -> Zone | Reason | None:
    if offset is None:
        return None
    seconds, rest = divmod(offset.nanoseconds, NANOSECONDS_PER_SECOND)
    zone = zone_of_offset(seconds) if not rest else None
    return zone or _not_a("độ lệch múi giờ", "offset from UTC", offset)


def _whole_and_nanoseconds(second: Decimal) -> tuple[int, int]:
    numerator, denominator = second.as_integer_ratio()
    return divmod(numerator * NANOSECONDS_PER_SECOND // denominator, NANOSECONDS_PER_SECOND)
