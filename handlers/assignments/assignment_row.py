"""An assignment's row while somebody works on it: read under its lock, changed together with its entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from handlers.contract import Parameter
from service.domain.assignments import next_state
from service.domain.errors import NotFound
from service.domain.ids import new_id
from service.storage.models import Assignment, AssignmentEntry, AssignmentParty, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

ASSIGNMENT: Final = table_of(Assignment)
ENTRY: Final = table_of(AssignmentEntry)
PARTY: Final = table_of(AssignmentParty)

ASSIGNMENT_ID: Final = Parameter("assignment_id", True, "Mã nhiệm vụ.", "Id of the assignment.")


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the life of an assignment.

    Attributes:
        verb: see :mod:`service.domain.assignments`.
        call_key: the same for every repetition of the same step.
        words: what was said.
        percent: progress that was told, or None.
        details: what else is kept of it, for example old and new values of an amendment.
        by_id: who took it; None = nobody (a deadline passed).
        on_behalf_of_id: for whom, where somebody else entered it.
        task_id: the user task by which it was taken.
    """

    verb: str
    call_key: UUID
    words: str = ""
    percent: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    by_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    task_id: UUID | None = None


def lock_assignment(unit: UnitOfWork, assignment_id: Any) -> Row[Any]:
    """Return an assignment's row and keep it locked until the transaction ends.

    Raises:
        NotFound: the agency has no such assignment.
    """
    statement = select(ASSIGNMENT).where(ASSIGNMENT.c.id == _read_id(assignment_id)).with_for_update()
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise assignment_not_found()
    return row


def take_step(
    unit: UnitOfWork, assignment: Row[Any], step: Step, changes: Mapping[str, Any] | None = None
) -> Row[Any]:
    """Write an entry and what it changes, once for a step's key; return the row as it is then.

    Args:
        unit: the open unit of work.
        assignment: as :func:`lock_assignment` gave it.
        step: what happens.
        changes: columns that it sets beside the state.

    Raises:
        Conflict: ``assignment.state``; the step is not for an assignment in its state.
    """
    if is_taken(unit, assignment.id, step.call_key):
        return assignment
    state = next_state(assignment.state, step.verb)
    newest = select(func.coalesce(func.max(ENTRY.c.ordinal), 0)).where(ENTRY.c.assignment_id == assignment.id)
    entry = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "assignment_id": assignment.id,
        "ordinal": unit.session.execute(newest).scalar_one() + 1,
        "verb": step.verb,
        "at": unit.now,
        "by_id": step.by_id,
        "on_behalf_of_id": step.on_behalf_of_id,
        "words": step.words,
        "percent": step.percent,
        "details": dict(step.details),
        "task_id": step.task_id,
        "call_key": step.call_key,
    }
    unit.session.execute(insert(ENTRY).values(entry))
    values = {**(changes or {}), "state": state, "version": assignment.version + 1}
    unit.session.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.id == assignment.id).values(values))
    facts = {"state": state, "entry": entry["ordinal"]}
    record = AuditRecord(
        f"assignment.{step.verb}",
        "assignment",
        assignment.id,
        facts,
        on_behalf_of_id=step.on_behalf_of_id,
    )
    unit.audit(record)
    return lock_assignment(unit, assignment.id)


def is_taken(unit: UnitOfWork, assignment_id: UUID, call_key: UUID) -> bool:
    """Say whether a step of this key was written already."""
    known = select(ENTRY.c.id).where(ENTRY.c.assignment_id == assignment_id, ENTRY.c.call_key == call_key)
    return unit.session.execute(known).one_or_none() is not None


def parties_of(unit: UnitOfWork, assignment_id: UUID, parts: Iterable[str]) -> list[str]:
    """Return the references of those who have one of the parts, in order, each once."""
    statement = (
        select(PARTY.c.reference)
        .where(PARTY.c.assignment_id == assignment_id, PARTY.c.part.in_(list(parts)))
        .order_by(PARTY.c.part, PARTY.c.reference)
    )
    return list(dict.fromkeys(unit.session.execute(statement).scalars()))


def assignment_not_found() -> NotFound:
    """Return the one answer for an absent assignment and for one that is not the actor's to see."""
    return NotFound("assignment.not_found", "Không có nhiệm vụ này.", "There is no such assignment.")


def _read_id(assignment_id: Any) -> UUID:
    try:
        return UUID(str(assignment_id))
    except ValueError:
        raise assignment_not_found() from None


__all__ = [
    "ASSIGNMENT",
    "ASSIGNMENT_ID",
    "ENTRY",
    "PARTY",
    "Step",
    "assignment_not_found",
    "is_taken",
    "lock_assignment",
    "parties_of",
    "take_step",
]
