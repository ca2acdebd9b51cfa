"""Registers as they were printed: the frozen lines, the files, what was added under them afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Json, Tenant


class RegisterPrint(Tenant, Base):
    """A range of a register as printed (NĐ30 Điều 16; S1-4.2d4): its lines never change again.

    ``form`` is incoming, outgoing or handling. ``printed_on``, ``signed_by`` and ``volume`` are what a clerk
    writes down after printing, signing and binding.
    """

    __tablename__ = "register_print"
    __table_args__ = (
        UniqueConstraint("series_id", "form", "from_on", "to_on"),
        Index("ix_register_print_series", "series_id", "to_on"),
    )

    id: Mapped[Id]
    series_id: Mapped[UUID] = mapped_column(ForeignKey("number_series.id"))
    form: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date]
    first_number: Mapped[int | None]
    last_number: Mapped[int | None]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    pdf_sha256: Mapped[bytes]
    xlsx_sha256: Mapped[bytes]
    page_count: Mapped[int]
    made_at: Mapped[Instant]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    printed_on: Mapped[date | None]
    signed_by: Mapped[str | None]
    volume: Mapped[str | None]
    marked_at: Mapped[Instant | None]
    marked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class RegisterAddendum(Tenant, Base):
    """What is added under a printed line: the new values of columns, why, by whom."""

    __tablename__ = "register_addendum"
    __table_args__ = (Index("ix_register_addendum_entry", "entry_id"),)

    id: Mapped[Id]
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("registry_entry.id"))
    columns: Mapped[Json]
    reason: Mapped[str]
    at: Mapped[Instant]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


__all__ = ["RegisterAddendum", "RegisterPrint"]
