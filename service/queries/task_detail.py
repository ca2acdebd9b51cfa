"""One user task as the page for it needs it: form, data, draft, notes and the instance behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.engine.engine import ProcessEngine
from service.engine.instances import read_instance as read_stored
from service.queries.confirmations import ConfirmationView, confirmations_of
from service.queries.document_access import is_work_locked
from service.queries.task_visibility import TASK
from service.queries.user_tasks import TaskView, read_view
from service.storage.models import Account, History, TaskNote, table_of
from service.storage.unit_of_work import UnitOfWork

NOTE = table_of(TaskNote)
HISTORY = table_of(History)
AUTHOR = table_of(Account).alias("author")


@dataclass(frozen=True, slots=True)
class NoteView:
    """A comment on the instance, or a file attached to it."""

    id: UUID
    task_id: UUID | None
    author: str
    author_name: str
    at: datetime
    body: str
    file_name: str | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class TaskDetail(TaskView):
    """A user task with everything its form needs.

    Attributes:
        form: JSON Schema 2020-12 of the submission.
        data: the variables that the form names, and no others.
        draft: what was typed so far, or None.
        submission: of a completed task, what was entered.
        confirmation: the leader's word on what an aide entered, or None.
        notes: of the whole instance, oldest first.
        context: ``state``, ``title_vi``, ``title_en``, ``version`` and ``started_at`` of the instance, and
            the task's ``clauses``.
    """

    form: Mapping[str, Any] | None = None
    data: Mapping[str, Any] | None = None
    draft: Mapping[str, Any] | None = None
    submission: Mapping[str, Any] | None = None
    confirmation: ConfirmationView | None = None
    notes: Sequence[NoteView] = ()
    context: Mapping[str, Any] | None = None


def read_task(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID) -> TaskDetail:
    """Return one task for working on it; data only while it is open.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    view = read_view(unit, task_id)
    stored = read_stored(unit, view.instance_id)
    instance = engine.load(unit, stored)
    form = instance.loaded.forms.get(view.form_key)
    is_locked = is_work_locked(unit, view.instance_id)
    is_open = view.completed_at is None and not is_locked
    is_done = view.completed_at is not None and not is_locked
    variables = instance.execution.variables_of(task_id) if is_open else {}
    element = instance.loaded.definition.element(view.element_id)
    info = instance.loaded.info
    return TaskDetail(
        **{field.name: getattr(view, field.name) for field in fields(TaskView)},
        form=form.schema if form else None,
        data=form.visible_data(variables) if form else {},
        draft=None if is_locked else _draft(unit, task_id),
        submission=_submission(unit, view) if is_done else None,
        confirmation=confirmations_of(unit, [task_id]).get(task_id) if is_done else None,
        notes=() if is_locked else _notes(unit, view.instance_id),
        context={
            "state": stored.row.state,
            "title_vi": info["title_vi"],
            "title_en": info["title_en"],
            "version": instance.loaded.version,
            "started_at": stored.row.started_at,
            "clauses": element.properties.get("clauses", "").split(),
        },
    )


def _draft(unit: UnitOfWork, task_id: UUID) -> Mapping[str, Any] | None:
    statement = select(TASK.c.draft).where(TASK.c.id == task_id)
    found: Mapping[str, Any] | None = unit.session.execute(statement).scalar_one()
    return found


def _submission(unit: UnitOfWork, view: TaskView) -> Mapping[str, Any] | None:
    head = HISTORY.c.steps[0]
    statement = select(head["data"]).where(
        HISTORY.c.instance_id == view.instance_id, head["task"].astext == str(view.id)
    )
    found: Mapping[str, Any] | None = unit.session.execute(statement).scalars().first()
    return found


def _notes(unit: UnitOfWork, instance_id: UUID) -> list[NoteView]:
    names = ("id", "task_id", "at", "body", "file_name", "media_type")
    columns = [*(NOTE.c[name] for name in names), AUTHOR.c.login.label("author")]
    statement = (
        select(*columns, AUTHOR.c.full_name.label("author_name"))
        .join(AUTHOR, AUTHOR.c.id == NOTE.c.author_id)
        .where(NOTE.c.instance_id == instance_id)
        .order_by(NOTE.c.at, NOTE.c.id)
    )
    return [NoteView(**row) for row in unit.session.execute(statement).mappings()]
