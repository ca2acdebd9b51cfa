"""Deadlines as they stand: which open ones a calendar would move, what happened to one, what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.domain.calendar import CalendarError, WorkingCalendar
from service.domain.deadlines import Deadline, DeadlineError, Pause, compute_deadline, read_rule
from service.domain.permissions import require
from service.queries.user_tasks import read_view
from service.storage.calendars import read_calendar
from service.storage.models import Account, DeadlineEntry, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

TASK = table_of(UserTask)
INSTANCE = table_of(ProcessInstance)
ENTRY = table_of(DeadlineEntry)
ACCOUNT = table_of(Account)


@dataclass(frozen=True, slots=True)
class Moved:
    """An open task whose deadline another calendar would move; derivations in both languages."""

    task_id: UUID
    instance_id: UUID
    name: str
    subject: str
    old_due_at: datetime
    new_due_at: datetime
    old_derivation: str
    new_derivation_vi: str
    new_derivation_en: str
    deadline: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of a deadline's ledger."""

    id: UUID
    at: datetime
    kind: str
    actor: str | None
    reason: str
    old_due_at: datetime | None
    new_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A task's deadline explained: what is left by the clock and in working time, and its ledger."""

    task_id: UUID
    due_at: datetime | None
    clause: str
    derivation_vi: str
    derivation_en: str
    is_paused: bool
    left_seconds: int | None
    left_working_seconds: int | None
    ledger: Sequence[EntryView]


def moved_by(unit: UnitOfWork, calendar: WorkingCalendar | None = None) -> list[Moved]:
    """Return the open deadlines that would move, by due time; of suspended instances none.

    Args:
        unit: of one who keeps the calendar.
        calendar: the one to try; None = the agency's own, as it is kept in this transaction.

    Raises:
        Forbidden: the actor does not keep the calendar.
    """
    require(unit.actor, "calendar.keep")
    tried = calendar or read_calendar(unit)
    columns = (TASK.c.id, TASK.c.instance_id, TASK.c.name, TASK.c.subject, TASK.c.due_at, TASK.c.deadline)
    rows = unit.session.execute(
        select(*columns)
        .join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id)
        .where(TASK.c.is_open, TASK.c.due_at.is_not(None), INSTANCE.c.state == "active")
        .order_by(TASK.c.due_at, TASK.c.id)
    ).all()
    pauses = _pauses_of(unit, [row.id for row in rows])
    return [moved for row in rows for moved in _moved(row, tried, pauses.get(row.id, []))]


def _moved(row: Any, calendar: WorkingCalendar, pauses: list[Pause]) -> Iterator[Moved]:
    kept = row.deadline or {}
    found = computed_again(kept, calendar, pauses)
    if found is None or found.due_at == row.due_at or kept.get("paused_at"):
        return
    yield Moved(
        row.id,
        row.instance_id,
        row.name,
        row.subject,
        row.due_at,
        found.due_at,
        str(kept.get("derivation") or ""),
        found.derivation_vi,
        found.derivation_en,
        as_json(found),
    )


def computed_again(
    kept: Mapping[str, Any], calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> Deadline | None:
    """Return a kept deadline computed anew; None where it keeps no rule or start that can be computed."""
    try:
        return compute_deadline(read_rule(kept), datetime.fromisoformat(str(kept["start"])), calendar, pauses)
    except (KeyError, ValueError, DeadlineError, CalendarError):
        return None


def as_json(deadline: Deadline) -> dict[str, Any]:
    """Return a deadline as a task keeps it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in deadline.as_context().items()
    }


def pauses_of(unit: UnitOfWork, task_id: UUID) -> list[Pause]:
    """Return when the clock of a task stood still, from its ledger, without a pause that still lasts."""
    return _pauses_of(unit, [task_id]).get(task_id, [])


def _pauses_of(unit: UnitOfWork, task_ids: Sequence[UUID]) -> dict[UUID, list[Pause]]:
    statement = (
        select(ENTRY.c.task_id, ENTRY.c.kind, ENTRY.c.at)
        .where(ENTRY.c.task_id.in_(task_ids), ENTRY.c.kind.in_(["paused", "resumed"]))
        .order_by(ENTRY.c.task_id, ENTRY.c.at, ENTRY.c.id)
    )
    found: dict[UUID, list[Pause]] = {}
    began: dict[UUID, datetime] = {}
    for row in unit.session.execute(statement) if task_ids else ():
        if row.kind == "paused":
            began[row.task_id] = row.at
        elif row.task_id in began:
            found.setdefault(row.task_id, []).append(Pause(began.pop(row.task_id), row.at))
    return found


def read_deadline(unit: UnitOfWork, task_id: UUID) -> DeadlineView:
    """Return a task's deadline with its reasoning, what is left of it, and its ledger.

    Raises:
        NotFound: no such task for the actor.
    """
    task = read_view(unit, task_id)
    kept = task.deadline or {}
    calendar = read_calendar(unit)
    left = None if task.due_at is None else max(task.due_at - unit.now, timedelta(0))
    working = None if task.due_at is None else calendar.working_time(unit.now, task.due_at)
    return DeadlineView(
        task_id,
        task.due_at,
        str(kept.get("clause") or ""),
        str(kept.get("derivation_vi") or kept.get("derivation") or ""),
        str(kept.get("derivation_en") or ""),
        bool(kept.get("paused_at")),
        None if left is None else int(left.total_seconds()),
        None if working is None else int(working.total_seconds()),
        _ledger(unit, task_id),
    )


def _ledger(unit: UnitOfWork, task_id: UUID) -> list[EntryView]:
    names = ("id", "at", "kind", "reason", "old_due_at", "new_due_at")
    rows = unit.session.execute(
        select(*(ENTRY.c[name] for name in names), ACCOUNT.c.login.label("actor"))
        .outerjoin(ACCOUNT, ACCOUNT.c.id == ENTRY.c.actor_id)
        .where(ENTRY.c.task_id == task_id)
        .order_by(ENTRY.c.at, ENTRY.c.id)
    ).mappings()
    return [EntryView(**row) for row in rows]
