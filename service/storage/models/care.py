"""Who answers for the agency's account, and what an agency shares with another."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant


class AccountCare(Tenant, Base):
    """A clerk answers for the agency's account and alone works with it, for a time (S1-4.2d1).

    ``until_at`` is when it ends or ended, null = until further notice; ``basis`` the decision it stands on.
    """

    __tablename__ = "account_care"
    __table_args__ = (
        Index("ix_account_care_account", "account_id", "from_at"),
        Index("ix_account_care_keeper", "keeper_id"),
        CheckConstraint("until_at IS NULL OR from_at <= until_at", name="period"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    keeper_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    from_at: Mapped[Instant]
    until_at: Mapped[Instant | None]
    basis: Mapped[str]
    created_at: Mapped[Instant]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class DocumentShare(Tenant, Base):
    """A document that the agency made, open to another agency of the installation for a time (S2-3.6b).

    The row belongs to the giver; the receiver sees it through ``shared_documents()`` alone.
    """

    __tablename__ = "document_share"
    __table_args__ = (
        Index("ix_document_share_document", "document_id"),
        Index(
            "ix_document_share_receiver", "receiver_id", "until_at", postgresql_where=text("ended_at IS NULL")
        ),
        CheckConstraint("from_at < until_at", name="period"),
    )

    id: Mapped[Id]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    reason: Mapped[str]
    may_download: Mapped[bool]
    from_at: Mapped[Instant]
    until_at: Mapped[Instant]
    given_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[Instant | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    end_reason: Mapped[str | None]


__all__ = ["AccountCare", "DocumentShare"]
