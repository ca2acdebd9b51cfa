"""Assignments on the real engine: given, taken up, worked on, reported, confirmed (flow D4; S0-11)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.errors import InvalidInput, NotFound
from service.queries.task_detail import read_task
from tests.processes.assignment_desk import (
    COLLEAGUE,
    DONE,
    LEADER,
    OTHER_HEAD,
    PARTY,
    SPECIALIST,
    UNIT_HEAD,
    AssignmentDesk,
    at,
)


@pytest.fixture
def desk(runtime, office, clock) -> AssignmentDesk:
    """A desk with the assignment deployed."""
    made = AssignmentDesk(runtime, office, clock)
    made.deploy_bundle("task_assignment")
    return made


def _shown(desk: AssignmentDesk, element: str, login: str) -> dict:
    task = desk.task(element, desk.instance_id)
    return dict(desk.do(login, lambda unit: read_task(desk.engine, unit, task.id)).data or {})


@pytest.mark.clause("S0-3.3", "S0-11g1", "S0-11g2", "S0-11g4", "S0-11g5")
def test_an_assignment_goes_from_its_assigner_to_the_unit_and_back_done_in_time(desk: AssignmentDesk) -> None:
    desk.give()
    task = desk.task("receive_assignment", desk.instance_id)
    assert task.owners == ("role:unit_head@unit:tong_hop",)
    assert task.due_at == at(6, 17)
    shown = _shown(desk, "receive_assignment", UNIT_HEAD)["assignment"]
    assert shown["lead_name"] == "Phòng Tổng hợp"
    assert shown["coordinator_names"] == "Phòng Hành chính - Quản trị"
    assert (shown["due_text"], shown["percent"]) == ("17:00 06/3/2026", 0)
    desk.finish("receive_assignment", {"decision": "accept", "handler": SPECIALIST}, UNIT_HEAD)
    desk.work({"outcome": "progress", "percent": 40, "words": "Đã lập danh mục"})
    assert (desk.assignment().state, desk.assignment().percent) == ("in_progress", 40)
    steps = _shown(desk, "work_on_assignment", SPECIALIST)["steps"]
    assert [one["step"] for one in steps] == ["Giao nhiệm vụ", "Nhận nhiệm vụ", "Cập nhật tiến độ"]
    desk.work(DONE)
    assert desk.assignment().state == "reported"
    assert desk.notices("assignment_reported") == [f"user:{LEADER}", "user:phochanhvp"]
    desk.finish("confirm_result", {"decision": "accept", "words": "Tốt"}, LEADER)
    assert desk.reached() == ["result_reported", "assignment_completed"]
    row = desk.assignment()
    assert (row.state, row.is_late, row.percent, row.result) == ("completed", False, 100, DONE["words"])
    by = {account: login for login, account in desk.office.accounts.items()}
    assert [(one.verb, by[one.by_id]) for one in desk.entries()] == [
        ("give", LEADER),
        ("accept", UNIT_HEAD),
        ("progress", SPECIALIST),
        ("report", SPECIALIST),
        ("confirm", LEADER),
    ]
    assert {row.reference for row in desk.rows(PARTY, PARTY.c.part == "lead")} == {
        "role:unit_head@unit:tong_hop",
        "role:unit_clerk@unit:tong_hop",
    }
