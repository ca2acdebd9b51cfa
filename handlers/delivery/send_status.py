"""``delivery.send_status``: feed the processing status back to the sender (S3-10.5, S3-14.2a, S0-6.1a)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Row

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.delivery.organs import addressed_organ
from handlers.parameters import DOCUMENT_ID, REASON
from handlers.records.description import document_code
from handlers.records.document_row import change_document, is_done, lock_document, trace_line
from service.domain.delivery import EXCHANGE_STATUSES, ExchangeStatus
from service.domain.errors import Finding, InvalidInput


class SendStatus:
    """Sets the document's status and, if it came by exchange, puts the status message into the outbox."""

    operation: ClassVar[str] = "delivery.send_status"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("code", True, "Mã trạng thái 01–06, 15, 16.", "Status code 01–06, 15, 16."),
        REASON,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{code, status, is_sent}``.

        Raises:
            InvalidInput: no such code, or a refusal without a reason.
            Conflict: the document's status may not follow.
        """
        status = _status(params["code"], params.get("reason"))
        document = lock_document(context.unit, params["document_id"])
        is_sent = document.channel == "exchange" and bool(document.organ_id)
        if not is_done(document, context):
            line = trace_line(
                context,
                "status",
                code=status.code,
                status=status.document_status,
                text=params.get("reason"),
                is_sent=is_sent,
            )
            changes = {"status": status.document_status} if status.document_status else {}
            change_document(context, document, line, **changes)
            if is_sent:
                _send(context, document, status, params.get("reason"))
        return {"code": status.code, "status": status.document_status or document.status, "is_sent": is_sent}


def _status(code: Any, reason: Any) -> ExchangeStatus:
    status = EXCHANGE_STATUSES.get(str(code))
    if status is None:
        vi, en = f"Không có mã trạng thái “{code}”.", f"There is no status code “{code}”."
        raise InvalidInput("status.unknown", vi, en, [Finding("status.unknown", vi, en, "/code")])
    if status.needs_reason and not reason:
        vi, en = "Phải nêu lý do cho bên gửi.", "The sender must be told why."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    return status


def _send(context: HandlerContext, document: Row[Any], status: ExchangeStatus, reason: Any) -> None:
    unit = context.unit
    addressed = addressed_organ(unit, document)
    payload = {
        "kind": "status",
        "response_for": {
            "organ_id": document.organ_id,
            "code": document_code(document.code_number, document.code_notation),
            "promulgation_date": document.issued_on.isoformat() if document.issued_on else None,
            "document_id": document.exchange_id,
        },
        "from": {"organ_id": addressed.organ_id or None, "organ_name": addressed.name},
        "status_code": status.code,
        "description": reason or status.vi,
        "timestamp": unit.now.isoformat(),
        "staff": {"name": unit.actor.full_name},
    }
    unit.send("exchange", document.organ_id, payload, f"status:{context.idempotency_key}")
