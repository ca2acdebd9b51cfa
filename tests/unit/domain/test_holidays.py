"""Public holidays and what follows from them, against the days that were really off."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from service.domain.calendar import WorkingCalendar
from service.domain.holidays import YearlyNotice, exceptional_days, official_days, public_holidays

OFFICE = WorkingCalendar()


def _calendar(year: int) -> WorkingCalendar:
    return WorkingCalendar(exceptions=exceptional_days(official_days(year, OFFICE)))


def _break_around(day: date) -> tuple[date, date]:
    """Return the first and last day of the break that holds ``day``."""
    calendar = _calendar(day.year)
    first = last = day
    while not calendar.is_working_day(first - timedelta(days=1)):
        first -= timedelta(days=1)
    while not calendar.is_working_day(last + timedelta(days=1)):
        last += timedelta(days=1)
    return first, last


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2021-02-10", "2021-02-16"),
        ("2022-01-29", "2022-02-06"),
        ("2023-01-20", "2023-01-26"),
        ("2024-02-08", "2024-02-14"),
        ("2025-01-25", "2025-02-02"),
        ("2026-02-14", "2026-02-22"),
        ("2021-09-02", "2021-09-05"),
        ("2022-09-01", "2022-09-04"),
        ("2023-09-01", "2023-09-04"),
        ("2024-08-31", "2024-09-03"),
        ("2025-08-30", "2025-09-02"),
        ("2023-04-29", "2023-05-03"),
        ("2025-04-30", "2025-05-04"),
        ("2026-01-01", "2026-01-04"),
        ("2026-04-25", "2026-04-27"),
        ("2026-08-29", "2026-09-02"),
    ],
)
def test_the_computed_breaks_are_those_that_were_announced(first: str, last: str) -> None:
    assert _break_around(date.fromisoformat(first) + timedelta(days=1)) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


def test_a_swapped_day_is_made_up_for() -> None:
    calendar = _calendar(2026)
    assert not calendar.is_working_day(date(2026, 1, 2))
    assert calendar.is_working_day(date(2026, 1, 10))
    assert calendar.is_working_day(date(2026, 8, 22))
    swapped = {day.on: day for day in official_days(2026, OFFICE)}
    assert swapped[date(2026, 1, 2)].source == "12729/VPCP-KGVX"
    assert swapped[date(2026, 1, 10)].label == "Làm bù cho 02/01"


@pytest.mark.parametrize(("year", "count"), [(2005, 8), (2010, 9), (2015, 10), (2021, 11), (2050, 11)])
def test_each_labour_code_names_its_number_of_days(year: int, count: int) -> None:
    assert len(public_holidays(year)) == count


def test_what_the_law_leaves_open_is_a_choice() -> None:
    late = public_holidays(2030, YearlyNotice("QĐ mẫu", tet_days_before=2, beside_national_day="after"))
    days = [day.on for day in late]
    assert date(2030, 1, 31) in days  # two days before Tết (2 February)
    assert date(2030, 9, 3) in days
    assert date(2030, 9, 1) not in days


def test_every_holiday_on_a_weekly_day_off_is_compensated_in_every_year() -> None:
    for year in range(2000, 2051):
        lost = [day for day in public_holidays(year, YearlyNotice()) if not OFFICE.is_working_day(day.on)]
        days = official_days(year, OFFICE, YearlyNotice())
        compensating = [day for day in days if day.label.startswith("Nghỉ bù")]
        assert len(compensating) == len(lost)
        assert all(OFFICE.is_working_day(day.on) for day in compensating)


def test_years_outside_the_checked_ones_are_refused() -> None:
    for year in (1999, 2051):
        with pytest.raises(ValueError, match="2000 to 2050"):
            public_holidays(year)
