"""The job queue: procrastinate in our own database, its rows written in our own transaction.

A ticket names an agency and a job row, and nothing else; the job row is the truth and the ticket only a
wake-up call. So a lost or doubled ticket harms nothing: a sweep finds the late job, and running a job that is
done does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.types import JSONDict
from sqlalchemy import text
from sqlalchemy.orm import Session

from service.storage.unit_of_work import UnitOfWork

log = logging.getLogger("congvan.jobs")

QUEUE_SERVICE_TASKS: Final = "service_tasks"
QUEUE_SWEEPS: Final = "sweeps"

TASK_RUN_JOB: Final = "congvan.run_job"
TASK_REQUEUE_STALLED: Final = "congvan.requeue_stalled"
TASK_DELETE_FINISHED: Final = "congvan.delete_finished"

HEARTBEAT_SECONDS: Final = 5
STALLED_SECONDS: Final = 20
_FAILED_KEPT_HOURS: Final = 72

WORKER_OPTIONS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "delete_jobs": "successful",
        "fetch_job_polling_interval": 0.5,
        "abort_job_polling_interval": 5.0,
        "update_heartbeat_interval": HEARTBEAT_SECONDS,
        "stalled_worker_timeout": STALLED_SECONDS,
        "shutdown_graceful_timeout": 30.0,
        "listen_notify": True,
    },
)
"""For ``App.run_worker_async``. Finished rows are deleted, because fetching slows with their number; polling
is the fallback for a missed notification and the grain of delayed tickets."""

RunJob = Callable[[UUID, str, UUID], object]
"""Runs one job: agency id, agency code, job id. It records what the job did, and raises only when the
database itself failed."""


def defer(unit: UnitOfWork, job_ids: Iterable[UUID], due_at: datetime | None = None) -> int:
    """Write tickets for jobs of the unit's agency into its transaction; return how many.

    They become visible to workers at the commit and vanish with a rollback. One statement for all of them, on
    the unit's own connection: the web process needs no pool of the queue's own.

    Args:
        unit: the open unit of work.
        job_ids: rows of ``job``.
        due_at: not before this instant; None = at once.
    """
    actor = unit.actor
    tickets: list[JSONDict] = [
        {"agency_id": str(actor.agency_id), "agency_code": actor.agency_code, "job_id": str(job_id)}
        for job_id in job_ids
    ]
    if tickets:
        deferrer = _QUEUE.configure_task(
            TASK_RUN_JOB,
            queue=QUEUE_SERVICE_TASKS,
            schedule_at=due_at,
            connection=_driver_connection(unit.session),
        )
        deferrer.batch_defer(*tickets)
    return len(tickets)


def has_ticket(unit: UnitOfWork, job_id: UUID) -> bool:
    """Return whether a ticket of the job waits in the queue, or is held by a worker that lives."""
    statement = text(
        "SELECT EXISTS (SELECT FROM procrastinate_jobs j"
        " LEFT JOIN procrastinate_workers w ON w.id = j.worker_id WHERE j.task_name = :task"
        " AND j.args->>'job_id' = :job AND (j.status = 'todo'"
        " OR j.status = 'doing' AND w.last_heartbeat > now() - make_interval(secs => :stalled)))",
    )
    values = {"task": TASK_RUN_JOB, "job": str(job_id), "stalled": STALLED_SECONDS}
    return bool(unit.session.execute(statement, values).scalar_one())


def make_job_app(conninfo: str, run_job: RunJob) -> App:
    """Return the queue's application for a worker, with its tasks.

    Args:
        conninfo: libpq connection string of the runtime role; direct, because it listens for notifications.
        run_job: called in a thread for each ticket.
    """
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=8))

    # A ticket is worth a few tries only while the database is away; afterwards the sweep finds the job.
    @app.task(name=TASK_RUN_JOB, queue=QUEUE_SERVICE_TASKS, retry=RetryStrategy(max_attempts=3, wait=5))
    def take_ticket(agency_id: str, agency_code: str, job_id: str) -> None:
        run_job(UUID(agency_id), agency_code, UUID(job_id))

    @app.periodic(cron="* * * * *")
    @app.task(name=TASK_REQUEUE_STALLED, queue=QUEUE_SWEEPS, queueing_lock=TASK_REQUEUE_STALLED)
    async def requeue(timestamp: int) -> None:
        del timestamp
        await requeue_stalled(app)

    @app.periodic(cron="17 3 * * *")
    @app.task(name=TASK_DELETE_FINISHED, queue=QUEUE_SWEEPS, queueing_lock=TASK_DELETE_FINISHED)
    async def delete_finished(timestamp: int) -> None:
        del timestamp
        await app.job_manager.delete_old_jobs(nb_hours=_FAILED_KEPT_HOURS, include_failed=True)

    del take_ticket, requeue, delete_finished  # registered by their decorators
    return app


async def requeue_stalled(app: App, seconds: float = STALLED_SECONDS) -> int:
    """Put back the tickets that a killed worker held; return how many.

    Args:
        app: an open application.
        seconds: how long the worker has given no sign.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for ticket in stalled:
        await app.job_manager.retry_job(ticket)
        log.warning("ticket put back", extra={"action": "ticket.requeue", "ticket": ticket.id})
    return len(stalled)


def _driver_connection(session: Session) -> psycopg.Connection:
    return cast("psycopg.Connection", session.connection().connection.driver_connection)


_QUEUE: Final = App(connector=SyncPsycopgConnector())
"""Writes tickets on connections that it is given; it is never opened and has no pool."""
