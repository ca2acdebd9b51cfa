"""A document's row while a handler works on it: read under its lock, changed with a line in its trace.

The trace is the history that S3-12.4 o and NĐ30's TraceHeaderList ask for. Each line carries the key of the
call that wrote it, so that a repeated call finds its own line and does nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from handlers.contract import HandlerContext, Json
from service.domain import outgoing
from service.domain.delivery import may_follow
from service.domain.errors import Conflict, NotFound
from service.storage.models import Document, DocumentFile, ProcessInstance, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DOCUMENT = table_of(Document)
DOCUMENT_FILE = table_of(DocumentFile)
_INSTANCE = table_of(ProcessInstance)


def lock_document(unit: UnitOfWork, document_id: Any) -> Row[Any]:
    """Return a document's row and keep it locked until the transaction ends.

    Raises:
        NotFound: the agency has no such document.
    """
    statement = select(DOCUMENT).where(DOCUMENT.c.id == read_id(document_id)).with_for_update()
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise document_not_found()
    return row


def read_id(document_id: Any) -> UUID:
    """Return a document's id from a process variable.

    Raises:
        NotFound: it is no id, so there is no such document.
    """
    try:
        return UUID(str(document_id))
    except ValueError:
        raise document_not_found() from None


def document_not_found() -> NotFound:
    """Return the one answer for an absent document and for another agency's."""
    return NotFound("document.not_found", "Không có văn bản này.", "There is no such document.")


def require_free(document: Row[Any], context: HandlerContext) -> None:
    """Refuse to tie a document to this instance while, or after, another one carries it.

    Whoever has a task of a document's process reads it by that; a second process would open it to others and
    leave the first without its document. One that was terminated may be followed by another.

    Raises:
        Conflict: ``document.in_process``.
    """
    if document.instance_id in {None, context.instance_id}:
        return
    ended = select(_INSTANCE.c.state).where(_INSTANCE.c.id == document.instance_id)
    if context.unit.session.execute(ended).scalar() not in {None, "terminated"}:
        vi, en = "Văn bản đã có quy trình xử lý.", "A process carries this document already."
        raise Conflict("document.in_process", vi, en)


def is_done(document: Row[Any], context: HandlerContext) -> bool:
    """Say whether this very call has left its line in the trace before."""
    key = str(context.idempotency_key)
    return any(line.get("key") == key for line in document.trace)


def trace_line(context: HandlerContext, kind: str, **details: Any) -> Json:
    """Return a line of the trace: what, when, by whom; values that are None are left out."""
    actor = context.unit.actor
    line = {
        "key": str(context.idempotency_key),
        "at": context.unit.now.isoformat(),
        "kind": kind,
        "by": actor.login,
        "by_name": actor.full_name,
        "element": context.element_id,
    }
    return line | {name: value for name, value in details.items() if value is not None}


def change_document(
    context: HandlerContext,
    document: Row[Any],
    line: Mapping[str, Any],
    **values: Any,
) -> None:
    """Write a line to the trace and the changed columns, with an audit event.

    Raises:
        Conflict: the new status may not follow the present one.
    """
    status = values.get("status")
    if status is not None and document.direction == "outgoing":
        outgoing.check_transition(document.status, status)
    elif status is not None and not may_follow(document.status, status):
        raise Conflict(
            "document.status",
            f"Văn bản đang ở trạng thái “{document.status}”, không chuyển sang “{status}” được.",
            f"The document is “{document.status}” and cannot become “{status}”.",
        )
    unit = context.unit
    unit.session.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.id == document.id)
        .values(trace=[*document.trace, dict(line)], version=document.version + 1, **values),
    )
    unit.audit(AuditRecord(f"document.{line['kind']}", "document", document.id, _audited(line)))


def _audited(line: Mapping[str, Any]) -> Json:
    """Return what the audit keeps of a line: facts, and of a person's words the digest only.

    The audit never changes, and words may turn out to hold what must be wiped; the digest still proves them.
    """
    details = {name: value for name, value in line.items() if name not in {"key", "at", "by", "by_name"}}
    for name in ("text", "note"):
        if isinstance(details.get(name), str):
            details[f"{name}_sha256"] = hashlib.sha256(details.pop(name).encode()).hexdigest()
    return details


def newest_files(unit: UnitOfWork, document_id: UUID) -> list[Row[Any]]:
    """Return the newest version of each file of a document, in order."""
    statement = (
        select(DOCUMENT_FILE)
        .where(DOCUMENT_FILE.c.document_id == document_id)
        .ext(distinct_on(DOCUMENT_FILE.c.ordinal))
        .order_by(DOCUMENT_FILE.c.ordinal, DOCUMENT_FILE.c.version.desc())
    )
    return list(unit.session.execute(statement))
