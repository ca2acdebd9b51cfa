"""Public holidays of Viet Nam for any year, with the rest days that follow from them.

The Labour Codes name the days; a yearly notice settles what they leave open (which days around Tết, which day
beside the National Day) and swaps working days to make longer breaks. What a notice decided is data with its
source; a year without one follows the defaults, and an agency edits its own table either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, Literal

from service.domain.calendar import SEARCH_LIMIT_DAYS, CalendarError, ExceptionalDay, WorkingCalendar
from service.domain.lunar import FIRST_YEAR, LAST_YEAR, LunarDate, new_year_day, solar_day

_ONE_DAY: Final = timedelta(days=1)
_DEFAULT_SOURCE: Final = "BLLĐ 2019 Đ112"


@dataclass(frozen=True, slots=True)
class OfficialDay:
    """A day that differs from the week by law or by a notice.

    Attributes:
        on: the day.
        is_working: True for a make-up working day.
        label: why, Vietnamese.
        source: the article or notice.
        decreed_on: its date, None where nobody has said.
    """

    on: date
    is_working: bool
    label: str
    source: str
    decreed_on: date | None = None


@dataclass(frozen=True, slots=True)
class YearlyNotice:
    """What a yearly notice settles.

    Attributes:
        source: its number, or how to find it.
        tet_days_before: last days of the old lunar year among the days of Tết, 1 or 2.
        beside_national_day: the second day of the National Day.
        swaps: (working day that becomes free, free day that is worked instead).
    """

    source: str = _DEFAULT_SOURCE
    tet_days_before: int = 1
    beside_national_day: Literal["before", "after"] = "before"
    swaps: tuple[tuple[date, date], ...] = ()


_YEARLY: Final = "Thông báo nghỉ Tết và Quốc khánh {year}"
NOTICES: Final[Mapping[int, YearlyNotice]] = MappingProxyType(
    {
        2021: YearlyNotice(_YEARLY.format(year=2021), tet_days_before=2, beside_national_day="after"),
        2022: YearlyNotice(_YEARLY.format(year=2022)),
        2023: YearlyNotice(_YEARLY.format(year=2023), tet_days_before=2),
        2024: YearlyNotice(_YEARLY.format(year=2024), tet_days_before=2, beside_national_day="after"),
        2025: YearlyNotice(
            _YEARLY.format(year=2025), tet_days_before=2, swaps=((date(2025, 5, 2), date(2025, 4, 26)),)
        ),
        2026: YearlyNotice(
            "12729/VPCP-KGVX",
            swaps=((date(2026, 1, 2), date(2026, 1, 10)), (date(2026, 8, 31), date(2026, 8, 22))),
        ),
    },
)
"""What was decided so far; the swap of 31 August 2026 is to be checked against its own notice."""

_CODE_1994, _CODE_2007, _CODE_2012 = "BLLĐ 1994 Đ73", "Luật 84/2007/QH11", "BLLĐ 2012 Đ115"
_SHORT_TET_UNTIL: Final = 2013
_HUNG_KINGS_SINCE: Final = 2007
_LONG_NATIONAL_DAY_SINCE: Final = 2021


def public_holidays(year: int, notice: YearlyNotice | None = None) -> list[OfficialDay]:
    """Return the days that the Labour Code of that year names, in order.

    Raises:
        ValueError: a year outside :data:`FIRST_YEAR` to :data:`LAST_YEAR`.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"holidays are known for {FIRST_YEAR} to {LAST_YEAR}, not for {year}")
    settled = notice or NOTICES.get(year, YearlyNotice())
    days = [(date(year, 1, 1), "Tết Dương lịch", _code_of(year)), *_tet(year, settled)]
    if year >= _HUNG_KINGS_SINCE:
        source = _CODE_2007 if year < _SHORT_TET_UNTIL else _code_of(year)
        days.append((solar_day(LunarDate(year, 3, 10)), "Giỗ Tổ Hùng Vương (10/3 âm lịch)", source))
    days.append((date(year, 4, 30), "Ngày Chiến thắng", _code_of(year)))
    days.append((date(year, 5, 1), "Ngày Quốc tế Lao động", _code_of(year)))
    days += [(day, "Quốc khánh", _code_of(year)) for day in _national_days(year, settled)]
    return [OfficialDay(on, False, label, source) for on, label, source in sorted(days)]


def official_days(
    year: int, calendar: WorkingCalendar, notice: YearlyNotice | None = None
) -> list[OfficialDay]:
    """Return holidays, compensating rest days (BLLĐ 2019 Đ111.3) and swapped days of a year, in order.

    Args:
        year: from :data:`FIRST_YEAR` to :data:`LAST_YEAR`.
        calendar: whose weekdays are days off; its exceptions are not looked at.
        notice: instead of what :data:`NOTICES` says of the year.

    Raises:
        ValueError: a year out of reach.
        CalendarError: the week has no working day.
    """
    settled = notice or NOTICES.get(year, YearlyNotice())
    named = public_holidays(year, settled)
    found = {day.on: day for day in named}
    week = WorkingCalendar(week=calendar.week, seasons=calendar.seasons)
    for day in named:
        if not week.is_working_day(day.on):
            rest = _next_free(day.on, week, found)
            found[rest] = OfficialDay(rest, False, f"Nghỉ bù {day.label}", f"{day.source}; BLLĐ 2019 Đ111.3")
    for free, worked in settled.swaps:
        found[free] = OfficialDay(free, False, f"Nghỉ hoán đổi (làm bù {worked:%d/%m})", settled.source)
        found[worked] = OfficialDay(worked, True, f"Làm bù cho {free:%d/%m}", settled.source)
    return [found[on] for on in sorted(found)]


def exceptional_days(days: Iterable[OfficialDay]) -> dict[date, ExceptionalDay]:
    """Return official days as a calendar takes them."""
    return {day.on: ExceptionalDay(day.is_working, day.label) for day in days}


def _code_of(year: int) -> str:
    if year < _SHORT_TET_UNTIL:
        return _CODE_1994
    return _CODE_2012 if year < _LONG_NATIONAL_DAY_SINCE else _DEFAULT_SOURCE


def _tet(year: int, notice: YearlyNotice) -> list[tuple[date, str, str]]:
    first = new_year_day(year)
    count = 4 if year <= _SHORT_TET_UNTIL else 5
    before = notice.tet_days_before
    days = [first + timedelta(days=step) for step in range(-before, count - before)]
    return [(day, "Tết Nguyên đán", _code_of(year)) for day in days]


def _national_days(year: int, notice: YearlyNotice) -> tuple[date, ...]:
    day = date(year, 9, 2)
    if year < _LONG_NATIONAL_DAY_SINCE:
        return (day,)
    return (day - _ONE_DAY, day) if notice.beside_national_day == "before" else (day, day + _ONE_DAY)


def _next_free(after: date, week: WorkingCalendar, taken: Mapping[date, OfficialDay]) -> date:
    day = after
    for _ in range(SEARCH_LIMIT_DAYS):
        day += _ONE_DAY
        if week.is_working_day(day) and day not in taken:
            return day
    raise CalendarError(f"no working day within {SEARCH_LIMIT_DAYS} days of {after}")
