"""What a shared data warehouse reads: metadata of documents and register lines, each change once (S2-3.6a).

A cursor names the last transaction and row that was read, and a page ends before any transaction that may
still be writing: whoever reads on from their cursor misses nothing, and reads a row again only if it changed.
What is told of a row counts as a change of the row also where it came about beside it, as by a spill. Nothing
secret is in it, no file, and no document that the reader could not open; a document that is no longer
to be told comes as its id alone, so that the warehouse can drop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select, tuple_

from service.domain.permissions import require
from service.queries.document_access import DOCUMENT, HIDDEN_STATUSES, may_see
from service.queries.pages import bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import NumberSeries, RegistryEntry, table_of
from service.storage.unit_of_work import UnitOfWork

_ENTRY: Final = table_of(RegistryEntry)
_SERIES: Final = table_of(NumberSeries)
_DOCUMENT_FIELDS: Final = (
    "direction",
    "status",
    "channel",
    "type_name",
    "code_number",
    "code_notation",
    "issued_on",
    "organ_id",
    "organ_name",
    "subject",
    "language",
    "page_amount",
    "signer_position",
    "signer_name",
    "urgency",
    "category",
    "received_at",
    "due_at",
    "arrival_number",
    "arrival_on",
    "created_at",
    "version",
)
_ENTRY_FIELDS: Final = ("document_id", "number", "registered_at", "state", "voided_at", "void_reason")
_MOST: Final = 1 << 63
_START: Final = (0, UUID(int=0))


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes in order; ``cursor`` leads on from them, also when there are none yet.

    Attributes:
        items: each with ``id`` and ``is_withdrawn``, and its metadata unless it is withdrawn.
        cursor: for the next request.
        has_more: whether another page is there already.
    """

    items: Sequence[dict[str, Any]]
    cursor: str
    has_more: bool


def read_documents(unit: UnitOfWork, cursor: str | None = None, limit: int | None = None) -> FeedPage:
    """Return the documents that changed since a cursor, oldest change first.

    Raises:
        Forbidden: the actor does not read the feed.
        InvalidInput: an unknown cursor.
    """
    columns = [DOCUMENT.c[name] for name in _DOCUMENT_FIELDS]
    return _page(unit, DOCUMENT, columns, _is_told(unit), cursor=cursor, limit=limit)


def read_entries(unit: UnitOfWork, cursor: str | None = None, limit: int | None = None) -> FeedPage:
    """Return the lines of registers that changed since a cursor, oldest change first.

    Raises:
        Forbidden: the actor does not read the feed.
        InvalidInput: an unknown cursor.
    """
    series = (_SERIES.c.issuing_body, _SERIES.c.book, _SERIES.c.period)
    columns = [*(_ENTRY.c[name] for name in _ENTRY_FIELDS), *series]
    told = (
        select(1)
        .where(DOCUMENT.c.id == _ENTRY.c.document_id, _is_told(unit))
        .correlate(_ENTRY, _SERIES)
        .exists()
    )
    return _page(unit, _ENTRY, columns, told, cursor=cursor, limit=limit)


def _page(
    unit: UnitOfWork,
    table: Table,
    columns: Sequence[ColumnElement[Any]],
    is_told: ColumnElement[bool],
    *,
    cursor: str | None,
    limit: int | None,
) -> FeedPage:
    require(unit.actor, "feed.read")
    size, after = page_size(limit), _after(cursor)
    unit.flush_writes()
    position = tuple_(table.c.changed_xact, table.c.id)
    source = table if table is DOCUMENT else table.join(_SERIES, _SERIES.c.id == table.c.series_id)
    statement = (
        select(table.c.id, table.c.changed_xact, is_told.label("is_told"), *columns)
        .select_from(source)
        .where(position > tuple_(*after), table.c.changed_xact < func.settled_xact())
        .order_by(table.c.changed_xact, table.c.id)
        .limit(size + 1)
    )
    rows = unit.session.execute(statement).mappings().all()
    names = [column.name for column in columns if hasattr(column, "name")]
    items = [_item(row, names) for row in rows[:size]]
    xact, row_id = (rows[:size][-1]["changed_xact"], rows[:size][-1]["id"]) if items else after
    return FeedPage(items, encode_cursor(str(xact), str(row_id)), len(rows) > size)


def _item(row: Any, names: Sequence[str]) -> dict[str, Any]:
    if not row["is_told"]:
        return {"id": row["id"], "is_withdrawn": True}
    return {"id": row["id"], "is_withdrawn": False, **{name: row[name] for name in names}}


def _is_told(unit: UnitOfWork) -> ColumnElement[bool]:
    """Nothing secret, nothing withdrawn, nothing that the reader could not open."""
    is_open = DOCUMENT.c.status.not_in(sorted(HIDDEN_STATUSES))
    return (DOCUMENT.c.secrecy == "none") & is_open & may_see(unit)


def _after(cursor: str | None) -> tuple[int, UUID]:
    if cursor is None:
        return _START
    xact, row_id = decode_cursor(cursor, 2)
    try:
        position = int(xact), UUID(row_id)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
    if not 0 <= position[0] < _MOST:
        raise bad_cursor()
    return position
