"""The agency's working calendar: days, seasons, a yearly table, and what a change does to open deadlines."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response

from service.actions import calendars as actions
from service.actions import deadlines
from service.api.resource import Resource
from service.api.schemas import calendars as schemas
from service.api.schemas.accounts import Created
from service.api.schemas.shared import Reason
from service.domain.errors import Finding, InvalidInput
from service.domain.holidays import OfficialDay
from service.http.context import runtime, unit
from service.queries import calendars as queries
from service.queries.deadlines import moved_by

calendars = Resource(
    "calendars", "calendar", "The working calendar: own days and seasons over inherited ones."
)


@calendars.get("/days")
@calendars.filters(schemas.YearQuery)
@calendars.gives(schemas.Days)
def list_days(query: dict[str, Any]) -> object:
    """List the days of a year that differ from the week, with their source."""
    return {"items": queries.list_days(unit(), query["year"])}


@calendars.put("/days/<on>")
@calendars.takes(schemas.DayInput, example={"is_working": False, "label": "Nghỉ bù", "source": "QĐ 01"})
@calendars.gives(None, 204)
def set_day(body: dict[str, Any], on: str) -> Response:
    """Set a day off, or a make-up working day."""
    actions.set_days(unit(), [OfficialDay(on=_day(on), **body)])
    return Response(status=204)


@calendars.delete("/days/<on>")
@calendars.gives(None, 204)
def remove_day(on: str) -> Response:
    """Let a day be as the week and the agencies above have it."""
    actions.remove_day(unit(), _day(on))
    return Response(status=204)


@calendars.post("/years")
@calendars.takes(schemas.YearQuery, example={"year": 2027})
@calendars.gives(schemas.Days, 201)
def fill_year(body: dict[str, Any]) -> object:
    """Fill in the public holidays of a year, lunar ones computed, with rest and swapped days."""
    actions.fill_year(unit(), body["year"])
    return {"items": queries.list_days(unit(), body["year"])}


@calendars.post("/table")
@calendars.takes(schemas.TableInput)
@calendars.gives(schemas.ImportReport)
def import_table(body: dict[str, Any]) -> object:
    """Import a yearly table; a dry run tells every problem by row and writes nothing."""
    report = actions.import_days(unit(), body["csv"], dry_run=body["dry_run"])
    problems = [
        {"code": one.code, "detail": one.vi, "line": one.line, "pointer": "/csv"} for one in report.problems
    ]
    return {"read": report.read, "written": report.written, "problems": problems}


@calendars.get("/seasons")
@calendars.gives(schemas.Seasons)
def list_seasons() -> object:
    """List the hours of work by season."""
    return {"items": queries.list_seasons(unit())}


@calendars.post("/seasons")
@calendars.takes(schemas.SeasonInput)
@calendars.gives(Created, 201)
def add_season(body: dict[str, Any]) -> object:
    """Set the hours of work for a stretch of dates."""
    return {"id": actions.add_season(unit(), **body)}


@calendars.delete("/seasons/<uuid:season_id>")
@calendars.gives(None, 204)
def remove_season(season_id: UUID) -> Response:
    """Take a season back."""
    actions.remove_season(unit(), season_id)
    return Response(status=204)


@calendars.get("/moved-deadlines")
@calendars.gives(schemas.MovedList)
def preview_deadlines() -> object:
    """List the open deadlines that the calendar, as it is now, would move."""
    return {"items": moved_by(unit())}


@calendars.post("/moved-deadlines")
@calendars.takes(Reason)
@calendars.gives(schemas.MovedList)
def recompute_deadlines(body: dict[str, Any]) -> object:
    """Move these deadlines; each keeps its old value in its ledger."""
    return {"items": deadlines.recompute(runtime().engine, unit(), body["reason"])}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        vi, en = "Ngày phải có dạng năm-tháng-ngày.", "A day is year-month-day."
        raise InvalidInput("calendar.day", vi, en, [Finding("calendar.day", vi, en, "/on")]) from None
