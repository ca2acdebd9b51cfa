"""Orders by which one person acts for another: found when it matters, shown with both names, ended in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.storage.models import UserTask, table_of
from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start
from tests.api.test_costs import MAX_STATEMENTS, counted

ORDER = {
    "delegate": "phochanhvp",
    "authorities": ["assign"],
    "from_on": "2026-03-02",
    "to_on": "2026-03-03",
    "basis": "12-QĐ/VP",
}
TASK = table_of(UserTask)


def give(caller, **changes):
    answer = caller.post("/api/v1/delegations", {**ORDER, **changes})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json


@pytest.fixture
def waiting(sign_in):
    """An instance whose note waits for the head of the office; its id."""
    deploy(sign_in("phantich"))
    clerk = sign_in("vanthu")
    instance = start(clerk, {"topic": "a"})
    written = clerk.post(f"/api/v1/tasks/{only_task(clerk)['id']}/complete", {"data": {"text": "a"}})
    assert written.status_code == 200
    return instance


def task_rows(database, office):
    with database.unit_of_work(office.system) as unit:
        return [dict(row) for row in unit.session.execute(select(TASK).order_by(TASK.c.id)).mappings()]


@pytest.mark.clause("S4-7c")
def test_a_deputy_sees_and_does_the_givers_task_and_no_row_changes_for_it(sign_in, waiting, database, office):
    head, deputy = sign_in("chanhvp"), sign_in("phochanhvp")
    before = task_rows(database, office)
    assert deputy.get("/api/v1/tasks").json["items"] == []
    order = give(head)
    assert order["state"] == "effective"
    assert task_rows(database, office) == before
    task = only_task(deputy, "delegated")
    assert task["verbs"] == ["forward", "save_draft", "complete", "comment"]
    assert deputy.get("/api/v1/tasks").json["counts"]["delegated"] == 1
    assert only_task(head)["id"] == task["id"]
    done = deputy.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {"is_approved": True}})
    assert done.status_code == 200, done.get_data(as_text=True)
    assert done.json["owner"] == "chanhvp"

    entry = deputy.get(f"/api/v1/instances/{waiting}/timeline").json["items"][-1]
    assert (entry["actor"], entry["on_behalf_of"]) == ("phochanhvp", "chanhvp")
    assert entry["delegation"] == {"delegation": order["id"], "basis": "12-QĐ/VP"}
    query = f"action=user_task.complete&object_id={task['id']}"
    (event,) = sign_in("giamsat").get(f"/api/v1/audit-events?{query}").json["items"]
    assert (event["actor"], event["on_behalf_of"]) == ("phochanhvp", "chanhvp")
    assert event["details"]["delegation"] == order["id"]


def test_a_completion_by_order_keeps_within_the_statements_of_any_completion(sign_in, waiting, runtime):
    give(sign_in("chanhvp"))
    deputy = sign_in("phochanhvp")
    task = only_task(deputy)
    with counted(runtime.database.engine) as seen:
        answer = deputy.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {"is_approved": True}})
    assert answer.status_code == 200
    assert len(seen["statements"]) <= MAX_STATEMENTS


@pytest.mark.clause("S4-7c")
def test_an_order_holds_on_its_days_only(sign_in, waiting, clock):
    head = sign_in("chanhvp")
    give(head, from_on="2026-03-03")
    assert sign_in("phochanhvp").get("/api/v1/tasks").json["items"] == []
    clock.advance(timedelta(days=1))
    only_task(sign_in("phochanhvp"))
    clock.advance(timedelta(days=1))
    assert sign_in("phochanhvp").get("/api/v1/tasks").json["items"] == []
    assert sign_in("phochanhvp").get("/api/v1/delegations?ended=true").json["items"][0]["state"] == "ended"


@pytest.mark.parametrize("who", ["chanhvp", "phochanhvp"])
def test_an_order_is_ended_at_once_by_either_side(sign_in, waiting, who):
    deputy = sign_in("phochanhvp")
    order = give(sign_in("chanhvp"))
    only_task(deputy)
    ended = sign_in(who).post(f"/api/v1/delegations/{order['id']}/end", {"reason": "về sớm"})
    assert ended.json["state"] == "ended"
    assert deputy.get("/api/v1/tasks").json["items"] == []
    again = sign_in(who).post(f"/api/v1/delegations/{order['id']}/end", {"reason": "về sớm"})
    assert_problem(again, 409, "action.wrong_state")


@pytest.mark.parametrize("who", ["chanhvp", "phochanhvp"])
def test_an_order_ends_when_either_account_is_disabled_and_does_not_come_back(sign_in, waiting, who):
    order = give(sign_in("chanhvp"))
    admin = sign_in("quantri")
    assert admin.post(f"/api/v1/accounts/{who}/disable").status_code == 204
    assert admin.post(f"/api/v1/accounts/{who}/enable").status_code == 204
    assert sign_in("phochanhvp").get("/api/v1/tasks").json["items"] == []
    found = admin.get(f"/api/v1/delegations/{order['id']}").json
    assert (found["state"], found["end_reason"]) == ("ended", "account.disable")


def test_nobody_acts_for_another_in_a_process_that_they_started(sign_in, waiting):
    give(sign_in("chanhvp"), delegate="vanthu")
    give(sign_in("chanhvp"), delegate="vanthu2")
    assert sign_in("vanthu").get("/api/v1/tasks").json["items"] == []
    only_task(sign_in("vanthu2"), "delegated")


def test_an_order_for_other_processes_or_kinds_of_document_reaches_nothing_here(sign_in, waiting):
    head, deputy = sign_in("chanhvp"), sign_in("phochanhvp")
    for limits in ({"process_keys": ["outgoing_document"]}, {"document_types": ["Tờ trình"]}):
        give(head, **limits)
        assert deputy.get("/api/v1/tasks").json["items"] == []
    give(head, process_keys=["short_note"])
    only_task(deputy)


def test_who_holds_no_order_finds_no_task(sign_in, waiting):
    give(sign_in("chanhvp"))
    task = only_task(sign_in("phochanhvp"))
    stranger = sign_in("cv.tonghop1")
    assert_problem(stranger.get(f"/api/v1/tasks/{task['id']}"), 404, "user_task.not_found")


def test_an_order_may_be_passed_on_only_where_it_says_so_and_no_wider(sign_in, waiting):
    head, deputy, third = sign_in("chanhvp"), sign_in("phochanhvp"), sign_in("tp.tonghop")
    closed = give(head)
    onward = {**ORDER, "delegate": "tp.tonghop", "parent_id": closed["id"]}
    assert_problem(deputy.post("/api/v1/delegations", onward), 403, "delegation.no_onward")
    opened = give(head, allows_onward=True)
    wider = {**onward, "parent_id": opened["id"], "authorities": ["assign", "administration"]}
    assert_problem(deputy.post("/api/v1/delegations", wider), 422, "delegation.wider")
    longer = {**onward, "parent_id": opened["id"], "to_on": "2026-03-04"}
    assert_problem(deputy.post("/api/v1/delegations", longer), 422, "delegation.wider")
    passed = give(deputy, delegate="tp.tonghop", parent_id=opened["id"])
    assert (passed["delegator"], passed["issuer"]) == ("chanhvp", "phochanhvp")
    task = only_task(third, "delegated")
    head.post(f"/api/v1/delegations/{opened['id']}/end", {"reason": "thu hồi"})
    assert_problem(third.get(f"/api/v1/tasks/{task['id']}"), 404)


def test_orders_cannot_lead_in_a_circle(sign_in):
    head, deputy, third = sign_in("chanhvp"), sign_in("phochanhvp"), sign_in("tp.tonghop")
    give(head)
    give(deputy, delegate="tp.tonghop")
    for delegate in ("chanhvp", "phochanhvp"):
        circle = third.post("/api/v1/delegations", {**ORDER, "delegate": delegate})
        assert_problem(circle, 409, "delegation.cycle")
    give(third, delegate="chanhvp", from_on="2026-03-04", to_on="2026-03-05")
    assert_problem(
        head.post("/api/v1/delegations", {**ORDER, "delegate": "chanhvp"}), 409, "delegation.cycle"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"delegate": "nobody"}, "account.not_found"),
        ({"from_on": "2026-03-03", "to_on": "2026-03-02"}, "days.turned"),
        ({"from_on": "2026-02-01", "to_on": "2026-03-01"}, "days.turned"),
        ({"to_on": "2027-04-01"}, "delegation.too_long"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(sign_in, changes, code):
    assert_problem(sign_in("chanhvp").post("/api/v1/delegations", {**ORDER, **changes}), 422, code)


def test_a_specialist_has_no_authority_to_hand_over(sign_in):
    refused = sign_in("cv.tonghop1").post("/api/v1/delegations", {**ORDER, "delegate": "cv.tonghop2"})
    assert_problem(refused, 403, "action.forbidden")


def test_an_order_is_known_to_its_sides_and_to_overseers_only(sign_in, sign_in_elsewhere):
    order = give(sign_in("chanhvp"))
    address = f"/api/v1/delegations/{order['id']}"
    for login in ("chanhvp", "phochanhvp", "giamsat"):
        assert sign_in(login).get(address).status_code == 200
    for stranger in (sign_in("cv.tonghop1"), sign_in_elsewhere("dongson.chanhvp")):
        assert_problem(stranger.get(address), 404, "delegation.not_found")
        assert stranger.get("/api/v1/delegations").json["items"] == []


@pytest.mark.clause("S4-12.1")
def test_the_head_hands_over_administration_and_the_log_names_both(sign_in):
    deputy = sign_in("cv.coyeu1")
    role = {"role": "specialist", "unit": "tong_hop"}
    assert_problem(deputy.post("/api/v1/accounts/vanthu/roles", role), 403, "action.forbidden")
    order = give(sign_in("chanhvp"), delegate="cv.coyeu1", authorities=["administration"])
    assert deputy.post("/api/v1/accounts/vanthu/roles", role).status_code == 201
    (event,) = sign_in("giamsat").get("/api/v1/audit-events?action=membership.grant").json["items"]
    assert (event["actor"], event["on_behalf_of"]) == ("cv.coyeu1", "chanhvp")
    assert event["details"]["delegation"] == order["id"]
    refused = deputy.post("/api/v1/accounts/vanthu/password")
    assert_problem(refused, 403, "action.forbidden")


@pytest.mark.clause("S4-7a", "S4-7c", "S4-12.1")
def test_an_order_reaches_the_tasks_of_the_authority_that_it_hands_over_and_no_others(
    sign_in, database, office
):
    deploy(sign_in("phantich"), "given_work")
    start(sign_in("vanthu"), {"doer": "user:cv.tonghop1"}, "given_work")
    doer = sign_in("cv.tonghop1")
    doer.post(f"/api/v1/tasks/{only_task(doer)['id']}/complete", {"data": {"words": "a"}})
    head = sign_in("chanhvp")
    deputies = {"assign": "vanthu2", "supervise": "phochanhvp", "allow_issue": "phochanhvp"}
    for authority, delegate in deputies.items():
        give(head, authorities=[authority], delegate=delegate, basis=f"{authority}-QĐ/VP")
    for element, authority in (("check_work", "supervise"), ("allow_issue", "allow_issue")):
        task = only_task(sign_in("phochanhvp"), "delegated")
        assert (task["element_id"], task["authority"]) == (element, authority)
        assert task["acting_for"]["basis"] == f"{authority}-QĐ/VP"
        assert sign_in("vanthu2").get("/api/v1/tasks?scope=delegated").json["items"] == []
        before = task_rows(database, office)
        assert sign_in("phochanhvp").get(f"/api/v1/tasks/{task['id']}").status_code == 200
        assert task_rows(database, office) == before
        address = f"/api/v1/tasks/{task['id']}/complete"
        done = sign_in("phochanhvp").post(address, {"data": {"words": "Đồng ý"}})
        assert done.status_code == 200, done.get_data(as_text=True)
        assert done.json["owner"] == "chanhvp"
        shown = head.get(f"/api/v1/tasks/{task['id']}").json["done_for"]
        assert (shown["by"], shown["for_name"]) == ("Lê Thị Hương", "Trần Văn Minh")


@pytest.mark.clause("S4-7c")
def test_an_absence_of_two_days_changes_no_task_row_and_ends_by_itself(
    sign_in, waiting, database, office, clock
):
    head = sign_in("chanhvp")
    give(head, from_on="2026-03-02", to_on="2026-03-03")
    before = task_rows(database, office)
    for _ in range(2):
        deputy = sign_in("phochanhvp")
        assert only_task(deputy)["acting_for"]["basis"] == "12-QĐ/VP"
        assert task_rows(database, office) == before
        clock.advance(timedelta(days=1))
    assert sign_in("phochanhvp").get("/api/v1/tasks").json["items"] == []
    assert task_rows(database, office) == before
    assert only_task(sign_in("chanhvp"))["acting_for"] is None


@pytest.mark.clause("S4-7c")
def test_an_order_to_supervise_some_processes_reaches_their_instances_only(sign_in, waiting):
    deploy(sign_in("phantich"), "given_work")
    given = start(sign_in("vanthu"), {"doer": "user:cv.tonghop1"}, "given_work")
    order = {"delegate": "vanthu2", "authorities": ["supervise"], "process_keys": ["given_work"]}
    give(sign_in("giamsat"), **order)
    deputy = sign_in("vanthu2")
    assert [one["id"] for one in deputy.get("/api/v1/instances").json["items"]] == [given]
    held = deputy.post(f"/api/v1/instances/{given}/suspend", {"reason": "Rà soát"})
    assert (held.status_code, held.json["state"]) == (200, "suspended")
    other = deputy.post(f"/api/v1/instances/{waiting}/suspend", {"reason": "Rà soát"})
    assert_problem(other, 404, "process_instance.not_found")
    ended = deputy.post(f"/api/v1/instances/{given}/terminate", {"reason": "x"})
    assert_problem(ended, 403, "action.forbidden")  # no order hands that over
