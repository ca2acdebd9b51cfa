"""Times of day and date-times, to the nanosecond, with a zone, an offset, or neither (DMN 1.5, 10.3.2.3.5-6).

A value without a zone is local: it names no instant, so it has no order and no distance to one with a zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.feel.values.dates import (
    DATE_PATTERN,
    Date,
    date_from_epoch_day,
    make_date,
    parse_date,
    plus_days,
)
from service.feel.values.durations import (
    NANOSECONDS_PER_DAY,
    NANOSECONDS_PER_SECOND,
    SECONDS_PER_DAY,
    fraction_text,
)
from service.feel.values.zones import Zone, parse_zone

_HOURS: Final = 24
_SIXTY: Final = 60
_TIME_PATTERN: Final = (
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@.{1,100})?"
)
_TIME_TEXT: Final = re.compile(_TIME_PATTERN)
_DATE_TIME_TEXT: Final = re.compile(f"{DATE_PATTERN}T{_TIME_PATTERN}")


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day; build it with :func:`make_time`, which checks.

    Attributes:
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 59.
        nanosecond: 0 to 999,999,999.
        zone: where it is local, None when nowhere in particular.
    """

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    zone: Zone | None = None

    @property
    def second_of_day(self) -> int:
        """Whole seconds since local midnight."""
        return self.hour * 3600 + self.minute * 60 + self.second

    @property
    def nanosecond_of_day(self) -> int:
        """Nanoseconds since local midnight."""
        return self.second_of_day * NANOSECONDS_PER_SECOND + self.nanosecond

    @property
    def utc_nanosecond(self) -> int:
        """Nanoseconds since midnight in UTC; a time without a zone counts as UTC."""
        offset = self.zone.offset if self.zone is not None else 0
        return self.nanosecond_of_day - offset * NANOSECONDS_PER_SECOND

    def __str__(self) -> str:
        clock = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction_text(self.nanosecond)}"
        return clock if self.zone is None else f"{clock}{self.zone}"


UTC_MIDNIGHT: Final = Time(0, 0, 0, 0, Zone(None, 0))


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time of day.

    Attributes:
        date: the local date.
        time: the local time, with the zone of the whole.
    """

    date: Date
    time: Time

    @property
    def zone(self) -> Zone | None:
        """Where it is local, None when nowhere in particular."""
        return self.time.zone

    @property
    def local_second(self) -> int:
        """Whole seconds since 1970-01-01T00:00:00, local."""
        return self.date.epoch_day * SECONDS_PER_DAY + self.time.second_of_day

    @property
    def offset(self) -> int | None:
        """Seconds east of UTC at this moment; None without a zone."""
        return None if self.zone is None else self.zone.offset_at_local(self.local_second)

    @property
    def utc_nanosecond(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; without a zone the local time counts as UTC."""
        return (self.local_second - (self.offset or 0)) * NANOSECONDS_PER_SECOND + self.time.nanosecond

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


def make_time(
    hour: int, minute: int, second: int, nanosecond: int = 0, zone: Zone | None = None
) -> Time | None:
    """Build a time of day; None when a part is out of range (there are no leap seconds)."""
    fits_clock = 0 <= hour < _HOURS and 0 <= minute < _SIXTY and 0 <= second < _SIXTY
    fits = fits_clock and 0 <= nanosecond < NANOSECONDS_PER_SECOND
    return Time(hour, minute, second, nanosecond, zone) if fits else None


def time_of_day(nanosecond: int, zone: Zone | None) -> Time:
    """Build the time ``nanosecond`` after local midnight, around the clock."""
    seconds, rest = divmod(nanosecond % NANOSECONDS_PER_DAY, NANOSECONDS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return Time(hour, minute, second, rest, zone)


def date_time_at(nanosecond: int, zone: Zone | None) -> DateTime | None:
    """Build the date-time of an instant, ``nanosecond`` after 1970-01-01T00:00:00Z, told in ``zone``.

    Without a zone the count is local. In the hour that a named zone tells twice, when its clocks go back, the
    second telling carries its offset instead of the name. None when the year is out of range.
    """
    if zone is not None:
        second = nanosecond // NANOSECONDS_PER_SECOND
        offset = zone.offset_at_instant(second)
        nanosecond += offset * NANOSECONDS_PER_SECOND
        zone = zone if zone.offset_at_local(second + offset) == offset else Zone(None, offset)
    days, of_day = divmod(nanosecond, NANOSECONDS_PER_DAY)
    date = date_from_epoch_day(days)
    return None if date is None else DateTime(date, time_of_day(of_day, zone))


def parse_time(text: str) -> Time | None:
    """Read ``08:30:00``, perhaps with fraction, offset or ``@zone``; ``24:00:00`` is midnight.

    None for anything else.
    """
    match = _TIME_TEXT.fullmatch(text)
    if match is None:
        return None
    parsed = _clock(match.groups())
    return None if parsed is None else parsed[0]


def parse_date_time(text: str) -> DateTime | None:
    """Read ``2026-11-24T08:30:00``, perhaps with fraction, offset or ``@zone``, or a date for its midnight.

    ``24:00:00`` is the midnight at the end of the day. None for anything else.
    """
    match = _DATE_TIME_TEXT.fullmatch(text)
    if match is None:
        day = parse_date(text)
        return None if day is None else DateTime(day, Time(0, 0, 0))
    date = make_date(int(match[1]), int(match[2]), int(match[3]))
    parsed = _clock(match.groups()[3:])
    if date is None or parsed is None:
        return None
    time, is_end_of_day = parsed
    next_date = plus_days(date, 1) if is_end_of_day else date
    return None if next_date is None else DateTime(next_date, time)


def _clock(groups: tuple[str | None, ...]) -> tuple[Time, bool] | None:
    """Read hour, minute, second, fraction and zone; the flag says that it was 24:00:00."""
    hour, minute, second = (int(part or 0) for part in groups[:3])
    nanosecond = int(((groups[3] or "") + "000000000")[:9])
    zone = None
    if groups[4] is not None:
        zone = parse_zone(groups[4])
        if zone is None:
            return None
    is_end_of_day = (hour, minute, second, nanosecond) == (24, 0, 0, 0)
    time = make_time(0 if is_end_of_day else hour, minute, second, nanosecond, zone)
    return None if time is None else (time, is_end_of_day)
