"""What clerks do about deliveries: send again, cancel, settle a recall; and what the house does by itself.

The board is the table; the outbox does the sending. A delivery that failed, was refused or stays without an
answer is told to the clerks once (S3-13.2a).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from handlers.delivery.contacts import channel_for, find_contact
from handlers.delivery.delivery_rows import DELIVERY, GONE, QUEUED, RECALL_STATUS, queue
from handlers.records.description import document_code
from service.domain.delivery import DELIVERY_CHANNELS
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.permissions import Subject, is_allowed, require
from service.queries.deliveries import DeliveryView, read_delivery
from service.storage.models import Document, Outbox, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DOCUMENT = table_of(Document)
OUTBOX = table_of(Outbox)


def retry(unit: UnitOfWork, delivery_id: UUID, channel: str | None = None) -> DeliveryView:
    """Send a failed or refused delivery again, by another channel if one is given; on paper it is registered.

    Raises:
        Forbidden: the actor is neither clerk nor administrator.
        NotFound: no such delivery in the agency.
        Conflict: it has neither failed nor been refused, or the document is taken back, which no paper copy
            gets round.
        InvalidInput: no such channel.
    """
    require(unit.actor, "delivery.retry")
    _drop_from_outbox(unit, delivery_id)  # before the delivery is locked, as the sender does it
    row = _lock(unit, delivery_id, "delivery.retry")
    document = _document(unit, row)
    if document.status in GONE:
        vi, en = "Văn bản đã được thu hồi.", "The document is being taken back, or was."
        raise Conflict("document.recalled", vi, en, extra={"status": document.status})
    chosen = _channel(unit, row, channel)
    is_paper = chosen == "paper"
    values = {
        "state": "sent" if is_paper else "pending",
        "sent_at": unit.now if is_paper else row.sent_at,
        "channel": chosen,
        "error": None,
        "silent_from": None,
        "alerted_at": None,
        "ended_at": None,
    }
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))
    code = document_code(document.code_number, document.code_notation)
    if not is_paper:
        named = {name: getattr(row, name) for name in QUEUED}
        queue(unit, "edoc", named, code, turn=f":{row.attempts}:{unit.now.isoformat()}")
    details = {"receiver": row.receiver_name, "channel": chosen}
    unit.audit(AuditRecord("delivery.retry", "delivery", delivery_id, details))
    return read_delivery(unit, delivery_id)


def cancel(unit: UnitOfWork, delivery_id: UUID) -> DeliveryView:
    """Let a delivery that has not left not leave at all.

    Raises:
        Forbidden: the actor is neither clerk nor administrator.
        NotFound: no such delivery in the agency.
        Conflict: it has left.
    """
    require(unit.actor, "delivery.cancel")
    _drop_from_outbox(unit, delivery_id)
    row = _lock(unit, delivery_id, "delivery.cancel")
    values = {"state": "cancelled", "ended_at": unit.now, "silent_from": None}
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))
    unit.audit(AuditRecord("delivery.cancel", "delivery", delivery_id, {"receiver": row.receiver_name}))
    return read_delivery(unit, delivery_id)


def settle(unit: UnitOfWork, delivery_id: UUID, note: str) -> DeliveryView:
    """Note that a recall without the receiver's agreement was followed up by hand (paper, telephone).

    Raises:
        Forbidden: the actor is no clerk.
        NotFound: no such delivery in the agency.
        Conflict: it is not being recalled, or the receiver has agreed.
    """
    require(unit.actor, "delivery.settle")
    row = _find(unit, delivery_id)
    if row.recall_state not in {"asked", "refused"}:
        vi, en = "Nơi nhận này không còn chờ thu hồi.", "This receiver is not waiting for a recall."
        raise Conflict("delivery.no_recall", vi, en, extra={"recall_state": row.recall_state})
    values = {
        "recall_state": "settled",
        "recall_answered_at": unit.now,
        "silent_from": None,
        "last_note": note.strip()[:500],
    }
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))
    unit.audit(AuditRecord("delivery.settle", "delivery", delivery_id, {"note": note.strip()[:500]}))
    return read_delivery(unit, delivery_id)


def note_fault(unit: UnitOfWork, payload: Mapping[str, Any], reason: str, *, gives_up: bool) -> None:
    """Show on the board why a delivery, or its recall, did not leave; tell the clerks when it never will.

    The status of a recall repeats what its package asks: not every program knows it, and nothing is missing.
    """
    if payload["kind"] == RECALL_STATUS:
        return
    delivery_id = UUID(payload["delivery_id"])
    row = unit.session.execute(select(DELIVERY).where(DELIVERY.c.id == delivery_id)).first()
    if row is None:
        return
    values: dict[str, Any] = {"error": reason, "attempts": row.attempts + 1}
    if gives_up and payload["kind"] == "edoc" and row.state == "pending":
        values |= {"state": "failed", "silent_from": None}
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(**values))
    if gives_up:
        _tell_clerks(unit, row, "delivery_failed", str(row.attempts))


def alert_silence(unit: UnitOfWork, delivery_id: UUID) -> bool:
    """Tell the clerks of a receiver that has not answered in time, once; return whether they were told."""
    statement = select(DELIVERY).where(
        DELIVERY.c.id == delivery_id,
        DELIVERY.c.alerted_at.is_(None),
        DELIVERY.c.silent_from <= unit.now,
    )
    row = unit.session.execute(statement.with_for_update(skip_locked=True)).first()
    if row is None:
        return False
    is_silent: bool = row.state == "sent" or row.recall_state == "asked"
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(alerted_at=unit.now))
    if is_silent:
        kind = "recall_silent" if row.recall_state == "asked" else "delivery_silent"
        _tell_clerks(unit, row, kind, str(row.silent_from))
        details = {"receiver": row.receiver_name, "kind": kind}
        unit.audit(AuditRecord("delivery.silent", "delivery", delivery_id, details))
    return is_silent


def postpone_alert(unit: UnitOfWork, delivery_id: UUID, fault: str) -> None:
    """Leave a delivery alone whose alert fails: the board shows it all the same."""
    del fault
    unit.session.execute(update(DELIVERY).where(DELIVERY.c.id == delivery_id).values(alerted_at=unit.now))


def _tell_clerks(unit: UnitOfWork, row: Row[Any], kind: str, turn: str) -> None:
    document = _document(unit, row)
    subject = document.subject if document.secrecy == "none" else "Văn bản mật"
    payload = {
        "kind": kind,
        "document_id": str(row.document_id),
        "subject": f"{row.receiver_name}: {subject}",
        "urgency": row.urgency,
    }
    unit.send("notice", "role:clerk", payload, f"notice:{kind}:{row.id}:{turn}")


def _document(unit: UnitOfWork, row: Row[Any]) -> Row[Any]:
    return unit.session.execute(select(DOCUMENT).where(DOCUMENT.c.id == row.document_id)).one()


def _find(unit: UnitOfWork, delivery_id: UUID) -> Row[Any]:
    statement = select(DELIVERY).where(DELIVERY.c.id == delivery_id).with_for_update()
    row = unit.session.execute(statement).first()
    if row is None:
        raise NotFound("delivery.not_found", "Không có lượt gửi này.", "There is no such delivery.")
    return row


def _lock(unit: UnitOfWork, delivery_id: UUID, action: str) -> Row[Any]:
    row = _find(unit, delivery_id)
    if not is_allowed(unit.actor, action, Subject(row.state)):
        raise Conflict(
            "delivery.state",
            "Trạng thái của lượt gửi không cho phép thao tác này.",
            "The state of the delivery does not allow this.",
            extra={"state": row.state},
        )
    return row


def _channel(unit: UnitOfWork, row: Row[Any], wanted: str | None) -> str:
    if wanted is not None and wanted not in DELIVERY_CHANNELS.keys() - {"internal"}:
        vi, en = "Không có kênh gửi này.", "There is no such channel."
        raise InvalidInput("delivery.channel", vi, en, [Finding("delivery.channel", vi, en, "/channel")])
    if wanted:
        _check_free(unit, row, wanted)
        return wanted
    contact = find_contact(unit, row.organ_id) if row.organ_id else None
    if contact is None:
        return str(row.channel)
    return channel_for(unit, contact) or str(row.channel)


def _check_free(unit: UnitOfWork, row: Row[Any], channel: str) -> None:
    """Refuse a channel by which the receiver has the document already.

    Raises:
        Conflict: ``delivery.channel_taken``.
    """
    other = select(DELIVERY.c.id).where(
        DELIVERY.c.document_id == row.document_id,
        DELIVERY.c.receiver_key == row.receiver_key,
        DELIVERY.c.channel == channel,
        DELIVERY.c.id != row.id,
    )
    if unit.session.execute(other).first() is not None:
        vi, en = (
            "Nơi nhận đã có lượt gửi theo kênh này.",
            "The receiver has a delivery by this channel already.",
        )
        raise Conflict("delivery.channel_taken", vi, en)


def _drop_from_outbox(unit: UnitOfWork, delivery_id: UUID) -> None:
    """Take what has not left out of the outbox; a worker that is sending it now is waited for."""
    unit.session.execute(
        delete(OUTBOX).where(
            OUTBOX.c.channel == "delivery",
            OUTBOX.c.state != "sent",
            OUTBOX.c.payload["kind"].astext == "edoc",
            OUTBOX.c.payload["delivery_id"].astext == str(delivery_id),
        )
    )
