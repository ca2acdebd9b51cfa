"""Dates of any year the standard allows, where the standard library ends at 9999 (DMN 1.5, 10.3.2.3.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service.feel.values.gregorian import (
    add_months,
    date_of_epoch_day,
    day_of_year,
    epoch_day,
    is_date,
    week_of_year,
    weekday,
)

if TYPE_CHECKING:
    from service.feel.values.times import DateTime

DATE_PATTERN: Final = r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})"
_DATE_TEXT: Final = re.compile(DATE_PATTERN)


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the proleptic Gregorian calendar; build it with :func:`make_date`, which checks.

    Attributes:
        year: -999,999,999 to 999,999,999.
        month: 1 to 12.
        day: 1 to the month's last.
    """

    year: int
    month: int
    day: int

    @property
    def epoch_day(self) -> int:
        """Days since 1970-01-01."""
        return epoch_day(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """ISO weekday: Monday is 1, Sunday is 7."""
        return weekday(self.year, self.month, self.day)

    @property
    def day_of_year(self) -> int:
        """Number of the day within the year, from 1."""
        return day_of_year(self.year, self.month, self.day)

    @property
    def week_of_year(self) -> int:
        """ISO week number, 1 to 53."""
        return week_of_year(self.year, self.month, self.day)

    def at_midnight(self) -> DateTime:
        """Return this day's midnight in UTC: what the standard takes a date for beside a date and time."""
        from service.feel.values.times import UTC_MIDNIGHT, DateTime  # a date-time is made of dates

        return DateTime(self, UTC_MIDNIGHT)

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


def make_date(year: int, month: int, day: int) -> Date | None:
    """Build a date; None when there is no such day or its year is out of range."""
    return Date(year, month, day) if is_date(year, month, day) else None


def date_from_epoch_day(number: int) -> Date | None:
    """Build the date ``number`` days after 1970-01-01; None when its year is out of range."""
    return make_date(*date_of_epoch_day(number))


def plus_days(date: Date, days: int) -> Date | None:
    """Move a date by days; None when it leaves the range of years."""
    return date_from_epoch_day(date.epoch_day + days)


def plus_months(date: Date, months: int) -> Date | None:
    """Move a date by months, to the target month's last day at most; None when it leaves the years."""
    return make_date(*add_months(date.year, date.month, date.day, months))


def parse_date(text: str) -> Date | None:
    """Read ``2026-11-24`` (years of 4 to 9 digits, a minus before Christ); None for anything else."""
    match = _DATE_TEXT.fullmatch(text)
    return None if match is None else make_date(int(match[1]), int(match[2]), int(match[3]))
