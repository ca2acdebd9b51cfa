"""Eight people at the same moment: on different tasks of one instance, and on one and the same task."""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from tests.e2e.deployments import deploy_model
from tests.factories import PASSWORD

PEOPLE = 8


@pytest.fixture
def web(house, own_database, own_office, tmp_path):
    """Two web processes, with the process of eight parallel tasks deployed."""
    deploy_model(own_database, own_office, tmp_path, "eight_reviews")
    house.start_web(CONGVAN_WEB_PROCESSES="2")
    return house


def all_at_once(calls):
    """Make the calls from threads that start together; return their answers."""
    answers, gate = [], threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_eight_different_tasks_of_one_instance_are_completed_at_the_same_moment(web):
    token = web.log_in("vanthu", PASSWORD)
    for _ in range(3):
        started = web.ask("POST", "/api/v1/instances", {"process": "eight_reviews"}, token=token)
        tasks = web.ask("GET", "/api/v1/tasks", token=token).json["items"]
        assert len(tasks) == PEOPLE
        answers = all_at_once(
            [
                lambda task=task: web.ask(
                    "POST", f"/api/v1/tasks/{task['id']}/complete", {"data": {"view": "đồng ý"}}, token=token
                )
                for task in tasks
            ]
        )
        assert Counter(answer.status for answer in answers) == {200: PEOPLE}, web.log("web")
        path = f"/api/v1/instances/{started.json['instance_id']}"
        assert web.ask("GET", path, token=token).json["view"]["state"] == "completed"
        timeline = web.ask("GET", f"{path}/timeline", token=token).json["items"]
        assert [entry["action"] for entry in timeline] == ["start", *["complete"] * PEOPLE]


def test_one_task_completed_by_eight_at_once_is_completed_once(web):
    token = web.log_in("vanthu", PASSWORD)
    web.ask("POST", "/api/v1/instances", {"process": "eight_reviews"}, token=token)
    task = web.ask("GET", "/api/v1/tasks", token=token).json["items"][0]
    path, body = f"/api/v1/tasks/{task['id']}/complete", {"data": {"view": "đồng ý"}}
    answers = all_at_once([lambda: web.ask("POST", path, body, token=token)] * PEOPLE)
    assert Counter(answer.status for answer in answers) == {200: 1, 409: PEOPLE - 1}
    key = {"Idempotency-Key": "mine"}
    other = web.ask("GET", "/api/v1/tasks", token=token).json["items"][0]
    path = f"/api/v1/tasks/{other['id']}/complete"
    answers = all_at_once([lambda: web.ask("POST", path, body, token=token, headers=key)] * PEOPLE)
    assert Counter(answer.status for answer in answers) == {200: PEOPLE}
    assert len({answer.body for answer in answers}) == 1


def test_one_task_claimed_by_eight_at_once_has_one_owner(web):
    tokens = [web.log_in(login, PASSWORD) for login in ("vanthu", "vanthu2")]
    web.ask("POST", "/api/v1/instances", {"process": "eight_reviews"}, token=tokens[0])
    task = web.ask("GET", "/api/v1/tasks", token=tokens[0]).json["items"][0]
    path = f"/api/v1/tasks/{task['id']}/claim"
    answers = all_at_once([lambda token=token: web.ask("POST", path, token=token) for token in tokens * 4])
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {200: 1, 409: PEOPLE - 1}
