"""``notice.send``: tell people of the agency about a document; nobody's step waits for it (S0-10.1)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import Row

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID, NOTE, RECIPIENTS
from handlers.records.document_row import change_document, is_done, lock_document, trace_line

_NEUTRAL: Final = "Văn bản mật"


class SendNotice:
    """Puts one notice for each receiver into the outbox."""

    operation: ClassVar[str] = "notice.send"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("kind", True, "Loại thông báo.", "Kind of the notice."),
        RECIPIENTS,
        NOTE,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{count}``; no receiver is no error."""
        document = lock_document(context.unit, params["document_id"])
        recipients = list(dict.fromkeys(params.get("recipients") or []))
        if recipients and not is_done(document, context):
            kind = params["kind"]
            line = trace_line(context, f"notice_{kind}", recipients=recipients, text=params.get("note"))
            change_document(context, document, line)
            send_notices(context, document, kind, recipients, {"note": params.get("note")})
        return {"count": len(recipients)}


def send_notices(
    context: HandlerContext, document: Row[Any], kind: str, recipients: list[str], details: Json
) -> None:
    """Put the notices into the outbox; the abstract of a secret document does not leave with them."""
    subject = document.subject if document.secrecy == "none" else _NEUTRAL
    for recipient in recipients:
        payload = {
            "kind": kind,
            "document_id": str(document.id),
            "subject": subject,
            "urgency": document.urgency,
            "instance_id": str(context.instance_id),
        }
        context.unit.send(
            "notice",
            recipient,
            payload | {name: value for name, value in details.items() if value is not None},
            f"notice:{context.idempotency_key}:{recipient}",
        )
