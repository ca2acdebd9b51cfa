"""Deadlines of the incoming document: boundary timers on the working calendar (S0-6.4, S1-6.5, S3-10.4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.actions import deadlines, user_tasks
from service.queries.deadlines import read_deadline
from service.queries.user_tasks import read_view
from service.storage.models import UserTask, table_of
from service.worker import rounds
from tests.processes.desk import LEADER, SPECIALIST, UNIT_HEAD, Desk

TASK = table_of(UserTask)
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


def _ledger(desk: Desk, task_id: Any) -> list[str]:
    view = desk.do("giamsat", lambda unit: read_deadline(unit, task_id))
    return [entry.kind for entry in view.ledger]


@pytest.mark.clause("S0-11g5", "S0-11g4")
def test_an_extension_that_the_giver_granted_stays_when_progress_is_told_and_papers_are_waited_for(
    desk: Desk,
) -> None:
    desk.enter()
    desk.to_handling(due_on="2026-03-06")
    task = desk.task("work_on_document", desk.instance_id)
    desk.do(SPECIALIST, lambda unit: user_tasks.claim(unit, task.id, None))
    reason = "Chờ số liệu quý I"
    asked = desk.do(SPECIALIST, lambda unit: deadlines.ask_extension(unit, task.id, _at(12, 17), reason))
    desk.do(
        UNIT_HEAD,
        lambda unit: deadlines.decide_extension(desk.engine, unit, asked, "Đồng ý", approve=True),
    )
    desk.finish("work_on_document", {"outcome": "progress", "report": "Đã tổng hợp"}, SPECIALIST)
    assert desk.task("work_on_document", desk.instance_id).due_at == _at(12, 17)
    desk.finish("work_on_document", {"outcome": "wait", "report": "Chờ xác minh"}, SPECIALIST)
    waiting = desk.task("resume_work", desk.instance_id)
    assert (waiting.due_at, waiting.deadline["clause"]) == (_at(12, 17), "S0-10.3g1")
    desk.clock.set(_at(9, 8))
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.finish("resume_work", {"report": "Đã xác minh"}, SPECIALIST)
    desk.clock.set(_at(12, 17))
    desk.fire()
    (late,) = desk.trace("deadline_passed")
    assert late["due_at"].startswith("2026-03-12")


@pytest.mark.clause("S4-6.2b")
def test_the_clock_stands_while_the_sender_is_asked_and_the_work_goes_on_under_the_moved_deadline(
    desk: Desk,
) -> None:
    desk.receive()
    desk.to_handling()
    asking = {"outcome": "wait", "report": "Đề nghị nơi gửi bổ sung phụ lục", "waits_for": "sender"}
    desk.finish("work_on_document", asking, SPECIALIST)
    waiting = desk.task("resume_work", desk.instance_id)
    assert waiting.due_at == _at(9, 17)
    desk.clock.set(_at(3, 9))
    assert rounds.follow_states(desk.runtime) == 1
    assert _ledger(desk, waiting.id) == ["paused"]
    desk.clock.set(_at(9, 18))
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.clock.set(_at(10, 8))
    desk.finish("resume_work", {"report": "Đã nhận phụ lục"}, SPECIALIST)
    assert _ledger(desk, waiting.id) == ["paused", "resumed", "recomputed"]
    assert desk.task("work_on_document", desk.instance_id).due_at == _at(16, 17)
    desk.clock.set(_at(16, 17))
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["handling"]


def test_an_answer_that_comes_before_the_worker_looked_moves_the_deadline_as_well(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    asking = {"outcome": "wait", "report": "Hỏi nơi gửi", "waits_for": "sender"}
    desk.finish("work_on_document", asking, SPECIALIST)
    desk.clock.set(_at(4, 8))
    desk.finish("resume_work", {"report": "Đã trả lời"}, SPECIALIST)
    assert desk.task("work_on_document", desk.instance_id).due_at == _at(10, 17)


@pytest.mark.clause("S0-11g4")
def test_whoever_gave_the_work_is_named_on_it(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    (work,) = desk.rows(TASK, TASK.c.element_id == "work_on_document")
    (share,) = desk.rows(TASK, TASK.c.element_id == "assign_specialist")
    assert (share.assigner, work.assigner) == (f"user:{LEADER}", f"user:{UNIT_HEAD}")
