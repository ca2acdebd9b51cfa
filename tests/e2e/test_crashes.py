"""kill -9 between every two steps: what was acknowledged stays, what was not is done once when asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.types import String

from service.actions import audit, deployments, instances
from service.bootstrap import Runtime, build
from service.domain.clock import SystemClock
from service.domain.crashpoints import CRASH_POINTS
from service.domain.ids import new_id
from service.queries import instances as lists
from service.queries import user_tasks as task_lists
from service.queries.user_tasks import TaskFilter
from service.storage import register
from service.storage.database import open_engine
from service.storage.models import Document, Job, Outbox, RegistryEntry, Timer, table_of
from tests.e2e.mortal import Mortals
from tests.e2e.processes import ConnectionLost, HouseProcesses
from tests.e2e.trial import CLERK, KEY, Outside, bundle, trial_runtime
from tests.factories import Office, open_session
from tests.harness import TestDatabase, test_settings

SETTLE_SECONDS = 40
WEB = ("-m", "gunicorn", "--config", "python:service.cli.gunicorn_settings", "tests.e2e.trial_web:app")
WORKER = ("-m", "tests.e2e.trial_worker")


@dataclass
class Trial:
    """The house that is killed, seen from a process that lives."""

    runtime: Runtime
    office: Office
    owner: Engine
    outside: Outside
    document_id: UUID
    token: str

    def start(self) -> tuple[UUID, UUID]:
        """Start an instance and return its id and its task's."""
        variables = {"document_id": str(self.document_id)}
        with self.runtime.database.unit_of_work(self.office.actor_for(CLERK)) as unit:
            instance = instances.start(self.runtime.engine, unit, KEY, variables).instance_id
        with self.runtime.database.unit_of_work(self.office.actor_for(CLERK)) as unit:
            (task,) = task_lists.list_tasks(unit, TaskFilter(instance_id=instance), None, None).items
        return instance, task.id

    def state(self, instance: UUID) -> str:
        with self.runtime.database.unit_of_work(self.office.system) as unit:
            return lists.read_view(unit, instance).state

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        with self.runtime.database.unit_of_work(self.office.system) as unit:
            return list(unit.session.execute(select(table).where(*conditions)).all())

    def check(self, started: list[UUID]) -> None:
        """Check that every instance went its way to the end, once."""
        assert {self.state(one) for one in started} == {"completed"}
        with self.runtime.database.unit_of_work(self.office.system) as unit:
            assert register.find_gaps(unit) == []
        numbers = sorted(row.number for row in self.rows(table_of(RegistryEntry)))
        assert numbers == list(range(1, len(started) + 1))
        self._check_effects(started)
        for instance in started:
            self._check_history(instance)
        assert {row.state for row in self.rows(table_of(Job))} == {"done"}
        assert {row.state for row in self.rows(table_of(Outbox))} == {"sent"}
        assert self.rows(table_of(Timer)) == []
        while audit.seal(self.runtime.database):
            pass
        report = audit.verify(self.owner)
        assert report.is_intact, report

    def _check_effects(self, started: list[UUID]) -> None:
        """Each instance reached the outside under one key, however often it called."""
        for kind in ("posted", "sent"):
            keys = {tuple(line.split()) for line in self.outside.lines(kind)}
            assert Counter(instance for instance, _key in keys) == dict.fromkeys(map(str, started), 1)

    def _check_history(self, instance: UUID) -> None:
        with self.runtime.database.unit_of_work(self.office.system) as unit:
            entries = lists.read_timeline(self.runtime.engine, unit, instance, None, None).items
        steps = [step.element_id for entry in entries for step in entry.steps if step.kind == "completed"]
        assert steps == ["s", "write", "number_it", "post", "pause", "e"]
        assert [entry.rev for entry in entries] == list(range(1, len(entries) + 1))


@pytest.fixture
def trial(own_database: TestDatabase, own_office: Office, tmp_path: Path) -> Iterator[Trial]:
    """The trial's process deployed in a database of its own."""
    runtime = trial_runtime(build(test_settings(tmp_path, own_database.owner_conninfo), SystemClock()))
    owner = open_engine(own_database.owner_conninfo, pool_connections=1)
    with runtime.database.unit_of_work(own_office.system) as unit:
        deployments.deploy(runtime.checker, unit, bundle())
        document_id = _add_document(unit)
    token = open_session(runtime.database, own_office.actor_for(CLERK))
    yield Trial(runtime, own_office, owner, Outside(tmp_path / "outside"), document_id, token)
    runtime.close()
    owner.dispose()


def _add_document(unit) -> UUID:
    table = table_of(Document)
    texts = {
        column.name: ""
        for column in table.c
        if isinstance(column.type, String) and not column.nullable and column.computed is None
    }
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "created_at": unit.now,
        "is_public": False,
        "version": 1,
        "trace": [],
    }
    unit.session.execute(insert(table), {**texts, **row})
    return row["id"]


@pytest.fixture
def mortals(trial: Trial, own_database: TestDatabase, tmp_path: Path) -> Iterator[Mortals]:
    """A parent of processes that die."""
    running = Mortals(tmp_path, own_database.owner_conninfo)
    yield running
    running.close()


def _until(is_true) -> None:
    deadline, pause = monotonic() + SETTLE_SECONDS, Event()
    while not is_true():
        assert monotonic() < deadline, "this did not happen in time"
        pause.wait(0.05)


def test_a_kill_at_any_crash_point_loses_nothing_and_doubles_nothing(trial: Trial, mortals: Mortals) -> None:
    reached, started = set(), []
    for point in CRASH_POINTS:
        instance, task = trial.start()
        started.append(instance)
        asked = {"task": str(task), "key": f"complete-{task}", "token": trial.token}
        is_killed, status = mortals.act("complete", point, **asked)
        if is_killed:
            reached.add(point)
            _is_killed, status = mortals.act("complete", **asked)
        assert status == 200, point
        while trial.state(instance) != "completed" and point not in reached:
            is_killed, _done = mortals.act("work", point)
            if is_killed:
                reached.add(point)
        _settle(trial, mortals, instance)
    _until(lambda: {row.state for row in trial.rows(table_of(Outbox))} == {"sent"} or mortals.act("work")[0])
    assert reached == set(CRASH_POINTS)
    trial.check(started)


def _settle(trial: Trial, mortals: Mortals, instance: UUID) -> None:
    """Let the worker go on, unharmed, until the instance has ended."""
    _until(lambda: trial.state(instance) == "completed" or mortals.act("work")[0])


def _pass_time(trial: Trial) -> None:
    """Be some minutes later: the killed worker has given no sign for long, its jobs are late."""
    with trial.owner.begin() as connection:
        for change in (
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '5 minutes'",
            "UPDATE job SET due_at = due_at - interval '5 minutes' WHERE state = 'pending'",
        ):
            connection.execute(text(change))


class TrialProcesses(HouseProcesses):
    """gunicorn and the worker, with the trial's handlers."""

    def _start(self, name, command, settings):
        del command
        return super()._start(name, {"web": WEB, "worker": WORKER}[name], settings)


@pytest.fixture
def processes(trial: Trial, own_database: TestDatabase, tmp_path: Path) -> Iterator[TrialProcesses]:
    running = TrialProcesses(tmp_path, own_database.owner_conninfo)
    yield running
    running.kill()


def _complete(processes: TrialProcesses, trial: Trial, task: UUID) -> int:
    answer = processes.ask(
        "POST",
        f"/api/v1/tasks/{task}/complete",
        {"data": {}},
        token=trial.token,
        headers={"Idempotency-Key": str(task)},
    )
    return answer.status


def test_the_real_web_and_worker_killed_at_work_finish_it_after_their_restart(
    trial: Trial, processes: TrialProcesses
) -> None:
    begun = [trial.start() for _ in range(4)]
    processes.start_web(CONGVAN_CRASH_POINT="instance.saved")
    with pytest.raises(ConnectionLost):
        pytest.fail(f"answered {_complete(processes, trial, begun[0][1])}: {processes.log('web')}")
    processes.kill()
    processes.start_web()
    processes.start_worker(CONGVAN_CRASH_POINT="job.handled")
    for _instance, task in begun:
        assert _complete(processes, trial, task) == 200
    assert processes.worker is not None
    processes.worker.wait(SETTLE_SECONDS)
    assert processes.worker.returncode == -9, processes.log("worker")
    processes.kill()
    _pass_time(trial)
    processes.start_worker()
    _until(lambda: {trial.state(one) for one, _task in begun} == {"completed"})
    _until(lambda: {row.state for row in trial.rows(table_of(Outbox))} == {"sent"})
    processes.stop()
    trial.check([one for one, _task in begun])


def test_a_worker_told_to_stop_finishes_the_job_under_way(trial: Trial, processes: TrialProcesses) -> None:
    processes.start_worker()
    begun = [trial.start() for _ in range(3)]
    processes.start_web()
    for _instance, task in begun:
        assert _complete(processes, trial, task) == 200
    _until(lambda: trial.outside.lines("posted"))
    processes.stop()
    pending = trial.rows(table_of(Job), table_of(Job).c.state == "pending")
    assert len(pending) + len(trial.outside.lines("posted")) == len(begun), "no job was cut off in the middle"
    processes.start_worker()
    _until(lambda: {trial.state(one) for one, _task in begun} == {"completed"})
    _until(lambda: {row.state for row in trial.rows(table_of(Outbox))} == {"sent"})
    trial.check([one for one, _task in begun])
