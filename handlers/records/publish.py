"""``record.publish``: open a document to everyone in the agency; never a secret one (S0-5.3).

A process and a person publish by the same function, so that the policy is asked in one place.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import DOCUMENT, is_done, lock_document
from service.domain.content_policy import decide_publication
from service.domain.errors import PolicyRefusal
from service.storage.unit_of_work import AuditRecord, UnitOfWork


class PublishDocument:
    """Makes a document that is not secret readable for every user of the agency."""

    operation: ClassVar[str] = "record.publish"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_public}``.

        Raises:
            PolicyRefusal: the document has a secrecy level, or a content that is not spread.
        """
        document = lock_document(context.unit, params["document_id"])
        check_publication(document)
        if not is_done(document, context):
            origin = {"key": str(context.idempotency_key), "element": context.element_id}
            set_publication(context.unit, document, is_public=True, origin=origin)
        return {"is_public": True}


def check_publication(document: Row[Any]) -> None:
    """Refuse what the content policy keeps from being made public.

    Raises:
        PolicyRefusal: with the clause.
    """
    answer = decide_publication(document.secrecy, document.category)
    if answer.decision != "allowed":
        code = "document.secret_not_public" if document.secrecy != "none" else "document.not_public"
        raise PolicyRefusal(code, answer.reason_vi, answer.reason_en, extra={"clause": answer.clause})


def set_publication(
    unit: UnitOfWork, document: Row[Any], *, is_public: bool, reason: str = "", origin: Json | None = None
) -> None:
    """Publish a document or withdraw that, with a line in its trace and an audit event.

    Args:
        unit: of who does it.
        document: its row, locked; asked by :func:`check_publication` before it is published.
        is_public: what it becomes.
        reason: why, for the trace.
        origin: ``key`` and ``element`` of the process's call.
    """
    kind = "published" if is_public else "publication_withdrawn"
    line = {
        "at": unit.now.isoformat(),
        "kind": kind,
        "by": unit.actor.login,
        "by_name": unit.actor.full_name,
        **(origin or {}),
        **({"text": reason} if reason else {}),
    }
    changed = {"trace": [*document.trace, line], "version": document.version + 1, "is_public": is_public}
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document.id).values(changed))
    facts = {"element": origin["element"]} if origin else {"reason": reason}
    unit.audit(AuditRecord(f"document.{kind}", "document", UUID(str(document.id)), facts))
