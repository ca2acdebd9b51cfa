"""Asking for an issued document back: checks, then the process that decides (flow D8, sender)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from handlers.records.document_row import lock_document
from service.actions.instances import start_version
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.permissions import Subject, is_allowed, require
from service.engine.engine import ProcessEngine
from service.queries.definitions import active_definition
from service.queries.documents import find_document
from service.storage.models import Document, ProcessInstance, table_of
from service.storage.unit_of_work import UnitOfWork

DOCUMENT = table_of(Document)
INSTANCE = table_of(ProcessInstance)
PROCESS: Final = "recall_outgoing"


@dataclass(frozen=True, slots=True)
class RecallWish:
    """Why a document is to come back.

    Attributes:
        replacement_id: the issued document that replaces it; None = it is recalled without replacement.
    """

    reason: str
    replacement_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RecallStarted:
    """The process that decides."""

    instance_id: UUID


def ask_recall(engine: ProcessEngine, unit: UnitOfWork, document_id: UUID, wish: RecallWish) -> RecallStarted:
    """Start the process that decides about recalling a document (S3-13.2b, NĐ30 Phụ lục VI III.8).

    Raises:
        Forbidden: the actor drafts and handles nothing.
        NotFound: the document is absent or not the actor's to see, or the process is not deployed.
        Conflict: it is not issued, or a recall of it runs already.
        InvalidInput: no reason; the replacement is not an issued document of the agency.
    """
    require(unit.actor, "document.recall")
    find_document(unit, document_id)
    document = lock_document(unit, document_id)  # whoever asks next waits here, and finds the process below
    _check(unit, document, wish)
    running = select(INSTANCE.c.id).where(
        INSTANCE.c.key == PROCESS,
        INSTANCE.c.business_key == str(document_id),
        INSTANCE.c.state.in_(("active", "suspended")),
    )
    if unit.session.execute(running).first() is not None:
        vi, en = "Văn bản này đang được xem xét thu hồi.", "A recall of this document is being decided."
        raise Conflict("document.recall_running", vi, en)
    variables: dict[str, Any] = {
        "document_id": str(document_id),
        "reason": wish.reason.strip(),
        "kind": "replace" if wish.replacement_id else "recall",
        "replacement_id": str(wish.replacement_id) if wish.replacement_id else None,
        "requester": f"user:{unit.actor.login}",
    }
    definition = active_definition(unit, PROCESS)
    progress = start_version(engine, unit, definition, variables, str(document_id))
    return RecallStarted(progress.instance_id)


def _check(unit: UnitOfWork, document: Row[Any], wish: RecallWish) -> None:
    if document.direction != "outgoing" or not is_allowed(
        unit.actor, "document.recall", Subject(document.status)
    ):
        raise Conflict(
            "document.not_issued",
            "Chỉ thu hồi được văn bản đã phát hành.",
            "Only an issued document can be recalled.",
            extra={"status": document.status},
        )
    if not wish.reason.strip():
        vi, en = "Phải nêu lý do thu hồi.", "A recall needs a reason."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    if wish.replacement_id is None:
        return
    found = select(DOCUMENT.c.status, DOCUMENT.c.direction).where(DOCUMENT.c.id == wish.replacement_id)
    row = unit.session.execute(found).first()
    if row is None or row.direction != "outgoing" or row.status not in {"issued", "completed"}:
        vi = "Văn bản thay thế phải là văn bản đi đã phát hành."
        en = "The replacement must be an issued document of this agency."
        finding = Finding("recall.replacement", vi, en, "/replacement_id")
        raise InvalidInput("recall.replacement", vi, en, [finding])
