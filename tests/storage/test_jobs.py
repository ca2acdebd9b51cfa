"""Job tickets: in our transaction, at least once, found again after a killed worker."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from inspect import signature
from pathlib import Path
from uuid import UUID

import psycopg
from procrastinate.schema import SchemaManager
from procrastinate.worker import Worker
from sqlalchemy import Engine, text

from service.domain.ids import new_id
from service.storage import jobs
from service.storage.database import Database
from tests.factories import Office
from tests.harness import OPENING, TestDatabase, TestServer

TICKETS = text(
    "SELECT args->>'job_id', status::text FROM procrastinate_jobs WHERE task_name = 'congvan.run_job' ORDER BY id",
)
WORKER = Path(__file__).with_name("ticket_worker.py")


def _tickets(owner: Database) -> list[tuple[str, str]]:
    with owner.session() as session:
        rows = session.execute(TICKETS)
        return [tuple(row) for row in rows]


def _run_worker(database: TestDatabase, ran: list[tuple[UUID, str, UUID]]) -> None:
    """Run every visible ticket, then stop."""

    async def work() -> None:
        app = jobs.make_job_app(database.runtime_conninfo, lambda *ticket: ran.append(ticket))
        async with app.open_async():
            await app.run_worker_async(
                **{**jobs.WORKER_OPTIONS, "wait": False, "install_signal_handlers": False},
                queues=[jobs.QUEUE_SERVICE_TASKS],
            )

    asyncio.run(work())


def test_tickets_come_with_the_commit(
    database: Database, owner: Database, office: Office, worker_database: TestDatabase
) -> None:
    ids = [new_id(OPENING) for _ in range(3)]
    with database.unit_of_work(office.system) as unit:
        assert jobs.defer(unit, ids) == 3
        assert _tickets(owner) == []
    assert _tickets(owner) == [(str(job_id), "todo") for job_id in ids]
    ran: list[tuple[UUID, str, UUID]] = []
    _run_worker(worker_database, ran)
    assert sorted(ran) == sorted((office.agency_id, "vptu", job_id) for job_id in ids)
    assert _tickets(owner) == []


def test_tickets_go_with_a_rollback(database: Database, owner: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        jobs.defer(unit, [new_id(OPENING)])
        unit.session.rollback()
    assert _tickets(owner) == []


def test_a_ticket_for_later_is_left_alone_until_then(
    database: Database, owner: Database, office: Office, worker_database: TestDatabase
) -> None:
    with owner.session() as session:
        later = session.execute(text("SELECT now()")).scalar_one() + timedelta(hours=1)
    with database.unit_of_work(office.system) as unit:
        jobs.defer(unit, [new_id(OPENING)], due_at=later)
    ran: list[tuple[UUID, str, UUID]] = []
    _run_worker(worker_database, ran)
    assert ran == []
    assert [status for _job, status in _tickets(owner)] == ["todo"]


def test_no_ticket_costs_no_statement(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        assert jobs.defer(unit, []) == 0


def test_a_killed_workers_ticket_is_put_back_and_run_again(
    database: Database, owner: Database, office: Office, worker_database: TestDatabase
) -> None:
    job_id = new_id(OPENING)
    with database.unit_of_work(office.system) as unit:
        jobs.defer(unit, [job_id])
    arguments = [sys.executable, str(WORKER), worker_database.runtime_conninfo]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == str(job_id)
        worker.kill()
    assert _tickets(owner) == [(str(job_id), "doing")]
    with owner.session() as session:  # its last sign of life is long past
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"))
    assert asyncio.run(_requeue(worker_database)) == 1
    ran: list[tuple[UUID, str, UUID]] = []
    _run_worker(worker_database, ran)
    assert [ticket[2] for ticket in ran] == [job_id]


async def _requeue(database: TestDatabase) -> int:
    app = jobs.make_job_app(database.runtime_conninfo, lambda *_: None)
    async with app.open_async():
        return await jobs.requeue_stalled(app)


def test_a_ticket_whose_run_raises_is_tried_again_later(
    database: Database, owner: Database, office: Office, worker_database: TestDatabase
) -> None:
    with database.unit_of_work(office.system) as unit:
        jobs.defer(unit, [new_id(OPENING)])

    def fail(*_: object) -> None:
        raise ConnectionError("the database is away")

    async def work() -> None:
        app = jobs.make_job_app(worker_database.runtime_conninfo, fail)
        async with app.open_async():
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, queues=[jobs.QUEUE_SERVICE_TASKS]
            )

    asyncio.run(work())
    with owner.session() as session:
        status, attempts = session.execute(
            text("SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name = 'congvan.run_job'")
        ).one()
    assert (status, attempts) == ("todo", 1)


def test_the_queues_schema_is_the_installed_packages(
    server: TestServer, worker_name: str, owner_engine: Engine
) -> None:
    """An upgrade of the package that changes its tables needs a revision of ours."""
    plain = server.create_database(f"queue_{worker_name}")
    with psycopg.connect(plain.owner_conninfo, autocommit=True) as connection:
        connection.execute(SchemaManager.get_schema())
        expected = connection.execute(_SHAPE).fetchall()
    with owner_engine.connect() as migrated:
        assert [tuple(row) for row in migrated.execute(text(_SHAPE))] == expected


_SHAPE = """
    SELECT 'column', table_name || '.' || column_name, data_type || coalesce(column_default, '')
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name LIKE 'procrastinate%'
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, md5(p.prosrc)
    FROM pg_proc p WHERE p.proname LIKE 'procrastinate%'
    ORDER BY 1, 2
"""


def test_the_workers_options_are_ones_that_the_package_knows() -> None:
    assert set(jobs.WORKER_OPTIONS) <= set(signature(Worker).parameters)
