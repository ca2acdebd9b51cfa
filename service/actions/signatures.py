"""Looking into a document's files: what their signatures are worth today (S0-6.1b, S3-14.1, S4-8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from handlers.records.document_row import newest_files
from handlers.resources import HandlerResources
from handlers.signing.inspection import inspect_pdf
from service.domain.errors import NotFound
from service.domain.records import PDF
from service.queries.document_access import standing_of
from service.queries.signatures import DocumentSignaturesView, file_view, made_signatures
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_SHOWN_ROLES = frozenset({"main", "attachment"})
_NOT_A_PDF: Mapping[str, Any] = {"verdict": "not_a_pdf", "reasons": ["not_a_pdf"], "signatures": []}


def read_signatures(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID
) -> DocumentSignaturesView:
    """Return four separate answers for each signature of the document's files; the reading is recorded.

    A report that was kept with a file that arrived is shown as it was made; other files are looked into now,
    in a process with limits, offline.

    Raises:
        NotFound: no such document, or not the actor's to read.
    """
    standing = standing_of(unit, document_id)
    if not standing.may_read:
        raise NotFound("document.not_found", "Không có văn bản này.", "There is no such document.")
    made = made_signatures(unit, document_id)
    files = [
        file_view(file, file.signature_report or _report_on(unit, resources, file), made)
        for file in newest_files(unit, document_id)
        if file.role in _SHOWN_ROLES
    ]
    unit.audit(AuditRecord("document.read_signatures", "document", document_id, standing.facts()))
    return DocumentSignaturesView(document_id, standing.row.legal_value, files, made)


def _report_on(unit: UnitOfWork, resources: HandlerResources, file: Row[Any]) -> Mapping[str, Any] | None:
    """Return a fresh report, None where the file is not on this host's disk."""
    if file.media_type != PDF:
        return _NOT_A_PDF
    path = resources.blobs.path_of(bytes(file.sha256))
    if not path.exists():
        return None
    report = inspect_pdf(path, resources.trust_dir, unit.now, resources.inspection)
    return {**report, "checked_at": unit.now.isoformat()}
