"""Firing what is due: timers of instances, and timer starts of processes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update

from service.actions.instances import start_version
from service.domain.crashpoints import crashpoint
from service.engine import instances as stored
from service.engine.engine import ProcessEngine
from service.engine.spiff.execution import Execution
from service.engine.starts import next_start
from service.engine.view import Cause
from service.queries.definitions import read_definition
from service.storage.models import Timer, TimerStart, table_of
from service.storage.unit_of_work import UnitOfWork

TIMER = table_of(Timer)
TIMER_START = table_of(TimerStart)


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
    start_version(engine, unit, definition, {"scheduled_at": row.due_at}, start_event=row.element_id)
    return True
