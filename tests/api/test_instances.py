"""Process instances over the API: started, read, held, ended, corrected; messages and incidents beside them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start


@pytest.fixture
def clerk(sign_in):
    """A clerk in an office where the short process is deployed."""
    deploy(sign_in("phantich"))
    return sign_in("vanthu")


@pytest.fixture
def supervisor(sign_in):
    """The supervisor."""
    return sign_in("giamsat")


def test_only_those_whom_the_process_names_may_start_it(clerk, sign_in):
    answer = sign_in("cv.tonghop1").post("/api/v1/instances", {"process": "short_note"})
    assert_problem(answer, 403, "process.may_not_start")
    started = clerk.post("/api/v1/instances", {"process": "short_note", "variables": {"topic": "x"}})
    assert started.headers["Location"] == f"/api/v1/instances/{started.json['instance_id']}"
    assert clerk.get(started.headers["Location"]).status_code == 200


def test_a_process_that_is_not_there_is_not_found(clerk):
    assert_problem(clerk.post("/api/v1/instances", {"process": "nothing"}), 404)


def test_starting_twice_with_one_key_starts_once(clerk):
    body, key = {"process": "short_note", "variables": {"topic": "x"}}, {"Idempotency-Key": "start"}
    first = clerk.post("/api/v1/instances", body, headers=key)
    again = clerk.post("/api/v1/instances", body, headers=key)
    assert first.json == again.json
    assert first.headers["Location"] == again.headers["Location"]
    assert len(clerk.get("/api/v1/instances").json["items"]) == 1


def test_the_timeline_tells_who_did_what(clerk):
    instance_id = start(clerk, {"topic": "x"})
    task = only_task(clerk)
    clerk.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {"text": "xong"}})
    entries = clerk.get(f"/api/v1/instances/{instance_id}/timeline").json["items"]
    assert [entry["action"] for entry in entries] == ["start", "complete"]
    assert entries[1]["actor_name"] == "Nguyễn Thị Lan"
    assert entries[1]["data"]["text"] == "xong"
    assert any(step["element_id"] == "approve_note" for step in entries[1]["steps"])
    first = clerk.get(f"/api/v1/instances/{instance_id}/timeline?limit=1").json
    rest = clerk.get(f"/api/v1/instances/{instance_id}/timeline?limit=1&cursor={first['next_cursor']}").json
    assert [*first["items"], *rest["items"]] == entries


def test_a_suspended_instance_takes_no_completion_until_it_is_resumed(clerk, supervisor):
    instance_id = start(clerk, {"topic": "x"})
    task = only_task(clerk)
    held = supervisor.post(f"/api/v1/instances/{instance_id}/suspend", {"reason": "Chờ ý kiến"})
    assert held.json["state"] == "suspended"
    path, body = f"/api/v1/tasks/{task['id']}/complete", {"data": {"text": "a"}}
    assert_problem(clerk.post(path, body), 409)
    assert supervisor.post(f"/api/v1/instances/{instance_id}/resume").json["state"] == "active"
    assert clerk.post(path, body).status_code == 200


def test_terminating_needs_a_reason_and_is_final(clerk, supervisor):
    instance_id = start(clerk, {"topic": "x"})
    path = f"/api/v1/instances/{instance_id}/terminate"
    assert_problem(supervisor.post(path, {}), 422)
    assert_problem(supervisor.post(path, {"reason": " "}), 422)
    ended = supervisor.post(path, {"reason": "Nhập nhầm"})
    assert (ended.json["state"], ended.json["end_reason"]) == ("terminated", "Nhập nhầm")
    assert clerk.get("/api/v1/tasks").json["items"] == []
    assert_problem(supervisor.post(path, {"reason": "lần nữa"}), 409)


def test_variables_are_corrected_with_a_reason(clerk, supervisor):
    instance_id = start(clerk, {"topic": "x"})
    path = f"/api/v1/instances/{instance_id}/variables"
    changed = supervisor.ask("PATCH", path, json={"variables": {"topic": "y"}, "reason": "Sửa lỗi chính tả"})
    assert changed.status_code == 200, changed.json
    assert supervisor.get(f"/api/v1/instances/{instance_id}").json["variables"]["topic"] == "y"


def test_variables_are_shown_to_supervisors_alone(clerk, supervisor):
    instance_id = start(clerk, {"topic": "x"})
    assert supervisor.get(f"/api/v1/instances/{instance_id}").json["variables"]["topic"] == "x"
    assert clerk.get(f"/api/v1/instances/{instance_id}").json["variables"] == {}


def test_exact_numbers_survive_the_whole_way(clerk, supervisor):
    raw = b'{"process":"short_note","variables":{"topic":"x","amount":12345678901234567.89,"big":98765432109876543210}}'
    answer = clerk.ask("POST", "/api/v1/instances", data=raw, content_type="application/json")
    assert answer.status_code == 201, answer.json
    text = supervisor.get(f"/api/v1/instances/{answer.json['instance_id']}").get_data(as_text=True)
    assert "12345678901234567.89" in text
    assert "98765432109876543210" in text


def test_a_message_that_nobody_waits_for_is_a_conflict(supervisor, clerk):
    assert_problem(supervisor.post("/api/v1/messages", {"name": "nobody"}), 409, "message.no_receiver")
    assert_problem(clerk.post("/api/v1/messages", {"name": "nobody"}), 403)


def test_a_signal_tells_how_many_will_receive_it(supervisor):
    answer = supervisor.post("/api/v1/signals", {"name": "nobody"})
    assert (answer.status_code, answer.json) == (202, {"receivers": 0})


def test_a_list_of_instances_filters_and_counts(clerk, supervisor):
    for number in range(3):
        start(clerk, {"topic": str(number)})
    page = supervisor.get("/api/v1/instances?process=short_note&state=active&limit=2").json
    assert len(page["items"]) == 2
    assert page["counts"] == {"active": 3}
    rest = supervisor.get(f"/api/v1/instances?limit=2&cursor={page['next_cursor']}").json
    assert len(rest["items"]) == 1
    assert supervisor.get("/api/v1/instances?state=completed").json["items"] == []


def test_incidents_are_for_operators(supervisor, clerk):
    assert supervisor.get("/api/v1/incidents").json["counts"] == {"open": 0}
    assert_problem(clerk.get("/api/v1/incidents"), 403)
    assert_problem(supervisor.get(f"/api/v1/incidents/{uuid4()}"), 404)


@pytest.mark.parametrize(
    ("method", "step", "body"),
    [
        ("GET", "", None),
        ("GET", "/timeline", None),
        ("POST", "/suspend", {"reason": "a"}),
        ("POST", "/resume", None),
        ("POST", "/terminate", {"reason": "a"}),
        ("PATCH", "/variables", {"variables": {}, "reason": "a"}),
    ],
)
def test_another_agency_s_instance_answers_exactly_as_one_that_does_not_exist(
    clerk, sign_in_elsewhere, method, step, body
):
    instance_id = start(clerk, {"topic": "x"})
    stranger = sign_in_elsewhere("dongson.quantri")
    documents = []
    for wanted in (instance_id, uuid4()):
        document = assert_problem(stranger.ask(method, f"/api/v1/instances/{wanted}{step}", json=body), 404)
        documents.append({name: value for name, value in document.items() if name != "request_id"})
    assert documents[0] == documents[1]
    assert stranger.get("/api/v1/instances").json["items"] == []
