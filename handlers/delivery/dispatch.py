"""``delivery.dispatch``: send an issued document to its receivers, each by its channel (S0-7.6, S3-15).

Only ids go into the outbox. On paper a document leaves no sooner than its electronic version exists: number,
date and a PDF. A receiver that cannot be reached does not hold up the others: its delivery fails at once and
says why.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import Row, select, update

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.delivery.contacts import channel_for, find_contact, find_local
from handlers.delivery.delivery_rows import (
    NewDelivery,
    Receiver,
    add_delivery,
    deliveries_of,
    listed,
    queue,
)
from handlers.delivery.letters import exchange_id_of, outgoing_files
from handlers.delivery.organs import issuing_organ
from handlers.delivery.receivers import receivers_of
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import document_code
from handlers.records.document_row import DOCUMENT, is_done, lock_document, read_id, trace_line
from handlers.records.signers import unsealed_bodies
from handlers.resources import resources_of
from service.domain.content_policy import ContentFacts, decide_content
from service.domain.dispatch_faults import fault_text
from service.domain.edxml import NEW, REPLACE, UPDATE
from service.storage.models import Draft, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DRAFT = table_of(Draft)
MODES: Final = ("electronic", "electronic_and_paper", "paper_only")
REFUSED: Final = "delivery.refused"
_SENDABLE: Final = frozenset({"numbered", "issued", "completed", "corrected"})


class DispatchDocument:
    """Makes one delivery for each receiver and channel, and puts the electronic ones into the outbox."""

    operation: ClassVar[str] = "delivery.dispatch"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter(
            "mode",
            True,
            "Cách phát hành: electronic, electronic_and_paper hoặc paper_only.",
            "How it is issued: electronic, electronic_and_paper or paper_only.",
        ),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{deliveries: [{id, receiver, channel}]}``, all of the document's.

        Raises:
            BpmnError: ``delivery.refused``: no electronic version, policy, no receivers, an unknown mode.
        """
        document = lock_document(context.unit, params["document_id"])
        if not is_done(document, context):
            mode = params["mode"]
            if mode not in MODES:
                raise BpmnError(REFUSED, f"Không có cách phát hành “{mode}”.")
            _check(context, document, mode)
            _dispatch(context, document, mode)
        return {"deliveries": listed(deliveries_of(context.unit, document.id))}


def _check(context: HandlerContext, document: Row[Any], mode: str) -> None:
    """Refuse what may not leave now.

    Raises:
        BpmnError: why not.
    """
    if document.direction != "outgoing" or document.status not in _SENDABLE:
        raise BpmnError(REFUSED, "Văn bản chưa được cấp số hoặc không còn được phát hành.")
    if not (document.code_number and document.issued_on and outgoing_files(context.unit, document)):
        raise BpmnError(REFUSED, "Chưa có bản điện tử (số, ngày và tệp PDF) nên chưa được phát hành.")
    missing = unsealed_bodies(context.unit, document.id)
    if missing:
        raise BpmnError(REFUSED, f"Còn thiếu dấu của cơ quan cùng ban hành: {', '.join(missing)}.")
    resources = resources_of(context)
    facts = ContentFacts(
        resources.zone,
        document.secrecy,
        document.category,
        is_exchange=True,
        has_cipher=resources.has_cipher,
    )
    answer = decide_content(facts)
    if mode != "paper_only" and answer.decision != "allowed":
        raise BpmnError(REFUSED, answer.reason_vi)


def _dispatch(context: HandlerContext, document: Row[Any], mode: str) -> None:
    unit = context.unit
    receivers = receivers_of(unit, document.id)
    if not receivers:
        raise BpmnError(REFUSED, "Văn bản chưa có nơi nhận để gửi.")
    organ_id = issuing_organ(unit, document).organ_id or document.organ_id
    exchange_id = exchange_id_of(unit, document)
    business_type, replaces = _business(unit, document)
    code = document_code(document.code_number, document.code_notation)
    inside: list[str] = []
    for receiver in receivers:
        for new in _ways(unit, receiver, mode):
            made = add_delivery(
                unit,
                document,
                exchange_id,
                NewDelivery(receiver, new.channel, new.state, business_type, replaces, new.error),
            )
            if made is None:
                continue
            if new.state == "pending":
                row = {"id": made, "document_id": document.id, "organ_id": receiver.organ_id}
                queue(unit, "edoc", row | {"receiver_key": receiver.key, "urgency": document.urgency}, code)
            elif new.channel == "internal":
                inside.append(receiver.reference)
    _record(context, document, {"exchange_id": exchange_id, "organ_id": organ_id}, mode, inside)


def _ways(unit: UnitOfWork, receiver: Receiver, mode: str) -> list[NewDelivery]:
    """Return the deliveries that a receiver gets: electronic, on paper, or both."""
    paper = NewDelivery(receiver, "paper", "sent")
    if mode == "paper_only" or receiver.kind == "place" or receiver.channel == "paper":
        return [paper]
    electronic = _electronic(unit, receiver)
    return [electronic, paper] if mode == "electronic_and_paper" else [electronic]


def _electronic(unit: UnitOfWork, receiver: Receiver) -> NewDelivery:
    if receiver.kind != "partner":
        return NewDelivery(receiver, "internal", "arrived")
    organ_id = receiver.organ_id or ""
    contact = find_contact(unit, organ_id)
    if contact is None:
        if find_local(unit, organ_id) is not None:
            return NewDelivery(receiver, "internal", "pending")
        return NewDelivery(receiver, "exchange", "failed", error=fault_text("partner.unknown", organ_id))
    channel = channel_for(unit, contact, receiver.channel)
    if channel == "paper":
        return NewDelivery(receiver, "paper", "sent")
    if not channel:
        return NewDelivery(receiver, "http", "failed", error=fault_text("partner.no_channel", organ_id))
    return NewDelivery(receiver, channel, "pending")


def _business(unit: UnitOfWork, document: Row[Any]) -> tuple[int, str | None]:
    """Return the business type, and the identifier of the document that is replaced or corrected."""
    draft = unit.session.execute(
        select(DRAFT.c.replaces_id, DRAFT.c.corrects_id).where(DRAFT.c.document_id == document.id)
    ).first()
    if draft is None or not (draft.replaces_id or draft.corrects_id):
        return NEW, None
    old_id = draft.replaces_id or draft.corrects_id
    old = unit.session.execute(select(DOCUMENT).where(DOCUMENT.c.id == read_id(old_id))).first()
    if old is None:
        return NEW, None
    return (REPLACE if draft.replaces_id else UPDATE), exchange_id_of(unit, old)


def _record(
    context: HandlerContext, document: Row[Any], names: dict[str, str | None], mode: str, inside: list[str]
) -> None:
    """Write the trace, which also lets the units and people of the agency see the document, and tell them.

    ``names``: how the document and its issuer are called on the exchange from now on.
    """
    unit = context.unit
    line = trace_line(context, "dispatched", mode=mode, recipients=inside or None)
    unit.session.execute(
        update(DOCUMENT)
        .where(DOCUMENT.c.id == document.id)
        .values(trace=[*document.trace, line], version=document.version + 1, **names)
    )
    unit.audit(AuditRecord("document.dispatched", "document", document.id, {"mode": mode}))
    for reference in dict.fromkeys(inside):
        payload = {
            "kind": "document_issued",
            "document_id": str(document.id),
            "subject": document.subject if document.secrecy == "none" else "Văn bản mật",
            "urgency": document.urgency,
            "instance_id": str(context.instance_id),
        }
        unit.send("notice", reference, payload, f"notice:issued:{document.id}:{reference}")
