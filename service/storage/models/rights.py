"""Changes of rights that wait for an authority's word, and what leaders say of words entered for them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant


class PermissionChange(Tenant, Base):
    """A right given to or taken from a person, warned about until it is confirmed (NĐ30 PL VI.III.3c).

    ``object_id`` is the membership or assistance that ``kind`` changed; ``facts`` says what it gave and, of
    an end, the last day before (``old_to_on``). ``undoes_id`` names the change that this one takes back.
    """

    __tablename__ = "permission_change"
    __table_args__ = (
        Index("ix_permission_change_open", "agency_id", "id", postgresql_where=text("decision IS NULL")),
        Index("ix_permission_change_account", "account_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str]  # membership.grant | membership.end | assistance.grant | assistance.end
    object_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    facts: Mapped[Json]
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("permission_change.id"))
    decision: Mapped[str | None]  # confirmed | undone
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None]


class TaskConfirmation(Tenant, Base):
    """What a leader says of the words that an aide entered on the leader's behalf; insert only (S0-10.2).

    ``words`` are the corrected ones, empty where the leader confirms; what was entered stays in the history.
    """

    __tablename__ = "task_confirmation"
    __table_args__ = (UniqueConstraint("task_id"),)

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(ForeignKey("user_task.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
    outcome: Mapped[str]  # confirmed | corrected
    words: Mapped[str]


__all__ = ["PermissionChange", "TaskConfirmation"]
