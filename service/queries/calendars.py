"""The agency's calendar as a table: days and seasons, its own and inherited ones, and the hours of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from service.domain.permissions import require
from service.storage.unit_of_work import UnitOfWork

_DAYS: Final = text(
    'SELECT DISTINCT ON ("on") "on", is_working, label, source, decreed_on, depth > 0 AS is_inherited'
    ' FROM inherited_days() WHERE "on" BETWEEN :first AND :last ORDER BY "on", depth'
)
_SEASONS: Final = text(
    "SELECT id, first_on, last_on, label, source, week, depth > 0 AS is_inherited, created_at"
    " FROM inherited_seasons() ORDER BY depth DESC, created_at, id"
)


@dataclass(frozen=True, slots=True)
class DayView:
    """A day that differs from the week; the nearest agency's word where several have one."""

    on: date
    is_working: bool
    label: str
    source: str
    decreed_on: date | None
    is_inherited: bool


@dataclass(frozen=True, slots=True)
class SeasonView:
    """Hours for a stretch of dates; a later one in the list counts before an earlier one."""

    id: UUID
    first_on: date
    last_on: date
    label: str
    source: str
    week: dict[str, Any]
    is_inherited: bool
    created_at: datetime


def list_days(unit: UnitOfWork, year: int) -> list[DayView]:
    """Return the exceptional days of a year in order."""
    require(unit.actor, "organisation.read")
    span = {"first": date(year, 1, 1), "last": date(year, 12, 31)}
    return [DayView(**row) for row in unit.session.execute(_DAYS, span).mappings()]


def list_seasons(unit: UnitOfWork) -> list[SeasonView]:
    """Return the seasons, those of agencies above first."""
    require(unit.actor, "organisation.read")
    return [SeasonView(**row) for row in unit.session.execute(_SEASONS).mappings()]
