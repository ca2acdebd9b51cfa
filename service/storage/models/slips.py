"""Submission slips (phiếu trình) and the opinions on them, which are as good as on paper (S0-3.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant, Words


class SubmissionSlip(Tenant, Base):
    """A matter put to one or more leaders; it has no official number, but counts its submissions.

    ``content`` holds the words of the present submission; those of earlier ones are in ``earlier``.
    ``state`` and ``result``: see :mod:`service.domain.slips`. ``opened_at`` is when somebody other than the
    submitter first opened it after ``submitted_at``.
    """

    __tablename__ = "submission_slip"
    __table_args__ = (
        Index("ix_submission_slip_instance", "instance_id"),
        Index("ix_submission_slip_document", "document_id"),
        Index("ix_submission_slip_list", "agency_id", "submitter_id", "created_at"),
        Index("ix_submission_slip_newest", "agency_id", "created_at", "id"),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    state: Mapped[str]
    result: Mapped[str | None]
    submission_number: Mapped[int]
    matter: Mapped[str] = mapped_column(String(500))
    urgency: Mapped[str]
    is_for_signature: Mapped[bool]
    mode: Mapped[str]  # sequential | parallel | ad_hoc
    content: Mapped[Json]
    earlier: Mapped[list[Any]] = mapped_column(JSONB)
    leaders: Mapped[Words]
    consulted: Mapped[Words]
    submitter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    created_at: Mapped[Instant]
    submitted_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[Instant | None]
    frozen_at: Mapped[Instant | None]
    file_sha256: Mapped[bytes | None]
    file_size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    call_key: Mapped[UUID]  # of the call that wrote the present submission
    version: Mapped[int]


class SlipOpinion(Tenant, Base):
    """One person's or unit's opinion on a submission, or that none came in time; never changed.

    ``task_id`` is the user task by which it was given; what a leader says later of words that an aide entered
    stands beside that task (``task_confirmation``).
    """

    __tablename__ = "slip_opinion"
    __table_args__ = (UniqueConstraint("slip_id", "ordinal"), UniqueConstraint("slip_id", "call_key"))

    id: Mapped[Id]
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("submission_slip.id"))
    ordinal: Mapped[int]
    submission_number: Mapped[int]
    step: Mapped[str]  # head | consulted | submitter | aide | leader
    asked: Mapped[str]  # owner reference
    view: Mapped[str]
    words: Mapped[str] = mapped_column(String(8000))
    given_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[Instant]
    due_at: Mapped[Instant | None]
    is_late: Mapped[bool]
    clause: Mapped[str]
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_task.id"))
    call_key: Mapped[UUID]


__all__ = ["SlipOpinion", "SubmissionSlip"]
