"""Documents, registers and dossiers (ISO 15489, MoReq2010; fields and lengths of NĐ 30/2020 Phụ lục VI)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Computed,
    FetchedValue,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant

_SEARCH_LINE = "lower(code_number || E'\\n' || code_notation || E'\\n' || organ_name)"


class Blob(Tenant, Base):
    """A content-addressed file: its SHA-256 is its name in the store."""

    __tablename__ = "blob"

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    created_at: Mapped[Instant]


class Document(Tenant, Base):
    """A document and its metadata (NĐ30 Phụ lục VI; S3-12.4).

    ``organ_id`` is the issuer's identifier; ``addressed_organ_id`` and ``addressed_name``: which of the
    agency and its bodies an exchanged document was sent to (S3-16). ``status`` follows S3-12.4f: arrived,
    received, transferred, in_progress, waiting, completed, refused, recalled, deleted. ``search_line`` and
    ``search_subject`` are what a search looks through, in small letters.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_code", "agency_id", "code_number", "code_notation"),
        Index("ix_document_identifier", "agency_id", "exchange_id"),
        Index("ix_document_list", "agency_id", "direction", "created_at"),
        Index("ix_document_instance", "instance_id"),
        Index("ix_document_changes", "agency_id", "changed_xact", "id"),
        Index("ix_document_entrant", "created_by_id", postgresql_where=text("created_by_id IS NOT NULL")),
        Index("ix_document_public", "agency_id", "created_at", postgresql_where=text("is_public")),
    )

    id: Mapped[Id]
    direction: Mapped[str]  # incoming | outgoing | internal
    status: Mapped[str]
    channel: Mapped[str]  # paper | upload | exchange | email
    type_name: Mapped[str] = mapped_column(String(100))
    code_number: Mapped[str] = mapped_column(String(11))
    code_notation: Mapped[str] = mapped_column(String(30))
    issued_on: Mapped[date | None]
    organ_id: Mapped[str | None] = mapped_column(String(35))
    organ_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(30), default="vi")
    page_amount: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(500), default="")
    signer_position: Mapped[str] = mapped_column(String(100), default="")
    signer_name: Mapped[str] = mapped_column(String(50), default="")
    urgency: Mapped[str]  # normal | urgent | very_urgent | flash
    secrecy: Mapped[str]  # none | confidential | secret | top_secret
    category: Mapped[str]
    to_places: Mapped[str] = mapped_column(String(1000), default="")
    exchange_id: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[Instant | None]
    due_at: Mapped[Instant | None]
    arrival_number: Mapped[int | None]
    arrival_on: Mapped[date | None]
    legal_value: Mapped[str | None]  # original | reference_only
    is_public: Mapped[bool] = mapped_column(default=False)
    attested_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    attested_at: Mapped[Instant | None]
    trace: Mapped[list[Any]] = mapped_column(JSONB)
    instance_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    changed_xact: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    addressed_organ_id: Mapped[str | None] = mapped_column(String(35))
    addressed_name: Mapped[str | None] = mapped_column(String(200))
    search_line: Mapped[str] = mapped_column(Text, Computed(_SEARCH_LINE, persisted=True))
    search_subject: Mapped[str] = mapped_column(Text, Computed("lower(subject)", persisted=True))


class DocumentReader(Tenant, Base):
    """An owner reference that a document's trace names; a trigger keeps it, nothing else writes here."""

    __tablename__ = "document_reader"
    __table_args__ = (Index("ix_document_reader_reference", "agency_id", "reference", "document_id"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)


class DocumentFile(Tenant, Base):
    """One version of one file of a document.

    ``role`` is main, attachment or source (what a draft's PDF was converted from). ``kind`` is source (as it
    came), draft, final (ready to be signed), signed, issued, slip, annex, evidence or removed. ``reason`` is
    why this version was made, ``note`` what a reader should know of it.
    """

    __tablename__ = "document_file"
    __table_args__ = (UniqueConstraint("document_id", "ordinal", "version"),)

    id: Mapped[Id]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    ordinal: Mapped[int]
    version: Mapped[int]
    role: Mapped[str]
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[bytes]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    signature_report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(500), default="")
    kind: Mapped[str] = mapped_column(default="source")
    note: Mapped[str] = mapped_column(String(500), default="")


class NumberSeries(Tenant, Base):
    """A gap-free counter, one row per issuing body, book and period; taken last in its transaction."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("agency_id", "issuing_body", "book", "period"),)

    id: Mapped[Id]
    issuing_body: Mapped[str]
    book: Mapped[str]
    period: Mapped[str]
    last_number: Mapped[int]
    closed_at: Mapped[Instant | None]


class RegistryEntry(Tenant, Base):
    """A line of a register; a voided number stays taken, with its reason.

    ``registered_at`` is when the line was entered: of a number only reserved so far, when it was reserved.
    """

    __tablename__ = "registry_entry"
    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        Index("ix_registry_entry_document", "document_id"),
        Index("ix_registry_entry_changes", "agency_id", "changed_xact", "id"),
    )

    id: Mapped[Id]
    series_id: Mapped[UUID] = mapped_column(ForeignKey("number_series.id"))
    number: Mapped[int]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    registered_at: Mapped[Instant]
    registered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    columns: Mapped[Json]
    state: Mapped[str]  # reserved | registered | voided
    voided_at: Mapped[Instant | None]
    void_reason: Mapped[str | None]
    changed_xact: Mapped[int] = mapped_column(BigInteger, FetchedValue())


class Dossier(Tenant, Base):
    """A work dossier: related documents on one matter (S4-2.2)."""

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("agency_id", "year", "notation"),)

    id: Mapped[Id]
    year: Mapped[int]
    notation: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(500))
    retention: Mapped[str] = mapped_column(String(30))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    creator_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class DossierItem(Tenant, Base):
    """A document in a dossier; one document may lie in many dossiers without a copy."""

    __tablename__ = "dossier_item"
    __table_args__ = (Index("ix_dossier_item_document", "document_id"),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    ordinal: Mapped[int]
    added_at: Mapped[Instant]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class CalendarDay(Tenant, Base):
    """A day that differs from the week: off, or a make-up working day; imported yearly, editable.

    ``source`` names the decision that it stands on, ``decreed_on`` is that decision's date.
    """

    __tablename__ = "calendar_day"

    agency_id: Mapped[UUID] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    label: Mapped[str]
    source: Mapped[str]
    decreed_on: Mapped[date | None]


__all__ = [
    "Blob",
    "CalendarDay",
    "Document",
    "DocumentFile",
    "DocumentReader",
    "Dossier",
    "DossierItem",
    "NumberSeries",
    "RegistryEntry",
]
