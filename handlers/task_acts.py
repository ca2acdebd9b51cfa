"""Who completed a user task just now, for whom and against which deadline: read from the task, not a form.

What somebody says in a process counts as theirs, with the name of who entered it (S0-3.3, S0-10.2, S4-7c).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, any_, literal, select

from handlers.contract import HandlerContext, Json
from service.storage.models import UserTask, table_of

_TASK = table_of(UserTask)


@dataclass(frozen=True, slots=True)
class TaskAct:
    """By whom something was said, for whom, by which task, and against which deadline.

    Attributes:
        by_id: who entered it; None = nobody did.
        on_behalf_of_id: for whom, None = for themselves.
        due_at: when the task was due.
        deadline: rule, clause and derivation of it.
        task_id: the task.
    """

    by_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    due_at: datetime | None = None
    deadline: Json = field(default_factory=dict)
    task_id: UUID | None = None

    @property
    def clause(self) -> str:
        """The clauses behind the deadline."""
        return str(self.deadline.get("clause") or "")


def completed_now(context: HandlerContext, element: str | None) -> TaskAct | None:
    """Return the completion of an element's task in this very transaction, None if there was none."""
    if element is None:
        return None
    context.unit.flush_writes()
    is_done = _TASK.c.state == "completed", _TASK.c.completed_at == context.unit.now
    task = _newest(context, element, *is_done)
    return None if task is None else _act(task, task.completed_by_id, task.on_behalf_of_id)


def unanswered(context: HandlerContext, element: str, asked: str) -> TaskAct:
    """Return the task that waits at an element for ``asked``, or for who else has it: nobody's act yet."""
    owned = _newest(context, element, _TASK.c.is_open, literal(asked) == any_(_TASK.c.owners))
    task = owned if owned is not None else _newest(context, element, _TASK.c.is_open)
    return TaskAct() if task is None else _act(task)


def _act(task: Row[Any], by_id: UUID | None = None, on_behalf_of_id: UUID | None = None) -> TaskAct:
    return TaskAct(by_id, on_behalf_of_id, task.due_at, task.deadline or {}, task.id)


def _newest(context: HandlerContext, element: str, *conditions: ColumnElement[bool]) -> Row[Any] | None:
    statement = (
        select(_TASK)
        .where(_TASK.c.instance_id == context.instance_id, _TASK.c.element_id == element, *conditions)
        .order_by(_TASK.c.id.desc())
        .limit(1)
    )
    return context.unit.session.execute(statement).one_or_none()


__all__ = ["TaskAct", "completed_now", "unanswered"]
