"""Orders by which one person acts for another, and second factors of logging in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant, Words


class DelegationOrder(Tenant, Base):
    """One person's authority handed to another for some days, inclusive (S4-7c, S4-12.1).

    ``delegator_id`` is whose authority it is; ``issuer_id`` gave it: the delegator, or with ``parent_id`` the
    holder of an order that allows passing it on. An ended order stays, with when, by whom and why.
    """

    __tablename__ = "delegation_order"
    __table_args__ = (
        Index("ix_delegation_order_delegate", "delegate_id"),
        Index("ix_delegation_order_issuer", "issuer_id"),
    )

    id: Mapped[Id]
    delegator_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    issuer_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation_order.id"))
    authorities: Mapped[Words]
    process_keys: Mapped[Words]
    document_types: Mapped[Words]
    basis: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    allows_onward: Mapped[bool]
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    end_reason: Mapped[str | None]


class SecondFactor(Tenant, Base):
    """A person's generator of one-time codes (TOTP, RFC 6238); it counts once ``confirmed_at`` is set.

    ``last_step`` is the time step of the last accepted code: a code is taken once (ASVS 6.5.1).
    """

    __tablename__ = "second_factor"
    __table_args__ = (UniqueConstraint("account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    secret: Mapped[str]
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]


__all__ = ["DelegationOrder", "SecondFactor"]
