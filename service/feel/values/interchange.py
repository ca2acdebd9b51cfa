"""FEEL's dates, times and durations to and from the standard library's, where both can hold the value."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

from service.feel.values.dates import Date
from service.feel.values.durations import NANOSECONDS_PER_SECOND, DaysDuration
from service.feel.values.times import DateTime, Time
from service.feel.values.zones import Zone, zone_named


def from_python(value: dt.date | dt.time | dt.timedelta) -> Date | Time | DateTime | DaysDuration:
    """Turn a datetime, date, time or timedelta into FEEL's; a zone with an IANA key keeps its name."""
    if isinstance(value, dt.datetime):
        return _from_datetime(value)
    if isinstance(value, dt.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return _from_clock(value)
    return DaysDuration(value // dt.timedelta(microseconds=1) * 1000)


def to_python(value: Date | Time | DateTime | DaysDuration) -> dt.date | dt.time | dt.timedelta:
    """Turn a FEEL value into a datetime, date, time or timedelta, cut to microseconds.

    Raises:
        ValueError: the year is not within 1 to 9999.
        OverflowError: the duration is longer than a timedelta can be.
    """
    if isinstance(value, DateTime):
        return dt.datetime.combine(_to_date(value.date), _to_clock(value.time))
    if isinstance(value, Date):
        return _to_date(value)
    if isinstance(value, Time):
        return _to_clock(value)
    seconds, nanoseconds = divmod(value.nanoseconds, NANOSECONDS_PER_SECOND)
    return dt.timedelta(seconds=seconds, microseconds=nanoseconds // 1000)


def _from_datetime(value: dt.datetime) -> DateTime:
    date, time = Date(value.year, value.month, value.day), _from_clock(value)
    moment, offset = DateTime(date, time), value.utcoffset()
    if offset is None or moment.offset == int(offset.total_seconds()):
        return moment
    # The second telling of an hour that is told twice: only the offset names the instant.
    return DateTime(date, replace(time, zone=Zone(None, int(offset.total_seconds()))))


def _from_clock(value: dt.datetime | dt.time) -> Time:
    zone = None
    offset = value.utcoffset()
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
        zone = zone_named(value.tzinfo.key)
    if zone is None and offset is not None:
        zone = Zone(None, int(offset.total_seconds()))
    return Time(value.hour, value.minute, value.second, value.microsecond * 1000, zone)


def _to_date(value: Date) -> dt.date:
    return dt.date(value.year, value.month, value.day)


def _to_clock(value: Time) -> dt.time:
    zone = _to_tzinfo(value.zone)
    return dt.time(value.hour, value.minute, value.second, value.nanosecond // 1000, tzinfo=zone)


def _to_tzinfo(zone: Zone | None) -> dt.tzinfo | None:
    if zone is None:
        return None
    if zone.name is not None:
        return ZoneInfo(zone.name)
    return dt.timezone(dt.timedelta(seconds=zone.offset)) if zone.offset else dt.UTC
