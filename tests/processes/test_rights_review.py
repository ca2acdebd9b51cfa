"""Each quarter every head looks through who may act as what in their unit (S0-9.3g3, S4-11.2d)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from service.storage.models import ProcessInstance, table_of
from service.worker import rounds
from tests.processes.desk import LEADER, OTHER_HEAD, UNIT_HEAD, Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
INSTANCE = table_of(ProcessInstance)


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk with a review that the head of office asked for."""
    desk.deploy_bundle("rights_review")
    desk.instance_id = desk.start("rights_review", login=LEADER)
    return desk


def answer(desk: Desk, login: str, **view: str) -> None:
    """Complete the review that waits for a person."""
    (task,) = [one for one in desk.tasks(desk.instance_id, login) if login_owns(one, login)]
    desk.do(login, desk.completion(task.id, view))


def login_owns(task, login: str) -> bool:
    place = {UNIT_HEAD: "tong_hop", OTHER_HEAD: "hanh_chinh", "tp.coyeu": "co_yeu"}.get(login)
    return place is not None and list(task.owners) == [f"role:unit_head@unit:{place}"]


def finish_rest(desk: Desk) -> None:
    """Let everybody who has not answered yet say that all is right."""
    owners = {"role:head_of_office": LEADER, "role:unit_head@unit:tong_hop": UNIT_HEAD}
    owners |= {"role:unit_head@unit:hanh_chinh": OTHER_HEAD, "role:unit_head@unit:co_yeu": "tp.coyeu"}
    for task in desk.tasks(desk.instance_id):
        desk.do(owners[next(iter(task.owners))], desk.completion(task.id, {"decision": "right"}))


@pytest.mark.clause("S0-9.3g3", "S4-11.2d")
def test_every_head_gets_the_people_and_rights_of_their_unit(asked: Desk) -> None:
    owners = sorted(next(iter(task.owners)) for task in asked.tasks(asked.instance_id))
    assert owners == [
        "role:head_of_office",
        "role:head_of_office",
        "role:unit_head@unit:co_yeu",
        "role:unit_head@unit:hanh_chinh",
        "role:unit_head@unit:tong_hop",
    ]
    units = {one["code"]: one for one in asked.variables(asked.instance_id)["review_units"]}
    assert "Vũ Ngọc Mai (Chuyên viên): Chuyên viên" in units["tong_hop"]["lines"]
    assert "Trần Văn Minh" in units[None]["lines"]
    assert {task.deadline["clause"] for task in asked.tasks(asked.instance_id)} == {"S4-11.2d"}


def test_a_review_without_changes_ends_by_itself(asked: Desk) -> None:
    finish_rest(asked)
    assert asked.reached() == ["rights_reviewed"]
    assert asked.state(asked.instance_id) == "completed"


@pytest.mark.clause("S1-4.2b3")
def test_what_units_ask_for_goes_to_the_administrator(asked: Desk) -> None:
    answer(asked, UNIT_HEAD, decision="change", note="Chị Mai đã chuyển công tác")
    answer(asked, OTHER_HEAD, decision="change", note="Thêm anh Nam")
    finish_rest(asked)
    wishes = asked.variables(asked.instance_id)["wishes"]
    assert "Phòng Tổng hợp: Chị Mai đã chuyển công tác" in wishes
    assert "Phòng Hành chính - Quản trị: Thêm anh Nam" in wishes
    asked.finish("correct_rights", {"note": "Đã điều chỉnh"}, "quantri")
    assert asked.reached() == ["rights_corrected"]


@pytest.mark.clause("S4-11.2d")
def test_a_review_begins_by_itself_each_quarter(desk: Desk) -> None:
    desk.deploy_bundle("rights_review")
    begun: list[UUID] = []
    for month in (4, 7):
        desk.clock.set(datetime(2026, month, 5, 8, 0, tzinfo=HANOI))
        assert rounds.start_processes(desk.runtime) == 1
        assert rounds.start_processes(desk.runtime) == 0
        with desk.unit() as unit:
            begun = list(unit.session.execute(select(INSTANCE.c.id)).scalars())
    assert len(begun) == 2
