"""ISO 8601 texts of timers and the arithmetic behind them.

A month has no fixed length, so a duration keeps calendar months apart from seconds and months are counted in
the offices' zone (S3-18.1b) from the anchor: the fourth monthly firing after 31 January is 31 May.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from service.domain.clock import OFFICE_ZONE

_DURATION: Final = re.compile(
    r"(?P<sign>[-+]?)P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_MONTHS_PER_YEAR: Final = 12
_CYCLE: Final = re.compile(r"R(?P<count>\d*)/(?:(?P<start>[^P/][^/]*)/)?(?P<interval>[-+]?P[^/]+)")


class BadTimerText(ValueError):  # noqa: N818 - named for what is wrong
    """The text is not ISO 8601 of the wanted form."""


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and an exact span, both with the same sign."""

    months: int
    span: timedelta

    def after(self, start: datetime, times: int = 1) -> datetime:
        """Return the instant ``times`` durations after ``start``, in UTC."""
        moved = add_months(start, self.months * times) if self.months else start
        return (moved + self.span * times).astimezone(UTC)

    @property
    def is_positive(self) -> bool:
        """Whether the duration leads forwards in time."""
        return self.months > 0 or self.span > timedelta(0)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: ``count`` firings (None = without end), from ``start`` or from when it is armed."""

    count: int | None
    start: datetime | None
    interval: Duration


def add_months(at: datetime, months: int) -> datetime:
    """Return ``at`` moved by calendar months in the office zone; the day is clipped to the month's last."""
    local = at.astimezone(OFFICE_ZONE)
    number = local.year * _MONTHS_PER_YEAR + local.month - 1 + months
    year, month = divmod(number, _MONTHS_PER_YEAR)
    last = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last))


def parse_duration(text: str) -> Duration:
    """Return the duration of an ISO 8601 text such as ``P1M``, ``P2DT3H`` or ``-PT5M``.

    Raises:
        BadTimerText: it is none.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise BadTimerText(text)
    sign = -1 if found["sign"] == "-" else 1
    number = {
        name: int(found[name] or 0) for name in ("years", "months", "weeks", "days", "hours", "minutes")
    }
    try:
        span = timedelta(
            weeks=number["weeks"],
            days=number["days"],
            hours=number["hours"],
            minutes=number["minutes"],
            seconds=float(found["seconds"] or 0),
        )
    except OverflowError:
        raise BadTimerText(text) from None
    return Duration(sign * (number["years"] * _MONTHS_PER_YEAR + number["months"]), sign * span)


def parse_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 date or date and time, in UTC; without a zone it is the office zone.

    Raises:
        BadTimerText: it is none.
    """
    try:
        return instant(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise BadTimerText(text) from None


def instant(value: date | datetime) -> datetime:
    """Return a date or date and time as an instant in UTC; without a zone it is the office zone's."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (at if at.tzinfo is not None else at.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)


def parse_cycle(text: str) -> Cycle:
    """Return the cycle of ``R3/PT1H``, ``R/P1D`` or ``R5/2026-03-01T08:00:00+07:00/P1M``.

    Raises:
        BadTimerText: it is none, or its interval does not lead forwards.
    """
    found = _CYCLE.fullmatch(text.strip())
    if found is None:
        raise BadTimerText(text)
    interval = parse_duration(found["interval"])
    count = int(found["count"]) if found["count"] else None
    if not interval.is_positive or count == 0:
        raise BadTimerText(text)
    return Cycle(count, parse_instant(found["start"]) if found["start"] else None, interval)
