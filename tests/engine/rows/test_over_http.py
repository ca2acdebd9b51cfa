"""The same moment over HTTP: repeated requests, competing requests, and a database that must choose a victim."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.app import create_app
from service.domain.errors import Unavailable
from service.storage.database import unavailable
from tests.engine.rows.house import COLLEAGUE, SPECIALIST, House, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import end, path, start
from tests.factories import open_session


@pytest.fixture
def completing(house: House):
    """Return a function that completes the one open task over HTTP, as a person, with a key or none."""
    house.deploy(process("note", start(), task("write", form="shared/note"), end(), path("s write e")))
    house.start("note")
    found = house.task("write")
    app = create_app(house.runtime)
    people = (SPECIALIST, COLLEAGUE)
    tokens = {login: open_session(house.runtime.database, house.office.actor_for(login)) for login in people}

    def complete(login: str, key: str | None = None):
        headers = {"Authorization": f"Bearer {tokens[login]}"} | ({"Idempotency-Key": key} if key else {})
        path = f"/api/v1/tasks/{found.id}/complete"
        return app.test_client().post(path, json={"data": {"note": "xong"}}, headers=headers)

    return complete


def test_one_completion_sent_six_times_at_once_under_one_key_is_answered_alike(
    house: House, completing
) -> None:
    answers = at_once([lambda: completing(SPECIALIST, "once")] * 6)
    assert errors(answers) == []
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 5
    assert len(house.audit("user_task.complete")) == 1


def test_of_two_people_who_complete_a_task_at_once_one_hears_that_it_is_done(
    house: House, completing
) -> None:
    answers = at_once([lambda: completing(SPECIALIST), lambda: completing(COLLEAGUE)] * 2)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
    assert len(house.audit("user_task.complete")) == 1


def test_the_victim_of_a_deadlock_is_told_to_try_again_and_then_gets_through(house: House) -> None:
    met = threading.Barrier(2, timeout=20)
    statement = text("UPDATE account SET position = 'x' WHERE login = :login")

    def change(*logins: str) -> str:
        with house.unit() as unit:
            unit.session.execute(statement, {"login": logins[0]})
            met.wait()
            unit.session.execute(statement, {"login": logins[1]})
        return "done"

    outcomes = at_once([lambda: change("vanthu", "troly"), lambda: change("troly", "vanthu")])
    (victim,) = errors(outcomes)
    assert isinstance(victim, OperationalError)
    assert isinstance(unavailable(victim), Unavailable), "the gate answers 503 with Retry-After"
    assert outcomes.count("done") == 1
