"""``draft.finalise``: the PDF that will be signed, with every place for it made (NĐ 30/2020 Điều 13–14).

A signature covers the file as it is, so that number, date, seal and copies need their places before the
first one (ADR 0014). A draft with faults of form is not made ready: the diagram sends it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import ClassVar

from sqlalchemy import update

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.documents.drafting import layout_of, render
from handlers.documents.findings import CheckFinding
from handlers.documents.reading import read_pdf
from handlers.drafts.checking import findings_of, places_of
from handlers.drafts.draft_row import (
    DRAFT,
    DraftState,
    add_main_version,
    load_draft,
    main_versions,
    page_of,
)
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, read_id, trace_line
from handlers.resources import HandlerResources, resources_of
from handlers.signing.acts import void_signatures
from handlers.signing.fields import prepare
from service.domain.signatures import SignatureLayout
from service.storage.blobs import StoredBlob

UNFIT = "draft.unfit"
_REASON = "Hoàn thiện để trình ký"
_TOLD = 5


class FinaliseDraft:
    """Makes the version that the signers get; an earlier one that nobody signed is given again."""

    operation: ClassVar[str] = "draft.finalise"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset({UNFIT})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{file_sha256, version, page_amount}``.

        Raises:
            BpmnError: ``draft.unfit``, a fault of form, or no room for number, date or signature.
            NotFound: there is no such document.
            Conflict: it was not drafted here.
        """
        unit = context.unit
        state = load_draft(unit, read_id(params["document_id"]), is_locked=True)
        versions = main_versions(unit, state.document.id)
        if versions and versions[-1].kind == "final":
            return _answer(bytes(versions[-1].sha256), versions[-1].version, state.document.page_amount)
        _refuse([one for one in findings_of(unit, resources_of(context), state) if one.severity == "error"])
        pdf, layout, pages = _prepared(context, state)
        stored = _store(context, pdf, layout)
        version = add_main_version(unit, state, stored, kind="final", pages=pages, reason=_REASON)
        where = DRAFT.c.document_id == state.document.id
        unit.session.execute(update(DRAFT).where(where).values(layout=layout.to_json()))
        voided = void_signatures(unit, state.document.id, _REASON)
        line = trace_line(context, "finalised", draft_version=version, voided_signatures=voided or None)
        change_document(context, state.document, line)
        return _answer(stored.sha256, version, pages)


def _prepared(context: HandlerContext, state: DraftState) -> tuple[bytes, SignatureLayout, int]:
    """Return the plain PDF, the places on it and its number of pages."""
    page = page_of(context.unit, state)
    if state.draft.origin == "template":
        made = render(page, context.unit.now)
        return made.pdf, layout_of(made, page.seals()), made.page_amount
    resources = resources_of(context)
    row = [one for one in main_versions(context.unit, state.document.id) if one.kind == "draft"][-1]
    path = resources.blobs.path_of(bytes(row.sha256))
    facts = read_pdf(path, resources.inspection)
    places = places_of(page, facts)
    _refuse(places.findings)
    return path.read_bytes(), places.layout, facts.page_amount


def _store(context: HandlerContext, pdf: bytes, layout: SignatureLayout) -> StoredBlob:
    resources: HandlerResources = resources_of(context)
    file = BytesIO(pdf)
    prepare(file, layout)
    file.seek(0)
    return resources.blobs.put(context.unit, file)


def _refuse(faults: Sequence[CheckFinding]) -> None:
    if faults:
        raise BpmnError(UNFIT, " ".join(one.vi for one in faults[:_TOLD]))


def _answer(sha256: bytes, version: int, pages: int | None) -> Json:
    return {"file_sha256": sha256.hex(), "version": version, "page_amount": pages}
