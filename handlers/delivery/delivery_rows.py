"""Rows of deliveries: made once for each receiver and channel, counted, asked back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from handlers.contract import Json
from service.domain.delivery import ARRIVED, HASTE, RECEIVED
from service.domain.ids import new_id
from service.storage.models import Delivery, table_of
from service.storage.unit_of_work import UnitOfWork

DELIVERY = table_of(Delivery)
GONE: Final = frozenset({"recall_pending", "recalled", "replaced", "cancelled"})
"""Statuses of a document that leaves no more."""

DOCUMENT_PACKAGE: Final = "edoc"
RECALL_PACKAGE: Final = "recall"
RECALL_STATUS: Final = "recall_status"
RECALLS: Final = frozenset({RECALL_PACKAGE, RECALL_STATUS})
"""What :func:`queue` puts into the outbox: a document, and the two forms in which it is asked back."""

QUEUED: Final = ("id", "document_id", "organ_id", "receiver_key", "urgency")
"""What :func:`queue` needs of a delivery."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a document goes to.

    Attributes:
        kind: partner, unit, person or place.
        key: makes one delivery for a receiver: ``organ:A01.02.00``, ``unit:van_thu``, ``user:lan``.
        reference: owner reference of a unit or a person of the agency, or "".
        channel: "" until it is decided.
    """

    kind: str
    key: str
    name: str
    purpose: str = "to"
    organ_id: str | None = None
    reference: str = ""
    channel: str = ""
    recipient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery that is to be: to whom, by which channel, in which state it begins."""

    receiver: Receiver
    channel: str
    state: str
    business_type: int = 0
    replaces: str | None = None
    error: str | None = None


def add_delivery(unit: UnitOfWork, document: Row[Any], exchange_id: str, new: NewDelivery) -> UUID | None:
    """Write a delivery's row; return its id, None if the receiver has it already by this channel."""
    receiver = new.receiver
    is_there = new.state == "arrived"
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "document_id": document.id,
        "recipient_id": receiver.recipient_id,
        "receiver_kind": receiver.kind,
        "receiver_key": receiver.key,
        "receiver_name": receiver.name[:200],
        "organ_id": receiver.organ_id,
        "purpose": receiver.purpose,
        "channel": new.channel,
        "business_type": new.business_type,
        "replaces": new.replaces,
        "exchange_id": exchange_id,
        "urgency": document.urgency,
        "state": new.state,
        "attempts": 0,
        "error": new.error,
        "last_note": "",
        "created_at": unit.now,
        "created_by_id": unit.actor.account_id,
        "sent_at": unit.now if new.state in {"sent", "arrived"} else None,
        "arrived_at": unit.now if is_there else None,
    }
    statement = insert(DELIVERY).values(row).on_conflict_do_nothing().returning(DELIVERY.c.id)
    made: UUID | None = unit.session.execute(statement).scalar_one_or_none()
    return made


def queue(
    unit: UnitOfWork,
    kind: str,
    delivery: Mapping[str, Any],
    document_code: str,
    *,
    turn: str = "",
) -> None:
    """Put a document, or the recall of one, into the outbox; the urgent leave first."""
    delivery_id = str(delivery["id"])
    payload = {
        "kind": kind,
        "delivery_id": delivery_id,
        "document_id": str(delivery["document_id"]),
        "response_for": {"code": document_code},
    }
    key = f"{kind}:{delivery_id}{turn}"
    destination = delivery["organ_id"] or delivery["receiver_key"]
    unit.send("delivery", destination, payload, key, haste=timedelta(hours=HASTE[delivery["urgency"]]))


def deliveries_of(unit: UnitOfWork, document_id: UUID, *, is_locked: bool = False) -> Sequence[Row[Any]]:
    """Return a document's deliveries in the order in which they were made."""
    statement = select(DELIVERY).where(DELIVERY.c.document_id == document_id).order_by(DELIVERY.c.id)
    return unit.session.execute(statement.with_for_update() if is_locked else statement).all()


def listed(rows: Sequence[Row[Any]]) -> list[Json]:
    """Return deliveries as a process sees them."""
    return [{"id": str(row.id), "receiver": row.receiver_name, "channel": row.channel} for row in rows]


def summarise(unit: UnitOfWork, document_id: UUID) -> Json:
    """Return how many deliveries there are and how far they came.

    On paper, by mail and in folders no status comes back: what was handed over there has arrived.
    """
    rows = [row for row in deliveries_of(unit, document_id) if row.state != "cancelled"]
    arrived = [row for row in rows if _has_arrived(row)]
    silent = [row for row in rows if row.state == "sent" and row.silent_from and row.silent_from <= unit.now]
    asked = [row for row in rows if row.recall_state]
    return {
        "total": len(rows),
        "delivered": len(arrived),
        "received": sum(row.state in RECEIVED for row in rows),
        "refused": sum(row.state == "refused" for row in rows),
        "failed": sum(row.state == "failed" for row in rows),
        "silent": len(silent),
        "all_arrived": bool(rows) and len(arrived) == len(rows),
        "recall_asked": len(asked),
        "recall_agreed": sum(row.recall_state == "agreed" for row in asked),
        "recall_refused": sum(row.recall_state == "refused" for row in asked),
        "recall_waiting": sum(row.recall_state == "asked" for row in asked),
    }


def _has_arrived(row: Row[Any]) -> bool:
    return row.state in ARRIVED or (row.state == "sent" and row.channel in {"paper", "email", "folder"})
