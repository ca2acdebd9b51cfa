"""``draft.check``: what is not as the form asks, for the drafter and the clerk (S0-7.1, S0-7.4)."""

from __future__ import annotations

from typing import ClassVar, Final

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.documents.findings import checked_answer
from handlers.drafts.checking import findings_of
from handlers.drafts.draft_row import load_draft
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import read_id
from handlers.resources import resources_of

MOST_TOLD: Final = 20
"""What a process keeps is small; the whole list is asked for over the API."""


class CheckDraft:
    """Checks fields and pages; changes nothing."""

    operation: ClassVar[str] = "draft.check"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{findings: [{code, severity, vi, en, where}], error_count, warning_count}``.

        Raises:
            NotFound: there is no such document.
            Conflict: it was not drafted here.
        """
        state = load_draft(context.unit, read_id(params["document_id"]))
        return checked_answer(findings_of(context.unit, resources_of(context), state), MOST_TOLD)
