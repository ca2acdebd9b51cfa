"""Assignments over the API through their real process: given, worked on, extended, confirmed, cancelled by order."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.api.callers import Caller, assert_problem
from tests.processes.assignment_desk import LEADER, SPECIALIST, UNIT_HEAD, AssignmentDesk
from tests.processes.desk import AUDIT

PATH = "/api/v1/assignments"
DEPUTY, MONITOR = "vanthu2", "phochanhvp"
BODY = {
    "content": "Rà soát chế độ báo cáo",
    "lead": "unit:tong_hop",
    "coordinators": ["unit:hanh_chinh"],
    "monitor": MONITOR,
    "due_on": "2026-03-06",
}


@pytest.fixture
def desk(runtime, office, clock) -> AssignmentDesk:
    """A desk with the assignment deployed."""
    made = AssignmentDesk(runtime, office, clock)
    made.deploy_bundle("task_assignment")
    return made


def _give(caller: Caller, **changes: Any) -> str:
    answer = caller.post(PATH, BODY | changes)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return f"{PATH}/{answer.json['id']}"


def _complete(caller: Caller, place: str, data: dict[str, Any]) -> None:
    (task,) = caller.get(place).json["tasks"]
    answer = caller.post(f"/api/v1/tasks/{task['id']}/complete", {"data": data})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def _order(caller: Caller, authority: str) -> None:
    days = {"from_on": "2026-03-02", "to_on": "2026-03-31"}
    order = {"delegate": DEPUTY, "authorities": [authority], "basis": "12-QĐ/VP", **days}
    assert caller.post("/api/v1/delegations", order).status_code == 201


@pytest.mark.clause("S0-11g1", "S0-11g2", "S0-11g4", "S0-11g5")
def test_what_was_given_is_followed_to_its_end_with_an_extension_on_the_way(
    desk: AssignmentDesk, sign_in
) -> None:
    leader, head, doer = sign_in(LEADER), sign_in(UNIT_HEAD), sign_in(SPECIALIST)
    place = _give(leader)
    given = leader.get(place).json
    assert (given["state"], given["assigner"]["login"], given["tasks"]) == ("given", LEADER, [])
    assert "17:00" in given["deadline"]["derivation_vi"]
    _complete(head, place, {"decision": "accept", "handler": SPECIALIST})
    _complete(doer, place, {"outcome": "progress", "percent": 40, "words": "Đã lập danh mục"})
    shown = sign_in(MONITOR).get(place).json
    assert (shown["state"], shown["percent"]) == ("in_progress", 40)
    assert [one["login"] for one in shown["handlers"]] == [SPECIALIST]
    assert shown["verbs"] == ["note", "urge"]
    urged = sign_in(MONITOR).post(f"{place}/urging", {"words": "Đề nghị sớm"})
    assert f"user:{SPECIALIST}" in urged.json["to"]

    (task,) = doer.get(place).json["tasks"]
    assert doer.post(f"/api/v1/tasks/{task['id']}/claim").status_code == 200
    later = {"due_at": "2026-03-13T10:00:00+00:00", "reason": "Chờ số liệu"}
    asked = doer.post(f"/api/v1/deadlines/{task['id']}/extensions", later)
    decided = f"/api/v1/deadlines/extensions/{asked.json['id']}"
    assert leader.post(decided, {"approve": True, "reason": "Đồng ý"}).status_code == 204
    moved = doer.get(place).json
    assert moved["due_at"].startswith("2026-03-13T10:00")
    assert moved["first_due_at"] == given["due_at"]

    desk.advance(days=7)
    leader, doer = sign_in(LEADER), sign_in(SPECIALIST)
    assert not leader.get(place).json["is_overdue"], "the extension holds"
    _complete(doer, place, {"outcome": "report", "words": "Đã xong"})
    _complete(leader, place, {"decision": "accept"})
    done = doer.get(place).json
    assert (done["state"], done["is_late"], done["percent"]) == ("completed", False, 100)
    assert done["result"] == "Đã xong"
    assert [one["verb"] for one in done["entries"]] == [
        "give",
        "accept",
        "progress",
        "urge",
        "amend",
        "report",
        "confirm",
    ]
    assert done["verbs"] == []
    assert leader.get(f"{PATH}/summary").json["units"][0]["on_time"] == 1
    assert_problem(leader.post(f"{place}/cancellation", {"reason": "a"}), 409, "action.wrong_state")


@pytest.mark.clause("S4-7c")
def test_the_holder_of_an_order_gives_and_cancels_in_the_givers_place_with_both_names(
    desk: AssignmentDesk, sign_in
) -> None:
    assert_problem(sign_in(DEPUTY).post(PATH, BODY), 403, "action.forbidden")
    _order(sign_in(LEADER), "assign")
    deputy = sign_in(DEPUTY)
    place = _give(deputy, on_behalf_of=LEADER)
    shown = deputy.get(place).json
    assert shown["acting_for"] == {"login": LEADER, "full_name": "Trần Văn Minh", "basis": "12-QĐ/VP"}
    assert (shown["assigner"]["login"], shown["verbs"]) == (LEADER, ["note", "cancel"])
    assert_problem(deputy.post(f"{place}/urging", {}), 403, "action.forbidden")
    _order(sign_in(LEADER), "supervise")
    deputy = sign_in(DEPUTY)
    assert deputy.post(f"{place}/urging", {}).json == {"to": ["role:unit_head@unit:tong_hop"]}
    assert_problem(sign_in(UNIT_HEAD).post(f"{place}/cancellation", {"reason": "a"}), 403, "action.forbidden")
    answer = deputy.post(f"{place}/cancellation", {"reason": "Không còn cần"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert (answer.json["state"], answer.json["tasks"]) == ("cancelled", [])
    steps = [(one["verb"], one["by"], one["on_behalf_of"]) for one in answer.json["entries"]]
    assert steps == [(verb, DEPUTY, LEADER) for verb in ("give", "urge", "cancel")]
    assert answer.json["entries"][-1]["words"] == "Không còn cần"
    with desk.unit() as unit:
        wanted = AUDIT.c.action.in_(("assignment.give", "assignment.cancel", "assignment.read"))
        rows = unit.session.execute(select(AUDIT.c.actor_id, AUDIT.c.on_behalf_of_id).where(wanted)).all()
    people = desk.office.accounts
    assert set(rows) == {(people[DEPUTY], people[LEADER])}


@pytest.mark.clause("S0-10.2")
def test_an_aide_gives_in_the_leaders_name(desk: AssignmentDesk, sign_in) -> None:
    place = _give(sign_in("troly"), on_behalf_of=LEADER)
    (entry,) = sign_in(LEADER).get(place).json["entries"]
    assert (entry["by"], entry["on_behalf_of"]) == ("troly", LEADER)
    own = assert_problem(sign_in("troly").post(PATH, BODY), 422, "assignment.invalid")
    assert own["errors"][0]["code"] == "assignment.out_of_reach"
