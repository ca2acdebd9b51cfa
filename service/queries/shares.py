"""Documents shared between agencies: what ours gave, and what others gave to ours (S2-3.6b).

A row of another agency is seen through the database's function ``shared_documents()`` and in no other way: it
runs above row-level security, looks at the current agency itself, and gives only what is shared with it at
that instant. No query here touches another agency's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text

from service.domain.errors import NotFound
from service.domain.permissions import require
from service.queries.document_access import standing_of
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, DocumentShare, table_of
from service.storage.unit_of_work import UnitOfWork

SHARE: Final = table_of(DocumentShare)
_ACCOUNT: Final = table_of(Account)
_RECEIVERS: Final = text("SELECT agency_id, agency_code FROM list_agencies()")


@dataclass(frozen=True, slots=True)
class ShareView:
    """A share as its giver sees it; ``receiver`` is the code of the other agency."""

    id: UUID
    receiver: str
    reason: str
    may_download: bool
    from_at: datetime
    until_at: datetime
    given_by: str | None
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class SharedView:
    """A document of another agency that is shared with ours, without any of its files' contents."""

    id: UUID
    giver_code: str
    giver_name: str
    reason: str
    may_download: bool
    from_at: datetime
    until_at: datetime
    type_name: str
    code_number: str
    code_notation: str
    issued_on: date | None
    organ_name: str
    subject: str
    signer_position: str
    signer_name: str
    page_amount: int | None
    urgency: str


def list_shares(unit: UnitOfWork, document_id: UUID) -> list[ShareView]:
    """Return with whom a document of ours is or was shared, oldest first.

    Raises:
        NotFound: the document is absent, or not the actor's to see.
        Forbidden: the actor may not share.
    """
    standing_of(unit, document_id)
    require(unit.actor, "document.share")
    names = ("id", "receiver_id", "reason", "may_download", "from_at", "until_at", "ended_at", "end_reason")
    statement = (
        select(*[SHARE.c[name] for name in names], _ACCOUNT.c.login.label("given_by"))
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == SHARE.c.given_by_id)
        .where(SHARE.c.document_id == document_id)
        .order_by(SHARE.c.id)
    )
    rows = unit.session.execute(statement).mappings().all()
    codes = {row.agency_id: row.agency_code for row in unit.session.execute(_RECEIVERS)} if rows else {}
    return [
        ShareView(receiver=codes[row["receiver_id"]], **{n: v for n, v in row.items() if n != "receiver_id"})
        for row in rows
    ]


def list_shared(unit: UnitOfWork, cursor: str | None = None, limit: int | None = None) -> Page[SharedView]:
    """Return what other agencies share with ours now, newest share first.

    Raises:
        Forbidden: the actor does not read what others share.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "shared_document.read")
    size = page_size(limit)
    before = _before(cursor) if cursor else UUID(int=(1 << 128) - 1)
    statement = text(
        "SELECT * FROM shared_documents(:now) s WHERE s.id < :before ORDER BY s.id DESC LIMIT :most"
    )
    rows = unit.session.execute(statement, {"now": unit.now, "before": before, "most": size + 1}).all()
    views = [shared_view(row) for row in rows[:size]]
    return Page(views, encode_cursor(str(views[-1].id)) if len(rows) > size else None)


def find_shared(unit: UnitOfWork, share_id: UUID) -> Row[Any]:
    """Return the row of ``shared_documents()`` of one share with ours.

    Raises:
        Forbidden: the actor does not read what others share.
        NotFound: nothing is shared under this id, or not any more; the answer is the same.
    """
    require(unit.actor, "shared_document.read")
    statement = text("SELECT * FROM shared_documents(:now) s WHERE s.id = :id")
    row = unit.session.execute(statement, {"now": unit.now, "id": share_id}).one_or_none()
    if row is None:
        vi = "Không có văn bản được chia sẻ này."
        raise NotFound("shared_document.not_found", vi, "There is no such shared document.")
    return row


def shared_view(row: Row[Any]) -> SharedView:
    """Return a row of ``shared_documents()`` without the giver's own identifiers."""
    return SharedView(**{name: getattr(row, name) for name in SharedView.__dataclass_fields__})


def _before(cursor: str) -> UUID:
    (last,) = decode_cursor(cursor, 1)
    try:
        return UUID(last)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
