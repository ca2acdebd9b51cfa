"""The words of a document that copies of it carry: masked while a spill is undecided, forgotten when wiped.

Tasks, notices, the state of a process, its history, registers and kept answers repeat a document's abstract;
locking the document alone would leave it readable there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)

from service.domain.assignments import OPEN_STATES
from service.engine.spiff import codec
from service.queries.clearance import MASK
from service.storage.models import (
    Assignment,
    AssignmentEntry,
    Document,
    Draft,
    Notice,
    ProcessInstance,
    SlipOpinion,
    SubmissionSlip,
    UserTask,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

ASSIGNMENT = table_of(Assignment)
DOCUMENT = table_of(Document)
DRAFT = table_of(Draft)
ENTRY = table_of(AssignmentEntry)
INSTANCE = table_of(ProcessInstance)
NOTICE = table_of(Notice)
OPINION = table_of(SlipOpinion)
SLIP = table_of(SubmissionSlip)
TASK = table_of(UserTask)

TOMBSTONE: Final = "(Đã gỡ bỏ vì chứa bí mật nhà nước)"
_SHORTEST_WORDS: Final = 8
"""Shorter words stand in too many other texts to be taken out of them."""

_EMPTIED: Final = ("content", "description", "expected_product")
_CONTENT: Final = ("text", "note", "view")
_KEPT: Final = ("kind", "follow_up")
"""Of what a slip says, that which is one of a few words."""


def instances_about(unit: UnitOfWork, document: Row[Any]) -> list[UUID]:
    """Return the process instances about a document: its own, by its key, by slips, by work given from it."""
    named = [INSTANCE.c.id == document.instance_id, INSTANCE.c.business_key == str(document.id)]
    held = [
        INSTANCE.c.id.in_(select(table.c.instance_id).where(table.c.document_id == document.id))
        for table in (SLIP, ASSIGNMENT)
    ]
    return list(unit.session.execute(select(INSTANCE.c.id).where(or_(*named, *held))).scalars())


def mask_words(unit: UnitOfWork, document: Row[Any], instances: Sequence[UUID]) -> dict[str, Any]:
    """Cover the abstract in tasks and notices; return what stood there, for :func:`unmask_words`."""
    tasks = unit.session.execute(select(TASK.c.id, TASK.c.subject).where(TASK.c.instance_id.in_(instances)))
    told = _about(document.id, instances)
    notices = unit.session.execute(select(NOTICE.c.id, NOTICE.c.parameters).where(told))
    masked = {
        "tasks": {str(row.id): row.subject for row in tasks},
        "notices": {str(row.id): row.parameters for row in notices},
    }
    unit.session.execute(update(TASK).where(TASK.c.instance_id.in_(instances)).values(subject=MASK))
    covered = update(NOTICE).where(told).values(parameters={"subject": MASK, "name": MASK})
    unit.session.execute(covered)
    return masked


def unmask_words(unit: UnitOfWork, masked: Mapping[str, Mapping[str, Any]]) -> None:
    """Show again what :func:`mask_words` covered."""
    for task_id, subject in masked["tasks"].items():
        unit.session.execute(update(TASK).where(TASK.c.id == UUID(task_id)).values(subject=subject))
    for notice_id, parameters in masked["notices"].items():
        shown = update(NOTICE).where(NOTICE.c.id == UUID(notice_id))
        unit.session.execute(shown.values(parameters=parameters))


def forget_words(unit: UnitOfWork, document: Row[Any], instances: Sequence[UUID]) -> None:
    """Take the words of a document out of its row, its draft and everything that repeats them."""
    words = _long((document.subject, document.description))
    answers = _long(_answers_about(unit, document.id))
    unit.flush_writes()
    for instance_id in instances:
        _forget_in_state(unit, instance_id, [*words, *answers])
    for function, these in (("forget_words", words), ("forget_answers", answers)):
        statement = text(f"SELECT {function}(:document, :instances, :words, :mark)").bindparams(
            bindparam("instances", type_=ARRAY(Uuid)), bindparam("words", type_=ARRAY(Text))
        )
        values = {"document": document.id, "instances": list(instances), "words": these, "mark": TOMBSTONE}
        unit.session.execute(statement, values)
    _empty_slips(unit, document.id)
    _empty_assignments(unit, document.id)
    unit.session.execute(update(DRAFT).where(DRAFT.c.document_id == document.id).values(fields={}))
    emptied = {
        "subject": TOMBSTONE,
        "description": "",
        "to_places": "",
        "trace": [{k: v for k, v in line.items() if k not in _CONTENT} for line in document.trace],
    }
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document.id).values(emptied))


def _about(document_id: UUID, instances: Sequence[UUID]) -> ColumnElement[bool]:
    return NOTICE.c.object_id.in_([document_id, *instances])


def _answers_about(unit: UnitOfWork, document_id: UUID) -> list[str]:
    """Return all that slips about a document and work given from it say, the longest texts first."""
    slips, work = SLIP.c.document_id == document_id, ASSIGNMENT.c.document_id == document_id
    given = (ASSIGNMENT.c[name] for name in (*_EMPTIED, "result", "waiting_for"))
    selections: tuple[Select[Any], ...] = (
        select(SLIP.c.matter, SLIP.c.content, SLIP.c.earlier).where(slips),
        select(OPINION.c.words).join(SLIP, SLIP.c.id == OPINION.c.slip_id).where(slips),
        select(*given).where(work),
        select(ENTRY.c.words, ENTRY.c.details)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == ENTRY.c.assignment_id)
        .where(work),
    )
    rows = (row for selection in selections for row in unit.session.execute(selection))
    return sorted({one for row in rows for one in _texts(list(row))}, key=len, reverse=True)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _empty_slips(unit: UnitOfWork, document_id: UUID) -> None:
    """Leave of the slips who put them to whom and when, and what came of it; the frozen file goes, too."""
    kept = func.jsonb_strip_nulls(
        func.jsonb_build_object(*(part for name in _KEPT for part in (name, SLIP.c.content[name])))
    )
    emptied: dict[str, Any] = {
        "matter": TOMBSTONE,
        "content": kept,
        "earlier": [],
        "file_sha256": None,
        "file_size_bytes": None,
        "version": SLIP.c.version + 1,
    }
    unit.session.execute(update(SLIP).where(SLIP.c.document_id == document_id).values(emptied))


def _empty_assignments(unit: UnitOfWork, document_id: UUID) -> None:
    """Leave of the work given from the document who gave it to whom until when; what was open has ended."""
    is_open = ASSIGNMENT.c.state.in_(OPEN_STATES)
    emptied: dict[str, Any] = {
        **dict.fromkeys(_EMPTIED, ""),
        "content": TOMBSTONE,
        "result": None,
        "waiting_for": None,
        "state": case((is_open, "cancelled"), else_=ASSIGNMENT.c.state),
        "closed_at": case((is_open, unit.now), else_=ASSIGNMENT.c.closed_at),
        "version": ASSIGNMENT.c.version + 1,
    }
    unit.session.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.document_id == document_id).values(emptied))


def _long(words: Iterable[str]) -> list[str]:
    return [one for one in words if len(one) >= _SHORTEST_WORDS]


def _forget_in_state(unit: UnitOfWork, instance_id: UUID, words: Sequence[str]) -> None:
    """Rewrite the stored variables of an instance that has ended."""
    mine = INSTANCE.c.id == instance_id
    stored = unit.session.execute(select(INSTANCE.c.execution).where(mine).with_for_update()).scalar_one()
    state = _without(codec.decode(bytes(stored)), words)
    unit.session.execute(update(INSTANCE).where(mine).values(execution=codec.encode(state)))


def _without(value: Any, words: Sequence[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, TOMBSTONE)
        return value
    if isinstance(value, list | tuple):
        return [_without(one, words) for one in value]
    if isinstance(value, dict):
        return {name: _without(one, words) for name, one in value.items()}
    return value
