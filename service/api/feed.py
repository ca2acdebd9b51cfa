"""The feed of metadata for a shared data warehouse, read with a program's token (S2-3.6a)."""

from __future__ import annotations

from typing import Any

from service.api.resource import Resource
from service.api.schemas import feed as schemas
from service.api.schemas.shared import PageQuery
from service.http.context import unit
from service.http.exports import count_exported
from service.queries import feed as queries

feed = Resource("feed", "feed", "Metadata of documents and registers as they change, for a data warehouse.")


@feed.get("/documents")
@feed.filters(PageQuery)
@feed.gives(schemas.DocumentFeed)
def read_documents(query: dict[str, Any]) -> object:
    """Read the documents that changed since a cursor, none of them secret, without their files."""
    page = queries.read_documents(unit(), query.pop("cursor", None), query.pop("limit"))
    count_exported(len(page.items))
    return page


@feed.get("/registry-entries")
@feed.filters(PageQuery)
@feed.gives(schemas.EntryFeed)
def read_entries(query: dict[str, Any]) -> object:
    """Read the lines of registers that changed since a cursor, of documents that are told."""
    page = queries.read_entries(unit(), query.pop("cursor", None), query.pop("limit"))
    count_exported(len(page.items))
    return page
