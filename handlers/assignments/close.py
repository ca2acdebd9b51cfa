"""``assignment.close``, ``assignment.cancel``: an assignment ends, everybody who has a part in it is told."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import Row, select

from handlers.assignments.assignment_row import (
    ASSIGNMENT,
    ASSIGNMENT_ID,
    Step,
    is_taken,
    lock_assignment,
    parties_of,
    take_step,
)
from handlers.assignments.facts import reference_of, tell
from handlers.assignments.whole import parts_of, settle_whole
from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import REASON
from handlers.task_acts import TaskAct, completed_now
from service.domain.assignments import OPEN_STATES, is_late
from service.storage.models import Account, Document, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_DOCUMENT = table_of(Document)
_TASK = table_of(UserTask)

CANCELLED_MESSAGE: Final = "assignment_cancelled"
"""The message that cancels an assignment; its key is the assignment's id."""

_EVERYBODY: Final = ("assigner", "monitor", "lead", "handler", "coordinator")
_TASK_DONE = Parameter(
    "task", False, "Mã phần tử đã hoàn thành.", "Element of the task just completed, if any."
)


class CloseAssignment:
    """Accepts the result; in time or late is judged by the day of the report (S0-11g5)."""

    operation: ClassVar[str] = "assignment.close"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ASSIGNMENT_ID,
        _TASK_DONE,
        Parameter("words", False, "Nhận xét.", "What was said of the result."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_late, document_id}``.

        Raises:
            NotFound: no such assignment.
            Conflict: it was not reported.
        """
        unit = context.unit
        assignment = lock_assignment(unit, params["assignment_id"])
        if not is_taken(unit, assignment.id, context.idempotency_key):
            act = completed_now(context, params.get("task")) or TaskAct(unit.actor.account_id)
            late = is_late(assignment.due_at, assignment.reported_at or unit.now)
            changes = {"closed_at": unit.now, "is_late": late, "percent": 100}
            words = params.get("words") or ""
            who = act.by_id, act.on_behalf_of_id, act.task_id
            step = Step("confirm", context.idempotency_key, words, None, {"is_late": late}, *who)
            assignment = take_step(unit, assignment, step, changes)
            told = parties_of(unit, assignment.id, _EVERYBODY)
            tell(context, assignment, "assignment_completed", told)
            tell(context, assignment, "assignment_source_done", _handlers_of_source(unit, assignment))
            settle_whole(context, assignment.parent_id)
        source = assignment.document_id
        return {"is_late": assignment.is_late, "document_id": None if source is None else str(source)}


class CancelAssignment:
    """Cancels an assignment and, by the same message, each of its parts that is open."""

    operation: ClassVar[str] = "assignment.cancel"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        REASON,
        _TASK_DONE,
        Parameter("by", False, "Người hủy (user:).", "Reference of who cancelled, where a message says so."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_cancelled}``: false where the assignment had not begun."""
        unit = context.unit
        known = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.id == context.instance_id)
        if unit.session.execute(known).one_or_none() is None:
            return {"is_cancelled": False}
        assignment = lock_assignment(unit, context.instance_id)
        if not is_taken(unit, assignment.id, context.idempotency_key):
            act = completed_now(context, params.get("task")) or _sender(unit, params.get("by"))
            reason = params.get("reason") or ""
            who = act.by_id, act.on_behalf_of_id, act.task_id
            step = Step("cancel", context.idempotency_key, reason, None, {}, *who)
            assignment = take_step(unit, assignment, step, {"closed_at": unit.now, "waiting_for": None})
            told = parties_of(unit, assignment.id, _EVERYBODY)
            tell(context, assignment, "assignment_cancelled", told)
            _cancel_parts(context, assignment, reason, reference_of(unit, act.on_behalf_of_id or act.by_id))
            settle_whole(context, assignment.parent_id)
        return {"is_cancelled": True}


def _sender(unit: UnitOfWork, by: Any) -> TaskAct:
    """Return who cancelled by a message: the actor, or whom the message of a whole names."""
    if not unit.actor.is_system:
        mandate = unit.mandate
        return TaskAct(unit.actor.account_id, None if mandate is None else mandate.principal.account_id)
    login = str(by or "").removeprefix("user:")
    found = unit.session.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == login))
    return TaskAct(found.scalar_one_or_none())


def _cancel_parts(context: HandlerContext, whole: Row[Any], reason: str, by: str | None) -> None:
    for part in parts_of(context.unit, whole.id):
        if part.state in OPEN_STATES:
            body = {
                "name": CANCELLED_MESSAGE,
                "correlation_key": str(part.id),
                "payload": {"reason": reason, "by": by},
                "is_hint": True,
            }
            key = f"{CANCELLED_MESSAGE}:{part.id}:{context.idempotency_key}"
            context.unit.send("message", CANCELLED_MESSAGE, body, key)


def _handlers_of_source(unit: UnitOfWork, assignment: Row[Any]) -> list[str]:
    """Return who still has a task of the source document's own process: its completion may be due now."""
    statement = (
        select(_TASK.c.owners, _ACCOUNT.c.login)
        .join(_DOCUMENT, _DOCUMENT.c.instance_id == _TASK.c.instance_id)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _TASK.c.owner_id)
        .where(_DOCUMENT.c.id == assignment.document_id, _DOCUMENT.c.direction == "incoming", _TASK.c.is_open)
        .order_by(_TASK.c.id)
    )
    rows = unit.session.execute(statement).all()
    named = [[f"user:{row.login}"] if row.login else list(row.owners) for row in rows]
    return [reference for references in named for reference in references]


__all__ = ["CANCELLED_MESSAGE", "CancelAssignment", "CloseAssignment"]
