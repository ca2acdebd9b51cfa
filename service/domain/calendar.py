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
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from service.domain.clock import OFFICE_ZONE

SEARCH_LIMIT_DAYS: Final = 400
"""How far ahead a working day is looked for; a calendar without one in so long is an error of its data."""

Shift = Literal["before", "after", "none"]
"""Where a day goes that falls on a day off: to the working day before or after it, or nowhere."""

_ONE_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class WorkSession:
    """One unbroken stretch of work in a day, local time; ``opens`` is part of it, ``closes`` is not."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"a work session must close after it opens: {self.opens}-{self.closes}")

    @property
    def length(self) -> timedelta:
        """How long it is."""
        midnight = date(2000, 1, 1)
        return datetime.combine(midnight, self.closes) - datetime.combine(midnight, self.opens)


class _Day(NamedTuple):
    """The sessions of a day and how long they are together."""

    sessions: tuple[WorkSession, ...]
    length: timedelta


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
class Season:
    """Hours of work for a stretch of dates: summer, winter, a festival.

    Attributes:
        first_on: its first day.
        last_on: its last day.
        week: sessions by weekday (Monday = 0); a weekday that is missing is a day off.
        label: what the office calls it.
    """

    first_on: date
    last_on: date
    week: Mapping[int, tuple[WorkSession, ...]]
    label: str = ""

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise ValueError(f"a season must not end before it begins: {self.first_on}-{self.last_on}")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an office works.

    Attributes:
        name: shown beside each deadline that was computed with it.
        week: sessions by weekday (Monday = 0); a weekday that is missing is a day off.
        make_up_sessions: sessions of a make-up day that falls on a usual day off outside every season.
        exceptions: days that differ from the week.
        zone: where the office stands.
        seasons: hours for stretches of dates; of two that hold a day the later in the list counts.
    """

    name: str = "Lịch làm việc hành chính"
    week: Mapping[int, tuple[WorkSession, ...]] = field(default_factory=_usual_week)
    make_up_sessions: tuple[WorkSession, ...] = OFFICE_SESSIONS
    exceptions: Mapping[date, ExceptionalDay] = field(default_factory=dict)
    zone: ZoneInfo = OFFICE_ZONE
    seasons: tuple[Season, ...] = ()
    _days: dict[date, _Day] = field(default_factory=dict, init=False, repr=False, compare=False)

    def sessions_on(self, day: date) -> tuple[WorkSession, ...]:
        """Return the sessions of a day in order; empty on a day off."""
        return self._day(day).sessions

    def _day(self, day: date) -> _Day:
        found = self._days.get(day)
        if found is None:
            sessions = self._find_sessions(day)
            length = sum((session.length for session in sessions), _NOTHING)
            found = self._days[day] = _Day(sessions, length)
        return found

    def _find_sessions(self, day: date) -> tuple[WorkSession, ...]:
        season = next((one for one in reversed(self.seasons) if one.first_on <= day <= one.last_on), None)
        week = self.week if season is None else season.week
        usual = week.get(day.weekday(), ())
        exception = self.exceptions.get(day)
        if exception is None:
            return usual
        if not exception.is_working:
            return ()
        of_season = next(filter(None, season.week.values()), ()) if season else ()
        return usual or of_season or self.make_up_sessions

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
        found, left, missed = day, count, 0
        while left:
            found += _ONE_DAY
            if self._day(found).sessions:
                left, missed = left - 1, 0
            elif missed > SEARCH_LIMIT_DAYS:
                raise CalendarError(f"no working day within {SEARCH_LIMIT_DAYS} days of {found}")
            else:
                missed += 1
        return found

    def working_day_near(self, day: date, shift: Shift) -> date:
        """Return ``day`` if the office works on it, else the working day before or after it.

        Raises:
            CalendarError: there is none within :data:`SEARCH_LIMIT_DAYS`.
        """
        if shift == "none":
            return day
        return self._nearest_working_day(day, _ONE_DAY if shift == "after" else -_ONE_DAY)

    def morning_after(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the first morning session of a working day that starts after ``at``, as (opening, closing).

        Raises:
            CalendarError: there is none within :data:`SEARCH_LIMIT_DAYS`.
        """
        day = at.astimezone(self.zone).date()
        sessions = self.sessions_on(day)
        if not sessions or self.at(day, sessions[0].opens) <= at:
            day = self._nearest_working_day(day + _ONE_DAY, _ONE_DAY)
            sessions = self.sessions_on(day)
        return self.at(day, sessions[0].opens), self.at(day, sessions[0].closes)

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """Return the first instant by which ``span`` of working time has passed since ``start``.

        Raises:
            CalendarError: there is not so much working time in sight.
        """
        day = start.astimezone(self.zone).date()
        left = span + self.working_time(self.at(day, time(0)), start)
        while (length := self._day(day).length) < left:
            left -= length
            day = self.working_day_after(day)
        for session in self.sessions_on(day):
            if session.length >= left:
                return max(self.at(day, session.opens) + left, start)
            left -= session.length
        return start

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Return how much working time lies between two instants; nothing where ``end`` comes first."""
        total = _NOTHING
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        edges = {day, last}
        while day <= last:
            found = self._day(day)
            total += self._worked(day, start, end) if day in edges and found.sessions else found.length
            day += _ONE_DAY
        return total

    def _worked(self, day: date, start: datetime, end: datetime) -> timedelta:
        total = _NOTHING
        for session in self.sessions_on(day):
            opens = max(self.at(day, session.opens), start)
            closes = min(self.at(day, session.closes), end)
            total += max(closes - opens, _NOTHING)
        return total

    def days_off(self, first: date, last: date) -> list[tuple[date, str]]:
        """Return the named days off of a stretch of dates, usual weekends not among them."""
        found = []
        day = first
        while self.exceptions and day <= last:
            exception = self.exceptions.get(day)
            if exception is not None and not exception.is_working:
                found.append((day, exception.label))
            day += _ONE_DAY
        return found

    def _nearest_working_day(self, day: date, step: timedelta) -> date:
        for _ in range(SEARCH_LIMIT_DAYS):
            if self.sessions_on(day):
                return day
            day += step
        raise CalendarError(f"no working day within {SEARCH_LIMIT_DAYS} days of {day}")
