"""Access outside one's duty, what people attested of files, malware scans, and spills of secret content."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant, Words


class AccessRequest(Tenant, Base):
    """A person asks to read what is outside their duty (S3-19.4).

    ``scope`` documents (``codes``: number and notation as people write them) or dossier; ``state`` asked,
    granted, refused, withdrawn, ended; ``approvals`` who said what, oldest first.
    """

    __tablename__ = "access_request"
    __table_args__ = (
        Index("ix_access_request_account", "account_id", "id"),
        CheckConstraint("from_at < until_at", name="period"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    instance_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(1000))
    scope: Mapped[str]
    codes: Mapped[Words]
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))
    from_at: Mapped[Instant]
    until_at: Mapped[Instant]
    may_download: Mapped[bool]
    state: Mapped[str]
    approvals: Mapped[list[Any]] = mapped_column(JSONB)
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    end_reason: Mapped[str | None] = mapped_column(String(500))


class AccessGrant(Tenant, Base):
    """What a request gave: one document or one dossier, from when to when, to look at or to download too."""

    __tablename__ = "access_grant"
    __table_args__ = (
        Index("ix_access_grant_account", "account_id", postgresql_where=text("ended_at is null")),
        Index("ix_access_grant_request", "request_id"),
        CheckConstraint("(document_id is null) <> (dossier_id is null)", name="scope"),
    )

    id: Mapped[Id]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("access_request.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))
    from_at: Mapped[Instant]
    until_at: Mapped[Instant]
    may_download: Mapped[bool]
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class FileAttestation(Tenant, Base):
    """Someone declared of one content that it holds no state secret: a person, or a sender's package.

    ``object_kind`` document or task_note; ``statement`` names the wording; ``zone`` is where it was taken in.
    """

    __tablename__ = "file_attestation"
    __table_args__ = (Index("ix_file_attestation_file", "agency_id", "sha256"),)

    id: Mapped[Id]
    sha256: Mapped[bytes]
    object_kind: Mapped[str]
    object_id: Mapped[UUID]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    organ_id: Mapped[str | None] = mapped_column(String(35))
    statement: Mapped[str]
    zone: Mapped[str]
    at: Mapped[Instant]


class BlobScan(Tenant, Base):
    """What the malware scanner said of a content; a trigger writes the row with the content's own.

    ``state`` waiting, clean, infected or refused (it breaks the limits of unpacking); ``due_at`` is when it
    is scanned next, null = not again.
    """

    __tablename__ = "blob_scan"
    __table_args__ = (
        UniqueConstraint("agency_id", "sha256"),
        Index("ix_blob_scan_due", "due_at"),
    )

    id: Mapped[Id]
    sha256: Mapped[bytes]
    state: Mapped[str]
    finding: Mapped[str | None] = mapped_column(String(300))
    attempts: Mapped[int]
    due_at: Mapped[Instant | None]
    scanned_at: Mapped[Instant | None]
    created_at: Mapped[Instant]


class Spill(Tenant, Base):
    """Secret content was found where it must not be: locked at once, then released or wiped by decision.

    ``state`` quarantined, released, wiping, wiped; ``readers`` who had read it by then, from the audit log;
    ``masked`` the words that tasks and notices show again if it is released.
    """

    __tablename__ = "spill"
    __table_args__ = (
        Index("ix_spill_document", "document_id"),
        Index("ix_spill_wiping", "decided_at", postgresql_where=text("state = 'wiping'")),
    )

    id: Mapped[Id]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    secrecy: Mapped[str]
    reason: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str]
    readers: Mapped[list[Any]] = mapped_column(JSONB)
    masked: Mapped[Json]
    reported_by_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reported_at: Mapped[Instant]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[str | None] = mapped_column(String(1000))
    wiped_at: Mapped[Instant | None]


class SpillFile(Tenant, Base):
    """One content of a spill; ``outcome`` erased, or kept because another agency holds it too."""

    __tablename__ = "spill_file"
    __table_args__ = (Index("ix_spill_file_sha256", "agency_id", "sha256"),)

    spill_id: Mapped[UUID] = mapped_column(ForeignKey("spill.id"), primary_key=True)
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    wiped_at: Mapped[Instant | None]
    outcome: Mapped[str | None]


__all__ = ["AccessGrant", "AccessRequest", "BlobScan", "FileAttestation", "Spill", "SpillFile"]
