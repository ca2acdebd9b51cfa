"""Deliveries by receiver, how partner offices are reached, and what passed the door of the exchange."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant


class ExchangeLink(Tenant, Base):
    """How documents go to a partner office, and what may come from it.

    ``outbound_token`` is what that office gave us to show; of what we gave it only the hash is kept.
    ``accepts_unsigned`` says whether we take unsigned packages from it.
    """

    __tablename__ = "exchange_link"
    __table_args__ = (UniqueConstraint("inbound_token_hash"),)

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    channel: Mapped[str]  # http | exchange | email | folder | internal | paper
    folder: Mapped[str | None]
    accepts_unsigned: Mapped[bool]
    may_refuse_recall: Mapped[bool]
    pinned_certificate: Mapped[str | None]  # SHA-256, hexadecimal
    inbound_token_hash: Mapped[bytes | None]
    outbound_token: Mapped[str | None]
    locked_at: Mapped[Instant | None]
    changed_at: Mapped[Instant]
    attachment_encoding: Mapped[str]  # base64 | zip


class ExchangeAxis(Tenant, Base):
    """The agency's connection to the exchange axis: where it is, and as whom the agency is known there."""

    __tablename__ = "exchange_axis"

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint: Mapped[str]
    system_id: Mapped[str]
    token: Mapped[str]
    is_enabled: Mapped[bool]
    poll_due_at: Mapped[Instant]
    polled_at: Mapped[Instant | None]
    last_error: Mapped[str | None]


class Delivery(Tenant, Base):
    """One document on its way to one receiver by one channel (S3-13.2a).

    ``state`` and ``recall_state`` are tables in :mod:`service.domain.delivery`; ``receiver_key`` makes one
    row for a receiver; ``exchange_id`` is the document's identifier on the wire.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("document_id", "receiver_key", "channel"),
        Index("ix_delivery_exchange", "agency_id", "exchange_id"),
        Index(
            "ix_delivery_silent",
            "silent_from",
            postgresql_where=text("alerted_at IS NULL AND silent_from IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    recipient_id: Mapped[UUID | None]
    receiver_kind: Mapped[str]  # partner | unit | person | place
    receiver_key: Mapped[str]
    receiver_name: Mapped[str] = mapped_column(String(200))
    organ_id: Mapped[str | None] = mapped_column(String(35))
    purpose: Mapped[str]
    channel: Mapped[str]
    business_type: Mapped[int]
    replaces: Mapped[str | None] = mapped_column(String(200))
    exchange_id: Mapped[str] = mapped_column(String(200))
    urgency: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    error: Mapped[str | None]
    last_status: Mapped[str | None]
    last_status_at: Mapped[Instant | None]
    last_note: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[Instant]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[Instant | None]
    arrived_at: Mapped[Instant | None]
    received_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    silent_from: Mapped[Instant | None]
    alerted_at: Mapped[Instant | None]
    recall_state: Mapped[str | None]
    recall_reason: Mapped[str | None] = mapped_column(String(500))
    recall_asked_at: Mapped[Instant | None]
    recall_answered_at: Mapped[Instant | None]


class ExchangePacket(Tenant, Base):
    """A package or status that came or went, kept whether or not it found its document (S3-12.4 o).

    ``dedupe_key`` names it at its sender: the same one again is not taken twice. ``signature``: the verdict.
    ``organ_id`` is the other office's identifier, ``own_organ_id`` ours that it was for or left from.
    """

    __tablename__ = "exchange_packet"
    __table_args__ = (
        UniqueConstraint("agency_id", "direction", "organ_id", "dedupe_key"),
        Index("ix_exchange_packet_list", "agency_id", "direction", "id"),
        Index("ix_exchange_packet_delivery", "delivery_id"),
    )

    id: Mapped[Id]
    direction: Mapped[str]  # in | out
    kind: Mapped[str]  # edoc | status
    via: Mapped[str]
    organ_id: Mapped[str] = mapped_column(String(35))
    organ_name: Mapped[str] = mapped_column(String(500))
    exchange_id: Mapped[str] = mapped_column(String(200))
    document_code: Mapped[str] = mapped_column(String(60))
    business_type: Mapped[int | None]
    status_code: Mapped[str | None]
    description: Mapped[str] = mapped_column(String(500))
    dedupe_key: Mapped[str]
    sha256: Mapped[bytes | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    signature: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    outcome: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("delivery.id"))
    stated_at: Mapped[Instant | None]
    at: Mapped[Instant]
    own_organ_id: Mapped[str | None] = mapped_column(String(35))


__all__ = ["Delivery", "ExchangeAxis", "ExchangeLink", "ExchangePacket"]
