"""The format check as a person asks for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from handlers.documents.findings import checked_answer
from handlers.drafts.checking import findings_of
from handlers.drafts.draft_row import load_draft
from handlers.resources import HandlerResources
from service.queries.drafts import see_draft
from service.storage.unit_of_work import UnitOfWork


def check_draft(unit: UnitOfWork, resources: HandlerResources, document_id: UUID) -> dict[str, Any]:
    """Return ``{findings: [{code, severity, vi, en, where}], error_count, warning_count}``, errors first.

    Raises:
        NotFound: no such draft, or not the actor's to read.
        Conflict: ``document.not_drafted`` or ``issuing_body.closed``.
    """
    see_draft(unit, document_id)
    return checked_answer(findings_of(unit, resources, load_draft(unit, document_id)))
