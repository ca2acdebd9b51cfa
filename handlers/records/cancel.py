"""Recall by the sender: block the document at once, then cancel it (S0-6.5, S3-14.2b, NĐ30 Phụ lục VI III.8).

Cancelling keeps the number, the metadata and the recall's own; the content is hidden, not erased.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select, update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID, NOTE, REASON
from handlers.records.document_row import change_document, is_done, lock_document, trace_line
from service.storage.models import Account, SubmissionSlip, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_SLIP = table_of(SubmissionSlip)
_TASK = table_of(UserTask)
_ACCOUNT = table_of(Account)


class FreezeDocument:
    """Blocks the document for all but the clerk while the recall is carried out."""

    operation: ClassVar[str] = "record.freeze"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, REASON)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{was_registered, handlers}``: references of those who had to do with it, to be told."""
        document = lock_document(context.unit, params["document_id"])
        if not is_done(document, context):
            line = trace_line(
                context,
                "recall_asked",
                text=params.get("reason"),
                status_before=document.status,
            )
            change_document(context, document, line, status="recall_pending", is_public=False)
        return {
            "was_registered": document.arrival_number is not None,
            "handlers": _people_of(context.unit, document.instance_id or context.instance_id),
        }


class CancelDocument:
    """Cancels the document: recalled, content hidden, number and metadata kept."""

    operation: ClassVar[str] = "record.cancel"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, REASON, NOTE)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{status}``; a slip of the same instance that is still undecided ends with it."""
        document = lock_document(context.unit, params["document_id"])
        if not is_done(document, context):
            line = trace_line(
                context, "recalled", text=params.get("reason"), note=params.get("note"), status="recalled"
            )
            change_document(context, document, line, status="recalled", is_public=False)
            _end_slips(context)
        return {"status": "recalled"}


def _end_slips(context: HandlerContext) -> None:
    """Decide what is still under submission: the recall has ended its tasks."""
    unit = context.unit
    ended = (
        update(_SLIP)
        .where(_SLIP.c.instance_id == context.instance_id, _SLIP.c.decided_at.is_(None))
        .values(state="decided", result="overtaken", decided_at=unit.now, version=_SLIP.c.version + 1)
        .returning(_SLIP.c.id)
    )
    for slip_id in unit.session.execute(ended).scalars().all():
        unit.audit(AuditRecord("slip.conclude", "submission_slip", slip_id, {"result": "overtaken"}))


def _people_of(unit: UnitOfWork, instance_id: UUID) -> list[str]:
    """Return those who did or reserved a task of the instance."""
    columns: Any = select(_ACCOUNT.c.login).join(
        _TASK,
        (_TASK.c.owner_id == _ACCOUNT.c.id) | (_TASK.c.completed_by_id == _ACCOUNT.c.id),
    )
    statement = columns.where(_TASK.c.instance_id == instance_id).distinct().order_by(_ACCOUNT.c.login)
    return [f"user:{login}" for login in unit.session.execute(statement).scalars()]
