"""Statuses of documents that we sent: the board moves, the sender's process is told, nothing is lost.

A status that comes late does not move the board back. One that belongs to no document of ours stays in the
log, where clerks see it. When it happened, the other office says; what it cannot mean counts as now on the
board, and stands in the log and the audit as it was said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update

from handlers.delivery.contacts import PARTNER, POINT
from handlers.delivery.delivery_rows import DELIVERY
from handlers.delivery.packet_log import PACKET
from service.actions.correspondents import Sender
from service.domain.delivery import (
    ARRIVED,
    EXCHANGE_STATUSES,
    RECALL_BY_STATUS,
    RECEIVED,
    STATE_BY_STATUS,
    delivery_may_follow,
)
from service.domain.edxml import StatusLetter
from service.storage.models import Document, Subscription, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DOCUMENT = table_of(Document)
SUBSCRIPTION = table_of(Subscription)

RECEIPT: Final = "document_receipt"
RECALL_RECEIPT: Final = "recall_receipt"
_ENDED: Final = frozenset({"completed", "refused"})
_CODE_CHARACTERS: Final = 60
_WRONG_CLOCK: Final = timedelta(days=1)
"""So far a clock elsewhere, or its time zone, may be behind."""


def take_status(
    unit: UnitOfWork, sender: Sender, status: StatusLetter, packet_id: UUID
) -> tuple[bool, UUID | None]:
    """Note a status on the board and tell the process that waits for it.

    Returns:
        Whether it belongs to a delivery of ours, and that document's id.
    """
    delivery = _find(unit, sender.organ_id, status)
    if delivery is None:
        unit.session.execute(update(PACKET).where(PACKET.c.id == packet_id).values(outcome="unknown"))
        told = f"{sender.name}: {status.code} {status.about.code[:_CODE_CHARACTERS]}"
        _tell_clerks(unit, "receipt_unknown", {"name": told}, packet_id)
        return False, None
    _note(unit, delivery, status)
    values = {"outcome": "noted", "delivery_id": delivery.id, "document_id": delivery.document_id}
    unit.session.execute(update(PACKET).where(PACKET.c.id == packet_id).values(**values))
    details = {
        "code": status.code,
        "organ_id": sender.organ_id,
        "description": status.description,
        "stated_at": status.at.isoformat() if status.at else None,
    }
    unit.audit(AuditRecord("delivery.status", "delivery", delivery.id, details))
    if status.code in {"02", "16"}:
        subject = f"{sender.name}: {status.about.code[:_CODE_CHARACTERS]} – {status.description}"
        kind = "delivery_refused" if status.code == "02" else "recall_refused"
        _tell_clerks(unit, kind, {"name": subject, "document_id": str(delivery.document_id)}, packet_id)
    _tell_process(unit, delivery, status, packet_id)
    return True, delivery.document_id


def _find(unit: UnitOfWork, organ_id: str, status: StatusLetter) -> Row[Any] | None:
    """Return the delivery that a status is about, locked; by the document's identifier, else by its code.

    A contact point answers for the bodies that are reached through it, if the document did not go to itself.
    """
    through = (
        select(PARTNER.c.organ_id)
        .join(POINT, POINT.c.id == PARTNER.c.contact_point_id)
        .where(POINT.c.organ_id == organ_id)
    )
    is_its_own = DELIVERY.c.organ_id == organ_id
    statement = (
        select(DELIVERY)
        .join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_id)
        .where(or_(is_its_own, DELIVERY.c.organ_id.in_(through)), DELIVERY.c.channel != "paper")
        .order_by(is_its_own.desc(), DELIVERY.c.id.desc())
        .limit(1)
        .with_for_update(of=DELIVERY)
    )
    about = status.about
    if about.document_id:
        return unit.session.execute(statement.where(DELIVERY.c.exchange_id == about.document_id)).first()
    plain = DOCUMENT.c.code_number.concat(DOCUMENT.c.code_notation)
    written = about.code.replace("/", "").replace("-", "")
    bare = statement.where(_without_marks(plain) == written)
    if about.promulgated_on is not None:
        bare = bare.where(DOCUMENT.c.issued_on == about.promulgated_on)
    return unit.session.execute(bare).first()


def _without_marks(column: Any) -> Any:
    return func.replace(func.replace(column, "/", ""), "-", "")


def _note(unit: UnitOfWork, delivery: Row[Any], status: StatusLetter) -> None:
    values: dict[str, Any] = {}
    latest = delivery.last_status_at
    at = _happened_at(unit, delivery, status)
    if latest is None or at >= latest:
        values |= {"last_status": status.code, "last_status_at": at, "last_note": status.description[:500]}
    state = STATE_BY_STATUS.get(status.code)
    if state is not None and delivery_may_follow(delivery.state, state):
        values |= {"state": state, "error": None}
        if not delivery.recall_state:
            values["silent_from"] = None
        if state in ARRIVED and delivery.arrived_at is None:
            values["arrived_at"] = at
        if state in RECEIVED and delivery.received_at is None:
            values["received_at"] = at
        if state in _ENDED:
            values["ended_at"] = at
        if delivery.sent_at is None:
            values["sent_at"] = unit.now
    answer = RECALL_BY_STATUS.get(status.code)
    if answer is not None and delivery.recall_state in {"asked", "settled"}:
        values |= {"recall_state": answer, "recall_answered_at": at, "silent_from": None}
    if values:
        unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery.id).values(**values))


def _happened_at(unit: UnitOfWork, delivery: Row[Any], status: StatusLetter) -> datetime:
    """Return when a status came about: as it is said, unless that lies ahead or long before the delivery."""
    earliest = delivery.created_at - _WRONG_CLOCK
    if status.at is None or not earliest <= status.at <= unit.now:
        return unit.now
    return status.at


def _tell_process(unit: UnitOfWork, delivery: Row[Any], status: StatusLetter, packet_id: UUID) -> None:
    """Send the receipt to the process that waits for it, in a transaction of its own, once for its packet."""
    names = [RECALL_RECEIPT, RECEIPT] if status.code in RECALL_BY_STATUS else [RECEIPT]
    key = str(delivery.document_id)
    waiting = unit.session.execute(
        select(SUBSCRIPTION.c.name).where(
            SUBSCRIPTION.c.kind == "message",
            SUBSCRIPTION.c.name.in_(names),
            SUBSCRIPTION.c.correlation_key == key,
        )
    ).scalars()
    found = set(waiting)
    name = next((one for one in names if one in found), None)
    if name is None:
        return
    known = EXCHANGE_STATUSES.get(status.code)
    payload = {
        "delivery_id": str(delivery.id),
        "organ_id": delivery.organ_id,
        "receiver_name": delivery.receiver_name,
        "code": status.code,
        "description": status.description or (known.vi if known else ""),
        "at": _happened_at(unit, delivery, status).isoformat(),
    }
    body = {"name": name, "correlation_key": key, "payload": payload, "is_hint": True}
    unit.send("message", name, body, f"receipt:{packet_id}")


def _tell_clerks(unit: UnitOfWork, kind: str, details: dict[str, str], packet_id: UUID) -> None:
    payload = {"kind": kind, "urgency": "normal", **details}
    unit.send("notice", "role:clerk", payload, f"notice:{kind}:{packet_id}")
