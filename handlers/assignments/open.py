"""``assignment.open``: an assignment begins, or comes back at once with what is not right (S0-11g1 to g3)."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, insert, select

from handlers.assignments.assignment_row import ASSIGNMENT, ENTRY, PARTY, is_taken, lock_assignment
from handlers.assignments.facts import describe_assignment, party_rows, tell
from handlers.assignments.given import Given, faults_of, read_given
from handlers.assignments.whole import follow_parts, settle_whole
from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.resources import resources_of
from handlers.task_acts import TaskAct, completed_now
from service.domain.errors import InvalidInput
from service.domain.ids import new_id
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_GIVEN = Parameter(
    "given", True, "Nhiệm vụ được giao.", "What is given; see docs/processes/task_assignment.md."
)
_TASK = Parameter("task", False, "Mã phần tử đã hoàn thành.", "Element of the task just completed, if any.")


class OpenAssignment:
    """Writes the assignment with its parties; its id is that of the process instance that carries it."""

    operation: ClassVar[str] = "assignment.open"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"assignment_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (_GIVEN, _TASK)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the facts of :func:`describe_assignment`.

        Raises:
            BpmnError: ``assignment_unfit``; the message names the fields.
        """
        unit = context.unit
        wanted = select(ASSIGNMENT).where(ASSIGNMENT.c.id == context.instance_id)
        known = unit.session.execute(wanted).one_or_none()
        if known is None:
            act = completed_now(context, params.get("task"))
            try:
                sees = resources_of(context).sees
                given = read_given(unit, params["given"], sees, is_from_task=act is not None)
            except InvalidInput as error:
                raise BpmnError("assignment_unfit", faults_of(error)) from None
            known = _write(context, given, act or _giver(unit, given))
        return describe_assignment(unit, known)


class DropAssignment:
    """Gives an assignment up that has not begun; a whole that announced this part no longer waits for it."""

    operation: ClassVar[str] = "assignment.drop"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_GIVEN,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_part}``."""
        unit, given = context.unit, params.get("given") or {}
        is_part = given.get("is_announced") is True and bool(given.get("parent_id"))
        if is_part:
            whole = lock_assignment(unit, given["parent_id"])
            if not is_taken(unit, whole.id, context.idempotency_key):
                text = str(given.get("content") or "")
                note_dropped(context, whole, text)
                settle_whole(context, whole.id)
        return {"is_part": is_part}


def note_dropped(context: HandlerContext, whole: Row[Any], content: str) -> None:
    """Write among a whole's entries that an announced part will not come, whatever state the whole is in."""
    unit = context.unit
    act = TaskAct(unit.actor.account_id)
    row = entry_row(context, whole.id, "note", act, ordinal=_next_ordinal(unit, whole.id))
    row |= {"words": f"Không giao phần việc: {content}"[:8000], "details": {"announced": -1}}
    unit.session.execute(insert(ENTRY).values(row))
    unit.audit(AuditRecord("assignment.drop_part", "assignment", whole.id))


def entry_row(context: HandlerContext, assignment_id: UUID, verb: str, act: TaskAct, *, ordinal: int) -> Json:
    """Return an entry without words."""
    unit = context.unit
    return {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "assignment_id": assignment_id,
        "ordinal": ordinal,
        "verb": verb,
        "at": unit.now,
        "by_id": act.by_id,
        "on_behalf_of_id": act.on_behalf_of_id,
        "words": "",
        "percent": None,
        "details": {},
        "task_id": act.task_id,
        "call_key": context.idempotency_key,
    }


def _next_ordinal(unit: UnitOfWork, assignment_id: UUID) -> int:
    newest = select(ENTRY.c.ordinal).where(ENTRY.c.assignment_id == assignment_id)
    return int(max(unit.session.execute(newest).scalars(), default=0)) + 1


def _giver(unit: UnitOfWork, given: Given) -> TaskAct:
    """Return who gives it where no task was completed: the actor, for the assigner where that is another."""
    actor, assigner_id = unit.actor.account_id, given.assigner.account_id
    if actor is None or actor == assigner_id:
        return TaskAct(assigner_id)
    return TaskAct(actor, assigner_id)


def _write(context: HandlerContext, given: Given, act: TaskAct) -> Row[Any]:
    unit, assignment_id = context.unit, context.instance_id
    row: Json = {
        "id": assignment_id,
        "agency_id": unit.actor.agency_id,
        "instance_id": context.instance_id,
        "parent_id": given.parent_id,
        "document_id": given.document_id,
        "slip_id": given.slip_id,
        "state": "given",
        "percent": 0,
        "assigner_id": given.assigner.account_id,
        "assigned_at": unit.now,
        "first_due_at": given.due_at,
        "products": [],
        "call_key": context.idempotency_key,
        "version": 1,
    }
    unit.session.execute(insert(ASSIGNMENT).values(row | columns_of(given)))
    write_parties(unit, assignment_id, given, is_new=True)
    facts = {"lead": given.lead.reference, "due_at": given.due_at.isoformat() if given.due_at else None}
    entry = entry_row(context, assignment_id, "give", act, ordinal=1)
    entry["details"] = facts | ({"is_announced": True} if given.is_announced else {})
    unit.session.execute(insert(ENTRY).values(entry))
    unit.audit(
        AuditRecord(
            "assignment.give", "assignment", assignment_id, facts, on_behalf_of_id=act.on_behalf_of_id
        )
    )
    follow_parts(unit, given.parent_id)
    found = lock_assignment(unit, assignment_id)
    tell_parties(context, found, given)
    return found


def columns_of(given: Given) -> Json:
    """Return the columns that say what is to be done, by whom and until when."""
    return {
        "content": given.content,
        "description": given.description,
        "expected_product": given.expected_product,
        "urgency": given.urgency,
        "lead_id": given.lead.account_id,
        "lead_unit_id": given.lead.unit_id,
        "due_at": given.due_at,
        "deadline": given.deadline,
    }


def write_parties(unit: UnitOfWork, assignment_id: UUID, given: Given, *, is_new: bool) -> None:
    """Write who has which part; the assigner stays the same for good."""
    rows = party_rows(unit, assignment_id, "assigner", [given.assigner]) if is_new else []
    rows += party_rows(unit, assignment_id, "lead", [given.lead])
    rows += party_rows(unit, assignment_id, "coordinator", given.coordinators)
    rows += party_rows(unit, assignment_id, "monitor", [given.monitor] if given.monitor else [])
    unit.session.execute(insert(PARTY), rows)


def tell_parties(context: HandlerContext, assignment: Row[Any], given: Given) -> None:
    """Tell the lead what they are to do, and coordinators and monitor that it was given."""
    tell(context, assignment, "assignment_given", given.lead.references, by=given.assigner.name)
    others = [*given.coordinators, *([given.monitor] if given.monitor else [])]
    told = [reference for party in others for reference in party.references]
    tell(context, assignment, "assignment_concerns", told, by=given.assigner.name)


__all__ = [
    "DropAssignment",
    "OpenAssignment",
    "columns_of",
    "entry_row",
    "note_dropped",
    "tell_parties",
    "write_parties",
]
