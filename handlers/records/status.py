"""``record.update_status``: progress and waiting of the one who handles (S0-6.7, S4-6.2b)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID, NOTE
from handlers.records.document_row import change_document, is_done, lock_document, trace_line


class UpdateStatus:
    """Sets the document's status and records the words that go with it."""

    operation: ClassVar[str] = "record.update_status"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("status", True, "Trạng thái mới (S3-12.4f).", "The new status (S3-12.4f)."),
        Parameter("kind", False, "Loại dòng lịch sử.", "Kind of the line in the history."),
        Parameter("percent", False, "Tiến độ phần trăm.", "Progress in per cent."),
        Parameter(
            "happened_at",
            False,
            "Thời điểm thực tế, khi nhập bù sau sự cố (S4-4.2).",
            "When it really happened, if entered after an outage (S4-4.2).",
        ),
        NOTE,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{status}``.

        Raises:
            Conflict: the status may not follow the present one.
        """
        document = lock_document(context.unit, params["document_id"])
        status = params["status"]
        if not is_done(document, context):
            kind = params.get("kind") or "status"
            percent = params.get("percent")
            line = trace_line(
                context,
                kind,
                status=status,
                text=params.get("note"),
                percent=None if percent is None else int(percent),
                happened_at=params.get("happened_at"),
            )
            change_document(context, document, line, status=status)
        return {"status": status}
