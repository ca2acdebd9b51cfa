"""Notices to people of the agency, and how each person wants to be told by mail."""

from __future__ import annotations

from datetime import time
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant


class Notice(Tenant, Base):
    """Something that one person is told; the words come from language files by ``kind`` and ``parameters``.

    ``dedupe_key`` makes a repeated sending one notice; ``mailed_at`` is when a mail told of it.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_account", "account_id", "id"),
        Index("ix_notice_unread", "account_id", postgresql_where=text("read_at is null")),
        UniqueConstraint("account_id", "dedupe_key"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    parameters: Mapped[Json]
    urgency: Mapped[str]
    object_kind: Mapped[str | None]  # user_task | document | process_instance
    object_id: Mapped[UUID | None]
    dedupe_key: Mapped[str]
    created_at: Mapped[Instant]
    read_at: Mapped[Instant | None]
    mailed_at: Mapped[Instant | None]


class NoticePreference(Tenant, Base):
    """How a person wants mail: ``none``, ``each`` notice, or a daily ``digest``; local times of the office.

    Without a row no mail is sent. Between ``quiet_from`` and ``quiet_to`` mail waits, unless it is urgent.
    """

    __tablename__ = "notice_preference"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    mail: Mapped[str]
    address: Mapped[str | None]
    language: Mapped[str]  # vi | en
    digest_at: Mapped[time]
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]


__all__ = ["Notice", "NoticePreference"]
