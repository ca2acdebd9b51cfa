"""What one may ask of process instances: start, suspend, resume, terminate, set variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, select, update

from service.domain.actors import Person
from service.domain.digests import digest_of
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput
from service.domain.permissions import Refused, Subject, decide, forbidden, is_allowed, may_ask, require
from service.engine import instances as stored
from service.engine.engine import ProcessEngine, StartRequest
from service.engine.instances import LockedInstance
from service.engine.resources import JobTicket
from service.engine.view import Cause, InstanceRow, Progress, instance_not_found
from service.feel import Runtime, compile_expression
from service.queries.definitions import DefinitionView, active_definition
from service.queries.instances import InstanceView, read_view
from service.queries.user_tasks import NextTask, next_tasks
from service.storage.models import Document, Job, ProcessInstance, Timer, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

INSTANCE = table_of(ProcessInstance)
TASK = table_of(UserTask)
TIMER = table_of(Timer)
JOB = table_of(Job)
DOCUMENT = table_of(Document)


@dataclass(frozen=True, slots=True)
class Started:
    """A new instance, with the tasks that the one who started it may take at once."""

    instance_id: UUID
    state: str
    rev: int
    next_tasks: tuple[NextTask, ...]


def start(
    engine: ProcessEngine,
    unit: UnitOfWork,
    process_key: str,
    variables: Mapping[str, Any],
    business_key: str | None = None,
) -> Started:
    """Start the active version of a process at its none start event; tell the starter's first tasks.

    Raises:
        NotFound: no such process, or none of its versions is active.
        Forbidden: the process's ``may_start`` does not name the actor.
    """
    definition = active_definition(unit, process_key)
    _check_may_start(unit, definition)
    progress = start_version(engine, unit, definition, variables, business_key)
    following = next_tasks(progress.created_tasks, unit.actor)
    return Started(progress.instance_id, progress.state, progress.rev, following)


def start_version(
    engine: ProcessEngine,
    unit: UnitOfWork,
    definition: DefinitionView,
    variables: Mapping[str, Any],
    business_key: str | None = None,
    *,
    start_event: str | None = None,
    initiator: Person | None = None,
) -> Progress:
    """Start a version at a start event, without asking who may: for messages, timers and our own actions.

    ``initiator`` is in whose place the actor starts it, None = their own.
    """
    starter = initiator or unit.actor
    key = business_key or _business_key(unit, definition, variables)
    request = StartRequest(
        definition_id=definition.id,
        variables=dict(variables),
        business_key=key,
        start_event=start_event,
        initiator_id=starter.account_id,
        initiator_login=None if starter.account_id is None else starter.login,
    )
    progress = engine.start(unit, request)
    details = {"key": definition.key, "version": definition.version, "business_key": key}
    record = AuditRecord(
        "process_instance.start",
        "process_instance",
        progress.instance_id,
        details,
        on_behalf_of_id=None if initiator is None else initiator.account_id,
    )
    unit.audit(record)
    return progress


def may_start(unit: UnitOfWork, definition: DefinitionView) -> bool:
    """Return whether the actor may start the process by hand."""
    expression = definition.info.get("may_start")
    if not expression:
        return is_allowed(unit.actor, "instance.start_unassigned")
    value = compile_expression(expression).evaluate({}, Runtime(unit.clock)).value
    references = value if isinstance(value, list) else [value]
    return any(reference in unit.actor.references for reference in references)


def _check_may_start(unit: UnitOfWork, definition: DefinitionView) -> None:
    if not may_start(unit, definition):
        raise Forbidden(
            "process.may_not_start",
            "Anh/chị không có quyền khởi tạo quy trình này.",
            "You may not start this process.",
            extra={"process": definition.key},
        )


def _business_key(unit: UnitOfWork, definition: DefinitionView, variables: Mapping[str, Any]) -> str | None:
    expression = definition.info.get("business_key")
    if not expression:
        return None
    value = compile_expression(expression).evaluate(variables, Runtime(unit.clock)).value
    return None if value is None else str(value)


def _check_reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        vi, en = "Phải nêu lý do.", "A reason is required."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    return text


def _lock(unit: UnitOfWork, instance_id: UUID, action: str) -> LockedInstance:
    """Lock the instance, once the actor may do this to it in the state that it is in."""
    if not may_ask(unit.actor, action):
        raise forbidden(action)
    read_view(unit, instance_id)
    locked = stored.lock_instance(unit, instance_id)
    if locked is None:
        raise instance_not_found()
    decision = decide(unit.actor, action, _subject_of(unit, locked.row))
    if isinstance(decision, Refused) and decision.reason == "state":
        raise Conflict(
            f"process_instance.{locked.row.state}",
            "Trạng thái của quy trình không cho phép thao tác này.",
            "The state of the process instance does not allow this.",
            extra={"state": locked.row.state},
        )
    if isinstance(decision, Refused):
        raise forbidden(action)
    return locked


def _subject_of(unit: UnitOfWork, row: InstanceRow) -> Subject:
    """Return the instance as the permission table sees it; the kind of its document where an order asks."""
    kind = None
    if any(mandate.document_types for mandate in unit.actor.mandates):
        about = select(DOCUMENT.c.type_name).where(DOCUMENT.c.instance_id == row.id).limit(1)
        kind = unit.session.execute(about).scalar()
    return Subject(row.state, process_key=row.key, document_type=kind)


def suspend(unit: UnitOfWork, instance_id: UUID, reason: str) -> InstanceView:
    """Hold an instance: its tasks cannot be completed, its timers and jobs do not run.

    Raises:
        NotFound: absent or hidden.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it is not active.
    """
    text = _check_reason(reason)
    _lock(unit, instance_id, "instance.suspend")
    _set_held(unit, instance_id, is_held=True)
    unit.audit(AuditRecord("process_instance.suspend", "process_instance", instance_id, {"reason": text}))
    return read_view(unit, instance_id)


def _set_held(unit: UnitOfWork, instance_id: UUID, *, is_held: bool) -> None:
    """Hold a locked instance with its open tasks and timers, or let them go on."""
    owned = case((TASK.c.owner_id.is_(None), "ready"), else_="reserved")
    tasks = update(TASK).where(TASK.c.instance_id == instance_id, TASK.c.is_open)
    session = unit.session
    session.execute(
        update(INSTANCE)
        .where(INSTANCE.c.id == instance_id)
        .values(state="suspended" if is_held else "active"),
    )
    session.execute(tasks.values(state="suspended" if is_held else owned, version=TASK.c.version + 1))
    timers = update(TIMER).where(TIMER.c.instance_id == instance_id)
    if not is_held:
        timers = timers.where(TIMER.c.due_at.not_in(_paused_due_times(instance_id)))
    session.execute(timers.values(held=is_held))


def _paused_due_times(instance_id: UUID) -> Select[tuple[datetime]]:
    """Return when the tasks are due whose clock stands: their timers stay held when the instance goes on."""
    paused = TASK.c.deadline["paused_at"].astext.is_not(None)
    return select(TASK.c.due_at).where(
        TASK.c.instance_id == instance_id, TASK.c.is_open, TASK.c.due_at.is_not(None), paused
    )


def resume(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID) -> InstanceView:
    """Let a suspended instance go on; a timer that fell due meanwhile fires once, waiting jobs run.

    Raises:
        NotFound: absent or hidden.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it is not suspended.
    """
    _lock(unit, instance_id, "instance.resume")
    _let_go_on(engine, unit, instance_id)
    return read_view(unit, instance_id)


def _let_go_on(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID) -> None:
    _set_held(unit, instance_id, is_held=False)
    waiting = select(JOB.c.id).where(JOB.c.instance_id == instance_id, JOB.c.state == "pending")
    for job_id in unit.session.execute(waiting).scalars().all():
        engine.resources.defer_job(unit, JobTicket(job_id))
    unit.audit(AuditRecord("process_instance.resume", "process_instance", instance_id))


def terminate(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID, reason: str) -> InstanceView:
    """End an instance for good; its open tasks become obsolete, its timers and jobs go.

    Raises:
        NotFound: absent or hidden.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it has ended already.
    """
    text = _check_reason(reason)
    _end(engine, unit, _lock(unit, instance_id, "instance.terminate"), text)
    return read_view(unit, instance_id)


def _end(engine: ProcessEngine, unit: UnitOfWork, locked: LockedInstance, text: str) -> None:
    instance_id = locked.row.id
    if locked.row.state == "suspended":
        _set_held(unit, instance_id, is_held=False)
        locked = replace(locked, row=replace(locked.row, state="active"))
    engine.change_locked(
        unit,
        locked,
        lambda execution: execution.terminate(text),
        Cause("terminate", reason=text),
    )
    unit.flush_writes()
    unit.session.execute(update(INSTANCE).where(INSTANCE.c.id == instance_id).values(end_reason=text))
    unit.audit(AuditRecord("process_instance.terminate", "process_instance", instance_id, {"reason": text}))


def hold_work(unit: UnitOfWork, instance_id: UUID) -> bool:
    """Suspend an instance without asking who may, for actions that decide it; say whether it was active."""
    locked = stored.lock_instance(unit, instance_id)
    if locked is None or locked.row.state != "active":
        return False
    _set_held(unit, instance_id, is_held=True)
    unit.audit(AuditRecord("process_instance.suspend", "process_instance", instance_id))
    return True


def release_work(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID) -> None:
    """Let an instance go on that :func:`hold_work` suspended; its jobs get new tickets."""
    locked = stored.lock_instance(unit, instance_id)
    if locked is not None and locked.row.state == "suspended":
        _let_go_on(engine, unit, instance_id)


def end_work(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID, reason: str) -> None:
    """Terminate an instance that has not ended, without asking who may, as :func:`hold_work`."""
    locked = stored.lock_instance(unit, instance_id)
    if locked is not None and locked.row.state in {"active", "suspended"}:
        _end(engine, unit, locked, reason)


def set_variables(
    engine: ProcessEngine,
    unit: UnitOfWork,
    instance_id: UUID,
    patch: Mapping[str, Any],
    reason: str,
) -> InstanceView:
    """Correct variables of an active instance by hand; digests of both states go to the audit.

    Raises:
        NotFound: absent or hidden.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it is not active.
    """
    text = _check_reason(reason)
    require(unit.actor, "instance.set_variables")
    digests: list[bytes] = []

    def change(execution: Any) -> None:
        digests.append(digest_of(execution.variables))
        execution.set_variables(None, dict(patch))
        digests.append(digest_of(execution.variables))

    engine.change(unit, instance_id, change, Cause("set_variables", data=patch, reason=text))
    record = AuditRecord(
        "process_instance.set_variables",
        "process_instance",
        instance_id,
        {"reason": text, "names": sorted(patch)},
        before_sha256=digests[0],
        after_sha256=digests[1],
    )
    unit.audit(record)
    unit.flush_writes()
    return read_view(unit, instance_id)
