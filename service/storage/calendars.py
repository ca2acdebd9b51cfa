"""An agency's working calendar as it is kept: its own days and seasons over those of the agencies above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import text

from service.domain.calendar import ExceptionalDay, Season, WorkingCalendar, WorkSession
from service.storage.unit_of_work import UnitOfWork

# Farthest agency first, so that the nearest one's word comes last and counts.
_DAYS: Final = text('SELECT "on", is_working, label FROM inherited_days() ORDER BY depth DESC')
_SEASONS: Final = text(
    "SELECT first_on, last_on, label, week FROM inherited_seasons() ORDER BY depth DESC, created_at, id"
)


def read_calendar(unit: UnitOfWork) -> WorkingCalendar:
    """Return the working calendar of the unit's agency, with what it inherits from the agencies above."""
    days = unit.session.execute(_DAYS)
    seasons = unit.session.execute(_SEASONS)
    return WorkingCalendar(
        exceptions={row.on: ExceptionalDay(row.is_working, row.label) for row in days},
        seasons=tuple(Season(row.first_on, row.last_on, read_week(row.week), row.label) for row in seasons),
    )


def read_week(week: Mapping[str, Iterable[Iterable[str]]]) -> dict[int, tuple[WorkSession, ...]]:
    """Return sessions by weekday (Monday = 0) from ``{"1": [["07:30", "11:30"], …]}``.

    Raises:
        ValueError: a weekday or a time is malformed, or sessions overlap.
    """
    found = {int(day) - 1: _read_sessions(sessions) for day, sessions in week.items()}
    if not found.keys() <= set(range(7)):
        raise ValueError("weekdays are 1 to 7")
    return {day: sessions for day, sessions in sorted(found.items()) if sessions}


def _read_sessions(sessions: Iterable[Iterable[str]]) -> tuple[WorkSession, ...]:
    found = []
    for session in sessions:
        opens, closes = (time.fromisoformat(moment) for moment in session)
        found.append(WorkSession(opens, closes))
    if any(before.closes > after.opens for before, after in pairwise(found)):
        raise ValueError("sessions must follow each other")
    return tuple(found)


def write_week(week: Mapping[int, Iterable[WorkSession]]) -> dict[str, Any]:
    """Return sessions by weekday as they are kept."""
    return {
        str(day + 1): [[one.opens.isoformat("minutes"), one.closes.isoformat("minutes")] for one in sessions]
        for day, sessions in week.items()
    }
