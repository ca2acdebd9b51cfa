"""A leader's words, entered by an aide, confirmed or corrected by the leader; nothing is rewritten (S0-10.2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.storage.models import Outbox, table_of
from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start

LEADER, AIDE = "chanhvp", "troly"
WRONG = {"is_approved": True}
OUTBOX = table_of(Outbox)


@pytest.fixture
def entered(sign_in):
    """A task of the leader that the aide completed on the leader's behalf: its id."""
    deploy(sign_in("phantich"))
    clerk = sign_in("vanthu")
    start(clerk, {"topic": "a"})
    clerk.post(f"/api/v1/tasks/{only_task(clerk)['id']}/complete", {"data": {"text": "a"}})
    aide = sign_in(AIDE)
    task = only_task(aide, "assisted")
    body = {"data": WRONG, "on_behalf_of": LEADER}
    assert aide.post(f"/api/v1/tasks/{task['id']}/complete", body).status_code == 200
    return task["id"]


def answer(caller, task, outcome="confirmed", words=""):
    return caller.post(f"/api/v1/tasks/{task}/confirmation", {"outcome": outcome, "words": words})


def waiting(caller):
    return [one["id"] for one in caller.get("/api/v1/tasks?scope=to_confirm").json["items"]]


@pytest.mark.clause("S0-10.2")
def test_the_leader_finds_what_was_entered_for_them_and_confirms_it_once(sign_in, entered):
    leader = sign_in(LEADER)
    assert waiting(leader) == [entered]
    assert leader.get("/api/v1/tasks").json["counts"]["to_confirm"] == 1
    task = leader.get(f"/api/v1/tasks/{entered}").json
    assert task["submission"] == WRONG
    assert task["done_for"] == {
        "by": "Phạm Quốc Anh",
        "for_login": LEADER,
        "for_name": "Trần Văn Minh",
        "is_by_order": False,
        "basis": "",
    }
    done = answer(leader, entered)
    assert done.status_code == 201
    assert (done.json["outcome"], done.json["by"], done.json["words"]) == ("confirmed", LEADER, "")
    assert waiting(leader) == []
    assert_problem(answer(leader, entered, "corrected", "Khác"), 409, "confirmation.answered")


@pytest.mark.clause("S0-3.3", "S0-10.2")
def test_a_correction_stands_beside_the_words_that_were_entered(sign_in, entered, database, office):
    leader = sign_in(LEADER)
    words = "Chưa đồng ý, đề nghị trình lại"
    assert answer(leader, entered, "corrected", words).status_code == 201
    task = leader.get(f"/api/v1/tasks/{entered}").json
    assert (task["submission"], task["confirmation"]["words"]) == (WRONG, words)
    timeline = leader.get(f"/api/v1/instances/{task['instance_id']}/timeline").json["items"]
    (entry,) = [one for one in timeline if one["confirmation"]]
    assert (entry["actor"], entry["on_behalf_of"]) == (AIDE, LEADER)
    assert (entry["data"], entry["confirmation"]["words"]) == (WRONG, words)
    query = f"action=user_task.confirm&object_id={entered}"
    (event,) = sign_in("giamsat").get(f"/api/v1/audit-events?{query}").json["items"]
    assert event["actor"] == LEADER
    assert event["details"] == {"outcome": "corrected", "entered_by": AIDE}
    with database.unit_of_work(office.system) as unit:
        told = unit.session.execute(select(OUTBOX).where(OUTBOX.c.destination == f"user:{AIDE}")).all()
    assert [one.payload["kind"] for one in told if one.channel == "notice"] == ["words_corrected"]
    assert words not in str([one.payload for one in told])


def test_a_correction_has_words(sign_in, entered):
    refused = answer(sign_in(LEADER), entered, "corrected", "  ")
    assert assert_problem(refused, 422, "confirmation.words")["errors"][0]["pointer"] == "/words"


@pytest.mark.parametrize(
    ("login", "status", "code"),
    [
        (AIDE, 403, "action.forbidden"),
        ("phochanhvp", 403, "action.forbidden"),
        ("giamsat", 403, "action.forbidden"),
        ("cv.tonghop1", 404, "user_task.not_found"),
    ],
)
def test_nobody_confirms_in_the_leaders_place(sign_in, entered, login, status, code):
    assert_problem(answer(sign_in(login), entered), status, code)
    assert waiting(sign_in(login)) == []


def test_what_a_deputy_decided_by_order_needs_no_confirmation(sign_in):
    deploy(sign_in("phantich"))
    clerk, head, deputy = sign_in("vanthu"), sign_in(LEADER), sign_in("phochanhvp")
    start(clerk, {"topic": "a"})
    clerk.post(f"/api/v1/tasks/{only_task(clerk)['id']}/complete", {"data": {"text": "a"}})
    order = {"delegate": "phochanhvp", "authorities": ["assign"], "basis": "12-QĐ/VP"}
    days = {"from_on": "2026-03-02", "to_on": "2026-03-03"}
    assert head.post("/api/v1/delegations", {**order, **days}).status_code == 201
    task = only_task(deputy)
    assert task["acting_for"] == {
        "by": None,
        "for_login": LEADER,
        "for_name": "Trần Văn Minh",
        "is_by_order": True,
        "basis": "12-QĐ/VP",
    }
    done = deputy.post(f"/api/v1/tasks/{task['id']}/complete", {"data": WRONG})
    assert done.status_code == 200
    assert waiting(head) == []
    assert_problem(answer(head, task["id"]), 409, "confirmation.by_order")
    shown = head.get(f"/api/v1/tasks/{task['id']}").json["done_for"]
    assert (shown["by"], shown["for_name"], shown["basis"]) == ("Lê Thị Hương", "Trần Văn Minh", "12-QĐ/VP")


def test_an_open_task_has_nothing_to_confirm(sign_in):
    deploy(sign_in("phantich"))
    start(sign_in("vanthu"), {"topic": "a"})
    task = only_task(sign_in("vanthu"))["id"]
    assert_problem(answer(sign_in("vanthu"), task), 409, "action.wrong_state")
