"""The ledger of a task's deadline, and what moves, stops and starts its clock.

Every change is a line with the old values, who made it and why. Timers of the instance that wait for the due
time move with it and stand while the clock stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from handlers.assignments.assignment_row import Step
from service.actions.assignment_deadlines import follow_deadline
from service.actions.behalf import Behalf
from service.actions.reminders import plan_anew
from service.domain.errors import Finding, InvalidInput
from service.domain.ids import new_id
from service.engine.engine import ProcessEngine
from service.engine.instances import LockedTask
from service.engine.spiff.execution import Execution
from service.engine.view import Cause
from service.queries.deadlines import as_json, computed_again, pauses_of
from service.storage.calendars import read_calendar
from service.storage.models import DeadlineEntry, Timer, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

TASK = table_of(UserTask)
TIMER = table_of(Timer)
ENTRY = table_of(DeadlineEntry)

MAX_REASON_CHARACTERS: Final = 1000
NOBODY: Final = Behalf()
"""The actor acts for themselves."""


def check_reason(text: str) -> str:
    """Return the words of a reason.

    Raises:
        InvalidInput: none, or too many.
    """
    reason = text.strip()
    if not 1 <= len(reason) <= MAX_REASON_CHARACTERS:
        vi = f"Lý do phải có từ 1 đến {MAX_REASON_CHARACTERS} ký tự."
        en = f"A reason has 1 to {MAX_REASON_CHARACTERS} characters."
        raise InvalidInput("deadline.reason", vi, en, [Finding("deadline.reason", vi, en, "/reason")])
    return reason


def enter(
    unit: UnitOfWork,
    locked: LockedTask,
    kind: str,
    reason: str,
    *,
    due_at: datetime | None = None,
    at: datetime | None = None,
    behalf: Behalf = NOBODY,
) -> UUID:
    """Write a line of the ledger and its audit event; return its id.

    Args:
        unit: the open unit of work.
        locked: the task.
        kind: see :class:`DeadlineEntry`.
        reason: in the actor's words.
        due_at: the new due time, None = it stays.
        at: when it happened, None = now.
        behalf: in whose place the actor acts.
    """
    entry_id = new_id(unit.now)
    row = {
        "id": entry_id,
        "agency_id": unit.actor.agency_id,
        "task_id": locked.task["id"],
        "at": at or unit.now,
        "kind": kind,
        "actor_id": unit.actor.account_id,
        "reason": reason,
        "old_due_at": locked.task["due_at"],
        "new_due_at": due_at,
        "old_deadline": locked.task["deadline"],
    }
    unit.session.execute(insert(ENTRY), [row])
    facts = {"entry": str(entry_id), "old": _text(locked.task["due_at"]), "new": _text(due_at)}
    record = AuditRecord(
        f"deadline.{kind}",
        "user_task",
        locked.task["id"],
        facts | behalf.details,
        on_behalf_of_id=behalf.account_id,
    )
    unit.audit(record)
    return entry_id


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def stop_clock(
    unit: UnitOfWork,
    locked: LockedTask,
    reason: str,
    *,
    at: datetime | None = None,
    by_state: str | None = None,
    behalf: Behalf = NOBODY,
) -> None:
    """Let the clock of a running deadline stand, with its reminders and timers.

    Args:
        unit: the open unit of work.
        locked: the task.
        reason: why.
        at: since when, None = now.
        by_state: the state of the work in which the rule stops, None = somebody stopped it by hand.
        behalf: in whose place the actor acts.
    """
    since = at or unit.now
    deadline = {**(locked.task["deadline"] or {}), "paused_at": since.isoformat()}
    if by_state is not None:
        deadline["paused_in"] = by_state
    write_deadline(unit, locked, locked.task["due_at"], deadline)
    hold_timers(unit, locked, held=True)
    enter(unit, locked, "paused", reason, at=at, behalf=behalf)
    plan_anew(unit, locked.task["id"])


def start_clock(
    engine: ProcessEngine,
    unit: UnitOfWork,
    locked: LockedTask,
    reason: str,
    *,
    at: datetime | None = None,
    behalf: Behalf = NOBODY,
) -> datetime:
    """Let a standing clock go on and return the new due time: the pauses do not count."""
    kept = dict(locked.task["deadline"] or {})
    kept.pop("paused_at", None)
    kept.pop("paused_in", None)
    hold_timers(unit, locked, held=False)
    enter(unit, locked, "resumed", reason, at=at, behalf=behalf)
    unit.flush_writes()
    found = computed_again(kept, read_calendar(unit), pauses_of(unit, locked.task["id"]))
    due_at: datetime = locked.task["due_at"] if found is None else found.due_at
    deadline = kept if found is None else as_json(found)
    move(engine, unit, locked, due_at, deadline, kind="recomputed", reason=reason)
    return due_at


def move(
    engine: ProcessEngine,
    unit: UnitOfWork,
    locked: LockedTask,
    due_at: datetime,
    deadline: Mapping[str, Any],
    *,
    kind: str,
    reason: str,
    behalf: Behalf = NOBODY,
) -> None:
    """Write the new due time, keep the old one, and move the timers and the assignment that waited for it."""
    write_deadline(unit, locked, due_at, deadline)
    entry_id = enter(unit, locked, kind, reason, due_at=due_at, behalf=behalf)
    step = Step(
        "amend",
        entry_id,
        words=reason,
        details={"kind": kind},
        by_id=unit.actor.account_id,
        on_behalf_of_id=behalf.account_id,
        task_id=locked.task["id"],
    )
    follow_deadline(unit, locked, due_at, deadline, step)
    old = locked.task["due_at"]
    tokens = list(
        unit.session.execute(
            select(TIMER.c.token_id).where(
                TIMER.c.instance_id == locked.instance.row.id, TIMER.c.due_at == old
            )
        ).scalars()
    )

    def act(execution: Execution) -> bool:
        return sum(execution.move_timer(token, old, due_at) for token in tokens) > 0

    if tokens and due_at != old:
        engine.change_locked(unit, locked.instance, act, Cause("move_deadline", reason=reason))
    unit.flush_writes()
    plan_anew(unit, locked.task["id"])


def write_deadline(
    unit: UnitOfWork, locked: LockedTask, due_at: datetime, deadline: Mapping[str, Any]
) -> None:
    """Write a task's due time and deadline, and count its version up."""
    values = {"due_at": due_at, "deadline": dict(deadline), "version": TASK.c.version + 1}
    unit.session.execute(update(TASK).where(TASK.c.id == locked.task["id"]).values(values))


def hold_timers(unit: UnitOfWork, locked: LockedTask, *, held: bool) -> None:
    """Hold the timers that wait for the task's due time, or let them go."""
    unit.session.execute(
        update(TIMER)
        .where(TIMER.c.instance_id == locked.instance.row.id, TIMER.c.due_at == locked.task["due_at"])
        .values(held=held)
    )
