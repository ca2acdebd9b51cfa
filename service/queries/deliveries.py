"""The delivery board of a document, the log of the exchange, and its statistics (S3-13.2a, S3-14.2a)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, literal, select

from service.domain.clock import OFFICE_ZONE
from service.domain.delivery import ARRIVED, DELIVERY_NAMES, RECALL_NAMES, RECEIVED
from service.domain.dispatch_faults import DispatchFault, read_fault
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.queries.documents import find_document
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Delivery, Document, ExchangePacket, table_of
from service.storage.unit_of_work import UnitOfWork

DELIVERY = table_of(Delivery)
DOCUMENT = table_of(Document)
PACKET = table_of(ExchangePacket)
PACKET_OUTCOMES: Final = ("taken", "noted", "unknown", "sent")


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One document on its way to one receiver.

    Attributes:
        state_vi: the state in Vietnamese.
        state_en: the same in English.
        is_silent: it should have been answered by now.
        fault: why the last attempt failed.
    """

    id: UUID
    document_id: UUID
    receiver_kind: str
    receiver_name: str
    organ_id: str | None
    purpose: str
    channel: str
    business_type: int
    exchange_id: str
    state: str
    state_vi: str
    state_en: str
    attempts: int
    fault: DispatchFault | None
    last_status: str | None
    last_status_at: datetime | None
    last_note: str
    created_at: datetime
    sent_at: datetime | None
    arrived_at: datetime | None
    received_at: datetime | None
    ended_at: datetime | None
    is_silent: bool
    recall_state: str | None
    recall_vi: str | None
    recall_en: str | None
    recall_reason: str | None
    recall_asked_at: datetime | None
    recall_answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PacketView:
    """A package or status that passed the door of the exchange."""

    id: UUID
    direction: str
    kind: str
    via: str
    organ_id: str
    organ_name: str
    exchange_id: str
    document_code: str
    business_type: int | None
    status_code: str | None
    description: str
    outcome: str
    size_bytes: int | None
    signature: Mapping[str, Any] | None
    document_id: UUID | None
    delivery_id: UUID | None
    stated_at: datetime | None
    at: datetime
    own_organ_id: str | None


@dataclass(frozen=True, slots=True)
class PacketFilter:
    """Which packets to list; None = all."""

    direction: str | None = None
    kind: str | None = None
    organ_id: str | None = None
    outcome: str | None = None
    own_organ_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExchangeCount:
    """What was exchanged with one office in one month.

    Attributes:
        month: its first day.
        sent: documents that left for it.
        arrived: of these, those that it has.
        accepted: of these, those that it registered.
        refused: of these, those that it returned.
        failed: those that could not be sent.
        recalled: those that it gave back.
        received: documents that came from it.
    """

    organ_id: str
    organ_name: str
    month: date
    sent: int
    arrived: int
    accepted: int
    refused: int
    failed: int
    recalled: int
    received: int


def list_deliveries(unit: UnitOfWork, document_id: UUID) -> list[DeliveryView]:
    """Return the board of a document.

    Raises:
        NotFound: the document is absent, or not the actor's to see.
    """
    require(unit.actor, "delivery.read")
    find_document(unit, document_id)
    statement = select(DELIVERY).where(DELIVERY.c.document_id == document_id).order_by(DELIVERY.c.id)
    return [_view(row, unit.now) for row in unit.session.execute(statement)]


def read_delivery(unit: UnitOfWork, delivery_id: UUID) -> DeliveryView:
    """Return one delivery of the agency.

    Raises:
        NotFound: there is none.
    """
    row = unit.session.execute(select(DELIVERY).where(DELIVERY.c.id == delivery_id)).first()
    if row is None:
        raise NotFound("delivery.not_found", "Không có lượt gửi này.", "There is no such delivery.")
    return _view(row, unit.now)


def list_packets(
    unit: UnitOfWork, wanted: PacketFilter, cursor: str | None = None, limit: int | None = None
) -> Page[PacketView]:
    """Return what passed the door of the exchange, newest first.

    Raises:
        Forbidden: the actor neither runs nor oversees the exchange.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "exchange.read")
    size = page_size(limit)
    names = PacketView.__dataclass_fields__
    statement = select(*[PACKET.c[name] for name in names]).order_by(PACKET.c.id.desc()).limit(size + 1)
    for name in ("direction", "kind", "organ_id", "outcome", "own_organ_id"):
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(PACKET.c[name] == value)
    if cursor:
        statement = statement.where(PACKET.c.id < _before(cursor))
    rows = unit.session.execute(statement).all()
    views = [PacketView(**{name: getattr(row, name) for name in names}) for row in rows[:size]]
    following = encode_cursor(str(views[-1].id)) if len(rows) > size else None
    return Page(views, following)


def exchange_statistics(
    unit: UnitOfWork, from_on: date, to_on: date, own_organ_id: str | None = None
) -> list[ExchangeCount]:
    """Return what was exchanged with each office in each month of the office calendar, days included.

    Args:
        unit: of the office.
        from_on: the first day.
        to_on: the last day.
        own_organ_id: only what left from, or was for, this identifier of the office or one of its bodies;
            None = all (S3-17).

    Raises:
        Forbidden: the actor neither runs nor oversees the exchange.
    """
    require(unit.actor, "exchange.read")
    found: dict[tuple[str, date], dict[str, Any]] = {}
    sent, received = _sent(from_on, to_on), _received(from_on, to_on)
    if own_organ_id is not None:
        sent = sent.join(DOCUMENT, DOCUMENT.c.id == DELIVERY.c.document_id)
        sent = sent.where(DOCUMENT.c.organ_id == own_organ_id)
        received = received.where(PACKET.c.own_organ_id == own_organ_id)
    for row in unit.session.execute(sent):
        entry = _entry(found, row)
        for name in ("sent", "arrived", "accepted", "refused", "failed", "recalled"):
            entry[name] += getattr(row, name)
    for row in unit.session.execute(received):
        _entry(found, row)["received"] += row.received
    return [ExchangeCount(**found[key]) for key in sorted(found, key=lambda key: (key[1], key[0]))]


def _entry(found: dict[tuple[str, date], dict[str, Any]], row: Row[Any]) -> dict[str, Any]:
    month = row.month.date()
    counts = dict.fromkeys(("sent", "arrived", "accepted", "refused", "failed", "recalled", "received"), 0)
    blank = {"organ_id": row.organ_id, "organ_name": row.organ_name, "month": month, **counts}
    return found.setdefault((row.organ_id, month), blank)


def _month(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.date_trunc("month", func.timezone(str(OFFICE_ZONE), column))


def _between(column: ColumnElement[Any], from_on: date, to_on: date) -> ColumnElement[bool]:
    start = datetime.combine(from_on, time(), OFFICE_ZONE)
    end = datetime.combine(to_on + timedelta(days=1), time(), OFFICE_ZONE)
    return (column >= start) & (column < end)


def _sent(from_on: date, to_on: date) -> Any:
    month = _month(DELIVERY.c.created_at)

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    return (
        select(
            DELIVERY.c.organ_id,
            func.max(DELIVERY.c.receiver_name).label("organ_name"),
            month.label("month"),
            counted(DELIVERY.c.sent_at.is_not(None)).label("sent"),
            counted(DELIVERY.c.state.in_(ARRIVED)).label("arrived"),
            counted(DELIVERY.c.state.in_(RECEIVED)).label("accepted"),
            counted(DELIVERY.c.state == "refused").label("refused"),
            counted(DELIVERY.c.state == "failed").label("failed"),
            counted(DELIVERY.c.recall_state == "agreed").label("recalled"),
        )
        .where(DELIVERY.c.organ_id.is_not(None), DELIVERY.c.channel != "paper")
        .where(_between(DELIVERY.c.created_at, from_on, to_on))
        .group_by(DELIVERY.c.organ_id, month)
    )


def _received(from_on: date, to_on: date) -> Any:
    month = _month(PACKET.c.at)
    return (
        select(
            PACKET.c.organ_id,
            func.max(PACKET.c.organ_name).label("organ_name"),
            month.label("month"),
            func.count().label("received"),
        )
        .where(PACKET.c.direction == "in", PACKET.c.kind == "edoc", PACKET.c.business_type != 1)
        .where(_between(PACKET.c.at, from_on, to_on))
        .group_by(PACKET.c.organ_id, month)
    )


def _view(row: Row[Any], now: datetime) -> DeliveryView:
    told = {"state_vi", "state_en", "fault", "is_silent", "recall_vi", "recall_en"}
    names = [name for name in DeliveryView.__dataclass_fields__ if name not in told]
    recall = RECALL_NAMES.get(row.recall_state or "", (None, None))
    waits = row.state == "sent" or row.recall_state == "asked"
    return DeliveryView(
        **{name: getattr(row, name) for name in names},
        state_vi=DELIVERY_NAMES[row.state][0],
        state_en=DELIVERY_NAMES[row.state][1],
        fault=read_fault(row.error),
        is_silent=bool(waits and row.silent_from and row.silent_from <= now),
        recall_vi=recall[0],
        recall_en=recall[1],
    )


def _before(cursor: str) -> Any:
    (last,) = decode_cursor(cursor, 1)
    try:
        return literal(UUID(last))
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
