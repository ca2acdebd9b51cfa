"""``deadline.escalate``: a deadline passed: record it with its rule and tell those who must act (S4-7b)."""

from __future__ import annotations

from typing import Any, ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.notices.send import send_notices
from handlers.parameters import DOCUMENT_ID, RECIPIENTS
from handlers.records.document_row import change_document, is_done, lock_document, trace_line


class EscalateDeadline:
    """Marks the breach in the history (overdue is a flag, not a status) and sends notices."""

    operation: ClassVar[str] = "deadline.escalate"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("step", True, "Bước bị quá hạn.", "The step that is late."),
        Parameter("deadline", True, "Thời hạn và quy tắc.", "The deadline with its rule and clause."),
        RECIPIENTS,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{step, clause}``."""
        document = lock_document(context.unit, params["document_id"])
        deadline = params.get("deadline") or {}
        facts = {name: _text(deadline.get(name)) for name in ("rule", "clause", "due_at", "derivation")}
        if not is_done(document, context):
            recipients = list(dict.fromkeys(params.get("recipients") or []))
            line = trace_line(context, "deadline_passed", step=params["step"], recipients=recipients, **facts)
            change_document(context, document, line)
            send_notices(context, document, "deadline_passed", recipients, {"step": params["step"], **facts})
        return {"step": params["step"], "clause": facts["clause"]}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
