"""The Vietnamese lunar calendar, computed: Tết and the Hùng Kings' day fall on lunar dates.

The method that Hồ Ngọc Đức published for Vietnam: months begin on the day of the new moon as seen at UTC+7
(China reckons at UTC+8, so that both calendars differ in years such as 2007 and 2030); the eleventh month
holds the winter solstice; in a year of thirteen months the first month without a principal term is the leap
month. New moons and the sun's longitude follow the series of Meeus, good to about two minutes for 1900–2100.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor, radians, sin
from typing import Final

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2050
"""Years whose Tết dates are checked against published tables."""

_ZONE_DAYS: Final = 7 / 24
_ORDINAL_OF_JULIAN_DAY_ZERO: Final = -1721425
_SYNODIC_MONTH_DAYS: Final = 29.530588853
_FIRST_NEW_MOON: Final = 2415021.076998695
"""Julian day of the new moon that the counting starts with (1 January 1900)."""
_SOLSTICE_SECTOR: Final = 9
"""The sun's sector of thirty degrees that begins at the winter solstice."""
_DAYS_OF_TWELVE_MONTHS: Final = 365
_SOLSTICE_MONTH: Final = 11


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar.

    Attributes:
        year: the solar year in which this lunar year begins.
        month: 1 to 12.
        day: 1 to 30.
        is_leap: in the second of two months with the same number.
    """

    year: int
    month: int
    day: int
    is_leap: bool = False


@lru_cache(maxsize=256)
def new_year_day(year: int) -> date:
    """Return the first day of Tết in a solar year."""
    return solar_day(LunarDate(year, 1, 1))


def solar_day(lunar: LunarDate) -> date:
    """Return the solar day of a lunar one.

    Raises:
        ValueError: there is no such lunar day.
    """
    cycle = lunar.year if lunar.month >= _SOLSTICE_MONTH else lunar.year - 1
    for month, is_leap, first, following in _months(cycle):
        if (month, is_leap) == (lunar.month, lunar.is_leap):
            if not 1 <= lunar.day <= following - first:
                break
            return date.fromordinal(first + lunar.day - 1)
    raise ValueError(f"there is no lunar day {lunar}")


def lunar_day(day: date) -> LunarDate:
    """Return the lunar day of a solar one."""
    ordinal = day.toordinal()
    cycle = day.year if ordinal >= _solstice_month_start(day.year) else day.year - 1
    month, is_leap, first, _ = next(found for found in _months(cycle) if found[2] <= ordinal < found[3])
    year = cycle if month >= _SOLSTICE_MONTH else cycle + 1
    return LunarDate(year, month, ordinal - first + 1, is_leap)


@lru_cache(maxsize=256)
def _months(cycle: int) -> tuple[tuple[int, bool, int, int], ...]:
    """Return (month, is leap, first, first day after) from the eleventh month of ``cycle`` to the next."""
    start, end = _solstice_month_start(cycle), _solstice_month_start(cycle + 1)
    moon = floor(0.5 + (start - _ORDINAL_OF_JULIAN_DAY_ZERO - _FIRST_NEW_MOON) / _SYNODIC_MONTH_DAYS)
    starts = [_new_moon_day(moon + step) for step in range(15)]
    starts = starts[starts.index(start) : starts.index(end) + 1]
    leap = _leap_index(starts) if end - start > _DAYS_OF_TWELVE_MONTHS else None
    found = []
    number = _SOLSTICE_MONTH - 1
    for index, first in enumerate(starts[:-1]):
        number += index != leap
        found.append(((number - 1) % 12 + 1, index == leap, first, starts[index + 1]))
    return tuple(found)


def _leap_index(starts: list[int]) -> int:
    sectors = [_sun_sector(start) for start in starts]
    return next(index for index in range(1, len(starts) - 1) if sectors[index] == sectors[index + 1])


@lru_cache(maxsize=256)
def _solstice_month_start(year: int) -> int:
    last_day = date(year, 12, 31).toordinal() - _ORDINAL_OF_JULIAN_DAY_ZERO
    moon = floor((last_day - 2415021) / _SYNODIC_MONTH_DAYS)
    start = _new_moon_day(moon)
    return _new_moon_day(moon - 1) if _sun_sector(start) >= _SOLSTICE_SECTOR else start


@lru_cache(maxsize=2048)
def _new_moon_day(moon: int) -> int:
    """Return the local day, as an ordinal, of the new moon counted from January 1900."""
    return floor(_new_moon(moon) + 0.5 + _ZONE_DAYS) + _ORDINAL_OF_JULIAN_DAY_ZERO


def _new_moon(moon: int) -> float:
    """Return the Julian day, universal time, of a new moon (Meeus, Astronomical Formulae, chapter 32)."""
    t = moon / 1236.85
    mean = 2415020.75933 + 29.53058868 * moon + 0.0001178 * t**2 - 0.000000155 * t**3
    mean += 0.00033 * sin(radians(166.56 + 132.87 * t - 0.009173 * t**2))
    sun = radians(359.2242 + 29.10535608 * moon - 0.0000333 * t**2 - 0.00000347 * t**3)
    anomaly = radians(306.0253 + 385.81691806 * moon + 0.0107306 * t**2 + 0.00001236 * t**3)
    latitude = radians(21.2964 + 390.67050646 * moon - 0.0016528 * t**2 - 0.00000239 * t**3)
    correction = (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun)
    correction += -0.4068 * sin(anomaly) + 0.0161 * sin(2 * anomaly) - 0.0004 * sin(3 * anomaly)
    correction += 0.0104 * sin(2 * latitude) - 0.0051 * sin(sun + anomaly) - 0.0074 * sin(sun - anomaly)
    correction += 0.0004 * sin(2 * latitude + sun) - 0.0004 * sin(2 * latitude - sun)
    correction += -0.0006 * sin(2 * latitude + anomaly) + 0.0010 * sin(2 * latitude - anomaly)
    correction += 0.0005 * sin(2 * anomaly + sun)
    dynamical_minus_universal = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return mean + correction - dynamical_minus_universal


def _sun_sector(ordinal: int) -> int:
    """Return the sector (0 to 11, thirty degrees each) of the sun's longitude at local midnight of a day."""
    t = (ordinal - _ORDINAL_OF_JULIAN_DAY_ZERO - 2451545.5 - _ZONE_DAYS) / 36525
    anomaly = radians(357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3)
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
    longitude += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    return floor(longitude % 360 / 30)
