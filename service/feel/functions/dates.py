"""Functions of dates and the calendar (DMN 1.5, tables 79, 80 and 83)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values import Date, DateTime, from_python
from service.feel.values.comparisons import is_same
from service.feel.values.numbers import number_from_int

DATES: Final = Library()

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _date(moment: Date | DateTime) -> Date:
    return moment.date if isinstance(moment, DateTime) else moment


@DATES.function("day of year(date: date | date and time) -> number")
def day_of_year(moment: Date | DateTime) -> Decimal:
    """Count the days since New Year, which is day 1."""
    return number_from_int(_date(moment).day_of_year)


@DATES.function("day of week(date: date | date and time) -> string")
def day_of_week(moment: Date | DateTime) -> str:
    """Name the weekday in English: ``Monday`` to ``Sunday``."""
    return _WEEKDAYS[_date(moment).weekday - 1]


@DATES.function("month of year(date: date | date and time) -> string")
def month_of_year(moment: Date | DateTime) -> str:
    """Name the month in English: ``January`` to ``December``."""
    return _MONTHS[_date(moment).month - 1]


@DATES.function("week of year(date: date | date and time) -> number")
def week_of_year(moment: Date | DateTime) -> Decimal:
    """Give the number of the ISO week, which begins on Monday."""
    return number_from_int(_date(moment).week_of_year)


@DATES.function("now() -> date and time")
def now(run: Run) -> Any:
    """Give the current date and time in the office's zone; it stands still during one evaluation."""
    return from_python(run.now())


@DATES.function("today() -> date")
def today(run: Run) -> Date:
    """Give the current date in the office's zone."""
    moment = run.now()
    return Date(moment.year, moment.month, moment.day)


@DATES.function("is(value1?: Any?, value2?: Any?) -> boolean")
def is_function(value1: Any = None, value2: Any = None) -> bool:
    """Tell whether two values are of one kind and the same: a zone and its offset are not."""
    return is_same(value1, value2)
