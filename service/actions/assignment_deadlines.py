"""The deadline of an assignment follows that of the work on it, in the same transaction (S0-11g4, S0-11g5).

An extension is granted on the user task that is open; the assignment, which lists and counts read, moves with
it and keeps the old day among its entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from handlers.assignments.assignment_row import ASSIGNMENT, Step, lock_assignment, take_step
from service.domain.assignments import OPEN_STATES
from service.engine.instances import LockedTask
from service.storage.unit_of_work import UnitOfWork


def follow_deadline(
    unit: UnitOfWork, locked: LockedTask, due_at: datetime, deadline: Mapping[str, Any], step: Step
) -> None:
    """Move the open assignment that waited for the same due time as a task of its process.

    Args:
        unit: the open unit of work.
        locked: the task as it was before its deadline moved.
        due_at: the new due time.
        deadline: rule, clause and derivation of it.
        step: who moved it and why; its key is that of the line in the task's ledger.
    """
    old = locked.task["due_at"]
    if due_at == old:
        return
    which = select(ASSIGNMENT.c.id).where(
        ASSIGNMENT.c.instance_id == locked.instance.row.id,
        ASSIGNMENT.c.due_at == old,
        ASSIGNMENT.c.state.in_(OPEN_STATES),
    )
    for assignment_id in unit.session.execute(which).scalars().all():
        row = lock_assignment(unit, assignment_id)
        details = {**step.details, "old_due_at": old.isoformat(), "new_due_at": due_at.isoformat()}
        changes = {
            "due_at": due_at,
            "deadline": dict(deadline),
            "overdue_at": None if due_at > unit.now else row.overdue_at,
        }
        take_step(unit, row, replace(step, details=details), changes)
