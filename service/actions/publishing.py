"""Opening a document to everyone of the agency, and taking that back (công khai, S0-5.3)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from handlers.records.document_row import lock_document
from handlers.records.publish import check_publication, set_publication
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.permissions import Subject, require
from service.domain.records import clean_text
from service.domain.step_up import require_step_up
from service.queries.document_access import HIDDEN_STATUSES, standing_of
from service.queries.documents import DocumentView, document_view
from service.storage.unit_of_work import UnitOfWork

_LONGEST_REASON: Final = 500


def publish_document(unit: UnitOfWork, document_id: UUID) -> DocumentView:
    """Open a document to everyone of the agency; a second time changes nothing.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor may not publish, or has not proved a second factor a moment ago.
        PolicyRefusal: it is secret, or of a kind that is not spread.
        Conflict: it is being recalled, or was.
    """
    standing = standing_of(unit, document_id)
    require(unit.actor, "document.publish")
    document = lock_document(unit, document_id)
    check_publication(document)
    require(unit.actor, "document.publish", Subject(document.secrecy, standing.relations))
    if document.status in HIDDEN_STATUSES:
        vi, en = "Văn bản đã bị thu hồi, không công khai được.", "A recalled document is not made public."
        raise Conflict("document.recalled", vi, en)
    if not document.is_public:
        require_step_up(unit.actor, unit.now)
        set_publication(unit, document, is_public=True)
    return _seen(unit, document_id)


def withdraw_publication(unit: UnitOfWork, document_id: UUID, reason: str) -> DocumentView:
    """Take the opening back, with a reason; those whose duty it is go on reading.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor may not publish.
        InvalidInput: no reason.
        Conflict: it is not public.
    """
    standing = standing_of(unit, document_id)
    require(unit.actor, "document.withdraw_publication")
    words = clean_text(reason)
    if not 0 < len(words) <= _LONGEST_REASON:
        vi, en = "Phải nêu lý do, tối đa 500 ký tự.", "A reason is required, of at most 500 characters."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    document = lock_document(unit, document_id)
    if not document.is_public:
        raise Conflict("document.not_published", "Văn bản chưa công khai.", "The document is not public.")
    set_publication(unit, document, is_public=False, reason=words)
    return document_view(lock_document(unit, document_id), unit.now, may_read=standing.may_read)


def _seen(unit: UnitOfWork, document_id: UUID) -> DocumentView:
    return document_view(standing_of(unit, document_id).row, unit.now, may_read=True)
