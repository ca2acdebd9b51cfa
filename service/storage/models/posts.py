"""Posts of an office, and who holds them from when to when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant, Words


class Post(Tenant, Base):
    """A title in a unit (``unit_id`` null = in the agency) with the roles that it brings to its holder."""

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("agency_id", "code"),)

    id: Mapped[Id]
    code: Mapped[str]
    title: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    roles: Mapped[Words]
    closed_at: Mapped[Instant | None]


class PostHolding(Tenant, Base):
    """A person in a post on its days, inclusive; ``basis`` is the decision that it stands on."""

    __tablename__ = "post_holding"
    __table_args__ = (
        Index("ix_post_holding_account", "account_id"),
        Index("ix_post_holding_post", "post_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    post_id: Mapped[UUID] = mapped_column(ForeignKey("post.id"))
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    basis: Mapped[str]
    created_at: Mapped[Instant]


__all__ = ["Post", "PostHolding"]
