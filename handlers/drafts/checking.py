"""The format check of a draft: its fields, and the pages of its newest version (S0-7.1, S0-7.4, S3-10.1)."""

from __future__ import annotations

from pathlib import Path

from handlers.documents.drafting import DraftPage
from handlers.documents.field_checks import check_fields
from handlers.documents.findings import CheckFinding, error
from handlers.documents.page_checks import check_active, check_pages
from handlers.documents.placing import Places, find_places
from handlers.documents.reading import PdfFacts, read_pdf, unreadable
from handlers.drafts.draft_row import DraftState, main_versions, page_of
from handlers.numbering.subject import office_day
from handlers.resources import HandlerResources
from handlers.signing.inspection import find_active_content
from service.domain.errors import InvalidInput
from service.storage.unit_of_work import UnitOfWork

_NOT_YET_SIGNED = "draft"


def findings_of(unit: UnitOfWork, resources: HandlerResources, state: DraftState) -> list[CheckFinding]:
    """Return everything that is not as the form asks.

    Raises:
        Conflict: ``issuing_body.closed``.
    """
    page = page_of(unit, state)
    is_typeset = state.draft.origin == "template"
    findings = list(check_fields(page, office_day(unit), with_content=is_typeset))
    versions = main_versions(unit, state.document.id)
    if not versions:
        vi, en = "Chưa có tệp văn bản nào.", "There is no file of the document yet."
        return [*findings, error("version.missing", vi, en, "versions")]
    newest = versions[-1]
    path = resources.blobs.path_of(bytes(newest.sha256))
    return findings + _of_file(
        page, path, resources, is_plain=newest.kind == _NOT_YET_SIGNED, is_typeset=is_typeset
    )


def _of_file(
    page: DraftPage, path: Path, resources: HandlerResources, *, is_plain: bool, is_typeset: bool
) -> list[CheckFinding]:
    try:
        facts = read_pdf(path, resources.inspection)
        active = [] if is_typeset else find_active_content(path, resources.inspection)
        if active is None:
            raise unreadable()
    except InvalidInput as fault:
        return [error(fault.code, fault.vi, fault.en, "versions")]
    findings = [*check_active(active), *check_pages(page, facts, is_plain=is_plain)]
    if is_plain and not is_typeset and facts.words and page.signer_name:
        findings += places_of(page, facts).findings
    return findings


def places_of(page: DraftPage, facts: PdfFacts) -> Places:
    """Return where a file that was brought is written, signed and sealed later."""
    names = [one.name for one in page.signatories]
    return find_places(facts, *names, sealed=page.seals(), is_numbered=page.kind.is_numbered)
