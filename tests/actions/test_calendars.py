"""Keeping an agency's calendar: holidays of a year, a table from a file, seasons, what is inherited."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import text

from service.actions import calendars, organisation
from service.domain.actors import system_actor
from service.domain.calendar import OFFICE_SESSIONS, WorkSession
from service.domain.errors import Forbidden, InvalidInput, NotFound
from service.domain.holidays import OfficialDay
from service.queries.calendars import list_days, list_seasons
from service.storage.calendars import read_calendar
from tests.factories import Office

TABLE = """on,kind,label,source
2026-01-02,off,Nghỉ hoán đổi,12729/VPCP-KGVX
10/01/2026,làm bù,Làm bù cho 02/01,12729/VPCP-KGVX
"""
SUMMER = {str(day): [["07:00", "11:00"], ["14:00", "17:00"]] for day in range(1, 6)}


@pytest.fixture
def keep(database, office: Office):
    """Return a function that opens a unit of work of one who keeps the calendar."""

    def opened(login: str = "vanthu"):
        return database.unit_of_work(office.actor_for(login))

    return opened


@pytest.fixture
def child(keep, database) -> object:
    """Units of work of an agency under the office."""
    with keep("quantri") as unit:
        agency_id = organisation.create_agency(unit, "xa_mau", "Xã mẫu", "party")
    return lambda: database.unit_of_work(system_actor(agency_id, "xa_mau"))


def test_a_year_of_holidays_is_filled_in_with_sources(keep) -> None:
    with keep() as unit:
        calendars.fill_year(unit, 2026)
    with keep() as unit:
        days = {day.on: day for day in list_days(unit, 2026)}
        calendar = read_calendar(unit)
    assert days[date(2026, 2, 17)].label == "Tết Nguyên đán"
    assert days[date(2026, 4, 27)].source.endswith("BLLĐ 2019 Đ111.3")
    assert calendar.is_working_day(date(2026, 1, 10))
    assert not calendar.is_working_day(date(2026, 4, 27))


def test_a_year_that_cannot_be_computed_is_refused(keep) -> None:
    with keep() as unit, pytest.raises(InvalidInput) as refusal:
        calendars.fill_year(unit, 2051)
    assert refusal.value.findings[0].pointer == "/year"


def test_only_those_who_keep_the_calendar_may_change_it(keep) -> None:
    with keep("cv.tonghop1") as unit:
        for change in (
            lambda: calendars.fill_year(unit, 2026),
            lambda: calendars.set_days(unit, []),
            lambda: calendars.remove_day(unit, date(2026, 1, 1)),
            lambda: calendars.import_days(unit, TABLE, dry_run=True),
        ):
            with pytest.raises(Forbidden):
                change()


def test_a_table_is_read_without_writing_and_then_written(keep) -> None:
    with keep() as unit:
        report = calendars.import_days(unit, TABLE, dry_run=True)
        assert (report.read, report.written, report.problems) == (2, 0, [])
        assert list_days(unit, 2026) == []
    with keep() as unit:
        assert calendars.import_days(unit, "\ufeff" + TABLE, dry_run=False).written == 2
    with keep() as unit:
        assert [day.is_working for day in list_days(unit, 2026)] == [False, True]


def test_every_problem_of_a_table_is_told_by_row_and_nothing_is_written(keep) -> None:
    table = TABLE + "2026-02-30,off,x,y\n2026-01-02,off,lặp,y\n2026-03-01,maybe,,y\n2026-03-02,off\n"
    with keep() as unit:
        report = calendars.import_days(unit, table, dry_run=True)
        assert [(problem.line, problem.code) for problem in report.problems] == [
            (4, "calendar.day"),
            (5, "calendar.repeated"),
            (6, "calendar.kind"),
            (6, "calendar.label"),
            (7, "calendar.columns"),
        ]
        assert report.problems[0].vi.startswith("Dòng 4:")
        with pytest.raises(InvalidInput):
            calendars.import_days(unit, table, dry_run=False)
        assert list_days(unit, 2026) == []


def test_a_table_without_its_header_is_refused(keep) -> None:
    with keep() as unit:
        (problem,) = calendars.import_days(unit, "ngày;loại\n", dry_run=True).problems
    assert (problem.code, problem.line) == ("calendar.header", 1)


def test_a_season_changes_the_hours_of_its_dates_only(keep) -> None:
    days = (date(2026, 4, 15), date(2026, 10, 15))
    with keep() as unit:
        season = calendars.add_season(unit, *days, SUMMER, label="Giờ mùa hè", source="QĐ mẫu")
    with keep() as unit:
        calendar = read_calendar(unit)
        assert calendar.sessions_on(date(2026, 6, 8))[0] == WorkSession(time(7), time(11))
        assert calendar.sessions_on(date(2026, 3, 9)) == OFFICE_SESSIONS
        assert [(found.id, found.is_inherited) for found in list_seasons(unit)] == [(season, False)]
        calendars.remove_season(unit, season)
    with keep() as unit:
        assert list_seasons(unit) == []
        with pytest.raises(NotFound):
            calendars.remove_season(unit, season)


@pytest.mark.parametrize(
    "week",
    [
        {"8": [["07:00", "11:00"]]},
        {"1": [["11:00", "07:00"]]},
        {"1": [["07:00", "12:00"], ["11:00", "17:00"]]},
        {"1": [["seven", "11:00"]]},
        {"1": ["07:00"]},
    ],
)
def test_hours_that_cannot_be_meant_are_refused(keep, week: dict) -> None:
    with keep() as unit, pytest.raises(InvalidInput) as refusal:
        calendars.add_season(unit, date(2026, 1, 1), date(2026, 2, 1), week, label="x", source="y")
    assert refusal.value.findings[0].pointer == "/week"


def test_a_season_that_ends_before_it_begins_is_refused(keep) -> None:
    with keep() as unit, pytest.raises(InvalidInput):
        calendars.add_season(unit, date(2026, 2, 1), date(2026, 1, 1), SUMMER, label="x", source="y")


def test_an_agency_inherits_its_parents_calendar_and_may_differ(keep, child) -> None:
    with keep() as unit:
        calendars.fill_year(unit, 2026)
        calendars.add_season(
            unit, date(2026, 4, 15), date(2026, 10, 15), SUMMER, label="Giờ mùa hè", source="QĐ mẫu"
        )
    own = OfficialDay(date(2026, 9, 1), True, "Trực Quốc khánh", "QĐ của xã")
    with child() as unit:
        assert not read_calendar(unit).is_working_day(date(2026, 9, 1))
        calendars.set_days(unit, [own])
    with child() as unit:
        calendar = read_calendar(unit)
        assert calendar.is_working_day(date(2026, 9, 1))
        assert not calendar.is_working_day(date(2026, 9, 2))
        assert calendar.sessions_on(date(2026, 6, 8))[0].opens == time(7)
        inherited = {day.on: day.is_inherited for day in list_days(unit, 2026)}
        assert (inherited[date(2026, 9, 1)], inherited[date(2026, 9, 2)]) == (False, True)
        calendars.remove_day(unit, date(2026, 9, 1))
        with pytest.raises(NotFound):
            calendars.remove_day(unit, date(2026, 9, 2))
    with keep() as unit:
        assert not read_calendar(unit).is_working_day(date(2026, 9, 1))


def test_another_agency_sees_nothing_of_the_calendar(keep, database, other_office: Office) -> None:
    with keep() as unit:
        calendars.fill_year(unit, 2026)
    with database.unit_of_work(other_office.system) as unit:
        assert list_days(unit, 2026) == []
        assert unit.session.execute(text("SELECT count(*) FROM calendar_day")).scalar() == 0


def test_every_change_of_the_calendar_is_audited(keep) -> None:
    with keep() as unit:
        calendars.import_days(unit, TABLE, dry_run=False)
        calendars.remove_day(unit, date(2026, 1, 2))
    with keep() as unit:
        rows = unit.session.execute(text("SELECT action, details FROM audit_event ORDER BY id")).all()
    assert [row.action for row in rows] == ["calendar.set_days", "calendar.remove_day"]
    assert rows[0].details["days"][0] == ["2026-01-02", False, "12729/VPCP-KGVX"]
