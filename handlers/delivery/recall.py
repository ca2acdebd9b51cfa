"""``delivery.recall``: ask every receiver to give a document back (S3-13.2b, NĐ30 Phụ lục VI III.8).

What has not left is cancelled; what has left is asked for over the way it went: by a package of type 1, and
where statuses are exchanged by a status 13 after it, since programs there know one, the other, or both. On
paper there is nobody to ask: the clerk takes it back. For the agency's own units the document is hidden.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Row, delete, update

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.delivery.delivery_channel import OUTBOX
from handlers.delivery.delivery_rows import (
    DELIVERY,
    QUEUED,
    RECALL_PACKAGE,
    RECALL_STATUS,
    deliveries_of,
    listed,
    queue,
)
from handlers.delivery.dispatch import REFUSED
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import document_code
from handlers.records.document_row import DOCUMENT, is_done, lock_document, trace_line
from service.domain.delivery import ANSWERING_CHANNELS, SILENCE
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_KINDS: Final = ("recall", "replace")
_NEVER_HAD_IT: Final = frozenset({"cancelled", "refused"})


class RecallDocument:
    """Asks the receivers back; with ``replace``, the new document's own package says what it replaces."""

    operation: ClassVar[str] = "delivery.recall"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("reason", True, "Lý do thu hồi, gửi cho bên nhận.", "Why; the receivers are told."),
        Parameter("kind", False, "recall (thu hồi) hoặc replace (thay thế).", "recall or replace."),
        Parameter("replacement_id", False, "Văn bản thay thế.", "The document that replaces it."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{deliveries}``: those that were asked back.

        Raises:
            BpmnError: ``delivery.refused``: no reason, an unknown kind, no document that goes out.
        """
        unit = context.unit
        document = lock_document(unit, params["document_id"])
        reason = str(params.get("reason") or "").strip()[:500]
        kind = params.get("kind") or "recall"
        if document.direction != "outgoing" or not reason or kind not in _KINDS:
            raise BpmnError(REFUSED, "Thu hồi cần một văn bản đi đã phát hành và lý do.")
        if not is_done(document, context):
            _stop_sending(unit, document.id)
            for row in deliveries_of(unit, document.id, is_locked=True):
                _ask_back(unit, document, row, reason)
            _record(context, document, reason, kind, params.get("replacement_id"))
        asked = [row for row in deliveries_of(unit, document.id) if row.recall_state]
        return {"deliveries": listed(asked)}


def _stop_sending(unit: UnitOfWork, document_id: UUID) -> None:
    """Take what has not left out of the outbox, before any delivery is locked, as the sender does it.

    A worker that is sending one of them now is waited for: then it has left.
    """
    unit.session.execute(
        delete(OUTBOX).where(
            OUTBOX.c.channel == "delivery",
            OUTBOX.c.state != "sent",
            OUTBOX.c.payload["kind"].astext == "edoc",
            OUTBOX.c.payload["document_id"].astext == str(document_id),
        )
    )


def _ask_back(unit: UnitOfWork, document: Row[Any], row: Row[Any], reason: str) -> None:
    if row.state in _NEVER_HAD_IT or row.recall_state in {"asked", "agreed"}:
        return
    if row.state in {"pending", "failed"} and row.channel != "paper":
        _change(unit, row, state="cancelled", ended_at=unit.now, silent_from=None)
        return
    is_outside = row.channel in ANSWERING_CHANNELS and row.receiver_kind == "partner"
    by_hand = not is_outside and row.channel != "internal"
    _change(
        unit,
        row,
        recall_state="asked" if is_outside or by_hand else "agreed",
        recall_reason=reason,
        recall_asked_at=unit.now,
        recall_answered_at=None if is_outside or by_hand else unit.now,
        silent_from=unit.now + SILENCE["urgent"] if is_outside else None,
        alerted_at=None,
    )
    if is_outside or row.channel in {"email", "folder"}:
        code = document_code(document.code_number, document.code_notation)
        named = {name: getattr(row, name) for name in QUEUED}
        turn = f":{unit.now.isoformat()}" if row.recall_asked_at else ""
        queue(unit, RECALL_PACKAGE, named, code, turn=turn)
        if is_outside:
            queue(unit, RECALL_STATUS, named, code, turn=turn)


def _change(unit: UnitOfWork, row: Row[Any], **values: Any) -> None:
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == row.id).values(**values))


def _record(context: HandlerContext, document: Row[Any], reason: str, kind: str, replacement_id: Any) -> None:
    """Write the trace; the document's status is the process' business."""
    line = trace_line(context, "recall_sent", text=reason, recall_kind=kind, replacement_id=replacement_id)
    context.unit.session.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.id == document.id)
        .values(trace=[*document.trace, line], version=document.version + 1)
    )
    details = {"reason": reason, "kind": kind, "replacement_id": replacement_id}
    context.unit.audit(AuditRecord("document.recall_sent", "document", document.id, details))
