"""The working calendar of a Vietnamese office: sessions of the week, days off, swapped and make-up days.

Official hours differ by province and season, so they are data (default: Monday to Friday, 07:30–11:30 and
13:30–17:00). A lunch break counts as office hours: only the first opening and the last closing of a day
decide what arrives "trong giờ hành chính" (S0-6.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from service.domain.clock import OFFICE_ZONE

SEARCH_LIMIT_DAYS: Final = 400
"""How far ahead a working day is looked for; a calendar without one in so long is an error of its data."""


@dataclass(frozen=True, slots=True)
class WorkSession:
    """One unbroken stretch of work in a day, local time; ``opens`` is part of it, ``closes`` is not."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"a work session must close after it opens: {self.opens}-{self.closes}")


@dataclass(frozen=True, slots=True)
class ExceptionalDay:
    """A day that differs from the week: off (holiday, swapped off) or a make-up working day."""

    is_working: bool
    label: str


OFFICE_SESSIONS: Final = (WorkSession(time(7, 30), time(11, 30)), WorkSession(time(13, 30), time(17, 0)))
_WORKING_WEEKDAYS: Final = range(5)


def _usual_week() -> Mapping[int, tuple[WorkSession, ...]]:
    return MappingProxyType(dict.fromkeys(_WORKING_WEEKDAYS, OFFICE_SESSIONS))


class CalendarError(ValueError):
    """The calendar's data cannot answer: no working day in sight."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an office works.

    Attributes:
        name: shown beside each deadline that was computed with it.
        week: sessions by weekday (Monday = 0); a weekday that is missing is a day off.
        make_up_sessions: sessions of a make-up day that falls on a usual day off.
        exceptions: days that differ from the week.
        zone: where the office stands.
    """

    name: str = "Lịch làm việc hành chính"
    week: Mapping[int, tuple[WorkSession, ...]] = field(default_factory=_usual_week)
    make_up_sessions: tuple[WorkSession, ...] = OFFICE_SESSIONS
    exceptions: Mapping[date, ExceptionalDay] = field(default_factory=dict)
    zone: ZoneInfo = OFFICE_ZONE

    def sessions_on(self, day: date) -> tuple[WorkSession, ...]:
        """Return the sessions of a day in order; empty on a day off."""
        usual = self.week.get(day.weekday(), ())
        exception = self.exceptions.get(day)
        if exception is None:
            return usual
        if not exception.is_working:
            return ()
        return usual or self.make_up_sessions

    def is_working_day(self, day: date) -> bool:
        """Say whether the office works on a day at all."""
        return bool(self.sessions_on(day))

    def is_office_hours(self, at: datetime) -> bool:
        """Say whether ``at`` (aware) lies between a working day's opening and its closing, lunch included."""
        local = at.astimezone(self.zone)
        sessions = self.sessions_on(local.date())
        return bool(sessions) and sessions[0].opens <= local.time() < sessions[-1].closes

    def at(self, day: date, clock_time: time) -> datetime:
        """Return the instant of a local time on a day."""
        return datetime.combine(day, clock_time, self.zone)

    def end_of_day(self, day: date) -> datetime:
        """Return 24:00 of a day, which is 00:00 of the next."""
        return self.at(day + timedelta(days=1), time(0))

    def close_of(self, day: date) -> datetime | None:
        """Return when the office closes on a day, None on a day off."""
        sessions = self.sessions_on(day)
        return self.at(day, sessions[-1].closes) if sessions else None

    def working_day_after(self, day: date, count: int = 1) -> date:
        """Return the ``count``-th working day after ``day``.

        Raises:
            CalendarError: there is none within :data:`SEARCH_LIMIT_DAYS` of the last one found.
        """
        found = day
        for _ in range(count):
            found = self._next_working_day(found)
        return found

    def morning_after(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the first morning session of a working day that starts after ``at``, as (opening, closing).

        Raises:
            CalendarError: there is none within :data:`SEARCH_LIMIT_DAYS`.
        """
        day = at.astimezone(self.zone).date()
        for step in range(SEARCH_LIMIT_DAYS):
            candidate = day + timedelta(days=step)
            sessions = self.sessions_on(candidate)
            if sessions and self.at(candidate, sessions[0].opens) > at:
                return self.at(candidate, sessions[0].opens), self.at(candidate, sessions[0].closes)
        raise CalendarError(f"no working morning within {SEARCH_LIMIT_DAYS} days after {day}")

    def _next_working_day(self, day: date) -> date:
        for step in range(1, SEARCH_LIMIT_DAYS):
            candidate = day + timedelta(days=step)
            if self.is_working_day(candidate):
                return candidate
        raise CalendarError(f"no working day within {SEARCH_LIMIT_DAYS} days after {day}")


_HOLIDAYS_2026: Final = (
    (date(2026, 1, 1), date(2026, 1, 1), "Tết Dương lịch"),
    (date(2026, 1, 2), date(2026, 1, 2), "Nghỉ hoán đổi (làm bù 10/01)"),
    (date(2026, 2, 14), date(2026, 2, 22), "Tết Nguyên đán Bính Ngọ"),
    (date(2026, 4, 26), date(2026, 4, 27), "Giỗ Tổ Hùng Vương (nghỉ bù 27/4)"),
    (date(2026, 4, 30), date(2026, 5, 1), "Ngày Chiến thắng và Quốc tế Lao động"),
    (date(2026, 8, 31), date(2026, 9, 2), "Quốc khánh (31/8 hoán đổi, làm bù 22/8)"),
)
_MAKE_UP_2026: Final = (
    (date(2026, 1, 10), "Làm bù cho 02/01"),
    (date(2026, 8, 22), "Làm bù cho 31/8"),
)


def official_days_2026() -> dict[date, ExceptionalDay]:
    """Return the exceptional days of 2026 as a start for an agency's own table, which it may edit.

    The New Year swap follows 12729/VPCP-KGVX; the National Day swap must be checked against its notice.
    """
    days: dict[date, ExceptionalDay] = {}
    for first, last, label in _HOLIDAYS_2026:
        for step in range((last - first).days + 1):
            days[first + timedelta(days=step)] = ExceptionalDay(is_working=False, label=label)
    for day, label in _MAKE_UP_2026:
        days[day] = ExceptionalDay(is_working=True, label=label)
    return days
