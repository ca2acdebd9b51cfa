"""Firing what is due: timers of instances, and timer starts of processes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update

from service.actions.instances import start_version
from service.domain.crashpoints import crashpoint
from service.domain.ids import new_id
from service.engine import instances as stored
from service.engine.engine import ProcessEngine
from service.engine.spiff.execution import Execution
from service.engine.starts import due_of, next_start
from service.engine.view import Cause
from service.queries.definitions import read_definition
from service.storage.models import Incident, Timer, TimerStart, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

TIMER = table_of(Timer)
TIMER_START = table_of(TimerStart)
INCIDENT = table_of(Incident)

TIMERS_HELD: Final = "timer.held"
"""Code of the incident that :func:`hold_faulty` opens."""
START_PAUSE: Final = timedelta(minutes=5)


def fire_due(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID) -> int:
    """Fire the timers of one instance that are due, in order; return how many fired.

    An instance that somebody else holds is left for the next tick. A timer that fell due while its instance
    was suspended fires once on resume, whatever its cycle missed.
    """
    locked = stored.lock_instance(unit, instance_id, skip_locked=True)
    if locked is None or locked.row.state != "active":
        return 0
    due = unit.session.execute(
        select(TIMER.c.token_id, TIMER.c.due_at, TIMER.c.element_id)
        .where(TIMER.c.instance_id == instance_id, ~TIMER.c.held, TIMER.c.due_at <= unit.now)
        .order_by(TIMER.c.due_at, TIMER.c.id),
    ).all()
    if not due:
        return 0
    crashpoint("timer.locked")
    fired: list[str] = []

    def fire(execution: Execution) -> bool:
        fired.extend(timer.element_id for timer in due if execution.fire_timer(timer.token_id, timer.due_at))
        return bool(fired)

    engine.change_locked(unit, locked, fire, Cause("timer"))
    unit.flush_writes()
    if not fired:
        tokens = [timer.token_id for timer in due]
        unit.session.execute(
            delete(TIMER).where(TIMER.c.instance_id == instance_id, TIMER.c.token_id.in_(tokens)),
        )
    return len(fired)


def hold_faulty(unit: UnitOfWork, instance_id: UUID, fault: str) -> None:
    """Hold the due timers of an instance that cannot fire them, and open an incident that tells of it.

    Otherwise they would be tried in every round and keep the others waiting.

    Args:
        unit: an open unit of work of its own.
        instance_id: whose timers.
        fault: what went wrong, one line for the operator.
    """
    if stored.lock_instance(unit, instance_id) is None:
        return
    due = (TIMER.c.instance_id == instance_id, ~TIMER.c.held, TIMER.c.due_at <= unit.now)
    held = update(TIMER).where(*due).values(held=True).returning(TIMER.c.token_id, TIMER.c.element_id)
    timers = unit.session.execute(held).all()
    if not timers:
        return
    incident = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "instance_id": instance_id,
        "token_id": timers[0].token_id,
        "element_id": timers[0].element_id,
        "code": TIMERS_HELD,
        "vi": "Hẹn giờ đến hạn nhưng quy trình không chạy tiếp được.",
        "en": "Timers are due but the process cannot go on.",
        "details": {"fault": fault, "elements": sorted({timer.element_id for timer in timers})},
        "created_at": unit.now,
    }
    unit.insert(INCIDENT, incident)
    unit.audit(AuditRecord("incident.open", "incident", incident["id"], {"code": TIMERS_HELD}))


def release_held(unit: UnitOfWork, instance_id: UUID) -> None:
    """Let the timers that :func:`hold_faulty` held fire again."""
    unit.session.execute(update(TIMER).where(TIMER.c.instance_id == instance_id).values(held=False))


def postpone_start(unit: UnitOfWork, timer_start_id: UUID, fault: str) -> None:
    """Try a timer start that failed again later; the times of the following starts stay as they are."""
    unit.audit(AuditRecord("timer_start.postpone", "timer_start", timer_start_id, {"fault": fault}))
    later = unit.now + START_PAUSE
    unit.session.execute(update(TIMER_START).where(TIMER_START.c.id == timer_start_id).values(due_at=later))


def start_due(engine: ProcessEngine, unit: UnitOfWork, timer_start_id: UUID) -> bool:
    """Start the process of a due timer start event and write its next start; False if it is not due any more.

    The row is locked: of two workers one starts the process. Missed starts of a cycle are made up one by one.
    """
    is_due = (TIMER_START.c.id == timer_start_id, TIMER_START.c.due_at <= unit.now)
    statement = select(TIMER_START).where(*is_due)
    row = unit.session.execute(statement.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return False
    definition = read_definition(unit, row.definition_id)
    following = next_start(row.timer)
    if following is None:
        unit.session.execute(delete(TIMER_START).where(TIMER_START.c.id == timer_start_id))
    else:
        unit.session.execute(
            update(TIMER_START).where(TIMER_START.c.id == timer_start_id).values(following.columns()),
        )
    start_version(engine, unit, definition, {"scheduled_at": due_of(row.timer)}, start_event=row.element_id)
    return True
