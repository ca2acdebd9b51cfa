"""Working hours by season, and what happened to deadlines: the ledger, the ladders, what was reminded of."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant


class CalendarSeason(Tenant, Base):
    """Hours of work for a stretch of dates; a later row counts before an earlier one.

    ``week`` maps ISO weekdays ("1" = Monday) to ``[["07:30", "11:30"], …]``.
    """

    __tablename__ = "calendar_season"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="order"),)

    id: Mapped[Id]
    first_on: Mapped[date]
    last_on: Mapped[date]
    label: Mapped[str]
    source: Mapped[str]
    week: Mapped[Json]
    created_at: Mapped[Instant]


class DeadlineEntry(Tenant, Base):
    """One line of the deadline ledger of a user task; insert only, so that old values stay.

    ``kind``: paused | resumed | extension_asked | extended | extension_refused | recomputed | urged.
    """

    __tablename__ = "deadline_entry"
    __table_args__ = (Index("ix_deadline_entry_task", "task_id", "at"),)

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(ForeignKey("user_task.id"))
    at: Mapped[Instant]
    kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str]
    old_due_at: Mapped[Instant | None]
    new_due_at: Mapped[Instant | None]
    old_deadline: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class ReminderLadder(Tenant, Base):
    """When and whom a process reminds; the empty key holds for every process without a row of its own."""

    __tablename__ = "reminder_ladder"

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    process_key: Mapped[str] = mapped_column(primary_key=True)
    rungs: Mapped[list[Any]] = mapped_column(JSONB)


class TaskReminder(Tenant, Base):
    """Where a user task stands on its ladder: the rungs behind it and when the next one is due.

    ``due_at`` is the due time that the plan was made for: a moved deadline makes a new plan.
    """

    __tablename__ = "task_reminder"
    __table_args__ = (Index("ix_task_reminder_next", "next_at"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("user_task.id"), primary_key=True)
    due_at: Mapped[Instant]
    sent: Mapped[list[Any]] = mapped_column(JSONB)
    next_at: Mapped[Instant | None]


__all__ = ["CalendarSeason", "DeadlineEntry", "ReminderLadder", "TaskReminder"]
