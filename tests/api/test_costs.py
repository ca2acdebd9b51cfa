"""What one completion costs in the database: the budget that the speed of the house stands on."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.api.processes import deploy, start

MAX_STATEMENTS = 12


@contextmanager
def counted(engine):
    """Count the statements and commits of a pool."""
    seen = {"statements": [], "commits": 0}

    def on_statement(_connection, _cursor, statement, *_rest):
        seen["statements"].append(statement)

    def on_commit(_connection):
        seen["commits"] += 1

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)


@pytest.mark.parametrize("key", [None, "once"])
def test_completing_a_task_is_one_transaction_of_at_most_12_statements(sign_in, runtime_engine, key):
    deploy(sign_in("phantich"))
    clerk = sign_in("vanthu")
    for topic in ("a", "b"):
        start(clerk, {"topic": topic})
    first, second = clerk.get("/api/v1/tasks").json["items"]
    headers = {"Idempotency-Key": key} if key else {}
    clerk.post(f"/api/v1/tasks/{first['id']}/complete", {"data": {"text": "a"}})
    with counted(runtime_engine) as seen:
        answer = clerk.post(
            f"/api/v1/tasks/{second['id']}/complete", {"data": {"text": "a"}}, headers=headers
        )
    assert answer.status_code == 200
    assert seen["commits"] == 1
    assert 0 < len(seen["statements"]) <= MAX_STATEMENTS, "\n".join(seen["statements"])


def test_reading_who_one_is_takes_one_statement(sign_in, runtime_engine):
    clerk = sign_in("vanthu")
    with counted(runtime_engine) as seen:
        assert clerk.get("/api/v1/me").status_code == 200
    assert len(seen["statements"]) == 1
