"""The declarative base and the column types that every table shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Id = Annotated[UUID, mapped_column(Uuid, primary_key=True)]
Ref = Annotated[UUID, mapped_column(Uuid)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
Words = Annotated[list[str], mapped_column(ARRAY(Text))]


class Base(DeclarativeBase):
    """Every table; constraint names are fixed so that migrations can name them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


class Tenant:
    """A row that belongs to one agency; PostgreSQL row-level security keeps others away from it."""

    agency_id: Mapped[Ref]


def table_of(model: type[Base]) -> Table:
    """Return the Core table of a model, for statements that need no identity map."""
    return cast("Table", model.__table__)
