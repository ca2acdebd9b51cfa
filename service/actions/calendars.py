"""Keeping the agency's working calendar: days with their source, seasons, a yearly table.

What a change does to open deadlines is computed beforehand by :func:`service.queries.deadlines.moved_by` and
done by :func:`service.actions.deadlines.recompute`; keeping the calendar alone moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from service.domain.calendar_table import read_table
from service.domain.errors import Finding, InvalidInput, NotFound
from service.domain.holidays import OfficialDay, official_days
from service.domain.ids import new_id
from service.domain.permissions import require
from service.storage.calendars import read_calendar, read_week, write_week
from service.storage.models import CalendarDay, CalendarSeason, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_DAY = table_of(CalendarDay)
_SEASON = table_of(CalendarSeason)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found: days read, days written (none in a dry run), problems by row."""

    read: int
    written: int
    problems: Sequence[Finding]


def set_days(unit: UnitOfWork, days: Iterable[OfficialDay]) -> int:
    """Write days over those that the agency has; return how many.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: a day without a label or a source.
    """
    require(unit.actor, "calendar.keep")
    found = list(days)
    for index, day in enumerate(found):
        if not (day.label.strip() and day.source.strip()):
            raise _refusal("calendar.source", "Cần tên và căn cứ.", "A label and a source.", f"/{index}")
    if not found:
        return 0
    rows = [
        {
            "agency_id": unit.actor.agency_id,
            "on": day.on,
            "is_working": day.is_working,
            "label": day.label,
            "source": day.source,
            "decreed_on": day.decreed_on,
        }
        for day in found
    ]
    statement = insert(_DAY)
    names = ("is_working", "label", "source", "decreed_on")
    statement = statement.on_conflict_do_update(
        index_elements=["agency_id", "on"], set_={name: statement.excluded[name] for name in names}
    )
    unit.session.execute(statement, rows)
    facts = {"days": [[day.on.isoformat(), day.is_working, day.source] for day in found]}
    unit.audit(AuditRecord("calendar.set_days", "calendar", unit.actor.agency_id, facts))
    return len(found)


def remove_day(unit: UnitOfWork, on: date) -> None:
    """Let a day be as the week and the agencies above have it.

    Raises:
        Forbidden: the actor does not keep the calendar.
        NotFound: the agency has no row of its own for it.
    """
    require(unit.actor, "calendar.keep")
    statement = delete(_DAY).where(_DAY.c.on == on).returning(_DAY.c.on)
    if unit.session.execute(statement).one_or_none() is None:
        raise NotFound("calendar.no_day", "Lịch của cơ quan không có ngày này.", "There is no such day.")
    unit.audit(AuditRecord("calendar.remove_day", "calendar", unit.actor.agency_id, {"on": on.isoformat()}))


def fill_year(unit: UnitOfWork, year: int) -> list[OfficialDay]:
    """Write the public holidays of a year with their rest and swapped days, lunar ones computed.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: a year outside 2000 to 2050.
    """
    require(unit.actor, "calendar.keep")
    try:
        days = official_days(year, read_calendar(unit))
    except ValueError as error:
        vi = "Chỉ tính được ngày lễ từ năm 2000 đến năm 2050."
        raise _refusal("calendar.year", vi, "Holidays are computed for 2000 to 2050.", "/year") from error
    set_days(unit, days)
    return days


def import_days(unit: UnitOfWork, text: str, *, dry_run: bool) -> ImportReport:
    """Read a yearly table; write it unless a row is bad or it is a dry run.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: not a dry run, and a row is bad: nothing was written.
    """
    require(unit.actor, "calendar.keep")
    rows, problems = read_table(text)
    if dry_run:
        return ImportReport(len(rows), 0, problems)
    if problems:
        vi, en = "Bảng có dòng chưa hợp lệ.", "Some rows are not valid."
        raise InvalidInput("calendar.table", vi, en, problems)
    return ImportReport(len(rows), set_days(unit, [row.day for row in rows]), ())


def add_season(
    unit: UnitOfWork,
    first_on: date,
    last_on: date,
    week: Mapping[str, Any],
    *,
    label: str,
    source: str,
) -> UUID:
    """Set the hours of work for a stretch of dates and return the season's id.

    Args:
        unit: of one who keeps the calendar.
        first_on: its first day.
        last_on: its last day.
        week: ``{"1": [["07:30", "11:30"], ["13:30", "17:00"]], …}``, ISO weekdays; a missing one is free.
        label: what the office calls it.
        source: the decision that sets it.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: dates or hours are malformed.
    """
    require(unit.actor, "calendar.keep")
    if last_on < first_on:
        vi, en = "Ngày cuối phải không trước ngày đầu.", "The last day may not come before the first."
        raise _refusal("calendar.season", vi, en, "/last_on")
    try:
        kept = write_week(read_week(week))
    except (ValueError, TypeError) as error:
        vi = "Giờ làm việc phải là các buổi nối tiếp nhau, ví dụ [[“07:30”, “11:30”]]."
        raise _refusal("calendar.week", vi, f"The hours are malformed: {error}.", "/week") from error
    season_id = new_id(unit.now)
    row = {"id": season_id, "first_on": first_on, "last_on": last_on, "label": label, "source": source}
    common = {"agency_id": unit.actor.agency_id, "created_at": unit.now, "week": kept}
    unit.session.execute(insert(_SEASON), [row | common])
    facts = {"first_on": first_on.isoformat(), "last_on": last_on.isoformat(), "week": kept, "source": source}
    unit.audit(AuditRecord("calendar.add_season", "calendar_season", season_id, facts))
    return season_id


def remove_season(unit: UnitOfWork, season_id: UUID) -> None:
    """Take a season back.

    Raises:
        Forbidden: the actor does not keep the calendar.
        NotFound: the agency has no such season.
    """
    require(unit.actor, "calendar.keep")
    statement = delete(_SEASON).where(_SEASON.c.id == season_id).returning(_SEASON.c.id)
    if unit.session.execute(statement).one_or_none() is None:
        raise NotFound("calendar.no_season", "Không có khung giờ này.", "There is no such season.")
    unit.audit(AuditRecord("calendar.remove_season", "calendar_season", season_id))


def _refusal(code: str, vi: str, en: str, pointer: str) -> InvalidInput:
    return InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
