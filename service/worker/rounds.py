"""One round of each duty, as functions: the worker calls them again and again, tests call them once.

Every function takes its rows across agencies from the database, then handles each in the unit of work of its
own agency. A fault of one row is logged and does not stop the round.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from handlers.contract import RetryLater
from service.actions import audit, jobs, outbox, timers
from service.bootstrap import Runtime
from service.domain.actors import Actor, system_actor
from service.domain.errors import CongVanError
from service.storage.database import unavailable

log = logging.getLogger("congvan.worker")

BATCH: Final = 200
JOB_GRACE_SECONDS: Final = 60


def fire_timers(runtime: Runtime, limit: int = BATCH) -> int:
    """Fire the timers that are due; return how many fired."""
    fired = 0
    instances = dict.fromkeys(
        (row.agency_id, row.agency_code, row.instance_id) for row in _due(runtime, "due_timers", limit)
    )
    for agency_id, agency_code, instance_id in instances:
        actor = system_actor(agency_id, agency_code, f"timer:{instance_id}")

        def fire(actor: Actor = actor, instance_id: UUID = instance_id) -> int:
            with runtime.database.unit_of_work(actor) as unit:
                return timers.fire_due(runtime.engine, unit, instance_id)

        fired += _guarded("timer.fire", instance_id, fire) or 0
    return fired


def start_processes(runtime: Runtime, limit: int = BATCH) -> int:
    """Start the processes whose timer start events are due; return how many started."""
    started = 0
    for row in _due(runtime, "due_timer_starts", limit):
        actor = system_actor(row.agency_id, row.agency_code, f"timer_start:{row.id}")

        def start(actor: Actor = actor, row_id: UUID = row.id) -> bool:
            with runtime.database.unit_of_work(actor) as unit:
                return timers.start_due(runtime.engine, unit, row_id)

        started += bool(_guarded("timer_start.start", row.id, start))
    return started


def send_outbox(runtime: Runtime, limit: int = BATCH) -> int:
    """Send what the outbox holds and is due; return how many rows were sent."""
    sent = 0
    for row in _due(runtime, "due_outbox", limit):
        actor = system_actor(row.agency_id, row.agency_code, f"outbox:{row.id}")

        def send(actor: Actor = actor, row_id: UUID = row.id) -> str:
            with runtime.database.unit_of_work(actor) as unit:
                return outbox.send_one(runtime.engine, unit, runtime.channels, row_id)

        sent += _guarded("outbox.send", row.id, send) == "sent"
    return sent


def run_due_jobs(runtime: Runtime, limit: int = BATCH) -> int:
    """Run the jobs that are due without the queue: for tests, and for the sweep of lost tickets."""
    rows = list(_due(runtime, "due_jobs", limit))
    return sum(run_job(runtime, row.agency_id, row.agency_code, row.id) == "done" for row in rows)


def run_job(runtime: Runtime, agency_id: UUID, agency_code: str, job_id: UUID) -> str:
    """Run one job to its end: done, caught by the diagram, to be retried, or an incident."""
    actor = system_actor(agency_id, agency_code, f"job:{job_id}")
    try:
        with runtime.database.unit_of_work(actor) as unit:
            return jobs.run(runtime.engine, unit, job_id)
    except jobs.JobOvertaken:
        return "skipped"
    except (RetryLater, CongVanError) as error:
        fault = jobs.fault_of(error)
    except Exception as error:
        if unavailable(error):
            raise
        log.exception("job crashed", extra={"action": "job.crash", "job_id": str(job_id)})
        fault = jobs.fault_of(error)
    with runtime.database.unit_of_work(actor) as unit:
        return jobs.record_fault(runtime.engine, unit, job_id, fault)


def requeue_lost_jobs(runtime: Runtime, limit: int = BATCH) -> int:
    """Run the jobs that have been due for a while: their ticket was lost with a killed worker."""
    grace = f"{JOB_GRACE_SECONDS} seconds"
    late = list(_due(runtime, "due_jobs", limit, grace))
    return sum(run_job(runtime, row.agency_id, row.agency_code, row.id) != "skipped" for row in late)


def seal_audit(runtime: Runtime) -> int:
    """Chain the audit events that no transaction can add to any more; return how many."""
    return audit.seal(runtime.database)


def sweep_expired(runtime: Runtime) -> int:
    """Delete what has served its time (old login failures, kept answers, ended sessions); return how many."""
    statement = text("SELECT sweep_expired(:now)")
    with runtime.database.session() as session:
        return int(session.execute(statement, {"now": runtime.clock.now()}).scalar_one())


def _due(runtime: Runtime, function: str, limit: int, grace: str = "0 seconds") -> Iterator[Any]:
    statement = text(f"SELECT * FROM {function}(:now - CAST(:grace AS interval), :limit)")  # noqa: S608 - fixed names
    with runtime.database.session() as session:
        values = {"now": runtime.clock.now(), "limit": limit, "grace": grace}
        rows = session.execute(statement, values).all()
    return iter(rows)


def _guarded(action: str, object_id: UUID, call: Callable[[], Any]) -> Any:
    """Return the call's value, None if it failed; one bad row must not stop the others."""
    try:
        return call()
    except Exception as error:
        if unavailable(error):
            raise
        log.exception("round failed", extra={"action": action, "object_id": str(object_id)})
        return None
