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

from sqlalchemy import Row, insert, select, update

from handlers.contract import BpmnError, HandlerContext, RetryLater
from service.domain.crashpoints import crashpoint
from service.domain.errors import CongVanError
from service.domain.ids import new_id
from service.engine import instances as stored
from service.engine.engine import ProcessEngine
from service.engine.resources import JobTicket
from service.engine.view import Cause
from service.storage.models import Incident, Job, ProcessInstance, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

JOB = table_of(Job)
INCIDENT = table_of(Incident)
INSTANCE = table_of(ProcessInstance)

MAX_ATTEMPTS: Final = 6
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
        ``done``, ``caught`` (a BPMN error was raised), or ``skipped`` (not pending, or its instance is held).

    Raises:
        RetryLater: a passing fault; the caller records it with :func:`record_fault` in a new unit of work.
        CongVanError: a fault that will not pass by itself; likewise.
    """
    job = _pending(unit, job_id)
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
        ``retry`` or ``incident``, or ``skipped`` if the job is no longer pending.
    """
    job = unit.session.execute(select(JOB).where(JOB.c.id == job_id)).one_or_none()
    if job is None:
        return "skipped"
    locked = stored.lock_instance(unit, job.instance_id)
    attempts = job.attempts + 1
    gives_up = not fault.is_passing or attempts >= MAX_ATTEMPTS
    delay = fault.after or back_off(attempts)
    values = {
        "attempts": attempts,
        "last_error": fault.en,
        "state": "failed" if gives_up else "pending",
        "due_at": unit.now + delay,
    }
    statement = update(JOB).where(JOB.c.id == job_id, JOB.c.state == "pending").values(**values)
    if locked is None or unit.session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]
        return "skipped"
    if not gives_up:
        engine.resources.defer_job(unit, JobTicket(job_id, unit.now + delay))
        return "retry"
    _open_incident(unit, job, fault, attempts)
    return "incident"


def _open_incident(unit: UnitOfWork, job: Row[Any], fault: JobFault, attempts: int) -> None:
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "instance_id": job.instance_id,
        "token_id": job.token_id,
        "job_id": job.id,
        "element_id": job.element_id,
        "code": fault.code,
        "vi": fault.vi,
        "en": fault.en,
        "details": {"operation": job.operation, "attempts": attempts},
        "created_at": unit.now,
    }
    unit.session.execute(insert(INCIDENT), [row])
    unit.audit(AuditRecord("incident.open", "incident", row["id"], {"code": fault.code}))
