"""Running a service task's job: the handler outside the instance's lock, its result under it.

A job runs at least once; its effect happens once, because handlers are idempotent by the job's token and
because the result is taken only while the job is still pending.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, update

from handlers.contract import BpmnError, HandlerContext, RetryLater
from service.domain.crashpoints import crashpoint
from service.domain.errors import CongVanError
from service.engine import instances as stored
from service.engine.engine import ProcessEngine
from service.engine.resources import JobTicket
from service.engine.spiff.failures import StepFailure
from service.engine.view import Cause
from service.storage.jobs import has_ticket
from service.storage.models import Incident, Job, ProcessInstance, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

JOB = table_of(Job)
INCIDENT = table_of(Incident)
INSTANCE = table_of(ProcessInstance)

MAX_ATTEMPTS: Final = 6
HANDLER_SECONDS: Final = 600
"""The longest that a handler may be busy outside the database."""
_FIRST_DELAY: Final = timedelta(seconds=5)
_LONGEST_DELAY: Final = timedelta(minutes=30)
_MOST_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class JobFault:
    """Why a job did not get through; ``after`` overrides the back-off."""

    code: str
    vi: str
    en: str
    is_passing: bool
    after: timedelta | None = None


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after the given number of failed attempts: 5 s, doubled, 30 min at most."""
    doublings = min(max(0, attempts - 1), _MOST_DOUBLINGS)
    return min(_FIRST_DELAY * (1 << doublings), _LONGEST_DELAY)


def run(engine: ProcessEngine, unit: UnitOfWork, job_id: UUID) -> str:
    """Run a pending job and hand its result to the process.

    Returns:
        ``done``, ``caught`` (a BPMN error was raised), or ``skipped`` (not pending, its instance is held, or
        another worker is running it).

    Raises:
        RetryLater: a passing fault; the caller records it with :func:`record_fault` in a new unit of work.
        CongVanError: a fault that will not pass by itself; likewise.
    """
    job = _pending(unit, job_id) if _is_mine(unit, job_id) else None
    if job is None:
        return "skipped"
    crashpoint("job.read")
    context = HandlerContext(
        unit=unit,
        instance_id=job.instance_id,
        element_id=job.element_id,
        business_key=job.business_key,
        idempotency_key=job.token_id,
        resources=engine.resources.handler_resources,
    )
    try:
        result = engine.resources.handler(job.operation)(job.params, context)
        crashpoint("job.handled")
    except BpmnError as error:
        code, message = error.code, error.message
        return _finish(
            engine,
            unit,
            job,
            "caught",
            lambda execution: execution.fail_job_with_bpmn_error(job.token_id, code, message),
        )
    return _finish(engine, unit, job, "done", lambda execution: execution.finish_job(job.token_id, result))


def _is_mine(unit: UnitOfWork, job_id: UUID) -> bool:
    """Take the job for this transaction unless another runs it; the handler may then think for a while.

    The row itself stays free: cancelling the job must not wait for the handler.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"job:{job_id}", 0))
    patience = func.set_config("idle_in_transaction_session_timeout", f"{HANDLER_SECONDS}s", True)
    return bool(unit.session.execute(select(lock, patience)).one()[0])


def _pending(unit: UnitOfWork, job_id: UUID) -> Row[Any] | None:
    statement = (
        select(JOB, INSTANCE.c.business_key)
        .join(INSTANCE, INSTANCE.c.id == JOB.c.instance_id)
        .where(JOB.c.id == job_id, JOB.c.state == "pending", INSTANCE.c.state == "active")
    )
    return unit.session.execute(statement).one_or_none()


def _finish(
    engine: ProcessEngine,
    unit: UnitOfWork,
    job: Row[Any],
    outcome: str,
    act: Callable[[Any], Any],
) -> str:
    """Take the result under the instance's lock, unless the job went meanwhile."""
    locked = stored.lock_instance(unit, job.instance_id)
    taken = unit.session.execute(
        update(JOB)
        .where(JOB.c.id == job.id, JOB.c.state == "pending")
        .values(state="done", attempts=job.attempts + 1, last_error=None),
    )
    if locked is None or locked.row.state != "active" or taken.rowcount != 1:  # type: ignore[attr-defined]
        raise JobOvertaken
    crashpoint("job.taken")
    engine.change_locked(unit, locked, act, Cause("job", reason=job.operation))
    details = {"operation": job.operation, "outcome": outcome}
    unit.audit(AuditRecord("job.run", "job", job.id, details))
    return outcome


class JobOvertaken(Exception):  # noqa: N818 - nothing went wrong
    """The job was cancelled, or its instance held or ended, while the handler ran: roll back."""


def fault_of(error: BaseException) -> JobFault:
    """Return what to record for an error that :func:`run` raised."""
    if isinstance(error, RetryLater):
        reason = error.reason
        return JobFault("job.passing_fault", reason, reason, is_passing=True, after=error.after)
    if isinstance(error, CongVanError):
        return JobFault(error.code, error.vi, error.en, is_passing=error.kind == "unavailable")
    name = type(error).__name__
    return JobFault(
        "job.crashed",
        f"Chức năng xử lý gặp lỗi ({name}).",
        f"The handler failed ({name}).",
        is_passing=True,
    )


def record_fault(engine: ProcessEngine, unit: UnitOfWork, job_id: UUID, fault: JobFault) -> str:
    """Count a failed attempt: try again later, or open an incident once the attempts are used up.

    Returns:
        ``retry`` or ``incident``, or ``skipped`` if the job is no longer pending or its instance is held.
    """
    instance_id = unit.session.execute(
        select(JOB.c.instance_id).where(JOB.c.id == job_id)
    ).scalar_one_or_none()
    locked = stored.lock_instance(unit, instance_id) if instance_id else None
    job = _pending(unit, job_id)
    if locked is None or job is None:
        return "skipped"
    attempts = job.attempts + 1
    mine = update(JOB).where(JOB.c.id == job_id)
    if fault.is_passing and attempts < MAX_ATTEMPTS:
        due_at = unit.now + (fault.after or back_off(attempts))
        unit.session.execute(mine.values(attempts=attempts, last_error=fault.en, due_at=due_at))
        engine.resources.defer_job(unit, JobTicket(job_id, due_at))
        return "retry"
    unit.session.execute(mine.values(attempts=attempts, last_error=fault.en, state="failed"))
    _give_up(engine, unit, locked, job, fault)
    return "incident"


def _give_up(
    engine: ProcessEngine,
    unit: UnitOfWork,
    locked: stored.LockedInstance,
    job: Row[Any],
    fault: JobFault,
) -> None:
    """Let the service task stand still; the step's incident tells which job it was."""
    details = {"operation": job.operation, "attempts": job.attempts + 1}
    failure = StepFailure(fault.code, fault.vi, fault.en, details)
    cause = Cause("job", reason=job.operation)
    engine.change_locked(unit, locked, lambda execution: execution.fail_job(job.token_id, failure), cause)
    unit.flush_writes()
    its = (INCIDENT.c.instance_id == job.instance_id, INCIDENT.c.token_id == job.token_id)
    opened = unit.session.execute(
        update(INCIDENT)
        .where(*its, INCIDENT.c.resolved_at.is_(None))
        .values(job_id=job.id)
        .returning(INCIDENT.c.id),
    ).scalar_one()
    unit.audit(AuditRecord("incident.open", "incident", opened, {"code": fault.code}))


def requeue(engine: ProcessEngine, unit: UnitOfWork, job_id: UUID) -> bool:
    """Write a new ticket for a pending job whose ticket was lost; return whether one was missing."""
    if _pending(unit, job_id) is None or has_ticket(unit, job_id):
        return False
    engine.resources.defer_job(unit, JobTicket(job_id))
    return True
