"""What people do with an assignment outside its user tasks: give, read, note, urge, cancel (flow D4; S0-11).

Giving starts the process that carries it; work on it, extensions included, is done in the user tasks of that
process. Every reading is an audit event; whoever acts by an order is on record with their principal (S4-7c).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from handlers.assignments.assignment_row import ASSIGNMENT, Step, lock_assignment, parties_of, take_step
from handlers.assignments.given import read_given
from service.actions.behalf import Behalf, by_order
from service.actions.deadlines import urge_holders
from service.actions.instances import start_version
from service.actions.messages import Message, correlate
from service.domain.assignment_rights import PROCESS
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.ids import new_id
from service.domain.permissions import forbidden, may_ask, require
from service.engine.engine import ProcessEngine
from service.engine.instances import lock_instance, lock_task
from service.engine.view import instance_not_found
from service.queries.assignment_access import Standing, standing_of
from service.queries.assignments import AssignmentDetail, assignment_detail
from service.queries.definitions import active_definition
from service.queries.document_access import sees
from service.storage.models import UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_TASK = table_of(UserTask)

CANCELLATION: Final = "assignment_cancelled"
MAX_WORDS: Final = 2_000
_NEUTRAL: Final = "Nhiệm vụ theo văn bản mật"


@dataclass(frozen=True, slots=True)
class Urged:
    """Whom an urging reached, as owner references."""

    to: tuple[str, ...]


def give(engine: ProcessEngine, unit: UnitOfWork, given: Mapping[str, Any], on_behalf_of: str | None) -> UUID:
    """Give an assignment and return its id; its process begins at the one who is to take it up.

    Args:
        engine: starts the process.
        unit: the open unit of work.
        given: fields as :func:`handlers.assignments.given.read_given` takes them, without the assigner.
        on_behalf_of: login of the leader or giver in whose place the actor gives it; None = their own.

    Raises:
        Forbidden: the actor gives no work.
        InvalidInput: each finding names a field of what was sent.
        NotFound: the process is not deployed.
    """
    if not may_ask(unit.actor, "assignment.give"):
        raise forbidden("assignment.give")
    login = on_behalf_of or unit.actor.login
    behalf = Behalf() if login == unit.actor.login else _behalf(unit, login)
    if behalf.person is not None:
        unit.mandate = behalf.mandate
    wanted = {**given, "assigner": f"user:{login}"}
    try:
        read_given(unit, wanted, sees)
    except InvalidInput as error:
        raise _renamed(error) from None
    definition = active_definition(unit, PROCESS)
    progress = start_version(engine, unit, definition, {"given": wanted}, initiator=behalf.person)
    unit.flush_writes()
    begun = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.instance_id == progress.instance_id)
    assignment_id = unit.session.execute(begun).scalar_one_or_none()
    if assignment_id is None:
        vi, en = "Quy trình không mở được nhiệm vụ.", "The process did not begin the assignment."
        raise Conflict("assignment.not_begun", vi, en)
    return UUID(str(assignment_id))


def read_assignment(unit: UnitOfWork, assignment_id: UUID) -> AssignmentDetail:
    """Return an assignment with everything that was said and done about it; the reading is recorded.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    standing = standing_of(unit, assignment_id)
    behalf = by_order(standing.mandate)
    record = AuditRecord(
        "assignment.read", "assignment", assignment_id, behalf.details, on_behalf_of_id=behalf.account_id
    )
    unit.audit(record)
    return assignment_detail(unit, standing)


def add_note(unit: UnitOfWork, assignment_id: UUID, words: str) -> AssignmentDetail:
    """Add what a party has to say, for example a coordinator's contribution; the others are told.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor has no part in it.
        Conflict: it is closed.
        InvalidInput: no words, or too many.
    """
    text = _words(words, "words")
    standing = standing_of(unit, assignment_id)
    behalf = by_order(require(unit.actor, "assignment.note", standing.subject).mandate)
    row = lock_assignment(unit, assignment_id)
    step = _step(unit, "note", text, behalf)
    take_step(unit, row, step)
    _tell_others(unit, standing, "assignment_noted", step)
    return _again(unit, assignment_id)


def urge(unit: UnitOfWork, assignment_id: UUID, words: str = "") -> Urged:
    """Urge whoever has a task of the assignment to do (đôn đốc), and return whom (S0-11g4, S1-4.2a, S4-7b).

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor neither gave it nor watches over it.
        Conflict: it is closed, or nobody but the actor has anything to do.
        InvalidInput: too many words.
    """
    text = _words(words, "words", is_required=False)
    standing = _locked(unit, assignment_id)
    behalf = by_order(require(unit.actor, "assignment.urge", standing.subject).mandate)
    told: list[str] = []
    for task_id in _open_tasks(unit, standing):
        locked = lock_task(unit, task_id)
        if locked is not None and locked.task["owner_id"] != unit.actor.account_id:
            told += urge_holders(unit, locked, text, behalf)
    people = tuple(dict.fromkeys(one for one in told if one != f"user:{unit.actor.login}"))
    if not people:
        vi, en = "Không có ai khác đang giữ việc này.", "Nobody else has anything to do on it now."
        raise Conflict("assignment.nobody_to_urge", vi, en)
    step = _step(unit, "urge", text, behalf, {"to": list(people)})
    take_step(unit, lock_assignment(unit, assignment_id), step)
    return Urged(people)


def cancel(engine: ProcessEngine, unit: UnitOfWork, assignment_id: UUID, reason: str) -> AssignmentDetail:
    """Cancel an open assignment, with its open parts; everyone who has a part is told.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor neither gave it nor holds the giver's order to assign.
        Conflict: it is closed, or its process is held.
        InvalidInput: no reason, or too long a one.
    """
    text = _words(reason, "reason")
    standing = _locked(unit, assignment_id)
    behalf = by_order(require(unit.actor, "assignment.cancel", standing.subject).mandate)
    unit.mandate = behalf.mandate  # whatever the process does of it names both
    payload = {"reason": text, "by": f"user:{unit.actor.login}"}
    correlate(engine, unit, Message(CANCELLATION, str(assignment_id), payload))
    unit.flush_writes()
    return _again(unit, assignment_id)


def _locked(unit: UnitOfWork, assignment_id: UUID) -> Standing:
    """Lock the process of an assignment that exists for the actor; the process comes before all else."""
    instance_id = standing_of(unit, assignment_id).row.instance_id
    if lock_instance(unit, instance_id) is None:
        raise instance_not_found()
    return standing_of(unit, assignment_id)


def _again(unit: UnitOfWork, assignment_id: UUID) -> AssignmentDetail:
    return assignment_detail(unit, standing_of(unit, assignment_id))


def _open_tasks(unit: UnitOfWork, standing: Standing) -> list[UUID]:
    mine = _TASK.c.instance_id == standing.row.instance_id
    wanted = select(_TASK.c.id).where(mine, _TASK.c.is_open).order_by(_TASK.c.created_at, _TASK.c.id)
    return list(unit.session.execute(wanted).scalars())


def _step(
    unit: UnitOfWork, verb: str, words: str, behalf: Behalf, details: Mapping[str, Any] | None = None
) -> Step:
    return Step(
        verb,
        new_id(unit.now),
        words=words,
        details={**(details or {}), **behalf.details},
        by_id=unit.actor.account_id,
        on_behalf_of_id=behalf.account_id,
    )


def _tell_others(unit: UnitOfWork, standing: Standing, kind: str, step: Step) -> None:
    """Send a notice to who gave, watches over and carries out an assignment, but not to the actor."""
    row = standing.row
    payload = {
        "kind": kind,
        "subject": _NEUTRAL if standing.concern.is_secret else row.content,
        "urgency": row.urgency,
        "instance_id": str(row.instance_id),
        "assignment_id": str(row.id),
        "by": unit.actor.full_name,
    }
    for person in parties_of(unit, row.id, ("assigner", "monitor", "lead", "handler")):
        if person not in unit.actor.references:
            unit.send("notice", person, payload, f"{kind}:{step.call_key}:{person}")


def _behalf(unit: UnitOfWork, login: str) -> Behalf:
    """Return in whose place the actor gives work: as an aide, or by an order.

    Raises:
        InvalidInput: the actor neither assists them nor holds their order.
    """
    if login in unit.actor.assists:
        return Behalf(unit.actor.assists[login])
    orders = (one for one in unit.actor.mandates if one.principal.login == login)
    mandate = next((one for one in orders if "assign" in one.authorities), None)
    if mandate is None:
        vi = "Anh/chị không được giao việc thay người này."
        en = "You may not give work in this person's name."
        finding = Finding("assignment.not_for_another", vi, en, "/on_behalf_of")
        raise InvalidInput("assignment.invalid", vi, en, [finding])
    return by_order(mandate)


def _words(text: str, pointer: str, *, is_required: bool = True) -> str:
    found = text.strip()
    if (is_required and not found) or len(found) > MAX_WORDS:
        vi = f"Phải ghi nội dung, tối đa {MAX_WORDS} ký tự."
        en = f"Words are required, {MAX_WORDS} characters at most."
        raise InvalidInput("assignment.words", vi, en, [Finding("assignment.words", vi, en, f"/{pointer}")])
    return found


def _renamed(error: InvalidInput) -> InvalidInput:
    """Return the faults with pointers into the request, which names the assigner by ``on_behalf_of``."""
    findings = [
        Finding(one.code, one.vi, one.en, "/on_behalf_of" if one.pointer == "/assigner" else one.pointer)
        for one in error.findings
    ]
    return InvalidInput(error.code, error.vi, error.en, findings)


__all__ = ["Urged", "add_note", "cancel", "give", "read_assignment", "urge"]
