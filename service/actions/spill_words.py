"""The words of a document that copies of it carry: masked while a spill is undecided, forgotten when wiped.

Tasks, notices, the state of a process, its history, registers and kept answers repeat a document's abstract;
locking the document alone would leave it readable there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, Uuid, bindparam, or_, select, text, update

from service.engine.spiff import codec
from service.queries.clearance import MASK
from service.storage.models import Document, Draft, Notice, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

DOCUMENT = table_of(Document)
DRAFT = table_of(Draft)
INSTANCE = table_of(ProcessInstance)
NOTICE = table_of(Notice)
TASK = table_of(UserTask)

TOMBSTONE: Final = "(Đã gỡ bỏ vì chứa bí mật nhà nước)"
_SHORTEST_WORDS: Final = 8
"""Shorter words stand in too many other texts to be taken out of them."""

_CONTENT: Final = ("text", "note", "view")


def instances_about(unit: UnitOfWork, document: Row[Any]) -> list[UUID]:
    """Return the process instances about a document: its own, and those that carry its id as their key."""
    about = or_(INSTANCE.c.id == document.instance_id, INSTANCE.c.business_key == str(document.id))
    return list(unit.session.execute(select(INSTANCE.c.id).where(about)).scalars())


def mask_words(unit: UnitOfWork, document: Row[Any], instances: Sequence[UUID]) -> dict[str, Any]:
    """Cover the abstract in tasks and notices; return what stood there, for :func:`unmask_words`."""
    tasks = unit.session.execute(select(TASK.c.id, TASK.c.subject).where(TASK.c.instance_id.in_(instances)))
    notices = unit.session.execute(select(NOTICE.c.id, NOTICE.c.parameters).where(*_about(document.id)))
    masked = {
        "tasks": {str(row.id): row.subject for row in tasks},
        "notices": {str(row.id): row.parameters for row in notices},
    }
    unit.session.execute(update(TASK).where(TASK.c.instance_id.in_(instances)).values(subject=MASK))
    covered = update(NOTICE).where(*_about(document.id)).values(parameters={"subject": MASK, "name": MASK})
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
    words = [one for one in (document.subject, document.description) if len(one) >= _SHORTEST_WORDS]
    unit.flush_writes()
    for instance_id in instances:
        _forget_in_state(unit, instance_id, words)
    statement = text("SELECT forget_words(:document, :instances, :words, :mark)").bindparams(
        bindparam("instances", type_=ARRAY(Uuid)), bindparam("words", type_=ARRAY(Text))
    )
    values = {"document": document.id, "instances": list(instances), "words": words, "mark": TOMBSTONE}
    unit.session.execute(statement, values)
    unit.session.execute(update(DRAFT).where(DRAFT.c.document_id == document.id).values(fields={}))
    emptied = {
        "subject": TOMBSTONE,
        "description": "",
        "to_places": "",
        "trace": [{k: v for k, v in line.items() if k not in _CONTENT} for line in document.trace],
    }
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document.id).values(emptied))


def _about(document_id: UUID) -> tuple[Any, ...]:
    return NOTICE.c.object_kind == "document", NOTICE.c.object_id == document_id


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
