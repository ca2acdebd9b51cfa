"""``assignment.amend``: the assigner answers, insists, or gives it otherwise (S0-11g1, S0-11g2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Row, delete

from handlers.assignments.assignment_row import (
    ASSIGNMENT_ID,
    PARTY,
    Step,
    is_taken,
    lock_assignment,
    parties_of,
    take_step,
)
from handlers.assignments.facts import describe_assignment, tell
from handlers.assignments.given import Given, faults_of, read_given
from handlers.assignments.open import columns_of, tell_parties, write_parties
from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.task_acts import TaskAct, completed_now
from service.domain.errors import InvalidInput
from service.storage.unit_of_work import UnitOfWork

_PARTIES: Final = ("lead", "handler", "coordinator", "monitor")
_PEOPLE: Final = ("lead_person", "lead_unit", "coordinating_people", "coordinating_units", "monitor")
_NAMES: Final = ("content", "description", "expected_product", "urgency", "due_on")


class AmendAssignment:
    """Takes the assigner's step, with whatever is changed by it; what was before stands in the entry."""

    operation: ClassVar[str] = "assignment.amend"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"assignment_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ASSIGNMENT_ID,
        Parameter("verb", True, "Việc của người giao.", "answer, insist or give."),
        Parameter("task", True, "Mã phần tử đã hoàn thành.", "Element of the task just completed."),
        Parameter("words", False, "Nội dung.", "What was said."),
        Parameter("changes", False, "Nội dung điều chỉnh.", "Fields of the form; empty = as it was."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the facts of :func:`describe_assignment`.

        Raises:
            NotFound: no such assignment.
            BpmnError: ``assignment_unfit``; the message names the fields.
            Conflict: the step is not for an assignment in its state.
        """
        unit, verb = context.unit, params["verb"]
        assignment = lock_assignment(unit, params["assignment_id"])
        if is_taken(unit, assignment.id, context.idempotency_key):
            return describe_assignment(unit, assignment)
        facts = describe_assignment(unit, assignment)
        changed = {} if verb == "insist" else changed_fields(facts, params.get("changes") or {})
        given = self._read(context, assignment, facts, changed) if changed or verb == "give" else None
        act = completed_now(context, params["task"]) or TaskAct(unit.actor.account_id)
        details = {"old": {name: facts.get(name) for name in changed}, "new": changed} if changed else {}
        words = params.get("words") or ""
        who = act.by_id, act.on_behalf_of_id, act.task_id
        step = Step(verb, context.idempotency_key, words, None, details, *who)
        assignment = take_step(unit, assignment, step, _columns(assignment, given, changed))
        if given is not None:
            gone = PARTY.c.assignment_id == assignment.id, PARTY.c.part.in_(_PARTIES)
            unit.session.execute(delete(PARTY).where(*gone))
            write_parties(unit, assignment.id, given, is_new=False)
        if given is not None and verb == "give":
            tell_parties(context, assignment, given)
        else:
            tell(context, assignment, "assignment_answered", parties_of(unit, assignment.id, ("lead",)))
        return describe_assignment(unit, assignment)

    @staticmethod
    def _read(context: HandlerContext, assignment: Row[Any], facts: Json, changed: Json) -> Given:
        """Return the assignment as it is given now; a day that was not changed is not asked about again."""
        merged = {name: changed.get(name, facts.get(name)) for name in (*_NAMES, *_PEOPLE)}
        if "due_on" not in changed and assignment.due_at is not None and assignment.due_at > context.unit.now:
            merged["due_on"] = None
        given = given_of(merged) | {"document_id": assignment.document_id} | {"assigner": facts["assigner"]}
        try:
            found = read_given(context.unit, given, _was_seen, is_from_task=True)
        except InvalidInput as error:
            raise BpmnError("assignment_unfit", faults_of(error)) from None
        if assignment.parent_id is not None and found.due_at is not None:
            whole = lock_assignment(context.unit, assignment.parent_id)
            if whole.due_at is not None and found.due_at > whole.due_at:
                raise BpmnError("assignment_unfit", "Thời hạn: Sau thời hạn của nhiệm vụ lớn.")
        return found


def _was_seen(unit: UnitOfWork, document_id: UUID) -> bool:
    """Say that the source was seen when the assignment was first given: it cannot be changed since."""
    del unit, document_id
    return True


def given_of(form: Mapping[str, Any]) -> Json:
    """Return the fields of a form that names people and units apart as the variable ``given`` has them."""
    person, place = form.get("lead_person"), form.get("lead_unit")
    people = [f"user:{login}" for login in form.get("coordinating_people") or []]
    units = [f"unit:{code}" for code in form.get("coordinating_units") or []]
    lead = f"user:{person}" if person else f"unit:{place}" if place else None
    found = {name: form.get(name) for name in _NAMES}
    return found | {"lead": lead, "coordinators": [*units, *people], "monitor": form.get("monitor")}


def changed_fields(facts: Mapping[str, Any], form: Mapping[str, Any]) -> Json:
    """Return what a form says otherwise than it stands; an empty field leaves things as they are.

    A new lead of one kind takes the place of one of the other kind.
    """
    named = (*_NAMES, *_PEOPLE)
    found = {name: form[name] for name in named if form.get(name) not in (None, [], "", facts.get(name))}
    if "lead_unit" in found and "lead_person" not in found:
        found["lead_person"] = None
    if "lead_person" in found and found["lead_person"] is not None:
        found["lead_unit"] = None
    return found


def _columns(assignment: Row[Any], given: Given | None, changed: Json) -> Json:
    if given is None:
        return {}
    columns = columns_of(given) | {"accepted_at": None}
    if given.due_at is None and "due_on" not in changed:
        return columns | {"due_at": assignment.due_at, "deadline": dict(assignment.deadline)}
    return columns | {"overdue_at": None}


__all__ = ["AmendAssignment", "changed_fields", "given_of"]
