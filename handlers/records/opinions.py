"""Opinions of those who coordinate: as good as on paper (S0-3.3), and their absence is recorded (S0-7.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Row

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, is_done, lock_document, trace_line


class AddOpinion:
    """Records one coordinator's opinion, or that the time passed without one."""

    operation: ClassVar[str] = "record.add_opinion"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("coordinator", True, "Người hoặc đơn vị được hỏi.", "Reference of who was asked."),
        Parameter("opinion", False, "Ý kiến; trống = hết hạn không có.", "The opinion; null = none in time."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_given}``."""
        document = lock_document(context.unit, params["document_id"])
        opinion = params.get("opinion")
        if not is_done(document, context):
            kind = "opinion" if opinion else "opinion_missing"
            view, text = (opinion.get("view"), opinion.get("text")) if opinion else (None, None)
            line = trace_line(context, kind, coordinator=params["coordinator"], view=view, text=text)
            change_document(context, document, line)
        return {"is_given": opinion is not None}


class CloseOpinions:
    """Records who of those asked gave no opinion before the result was accepted."""

    operation: ClassVar[str] = "record.close_opinions"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("expected", True, "Những ai được hỏi.", "References of all who were asked."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{given, missing}``: lists of references."""
        document = lock_document(context.unit, params["document_id"])
        asked = list(params.get("expected") or [])
        given = [one for one in asked if one in coordinators_with(document, "opinion")]
        missing = [one for one in asked if one not in given]
        if not is_done(document, context):
            line = trace_line(context, "opinions_closed", given=given or None, missing=missing or None)
            change_document(context, document, line)
        return {"given": given, "missing": missing}


def coordinators_with(document: Row[Any], kind: str) -> set[str]:
    """Return who has a line of this kind in the document's trace."""
    return {line["coordinator"] for line in document.trace if line.get("kind") == kind}
