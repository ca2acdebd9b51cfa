"""kill -9 between every two steps of completing a task: what was acknowledged is there, once; the rest is as before.

The process that crashes is a second web process on the same database; the first one lives on, as another host
would, and takes the request that the person sends again.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.e2e.deployments import add_provincial_office, deploy_model
from tests.e2e.processes import ConnectionLost, HouseProcesses
from tests.factories import PASSWORD
from tests.harness import TestDatabase

TASK_POINTS = (
    "unit.opened",
    "task.locked",
    "task.written",
    "instance.stepped",
    "instance.saved",
    "unit.flushed",
    "unit.committed",
)
BODY = {"data": {"text": "xong"}}


@pytest.fixture(scope="module")
def own_database(own_server) -> TestDatabase:
    """The database in which process after process dies."""
    return own_server.create_migrated("crash_points")


@pytest.fixture(scope="module")
def living(own_database, tmp_path_factory) -> Iterator[HouseProcesses]:
    """A web process that lives on."""
    folder = tmp_path_factory.mktemp("living")
    deploy_model(own_database, add_provincial_office(own_database), folder)
    house = HouseProcesses(folder, own_database.owner_conninfo)
    house.start_web()
    yield house
    house.kill()


@pytest.fixture
def doomed(living, tmp_path) -> Iterator[HouseProcesses]:
    """A second web process on the same database, not started yet."""
    folder = tmp_path / "doomed"
    folder.mkdir()
    processes = HouseProcesses(folder, living.conninfo)
    yield processes
    processes.kill()


@pytest.mark.parametrize("point", TASK_POINTS)
def test_a_completion_survives_a_crash_whole_or_not_at_all(living, doomed, own_database, point):
    token = living.log_in("vanthu", PASSWORD)
    started = living.ask(
        "POST", "/api/v1/instances", {"process": "short_note", "variables": {"topic": "x"}}, token=token
    )
    task = living.ask("GET", "/api/v1/tasks", token=token).json["items"][0]
    path, key = f"/api/v1/tasks/{task['id']}/complete", {"Idempotency-Key": f"complete-once-{point}"}
    doomed.start_web(CONGVAN_CRASH_POINT=point)
    with pytest.raises(ConnectionLost):
        doomed.ask("POST", path, BODY, token=token, headers=key)
    doomed.kill()

    is_committed = point == "unit.committed"
    assert completions(own_database, started.json["instance_id"]) == int(is_committed)
    again = living.ask("POST", path, BODY, token=token, headers=key)
    assert again.status == 200, again.body
    assert ("Idempotency-Replayed" in again.headers) == is_committed
    assert completions(own_database, started.json["instance_id"]) == 1
    head = living.log_in("chanhvp", PASSWORD)
    waiting = living.ask("GET", "/api/v1/tasks", token=head).json["items"]
    assert [one["element_id"] for one in waiting] == ["approve_note"]
    done = living.ask(
        "POST", f"/api/v1/tasks/{waiting[0]['id']}/complete", {"data": {"is_approved": True}}, token=head
    )
    assert done.status == 200, done.body


@pytest.mark.parametrize("point", ["instance.locked", "unit.committed"])
def test_a_termination_survives_a_crash_whole_or_not_at_all(living, doomed, point):
    clerk, supervisor = living.log_in("vanthu", PASSWORD), living.log_in("giamsat", PASSWORD)
    start = {"process": "short_note", "variables": {"topic": "x"}}
    instance_id = living.ask("POST", "/api/v1/instances", start, token=clerk).json["instance_id"]
    path, body = f"/api/v1/instances/{instance_id}/terminate", {"reason": "Nhập nhầm"}
    key = {"Idempotency-Key": f"terminate-once-{point}"}
    doomed.start_web(CONGVAN_CRASH_POINT=point)
    with pytest.raises(ConnectionLost):
        doomed.ask("POST", path, body, token=supervisor, headers=key)
    doomed.kill()
    again = living.ask("POST", path, body, token=supervisor, headers=key)
    assert (again.status, again.json["state"]) == (200, "terminated"), again.body
    assert living.ask("GET", "/api/v1/tasks", token=clerk).json["items"] == []


def completions(database, instance_id):
    """Return how often a completion is in the instance's history; history, task and audit must agree."""
    with psycopg.connect(database.superuser_conninfo) as connection:
        row = connection.execute(
            """
            SELECT (SELECT count(*) FROM history WHERE instance_id = %(id)s AND action = 'complete'),
                   (SELECT count(*) FROM user_task WHERE instance_id = %(id)s AND state = 'completed'),
                   (SELECT count(*) FROM audit_event e JOIN user_task t ON t.id = e.object_id
                     WHERE t.instance_id = %(id)s AND e.action = 'user_task.complete')
            """,
            {"id": instance_id},
        ).fetchone()
    assert len(set(row)) == 1, row
    return row[0]
