"""The lunar calendar against the published dates of Tết and of the Hùng Kings' day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.domain.lunar import LunarDate, lunar_day, new_year_day, solar_day

_TET = """
    2000-02-05 2001-01-24 2002-02-12 2003-02-01 2004-01-22 2005-02-09 2006-01-29 2007-02-17 2008-02-07 2009-01-26
    2010-02-14 2011-02-03 2012-01-23 2013-02-10 2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05
    2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13
    2030-02-02 2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24
    2040-02-12 2041-02-01 2042-01-22 2043-02-10 2044-01-30 2045-02-17 2046-02-06 2047-01-26 2048-02-14 2049-02-02
    2050-01-23
"""
"""Tết of Vietnam; China has 2007-02-18 and 2030-02-03."""

_HUNG_KINGS = """
    2007-04-26 2010-04-23 2015-04-28 2018-04-25 2020-04-02 2021-04-21 2022-04-10 2023-04-29 2024-04-18 2025-04-07
    2026-04-26 2027-04-16
"""

PUBLISHED_TET, PUBLISHED_HUNG_KINGS_DAYS = _TET.split(), _HUNG_KINGS.split()
LEAP_MONTHS = {
    2004: 2,
    2006: 7,
    2009: 5,
    2012: 4,
    2014: 9,
    2017: 6,
    2020: 4,
    2023: 2,
    2025: 6,
    2028: 5,
    2033: 11,
}


def test_tet_falls_on_the_published_days_from_2000_to_2050() -> None:
    assert [new_year_day(year).isoformat() for year in range(2000, 2051)] == PUBLISHED_TET


@pytest.mark.parametrize("day", PUBLISHED_HUNG_KINGS_DAYS)
def test_the_hung_kings_day_is_the_tenth_of_the_third_month(day: str) -> None:
    solar = date.fromisoformat(day)
    assert solar_day(LunarDate(solar.year, 3, 10)) == solar
    assert lunar_day(solar) == LunarDate(solar.year, 3, 10)


def test_every_day_of_fifty_years_is_one_lunar_day_and_back() -> None:
    day = date(2000, 1, 1)
    before = lunar_day(day - timedelta(days=1))
    while day.year <= 2050:
        lunar = lunar_day(day)
        assert solar_day(lunar) == day
        assert lunar.day in {1, before.day + 1}
        assert lunar != before
        before, day = lunar, day + timedelta(days=1)


@pytest.mark.parametrize(("year", "month"), LEAP_MONTHS.items())
def test_leap_months_are_the_published_ones(year: int, month: int) -> None:
    first = solar_day(LunarDate(year, month, 1, is_leap=True))
    assert lunar_day(first - timedelta(days=1)).month == month
    others = [other for other in range(1, 13) if other != month]
    for other in others:
        with pytest.raises(ValueError, match="no lunar day"):
            solar_day(LunarDate(year, other, 1, is_leap=True))


def test_a_day_beyond_its_month_is_refused() -> None:
    with pytest.raises(ValueError, match="no lunar day"):
        solar_day(LunarDate(2026, 1, 31))
