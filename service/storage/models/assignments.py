"""Assignments (nhiệm vụ được giao): what is to be done, by whom until when, and what was done (S0-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant


class Assignment(Tenant, Base):
    """Work that somebody gave to a person or a unit; ``state``: see :mod:`service.domain.assignments`.

    ``deadline`` holds rule, clause and derivation of ``due_at``, which follows every extension;
    ``first_due_at`` is what was set at first. ``is_late`` is None until a result was accepted. ``products``
    are ids of documents that were made of it. ``parent_id`` is the assignment that it is a part of.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_instance", "instance_id"),
        Index("ix_assignment_parent", "parent_id"),
        Index("ix_assignment_document", "document_id"),
        Index("ix_assignment_slip", "slip_id"),
        Index("ix_assignment_list", "agency_id", "assigned_at", "id"),
        Index("ix_assignment_due", "agency_id", "state", "due_at"),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("assignment.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    slip_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission_slip.id"))
    state: Mapped[str]
    percent: Mapped[int]
    content: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(String(8000))
    expected_product: Mapped[str] = mapped_column(String(1000))
    urgency: Mapped[str]
    assigner_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    lead_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    assigned_at: Mapped[Instant]
    first_due_at: Mapped[Instant | None]
    due_at: Mapped[Instant | None]
    deadline: Mapped[Json]
    accepted_at: Mapped[Instant | None]
    overdue_at: Mapped[Instant | None]
    waiting_for: Mapped[str | None] = mapped_column(String(1000))
    reported_at: Mapped[Instant | None]
    result: Mapped[str | None] = mapped_column(String(8000))
    products: Mapped[list[Any]] = mapped_column(JSONB)
    closed_at: Mapped[Instant | None]
    is_late: Mapped[bool | None]
    call_key: Mapped[UUID]
    version: Mapped[int]


class AssignmentParty(Tenant, Base):
    """Who has which part in an assignment, by owner reference: a list of one's assignments begins here.

    ``account_id`` or ``unit_id`` names the party; ``reference`` is who acts and reads for it
    (``user:<login>``, for a unit its head and its clerk).
    """

    __tablename__ = "assignment_party"
    __table_args__ = (Index("ix_assignment_party_reference", "agency_id", "reference", "assignment_id"),)

    assignment_id: Mapped[UUID] = mapped_column(
        ForeignKey("assignment.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))


class AssignmentEntry(Tenant, Base):
    """One step in the life of an assignment, with who took it; never changed."""

    __tablename__ = "assignment_entry"
    __table_args__ = (
        UniqueConstraint("assignment_id", "ordinal"),
        UniqueConstraint("assignment_id", "call_key"),
    )

    id: Mapped[Id]
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignment.id"))
    ordinal: Mapped[int]
    verb: Mapped[str]
    at: Mapped[Instant]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    words: Mapped[str] = mapped_column(String(8000))
    percent: Mapped[int | None]
    details: Mapped[Json]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_task.id"))
    call_key: Mapped[UUID]


__all__ = ["Assignment", "AssignmentEntry", "AssignmentParty"]
