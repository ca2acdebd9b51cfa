"""kill -9 while a number is registered, while a job runs, while a timer fires: no gap, no loss, nothing twice."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from service.bootstrap import build
from service.cli.deploy import deploy_folder
from service.domain.clock import OFFICE_ZONE, SystemClock
from service.storage.jobs import make_job_app, requeue_stalled
from tests.e2e.deployments import add_provincial_office
from tests.e2e.processes import ConnectionLost, HouseProcesses, until, wait_for_exit
from tests.factories import PASSWORD
from tests.harness import TestDatabase, test_settings

ROOT = Path(__file__).resolve().parents[2]
SENDER = "A01.02.00"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
METADATA = {
    "type_name": "Công văn",
    "code_number": "12",
    "code_notation": "CV/BTC",
    "organ_name": "Ban Tổ chức",
    "subject": "Về việc báo cáo",
    "issued_on": "2026-03-01",
    "signer_name": "Nguyễn Văn Chính",
}
CHECK = {
    "is_complete": True,
    "is_whole": True,
    "is_authentic": True,
    "is_rightly_addressed": True,
    "legal_value": "reference_only",
    "decision": "accept",
}


class Clerk:
    """The people of the office at one web process, working on packets."""

    def __init__(self, web: HouseProcesses) -> None:
        self.web = web
        self._tokens: dict[str, str] = {}
        self._packets = 0

    def token(self, login: str) -> str:
        if login not in self._tokens:
            self._tokens[login] = self.web.log_in(login, PASSWORD)
        return self._tokens[login]

    def receive(self) -> str:
        """Let a packet arrive and return its instance."""
        self._packets += 1
        packet = {
            "kind": "new",
            "from": {"organ_id": SENDER},
            "document": {**METADATA, "exchange_id": f"x{self._packets}"},
            "files": [{"file_name": "a.pdf", "content": base64.b64encode(PDF).decode()}],
        }
        answer = self.web.ask("POST", "/api/v1/exchange/packets", packet, token=self.token("vanthu"))
        assert answer.status == 200, answer.body
        return str(answer.json["instance_id"])

    def tasks(self, login: str, instance_id: str) -> list[dict[str, object]]:
        path = f"/api/v1/tasks?instance_id={instance_id}"
        return list(self.web.ask("GET", path, token=self.token(login)).json["items"])

    def wait_for_task(self, login: str, instance_id: str, element_id: str) -> str:
        """Return the id of a task once it is there."""
        return until(
            lambda: next(
                (
                    str(task["id"])
                    for task in self.tasks(login, instance_id)
                    if task["element_id"] == element_id
                ),
                None,
            )
        )

    def complete(self, login: str, instance_id: str, element_id: str, data: dict[str, object]) -> None:
        task_id = self.wait_for_task(login, instance_id, element_id)
        path = f"/api/v1/tasks/{task_id}/complete"
        answer = self.web.ask("POST", path, {"data": data}, token=self.token(login))
        assert answer.status == 200, answer.body


@pytest.fixture(scope="module")
def own_database(own_server) -> TestDatabase:
    """The database in which process after process dies."""
    return own_server.create_migrated("crash_points_incoming")


@pytest.fixture(scope="module")
def clerk(own_database, tmp_path_factory) -> Iterator[Clerk]:
    """The clerk at a web process that lives on, with the incoming process deployed."""
    add_provincial_office(own_database)
    with psycopg.connect(own_database.superuser_conninfo) as connection:
        connection.execute(
            "INSERT INTO partner (id, agency_id, organ_id, name) SELECT gen_random_uuid(), id, %s, 'x' FROM agency",
            [SENDER],
        )
    folder = tmp_path_factory.mktemp("living")
    runtime = build(test_settings(folder, own_database.owner_conninfo))
    deploy_folder(runtime, ROOT / "processes" / "incoming_document", None, None)
    runtime.close()
    house = HouseProcesses(folder, own_database.owner_conninfo)
    house.start_web()
    yield Clerk(house)
    house.kill()


@pytest.fixture
def worker(clerk) -> Iterator[Callable[[], None]]:
    """Return what starts the worker that lives on; it stops with the test."""
    yield clerk.web.start_worker
    if clerk.web.worker is not None:
        clerk.web.worker.terminate()
        assert wait_for_exit(clerk.web.worker, 60)


@pytest.fixture
def doomed(clerk, tmp_path) -> Iterator[HouseProcesses]:
    """Further processes on the same database and files, which crash."""
    folder = tmp_path / "doomed"
    folder.mkdir()
    settings = {"CONGVAN_BLOB_DIR": str(clerk.web.var_dir / "blobs")}
    processes = HouseProcesses(folder, clerk.web.conninfo, settings)
    yield processes
    processes.kill()


def numbers(database):
    """Return the arrival numbers of the register, and the number that the series stands at."""
    with psycopg.connect(database.superuser_conninfo) as connection:
        rows = connection.execute("SELECT number FROM registry_entry ORDER BY number").fetchall()
        last = connection.execute("SELECT coalesce(max(last_number), 0) FROM number_series").fetchone()
    return [row[0] for row in rows], last[0]


@pytest.mark.parametrize(
    "point", ["register.allotted", "register.entered", "instance.saved", "unit.committed"]
)
def test_a_number_survives_a_crash_without_gap_or_double(clerk, worker, doomed, own_database, point):
    worker()
    before, last = numbers(own_database)
    first, second = clerk.receive(), clerk.receive()
    for instance_id in (first, second):
        clerk.complete("vanthu", instance_id, "check_document", CHECK)
    task_id = clerk.wait_for_task("vanthu", first, "confirm_metadata")
    path, key = f"/api/v1/tasks/{task_id}/complete", {"Idempotency-Key": f"register-{point}"}
    data = {name: METADATA[name] for name in ("type_name", "organ_name", "subject")}
    doomed.start_web(CONGVAN_CRASH_POINT=point)
    with pytest.raises(ConnectionLost):
        doomed.ask("POST", path, {"data": data}, token=clerk.token("vanthu"), headers=key)
    doomed.kill()
    allotted = [last + 1] if point == "unit.committed" else []
    assert numbers(own_database) == (before + allotted, last + len(allotted))
    again = clerk.web.ask("POST", path, {"data": data}, token=clerk.token("vanthu"), headers=key)
    assert again.status == 200, again.body
    clerk.complete("vanthu", second, "confirm_metadata", data)
    assert numbers(own_database) == ([*before, last + 1, last + 2], last + 2)


@pytest.mark.parametrize("point", ["job.read", "job.handled", "job.taken"])
def test_a_job_survives_a_crash_of_its_worker_and_has_its_effect_once(
    clerk, worker, doomed, own_database, point
):
    doomed.start_worker(CONGVAN_CRASH_POINT=point)
    instance_id = clerk.receive()
    assert wait_for_exit(doomed.worker, 60)
    assert doomed.worker.returncode == -signal.SIGKILL
    assert clerk.tasks("vanthu", instance_id) == []
    # The killed worker held the job's ticket, and perhaps that of its own minute's sweep.
    assert asyncio.run(sweep_now(own_database.runtime_conninfo)) >= 1
    worker()
    clerk.wait_for_task("vanthu", instance_id, "check_document")
    with psycopg.connect(own_database.superuser_conninfo) as connection:
        query = "SELECT state FROM job WHERE instance_id = %s"
        jobs = connection.execute(query, [instance_id]).fetchall()
        query = "SELECT count(*) FROM history WHERE instance_id = %s AND action = 'job'"
        steps = connection.execute(query, [instance_id]).fetchone()
    assert jobs == [("done",)]
    assert steps == (1,)


async def sweep_now(conninfo):
    """Do what a living worker does each minute for one that has given no sign for a while, without the while."""
    app = make_job_app(conninfo, lambda *_: None)
    async with app.open_async():
        return await requeue_stalled(app, seconds=0)


def test_a_timer_survives_a_crash_of_its_worker_and_fires_once(clerk, worker, doomed, own_database):
    worker()
    instance_id = clerk.receive()
    clerk.complete("vanthu", instance_id, "check_document", CHECK)
    data = {name: METADATA[name] for name in ("type_name", "organ_name", "subject")}
    clerk.complete("vanthu", instance_id, "confirm_metadata", data)
    clerk.complete("vanthu", instance_id, "present_document", {"route": "leader", "leader": "chanhvp"})
    yesterday: date = (SystemClock().now().astimezone(OFFICE_ZONE) - timedelta(days=1)).date()
    direction = {
        "decision": "assign",
        "lead_unit": "tong_hop",
        "due_on": yesterday.isoformat(),
        "opinion": "x",
    }
    clerk.complete("chanhvp", instance_id, "give_direction", direction)
    clerk.web.worker.terminate()
    assert wait_for_exit(clerk.web.worker, 60)
    clerk.complete(
        "tp.tonghop", instance_id, "assign_specialist", {"decision": "assign", "specialist": "cv.tonghop1"}
    )
    doomed.start_worker(CONGVAN_CRASH_POINT="timer.locked")
    assert wait_for_exit(doomed.worker, 60)
    assert fired(own_database, instance_id) == 0
    worker()
    until(lambda: fired(own_database, instance_id))
    assert fired(own_database, instance_id) == 1


def fired(database, instance_id):
    """Return how many changes of the instance a timer made."""
    with psycopg.connect(database.superuser_conninfo) as connection:
        query = "SELECT count(*) FROM history WHERE instance_id = %s AND action = 'timer'"
        return connection.execute(query, [instance_id]).fetchone()[0]
