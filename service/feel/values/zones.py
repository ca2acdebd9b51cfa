"""Time zones of FEEL values: a fixed offset from UTC, or a named zone of the IANA database with its history.

The standard library's zones end with the year 9999; later years use the same rules, which repeat every 400
years, and years before 1 use the zone's oldest offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from service.feel.values.durations import SECONDS_PER_DAY
from service.feel.values.gregorian import DAYS_OF_400_YEARS, epoch_day

MAX_OFFSET_SECONDS: Final = 18 * 3600
"""ISO 8601 offsets reach 14 hours; 18 is what the DMN suite and other engines accept."""

_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]{0,30}(?:/[A-Za-z0-9_+\-]{1,30}){0,3}")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2}):([0-5][0-9])(?::([0-5][0-9]))?")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local time of the zone that is asked
_UTC_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND: Final = epoch_day(1, 1, 3) * SECONDS_PER_DAY
_LAST_SECOND: Final = epoch_day(9999, 12, 29) * SECONDS_PER_DAY
_SECONDS_OF_400_YEARS: Final = DAYS_OF_400_YEARS * SECONDS_PER_DAY
_REFERENCE_SECOND: Final = epoch_day(2024, 1, 1) * SECONDS_PER_DAY
"""A winter day: a time of day without a date takes its zone's standard offset."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a time is local.

    Attributes:
        name: the IANA name, None for a fixed offset.
        offset: seconds east of UTC; for a named zone its standard offset, used by times without a date.
    """

    name: str | None
    offset: int

    def offset_at_local(self, second: int) -> int:
        """Return the offset (seconds) at a local time, given as seconds since 1970-01-01T00:00:00 local."""
        if self.name is None:
            return self.offset
        moment = _EPOCH + timedelta(seconds=_within_library_years(second))
        return _seconds(moment.replace(tzinfo=ZoneInfo(self.name)))

    def offset_at_instant(self, second: int) -> int:
        """Return the offset (seconds) at an instant, given as seconds since 1970-01-01T00:00:00Z."""
        if self.name is None:
            return self.offset
        moment = _UTC_EPOCH + timedelta(seconds=_within_library_years(second))
        return _seconds(moment.astimezone(ZoneInfo(self.name)))

    def __str__(self) -> str:
        return offset_text(self.offset) if self.name is None else f"@{self.name}"


def zone_of_offset(seconds: int) -> Zone | None:
    """Return the zone of a fixed offset; None when the offset is beyond 18 hours."""
    return Zone(None, seconds) if abs(seconds) <= MAX_OFFSET_SECONDS else None


@lru_cache(maxsize=512)
def zone_named(name: str) -> Zone | None:
    """Return the IANA zone of that name, None when there is none."""
    if _ZONE_NAME.fullmatch(name) is None:
        return None
    try:
        library_zone = ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return None
    moment = (_EPOCH + timedelta(seconds=_REFERENCE_SECOND)).replace(tzinfo=library_zone)
    summer_time = library_zone.dst(moment) or timedelta()
    return Zone(name, _seconds(moment) - int(summer_time.total_seconds()))


def parse_zone(text: str) -> Zone | None:
    """Read ``Z``, ``+07:00``, ``-02:30:15`` or ``@Asia/Ho_Chi_Minh``; None for anything else."""
    if text == "Z":
        return Zone(None, 0)
    if text.startswith("@"):
        return zone_named(text[1:])
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4] or 0)
    return zone_of_offset(-seconds if match[1] == "-" else seconds)


def offset_text(seconds: int) -> str:
    """Write an offset in seconds as ``Z``, ``+07:00`` or ``-02:30:15``."""
    if not seconds:
        return "Z"
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def _within_library_years(second: int) -> int:
    if second < _FIRST_SECOND:
        return _FIRST_SECOND
    if second > _LAST_SECOND:
        return second - -(-(second - _LAST_SECOND) // _SECONDS_OF_400_YEARS) * _SECONDS_OF_400_YEARS
    return second


def _seconds(moment: datetime) -> int:
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
