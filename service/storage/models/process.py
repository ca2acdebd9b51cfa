"""Process definitions and instances, and what an instance waits for, as rows with indexes.

An instance row holds only what is still alive; finished steps go to the append-only ``history``.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Ref, Tenant, Words

_DUE: Final = text("coalesce(due_at, 'infinity'::timestamptz)")


class ProcessDefinition(Tenant, Base):
    """A deployed, immutable version of a process: its bundle and its parsed form.

    ``content_hash`` is the SHA-256 of the bundle; at most one version of a key is ``active``.
    ``info`` holds what lists show: title_vi, title_en, owner, may_start, clauses, messages, timers.
    """

    __tablename__ = "process_definition"
    __table_args__ = (
        UniqueConstraint("agency_id", "key", "version"),
        UniqueConstraint("agency_id", "key", "content_hash"),
        Index(
            "uq_process_definition_active", "agency_id", "key", unique=True, postgresql_where=text("active")
        ),
    )

    id: Mapped[Id]
    key: Mapped[str]
    version: Mapped[int]
    content_hash: Mapped[bytes]
    active: Mapped[bool]
    info: Mapped[Json]
    bundle: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    spec: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    deployed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    deployed_at: Mapped[Instant]


class ProcessInstance(Tenant, Base):
    """A running or ended process; ``rev`` grows with every change, ``execution`` is the engine's bytes."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_list", "agency_id", "key", "state", "started_at"),
        Index("ix_process_instance_business_key", "agency_id", "business_key"),
        Index("ix_process_instance_newest", "agency_id", "started_at", "id"),
        Index(
            "ix_process_instance_initiator",
            "initiator_id",
            postgresql_where=text("initiator_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    key: Mapped[str]
    business_key: Mapped[str | None]
    state: Mapped[str]  # active | suspended | completed | terminated
    rev: Mapped[int]
    initiator_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    end_reason: Mapped[str | None]
    execution: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class UserTask(Tenant, Base):
    """Work for a person (WS-HumanTask); ``id`` is the engine's token.

    ``owners`` and ``excluded`` hold owner references (``user:lan``, ``role:clerk@unit:vt`` …), matched
    against what the reader is now: a change of membership needs no change here. ``version`` answers
    If-Match.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        Index("ix_user_task_owner", "agency_id", "owner_id", postgresql_where=text("is_open")),
        Index("ix_user_task_due", "agency_id", "is_open", _DUE, "id"),
        Index("ix_user_task_instance", "instance_id"),
        Index(
            "ix_user_task_stops",
            "id",
            postgresql_where=text("is_open AND deadline -> 'stops' IS NOT NULL"),
        ),
        Index("ix_user_task_had", "owner_id", "instance_id", postgresql_where=text("owner_id IS NOT NULL")),
        Index(
            "ix_user_task_completed_by",
            "completed_by_id",
            "instance_id",
            postgresql_where=text("completed_by_id IS NOT NULL"),
        ),
        Index("ix_user_task_delegator", "delegator_id", postgresql_where=text("delegator_id IS NOT NULL")),
        Index(
            "ix_user_task_on_behalf", "on_behalf_of_id", postgresql_where=text("on_behalf_of_id IS NOT NULL")
        ),
        Index(
            "ix_user_task_assigner",
            "agency_id",
            "assigner",
            "is_open",
            "instance_id",
            postgresql_where=text("assigner IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    process_key: Mapped[str]
    element_id: Mapped[str]
    name: Mapped[str]
    subject: Mapped[str]
    form_key: Mapped[str]
    state: Mapped[str]  # ready | reserved | completed | obsolete | suspended
    is_open: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    urgency: Mapped[str]
    due_at: Mapped[Instant | None]
    deadline: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    owners: Mapped[Words]
    excluded: Mapped[Words]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    delegator_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    authority: Mapped[str] = mapped_column(server_default="assign")  # what an order must hand over to do it
    assigner: Mapped[str | None]  # owner reference of who gave the work
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[Instant]
    completed_at: Mapped[Instant | None]
    completed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("delegation_order.id"))


class UserTaskOwner(Tenant, Base):
    """An owner reference of a user task that is open or never had an owner; triggers keep it, and they alone.

    ``due_at`` is the task's, for lists in its order; ``infinity`` = it has none.
    """

    __tablename__ = "user_task_owner"
    __table_args__ = (
        Index("ix_user_task_owner_list", "agency_id", "reference", "is_open", "due_at", "task_id"),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("user_task.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    is_open: Mapped[bool]
    due_at: Mapped[Instant]


class TaskNote(Tenant, Base):
    """A comment on a user task's instance, or a file attached to it."""

    __tablename__ = "task_note"
    __table_args__ = (Index("ix_task_note_instance", "instance_id", "at"),)

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_task.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[Instant]
    body: Mapped[str]
    blob_sha256: Mapped[bytes | None]
    file_name: Mapped[str | None]
    media_type: Mapped[str | None]


class Timer(Tenant, Base):
    """A timer event that waits; ``held`` while its instance is suspended."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due", "due_at", postgresql_where=text("not held")),
        UniqueConstraint("instance_id", "token_id"),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token_id: Mapped[Ref]
    element_id: Mapped[str]
    due_at: Mapped[Instant]
    held: Mapped[bool] = mapped_column(default=False)


class TimerStart(Tenant, Base):
    """The next start of a process by a timer start event of its active version.

    ``timer`` is the engine's own record of the running timer, from which the following start is found;
    ``remaining`` counts the starts left with this one, null = without end.
    """

    __tablename__ = "timer_start"
    __table_args__ = (
        Index("ix_timer_start_due", "due_at"),
        UniqueConstraint("definition_id", "element_id"),
    )

    id: Mapped[Id]
    definition_id: Mapped[UUID] = mapped_column(ForeignKey("process_definition.id"))
    element_id: Mapped[str]
    due_at: Mapped[Instant]
    remaining: Mapped[int | None]
    timer: Mapped[list[Any]] = mapped_column(JSONB)


class Subscription(Tenant, Base):
    """A message or signal that a running instance waits for."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_name", "agency_id", "kind", "name", "correlation_key"),
        UniqueConstraint("instance_id", "token_id", "kind", "name"),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token_id: Mapped[Ref]
    element_id: Mapped[str]
    kind: Mapped[str]  # message | signal
    name: Mapped[str]
    correlation_key: Mapped[str | None]


class Job(Tenant, Base):
    """A service task outside our database, run by a worker at least once, its effect once (key = id)."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "due_at", postgresql_where=text("state = 'pending'")),
        Index("ix_job_instance", "instance_id"),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token_id: Mapped[Ref]
    element_id: Mapped[str]
    operation: Mapped[str]
    params: Mapped[Json]
    state: Mapped[str]  # pending | done | failed | cancelled
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Instant]
    last_error: Mapped[str | None]
    created_at: Mapped[Instant]


class Incident(Tenant, Base):
    """Something that needs an operator: a failed job, a null condition, a missing handler."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_open", "agency_id", "created_at", postgresql_where=text("resolved_at is null")),
    )

    id: Mapped[Id]
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    token_id: Mapped[Ref]
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job.id"))
    element_id: Mapped[str]
    code: Mapped[str]
    vi: Mapped[str]
    en: Mapped[str]
    details: Mapped[Json]
    created_at: Mapped[Instant]
    resolved_at: Mapped[Instant | None]
    resolved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    resolution: Mapped[str | None]  # retried | skipped | cancelled


class History(Tenant, Base):
    """Finished steps, one row for each change of an instance: who did what, on whose behalf, what followed.

    ``steps`` is a JSON array of ``[element_id, element_type, name, extra | null]`` in order.
    """

    __tablename__ = "history"

    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    rev: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None]
    on_behalf_of_id: Mapped[UUID | None]
    action: Mapped[str]
    steps: Mapped[list[Any]] = mapped_column(JSONB)


class Outbox(Tenant, Base):
    """A message that leaves the house after commit; ``dedupe_key`` makes the receiver's effect once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'pending'")),
        UniqueConstraint("agency_id", "dedupe_key"),
    )

    id: Mapped[Id]
    channel: Mapped[str]  # exchange | notice
    destination: Mapped[str]
    payload: Mapped[Json]
    dedupe_key: Mapped[str]
    state: Mapped[str]  # pending | sent | failed
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Instant]
    last_error: Mapped[str | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]


class IdempotencyKey(Tenant, Base):
    """The stored answer to a POST, given again for the same key and body (in the same transaction)."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int | None]
    answer: Mapped[bytes | None]
    created_at: Mapped[Instant]


__all__ = [
    "History",
    "IdempotencyKey",
    "Incident",
    "Job",
    "Outbox",
    "ProcessDefinition",
    "ProcessInstance",
    "Subscription",
    "TaskNote",
    "Timer",
    "TimerStart",
    "UserTask",
    "UserTaskOwner",
]
