"""Drafts of outgoing documents and whom they go to (NĐ 30/2020 Điều 10–19; S0-7.1)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Instant, Json, Tenant


class Draft(Tenant, Base):
    """What an outgoing document is made from; its row of ``document`` has what a register shows.

    ``profile`` and ``profile_from`` name the form that holds (:mod:`service.domain.document_profiles`);
    ``fields`` are the blocks and words of the current version when it came from a template, ``origin`` says
    whether it did (``template``) or was brought as a file (``upload``). ``layout`` is where signatures stand
    in the final version. ``answers_id``, ``replaces_id``, ``corrects_id`` are the documents that it answers,
    replaces or corrects. ``frozen_at``: neither content nor metadata change any more.
    """

    __tablename__ = "draft"
    __table_args__ = (
        Index("ix_draft_drafter", "drafter_id"),
        Index("ix_draft_signer", "signer_id", postgresql_where=text("signer_id IS NOT NULL")),
        Index("ix_draft_replaces", "replaces_id", postgresql_where=text("replaces_id IS NOT NULL")),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    profile: Mapped[str]  # state | party
    profile_from: Mapped[date]
    type_code: Mapped[str]
    issuing_body_id: Mapped[UUID] = mapped_column(ForeignKey("issuing_body.id"))
    drafting_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    drafter_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    signer_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    capacity: Mapped[str]  # '' | TM | KT | TL | TUQ | Q
    signer_position: Mapped[str]
    fields: Mapped[Json]
    origin: Mapped[str]  # template | upload
    current_version: Mapped[int]
    layout: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    answers_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    frozen_at: Mapped[Instant | None]


class DraftCosigner(Tenant, Base):
    """One who signs a draft after its own signer, in order: the second is ``ordinal`` 2, field ``leader_2``.

    ``words`` are ``{collective, principal, deputy_of}``: for whom, in whose place they sign. The body is the
    draft's own, or one that issues the document jointly and puts its seal over this signature.
    """

    __tablename__ = "draft_cosigner"
    __table_args__ = (
        UniqueConstraint("document_id", "account_id"),
        CheckConstraint("ordinal >= 2", "after_the_first"),
        Index("ix_draft_cosigner_account", "account_id"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(50))
    capacity: Mapped[str]  # '' | TM | KT | TL | TUQ | Q
    position: Mapped[str] = mapped_column(String(100))
    words: Mapped[Json]
    issuing_body_id: Mapped[UUID] = mapped_column(ForeignKey("issuing_body.id"))


class DocumentRecipient(Tenant, Base):
    """One receiver of an outgoing document, in the order of its list of recipients.

    ``kind`` is partner (``organ_id``), unit (``unit_id``), person (``account_id``) or place (only a name);
    ``channel`` is '' until it is decided, or exchange, http, email, folder, internal, paper; ``purpose`` is
    to, copy or file.
    """

    __tablename__ = "document_recipient"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        Index("ix_document_recipient_account", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_document_recipient_unit", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    ordinal: Mapped[int]
    kind: Mapped[str]
    organ_id: Mapped[str | None]
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str]
    purpose: Mapped[str]


__all__ = ["DocumentRecipient", "Draft", "DraftCosigner"]
