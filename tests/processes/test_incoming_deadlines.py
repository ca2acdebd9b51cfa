"""Deadlines of the incoming document: boundary timers on the working calendar (S0-6.4, S1-6.5, S3-10.4)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from service.queries.user_tasks import read_view
from tests.processes.desk import SPECIALIST, UNIT_HEAD, Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=HANOI)


@pytest.mark.clause("S0-6.4", "S3-10.4a", "S3-18.1b")
def test_a_document_of_office_hours_must_be_transferred_the_same_day(desk: Desk) -> None:
    desk.clock.set(_at(5, 16, 50))
    desk.enter()
    desk.to_registration()
    task = desk.task("present_document", desk.instance_id)
    assert task.due_at == _at(6, 0)
    assert task.deadline["clause"] == "S0-6.4"
    desk.clock.set(_at(5, 23, 59))
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.clock.set(_at(6, 0))
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["transfer"]
    assert desk.reached() == ["late_transfer_reported"]


@pytest.mark.clause("S0-6.4")
def test_a_document_out_of_hours_must_be_transferred_the_next_working_morning(desk: Desk) -> None:
    desk.clock.set(_at(6, 18, 10))
    desk.enter()
    desk.clock.set(_at(9, 8))
    desk.to_registration()
    assert desk.task("present_document", desk.instance_id).due_at == _at(9, 11, 30)


@pytest.mark.clause("S1-4.2a", "S3-7.2a")
def test_a_late_transfer_goes_to_the_head_of_office_and_the_task_stays(desk: Desk) -> None:
    desk.enter()
    desk.to_registration()
    desk.advance(hours=24)
    desk.fire()
    assert desk.notices("deadline_passed") == ["role:head_of_office"]
    (line,) = desk.trace("deadline_passed")
    assert line["clause"] == "S0-6.4"
    assert "trong ngày Thứ Hai 02/03/2026" in line["derivation"]
    assert desk.waits_at(desk.instance_id) == ["present_document"]
    desk.finish("present_document", {"route": "leader"})
    assert desk.waits_at(desk.instance_id) == ["give_direction"]


@pytest.mark.clause("S1-6.5", "S3-10.4b")
def test_an_urgent_document_is_presented_at_once(desk: Desk) -> None:
    desk.enter(urgency="flash")
    desk.to_registration()
    task = desk.task("present_document", desk.instance_id)
    assert task.urgency == "flash"
    assert task.due_at == _at(2, 8, 30)
    assert task.deadline["clause"] == "S1-6.5 S3-10.4b"


@pytest.mark.clause("S0-7.2", "S4-7b")
def test_a_unit_that_does_not_assign_in_24_hours_is_reported(desk: Desk) -> None:
    desk.enter()
    desk.to_assignment()
    desk.advance(hours=24)
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["assignment"]
    assert desk.notices("deadline_passed") == [
        "role:head_of_office",
        "role:leader",
        "role:unit_head@unit:tong_hop",
    ]
    assert desk.reached() == ["late_assignment_reported"]
    desk.finish("assign_specialist", {"decision": "handle_self"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["start_handling"]


@pytest.mark.clause("S0-6.7", "S0-11g4", "S4-7")
def test_overdue_handling_is_reported_to_those_who_assigned_and_goes_on(desk: Desk) -> None:
    desk.enter()
    desk.to_handling({"due_on": "2026-03-04"})
    task = desk.task("work_on_document", desk.instance_id)
    assert task.due_at == _at(4, 17)
    desk.clock.set(_at(4, 17))
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["handling"]
    assert desk.notices("deadline_passed") == [
        "role:leader",
        "role:unit_head@unit:tong_hop",
        f"user:{SPECIALIST}",
    ]
    desk.to_completion()
    assert desk.reached()[-1] == "document_completed"
    assert "overdue_reported" in desk.reached()


@pytest.mark.clause("S0-10.3g1")
def test_the_unit_heads_deadline_wins_over_the_default(desk: Desk) -> None:
    desk.enter()
    desk.to_handling(due_on="2026-03-06")
    task = desk.task("work_on_document", desk.instance_id)
    assert task.due_at == _at(6, 17)
    assert task.deadline["clause"] == "S0-10.3g1"


def test_without_a_set_day_the_default_is_five_working_days(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    assert desk.task("work_on_document", desk.instance_id).due_at == _at(9, 17)


@pytest.mark.clause("S0-11g5")
@pytest.mark.parametrize(("finished_at", "is_late"), [(_at(6, 16, 59), False), (_at(9, 9), True)])
def test_an_assignee_tells_progress_and_finishes_in_time_or_is_shown_as_late(
    desk: Desk, finished_at: datetime, is_late: bool
) -> None:
    desk.enter()
    desk.to_handling(due_on="2026-03-06")
    desk.finish(
        "work_on_document", {"outcome": "progress", "percent": 60, "report": "Đã dự thảo"}, SPECIALIST
    )
    desk.clock.set(finished_at)
    task = desk.task("work_on_document", desk.instance_id)
    desk.finish("work_on_document", {"outcome": "done", "result": "advised"}, SPECIALIST)
    view = desk.do(SPECIALIST, lambda unit: read_view(unit, task.id))
    assert (view.due_at, view.completed_at, view.is_overdue) == (_at(6, 17), finished_at, is_late)
    assert [(line["percent"], line["text"]) for line in desk.trace("progress")] == [(60, "Đã dự thảo")]


@pytest.mark.clause("S3-8.1", "S4-6.1")
def test_progress_does_not_move_the_deadline(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    due = desk.task("work_on_document", desk.instance_id).due_at
    desk.advance(hours=30)
    desk.finish("work_on_document", {"outcome": "progress", "report": "Đang làm"}, SPECIALIST)
    assert desk.task("work_on_document", desk.instance_id).due_at == due
