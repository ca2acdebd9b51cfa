"""``policy.apply``: carry the content policy's answer out (S0-4.5, S0-6.6, S3-11.1)."""

from __future__ import annotations

from typing import ClassVar, Final

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID, REASON
from handlers.records.document_row import (
    change_document,
    is_done,
    lock_document,
    newest_files,
    trace_line,
)
from service.domain.errors import InvalidInput, PolicyRefusal

_DECISIONS: Final = ("allowed", "abstract_only", "refuse")
_HIDDEN_SUBJECT: Final = "(Nội dung không được lưu)"


class ApplyPolicy:
    """Keeps all, the abstract only, or nothing but the fact that something was refused."""

    operation: ClassVar[str] = "policy.apply"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter(
            "decision", True, "allowed, abstract_only hoặc refuse.", "allowed, abstract_only or refuse."
        ),
        Parameter("clause", False, "Điều khoản.", "The clauses behind it."),
        REASON,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{decision}``.

        Intake asks the same policy before it stores anything; files that are there all the same stop the
        process for an operator.

        Raises:
            InvalidInput: the decision is none of the three.
            PolicyRefusal: files are kept that must not be.
        """
        decision = params["decision"]
        if decision not in _DECISIONS:
            raise InvalidInput(
                "policy.decision", "Kết quả chính sách không hợp lệ.", "The policy's answer is not known."
            )
        document = lock_document(context.unit, params["document_id"])
        if is_done(document, context):
            return {"decision": decision}
        if decision != "allowed" and newest_files(context.unit, document.id):
            raise PolicyRefusal(
                "policy.files_kept",
                "Văn bản không được giữ tệp nhưng đã có tệp trong kho.",
                "The document must not have files, but has.",
                extra={"clause": params.get("clause")},
            )
        line = trace_line(context, "policy", decision=decision, clause=params.get("clause"))
        hidden = {"subject": _HIDDEN_SUBJECT, "description": ""} if decision == "refuse" else {}
        change_document(context, document, line, **hidden)
        return {"decision": decision}
