"""The audit as rows: what everybody did, and the hash chain that shows whether any of it was changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Instant, Tenant


class AuditEvent(Tenant, Base):
    """Who did what to which object, written in the change's own transaction; insert only.

    ``xact`` is the writing transaction's place in the log: its id, moved behind the log of an earlier
    cluster (:class:`AuditEpoch`). Sealing takes only transactions that can no longer gain rows.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_object", "agency_id", "object_id"),
        Index("ix_audit_event_xact", "xact"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None]
    on_behalf_of_id: Mapped[UUID | None]
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[UUID | None]
    before_sha256: Mapped[bytes | None]
    after_sha256: Mapped[bytes | None]
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    xact: Mapped[int] = mapped_column(
        BigInteger,
        server_default=text("(pg_current_xact_id()::text::bigint)"),
    )


class AuditEpoch(Base):
    """A cluster that the log was written in; a restore into another one starts the next epoch.

    ``xact = transaction id + xact_offset`` keeps growing although transaction ids start again.
    """

    __tablename__ = "audit_epoch"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    system_identifier: Mapped[int] = mapped_column(BigInteger)
    xact_offset: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[Instant]


class AuditSeal(Base):
    """One link of the hash chain over the audit events whose ``xact`` lies in ``[from_xact, to_xact)``."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_xact: Mapped[int] = mapped_column(BigInteger)
    to_xact: Mapped[int] = mapped_column(BigInteger)
    event_count: Mapped[int] = mapped_column(BigInteger)
    sealed_at: Mapped[Instant]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


__all__ = ["AuditEpoch", "AuditEvent", "AuditSeal"]
