"""``draft.status`` and ``draft.freeze``: where an outgoing document stands, and that it stands still."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.drafts.draft_row import DRAFT, load_draft
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, is_done, lock_document, read_id, trace_line


class SetDraftStatus:
    """Sets an outgoing document's status, with the words that go with it."""

    operation: ClassVar[str] = "draft.status"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("status", True, "Trạng thái mới của văn bản đi.", "The new status."),
        Parameter("reason", False, "Lý do.", "Why."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{status}``.

        Raises:
            NotFound: there is no such document.
            Conflict: the status may not follow the present one.
        """
        document = lock_document(context.unit, params["document_id"])
        status = params["status"]
        if not is_done(document, context):
            line = trace_line(context, "status", status=status, text=params.get("reason"))
            change_document(context, document, line, status=status)
        return {"status": status}


class FreezeDraft:
    """Keeps an outgoing document as it is: neither its content nor its metadata change any more."""

    operation: ClassVar[str] = "draft.freeze"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("reason", True, "Lý do khóa văn bản.", "Why it is frozen."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{frozen_at}`` (ISO instant); the first time counts.

        Raises:
            NotFound: there is no such document.
            Conflict: it was not drafted here.
        """
        unit = context.unit
        state = load_draft(unit, read_id(params["document_id"]), is_locked=True)
        if state.draft.frozen_at is not None:
            return {"frozen_at": state.draft.frozen_at.isoformat()}
        where = DRAFT.c.document_id == state.document.id
        unit.session.execute(update(DRAFT).where(where).values(frozen_at=unit.now))
        change_document(context, state.document, trace_line(context, "frozen", text=params["reason"]))
        return {"frozen_at": unit.now.isoformat()}
