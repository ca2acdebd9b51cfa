"""Keys, consents and signatures: who may sign with what, who agreed to which act, what a document carries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant


class SigningKeyRow(Tenant, Base):
    """A certificate registered for a person or for an issuing body's seal, and where its key is (S3-18.3).

    ``kind`` is pkcs12 or pkcs11 (``reference`` names the key on this machine), csc (``reference`` is the
    credential at the remote service) or client_token (the person holds it). No private key is ever here.
    ``chain`` holds the intermediates as base64 of DER.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (issuing_body_id IS NULL)", "one_owner"),
        Index(
            "uq_signing_key_fingerprint",
            "agency_id",
            "fingerprint",
            unique=True,
            postgresql_where=text("disabled_at IS NULL"),
        ),
        Index("ix_signing_key_account", "account_id"),
        Index("ix_signing_key_issuing_body", "issuing_body_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    issuing_body_id: Mapped[UUID | None] = mapped_column(ForeignKey("issuing_body.id"))
    kind: Mapped[str]
    reference: Mapped[str]
    certificate: Mapped[bytes]
    chain: Mapped[list[Any]] = mapped_column(JSONB)
    fingerprint: Mapped[str]
    subject: Mapped[str]
    issuer: Mapped[str]
    not_before: Mapped[Instant]
    not_after: Mapped[Instant]
    is_test: Mapped[bool]
    image_sha256: Mapped[bytes | None]
    created_at: Mapped[Instant]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    disabled_at: Mapped[Instant | None]
    disabled_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    disable_reason: Mapped[str | None]


class SigningConsent(Tenant, Base):
    """A person's consent, in their own stepped-up session, to one act on one exact file; used once.

    ``prepared`` is the state of a signature made elsewhere (two-phase), ``completed_sha256`` the signed file
    that waits to be taken over. Nothing secret is kept.
    """

    __tablename__ = "signing_consent"
    __table_args__ = (Index("ix_signing_consent_document", "document_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    act: Mapped[str]  # initials | leader | seal | copy | annex
    field: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("document_file.id"))
    file_sha256: Mapped[bytes]
    key_id: Mapped[UUID] = mapped_column(ForeignKey("signing_key.id"))
    method: Mapped[str]  # stored_key | csc | client_token
    prepared: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    signature: Mapped[bytes | None]
    completed_sha256: Mapped[bytes | None]
    level: Mapped[str | None]
    registry_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("registry_entry.id"))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class DocumentSignature(Tenant, Base):
    """A signature that a document's file carries; one made over text that was changed later is voided."""

    __tablename__ = "document_signature"
    __table_args__ = (
        UniqueConstraint("consent_id"),
        Index("ix_document_signature_document", "document_id"),
    )

    id: Mapped[Id]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("document_file.id"))
    act: Mapped[str]
    field: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    issuing_body_id: Mapped[UUID | None] = mapped_column(ForeignKey("issuing_body.id"))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("signing_key.id"))
    consent_id: Mapped[UUID] = mapped_column(ForeignKey("signing_consent.id"))
    signer_name: Mapped[str]
    certificate_subject: Mapped[str]
    fingerprint: Mapped[str]
    is_test: Mapped[bool]
    level: Mapped[str]
    signed_at: Mapped[Instant]
    voided_at: Mapped[Instant | None]
    void_reason: Mapped[str | None]


class SignatureArchive(Tenant, Base):
    """The long-term proof of one file: its level, and when its archive time-stamp is due to be renewed."""

    __tablename__ = "signature_archive"
    __table_args__ = (Index("ix_signature_archive_renewal", "renew_at"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("document_file.id"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    level: Mapped[str]
    raised_at: Mapped[Instant]
    renew_at: Mapped[Instant]
    fault: Mapped[str | None]


class NumberScheme(Tenant, Base):
    """How a State body numbers administrative documents (NĐ 30/2020 Điều 15); without a row: one series."""

    __tablename__ = "number_scheme"

    issuing_body_id: Mapped[UUID] = mapped_column(ForeignKey("issuing_body.id"), primary_key=True)
    is_per_type: Mapped[bool]
    basis: Mapped[str]
    changed_at: Mapped[Instant]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


__all__ = ["DocumentSignature", "NumberScheme", "SignatureArchive", "SigningConsent", "SigningKeyRow"]
