"""Handling an incoming document leads to an assignment, which ends with the document's recall (D1, D4, D8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.actions import spills
from service.actions.assignments import read_assignment
from service.domain.errors import NotFound
from service.queries.document_access import sees
from service.queries.task_detail import read_task
from service.storage.models import ProcessInstance, table_of
from service.worker import rounds
from tests.processes.assignment_desk import (
    ASSIGNMENT,
    COLLEAGUE,
    LEADER,
    OTHER_HEAD,
    SPECIALIST,
    UNIT_HEAD,
    AssignmentDesk,
)
from tests.processes.desk import CLERK, Desk
from tests.stored_words import rows_with

INSTANCE = table_of(ProcessInstance)
PROPOSED = {
    "outcome": "assign",
    "task_content": "Cung cấp số liệu năm 2025",
    "lead_person": COLLEAGUE,
    "report": "Cần số liệu để trả lời",
    "task_due_on": "2026-03-06",
}


@pytest.fixture
def assigning(desk: Desk) -> AssignmentDesk:
    """The desk of incoming documents, at which work is given too."""
    made = AssignmentDesk(desk.runtime, desk.office, desk.clock)
    made.deploy_bundle("task_assignment")
    return made


def _propose(desk: AssignmentDesk, **changes: Any) -> None:
    desk.receive()
    desk.to_handling()
    desk.finish("work_on_document", PROPOSED | changes, SPECIALIST)
    desk.send()


def _sees(desk: AssignmentDesk, login: str) -> bool:
    document_id = desk.document_id
    return bool(desk.do(login, lambda unit: sees(unit, document_id)))


def _give(desk: AssignmentDesk, content: str = PROPOSED["task_content"]) -> None:
    """Let the head of the unit give what was proposed, as it was proposed."""
    (work,) = desk.rows(INSTANCE, INSTANCE.c.key == "task_assignment")
    task = desk.task("describe_assignment", work.id)
    assert task.owners == (f"user:{UNIT_HEAD}",)
    shown = desk.do(UNIT_HEAD, lambda unit: read_task(desk.engine, unit, task.id)).data
    known = {name: value for name, value in shown.items() if value is not None}
    assert known["content"] == content
    desk.do(UNIT_HEAD, desk.completion(task.id, known | {"decision": "give"}))
    desk.run_jobs()


@pytest.mark.clause("S0-11g1", "S0-11g3")
def test_what_a_specialist_proposes_from_a_document_is_given_by_who_gave_the_work(
    assigning: AssignmentDesk,
) -> None:
    desk = assigning
    _propose(desk)
    assert desk.waits_at(desk.instance_id) == ["work_on_document"]
    assert desk.trace("progress")[-1]["text"] == "Cần số liệu để trả lời"
    assert desk.rows(ASSIGNMENT) == []
    assert not _sees(desk, COLLEAGUE)
    _give(desk)
    (given,) = desk.rows(ASSIGNMENT)
    assert (given.document_id, given.content) == (desk.document_id, "Cung cấp số liệu năm 2025")
    assert given.assigner_id == desk.office.accounts[UNIT_HEAD]
    assert (given.lead_id, given.state) == (desk.office.accounts[COLLEAGUE], "given")
    assert _sees(desk, COLLEAGUE)  # who is given work from a document reads it
    assert not _sees(desk, OTHER_HEAD)


@pytest.mark.clause("S0-6.5", "S0-11g3")
@pytest.mark.parametrize("is_finished", [False, True])
def test_the_recall_of_a_document_ends_the_work_that_was_given_because_of_it(
    assigning: AssignmentDesk, is_finished: bool
) -> None:
    desk = assigning
    desk.deploy_bundle("late_recall")
    _propose(desk)
    _give(desk)
    if is_finished:
        desk.to_completion()
    desk.instance_id = desk.recall().instance_id
    if is_finished:
        assert desk.rows(ASSIGNMENT)[0].state == "given"  # a finished document may yet be kept
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    desk.send()
    (given,) = desk.rows(ASSIGNMENT)
    assert given.state == "cancelled"
    assert desk.state(given.instance_id) == "completed"
    assert {f"user:{COLLEAGUE}", f"user:{UNIT_HEAD}"} <= set(desk.notices("assignment_cancelled"))
    (cancelled,) = [one for one in desk.entries(given.id) if one.verb == "cancel"]
    assert cancelled.words == "Văn bản nguồn bị thu hồi. Ban hành nhầm"


@pytest.mark.clause("S0-4.4")
def test_a_spill_hides_the_work_given_from_the_document_and_wiping_takes_its_words(
    assigning: AssignmentDesk, owner: Any
) -> None:
    desk, secret = assigning, "Phương án tác chiến phòng thủ của tỉnh"
    _propose(desk, task_content=secret, report=f"Làm ngay: {secret}")
    _give(desk, secret)
    (given,) = desk.rows(ASSIGNMENT)
    desk.instance_id = given.instance_id
    desk.finish("receive_assignment", {"decision": "accept"}, COLLEAGUE)
    desk.work({"outcome": "progress", "percent": 10, "words": f"Đã đọc {secret}"}, COLLEAGUE)
    desk.send()
    assert rows_with(owner, secret)
    spill = desk.do(
        SPECIALIST, lambda unit: spills.report_spill(unit, desk.document_id, "secret", "Có nội dung bí mật")
    )
    for login in (COLLEAGUE, LEADER):
        with pytest.raises(NotFound):
            desk.do(login, lambda unit: read_assignment(unit, given.id))
    actor = replace(desk.office.actor_for(LEADER), stepped_up_at=desk.clock.now())
    with desk.runtime.database.unit_of_work(actor) as unit:
        spills.decide_spill(desk.engine, unit, spill.id, "wipe", "Đã thẩm định")
    assert rounds.wipe_spills(desk.runtime) == 1
    assert rows_with(owner, secret) == []
    assert desk.assignment(given.id).state == "cancelled"
