"""Registers printed when a month, a quarter or a year is over, signed and bound by the clerk (domain flow D10)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.numbering import SeriesKey
from service.storage import register
from service.storage.models import RegisterPrint, table_of
from service.worker import rounds
from tests.api.test_registers import add_document, columns
from tests.processes.desk import CLERK, Desk

PRINT = table_of(RegisterPrint)
INCOMING = SeriesKey("vptu", "incoming", "2026")
APRIL = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
MAY = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
BOUND = {"printed_on": "2026-04-01", "signed_by": "Nguyễn Thị Lan", "volume": "Quyển 1"}


@pytest.fixture
def clerical(desk: Desk) -> Desk:
    """A desk whose registers are printed by the calendar, with two arrivals of March."""
    desk.deploy_bundle("register_printing")
    with desk.unit(CLERK) as unit:
        for number in (1, 2):
            register.enter(unit, INCOMING, add_document(unit), columns(number))
    return desk


def printed(desk: Desk) -> list[tuple[str, str, str]]:
    """Return what is printed: form and days."""
    rows = desk.rows(PRINT)
    return sorted((row.form, row.from_on.isoformat(), row.to_on.isoformat()) for row in rows)


def wait_for(desk: Desk, instant: datetime) -> None:
    """Let the clock come to an instant and the worker run."""
    desk.clock.set(instant)
    while rounds.start_processes(desk.runtime):
        pass
    desk.run_jobs()


def bind_all(desk: Desk) -> None:
    """Let the clerk print, sign and bind whatever waits."""
    for task in desk.tasks():
        desk.do(CLERK, desk.completion(task.id, BOUND))
    desk.run_jobs()


@pytest.mark.clause("S1-4.2d4", "S3-7.2d4")
def test_in_april_march_and_the_first_quarter_are_printed(clerical: Desk) -> None:
    wait_for(clerical, APRIL)
    quarter, month = ("2026-01-01", "2026-03-31"), ("2026-03-01", "2026-03-31")
    assert printed(clerical) == sorted(
        (form, *span) for form in ("incoming", "handling") for span in (quarter, month)
    )
    titles = {task.subject for task in clerical.tasks()}
    assert "Sổ đăng ký văn bản đến – Quý I năm 2026" in titles
    assert len(titles) == 4


@pytest.mark.clause("S1-4.2d4", "S3-7.2d4")
def test_the_clerk_signs_and_binds_each_and_the_round_ends(clerical: Desk) -> None:
    wait_for(clerical, APRIL)
    (clerical.instance_id,) = {task.instance_id for task in clerical.tasks()}
    bind_all(clerical)
    assert {(row.signed_by, row.volume) for row in clerical.rows(PRINT)} == {("Nguyễn Thị Lan", "Quyển 1")}
    assert clerical.state(clerical.instance_id) == "completed"
    assert sorted(clerical.reached()) == [*["register_bound"] * 4, "registers_bound"]


@pytest.mark.clause("S1-4.2d4")
def test_at_the_years_end_the_whole_year_is_one_volume(clerical: Desk) -> None:
    wait_for(clerical, datetime(2027, 1, 1, 2, 0, tzinfo=UTC))
    assert ("incoming", "2026-01-01", "2026-12-31") in printed(clerical)


def test_months_without_entries_print_nothing(clerical: Desk) -> None:
    wait_for(clerical, APRIL)
    bind_all(clerical)
    count = len(printed(clerical))
    wait_for(clerical, MAY)
    assert len(printed(clerical)) == count
    assert clerical.tasks() == []
