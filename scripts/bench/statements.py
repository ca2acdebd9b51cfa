"""Counts what one completion sends to the database, in this process through the same application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from yardstick import submission

from service.app import create_app
from service.bootstrap import Runtime


@dataclass
class Traffic:
    """What reached the database during the last completion.

    Attributes:
        statements: SQL texts, shortened, authentication included.
        transactions: commits.
    """

    statements: list[str] = field(default_factory=list)
    transactions: int = 0
    counts: list[int] = field(default_factory=list)


def count_statements(runtime: Runtime, login: str, password: str) -> Traffic:
    """Complete one instance and return the traffic: one count for each completion, the last one in full."""
    client = create_app(runtime).test_client()
    session = client.post(
        "/api/v1/sessions", json={"login": login, "password": password, "carrier": "bearer"}
    )
    headers = {"Authorization": f"Bearer {session.get_json()['token']}"}
    body: dict[str, Any] = {"process": "reference", "variables": {}, "business_key": "count"}
    started = client.post("/api/v1/instances", json=body, headers=headers).get_json()
    task = started["next_tasks"][0]
    traffic = Traffic()
    engine = runtime.database.engine

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: Any) -> None:
        traffic.statements.append(" ".join(statement.split())[:100])

    def commit(_connection: Any) -> None:
        traffic.transactions += 1

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    try:
        while task is not None:
            traffic.statements.clear()
            traffic.transactions = 0
            answer = client.post(
                f"/api/v1/tasks/{task['id']}/complete",
                json={"data": submission(task["element_id"])},
                headers=headers | {"Idempotency-Key": task["id"]},
            ).get_json()
            traffic.counts.append(len(traffic.statements))
            task = next(iter(answer["next_tasks"]), None)
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", commit)
    return traffic
