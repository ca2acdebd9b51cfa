"""Arithmetic of the proleptic Gregorian calendar for any year; the standard library ends at 9999.

Days are counted from 1970-01-01 (day 0). The year 0 exists, as in ISO 8601 and XML Schema 1.1.
"""

from __future__ import annotations

from typing import Final

MIN_YEAR: Final = -999_999_999
MAX_YEAR: Final = 999_999_999
DAYS_OF_400_YEARS: Final = 146_097

_FEBRUARY: Final = 2
_MONTHS: Final = 12
_DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_BEFORE_MONTH: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_FROM_MARCH_0_TO_EPOCH: Final = 719_468
"""Days from 0000-03-01 to 1970-01-01: years that begin in March put the leap day last."""


def is_leap_year(year: int) -> bool:
    """Tell whether ``year`` has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Return the number of days of ``month`` (1 to 12)."""
    return 29 if month == _FEBRUARY and is_leap_year(year) else _DAYS_IN_MONTH[month - 1]


def is_date(year: int, month: int, day: int) -> bool:
    """Tell whether the three numbers name a day that FEEL can hold."""
    return MIN_YEAR <= year <= MAX_YEAR and 1 <= month <= _MONTHS and 1 <= day <= days_in_month(year, month)


def epoch_day(year: int, month: int, day: int) -> int:
    """Return the day's number, counted from 1970-01-01."""
    march_year = year - (month <= _FEBRUARY)
    month_of_march_year = (month + 9) % 12
    day_of_march_year = (153 * month_of_march_year + 2) // 5 + day - 1
    leap_days = march_year // 4 - march_year // 100 + march_year // 400
    return march_year * 365 + leap_days + day_of_march_year - _DAYS_FROM_MARCH_0_TO_EPOCH


def date_of_epoch_day(number: int) -> tuple[int, int, int]:
    """Return year, month and day of the day ``number`` counted from 1970-01-01."""
    cycle, day_of_cycle = divmod(number + _DAYS_FROM_MARCH_0_TO_EPOCH, DAYS_OF_400_YEARS)
    leap_days = day_of_cycle // 1460 - day_of_cycle // 36_524 + day_of_cycle // 146_096
    year_of_cycle = (day_of_cycle - leap_days) // 365
    day_of_march_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
    month_of_march_year = (5 * day_of_march_year + 2) // 153
    day = day_of_march_year - (153 * month_of_march_year + 2) // 5 + 1
    month = month_of_march_year + 3 if month_of_march_year < _MONTHS - _FEBRUARY else month_of_march_year - 9
    return cycle * 400 + year_of_cycle + (month <= _FEBRUARY), month, day


def weekday(year: int, month: int, day: int) -> int:
    """Return the ISO 8601 weekday: Monday is 1, Sunday is 7."""
    return (epoch_day(year, month, day) + 3) % 7 + 1


def day_of_year(year: int, month: int, day: int) -> int:
    """Return the day's number within its year, from 1."""
    after_february = month > _FEBRUARY
    return _DAYS_BEFORE_MONTH[month - 1] + day + (after_february and is_leap_year(year))


def week_of_year(year: int, month: int, day: int) -> int:
    """Return the ISO 8601 week: weeks start on Monday, week 1 holds the year's first Thursday."""
    thursday = epoch_day(year, month, day) - weekday(year, month, day) + 4
    thursday_year = date_of_epoch_day(thursday)[0]
    return (thursday - epoch_day(thursday_year, 1, 1)) // 7 + 1


def add_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """Move a day by whole months; a day that the target month lacks becomes its last day."""
    target_year, target_month = divmod(year * 12 + month - 1 + months, 12)
    target_month += 1
    return target_year, target_month, min(day, days_in_month(target_year, target_month))


def months_between(start: tuple[int, int, int], end: tuple[int, int, int]) -> int:
    """Count the whole months from one day to another, cut towards zero."""
    months = (end[0] - start[0]) * 12 + end[1] - start[1]
    if months > 0 and end[2] < start[2]:
        return months - 1
    if months < 0 and end[2] > start[2]:
        return months + 1
    return months
