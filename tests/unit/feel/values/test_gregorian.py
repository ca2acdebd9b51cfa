"""The calendar agrees with the standard library's where both reach, and with itself everywhere."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feel.values.gregorian import (
    MAX_YEAR,
    MIN_YEAR,
    add_months,
    date_of_epoch_day,
    day_of_year,
    days_in_month,
    epoch_day,
    is_date,
    is_leap_year,
    months_between,
    week_of_year,
    weekday,
)

EPOCH = dt.date(1970, 1, 1).toordinal()
any_day = st.integers(epoch_day(MIN_YEAR, 1, 1), epoch_day(MAX_YEAR, 12, 31)).map(date_of_epoch_day)


@given(st.dates())
def test_day_numbers_weekdays_and_weeks_are_those_of_the_standard_library(day):
    parts = (day.year, day.month, day.day)
    assert epoch_day(*parts) == day.toordinal() - EPOCH
    assert date_of_epoch_day(day.toordinal() - EPOCH) == parts
    assert weekday(*parts) == day.isoweekday()
    assert day_of_year(*parts) == day.timetuple().tm_yday
    assert week_of_year(*parts) == day.isocalendar().week


@given(any_day)
def test_every_day_of_two_billion_years_has_a_number_of_its_own(day):
    assert is_date(*day)
    assert date_of_epoch_day(epoch_day(*day)) == day
    assert epoch_day(*date_of_epoch_day(epoch_day(*day) + 1)) == epoch_day(*day) + 1


@given(any_day, st.integers(-5000, 5000))
def test_adding_months_lands_in_the_month_counted_by_hand(day, months):
    year, month, last = add_months(*day, months)
    assert (year * 12 + month) - (day[0] * 12 + day[1]) == months
    assert last == min(day[2], days_in_month(year, month))


@given(any_day, any_day)
def test_months_between_never_overshoot(start, end):
    months = months_between(start, end)
    assert months == -months_between(end, start) or start[2] != end[2]
    assert abs((end[0] - start[0]) * 12 + end[1] - start[1] - months) <= 1


@pytest.mark.parametrize(
    ("year", "leaps"), [(2024, True), (2100, False), (2000, True), (0, True), (-4, True), (-1, False)]
)
def test_leap_years_follow_the_400_year_rule_before_christ_too(year, leaps):
    assert is_leap_year(year) is leaps


@pytest.mark.parametrize(
    "parts", [(2026, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 4, 0), (10**9, 1, 1)]
)
def test_days_that_do_not_exist_are_no_dates(parts):
    assert not is_date(*parts)
