"""``record.apply_direction``: a leader's words become part of the record (S0-3.3, S0-10.1, S4-7a)."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, ClassVar, Final

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import describe_document
from handlers.records.document_row import change_document, is_done, lock_document, newest_files, trace_line
from handlers.resources import resources_of
from service.domain.clock import OFFICE_ZONE
from service.domain.records import URGENCIES, read_date

_RANK: Final = {name: rank for rank, name in enumerate(URGENCIES)}
_RECORDED: Final = (
    "decision",
    "lead_unit",
    "coordinating_units",
    "information_units",
    "due_on",
    "urgency",
    "is_public",
)
_END_OF_WORK: Final = time(17, 0)


class ApplyDirection:
    """Records the direction, raises the urgency if it says so, and keeps the deadline it sets."""

    operation: ClassVar[str] = "record.apply_direction"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("direction", True, "Ý kiến chỉ đạo.", "The direction, as its form gives it."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the document's description with the raised urgency; urgency is never lowered here."""
        document = lock_document(context.unit, params["document_id"])
        if not is_done(document, context):
            direction = params["direction"]
            facts = {name: direction.get(name) for name in _RECORDED}
            line = trace_line(context, "direction", text=direction.get("opinion"), **facts)
            changes: dict[str, Any] = {"urgency": _higher(document.urgency, direction.get("urgency"))}
            due_on = read_date(direction.get("due_on"))
            if due_on is not None:
                changes["due_at"] = datetime.combine(due_on, _END_OF_WORK, OFFICE_ZONE)
            change_document(context, document, line, **changes)
            document = lock_document(context.unit, params["document_id"])
        return describe_document(document, newest_files(context.unit, document.id), resources_of(context))


def _higher(present: str, asked: Any) -> str:
    return asked if _RANK.get(asked, -1) > _RANK[present] else present
