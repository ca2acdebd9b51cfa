"""Requests to read outside one's duty: one's own, and all of them for who consents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, literal, select

from handlers.policies.access_requests import request_not_found
from service.domain.permissions import Subject, is_allowed
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import AccessGrant, AccessRequest, Account, table_of
from service.storage.unit_of_work import UnitOfWork

REQUEST = table_of(AccessRequest)
GRANT = table_of(AccessGrant)
ACCOUNT = table_of(Account)


@dataclass(frozen=True, slots=True)
class GrantView:
    """One document or dossier that a request opened."""

    id: UUID
    document_id: UUID | None
    dossier_id: UUID | None
    from_at: datetime
    until_at: datetime
    may_download: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessRequestView:
    """A request with what was said of it; ``grants`` only when read alone."""

    id: UUID
    login: str
    full_name: str
    reason: str
    scope: str
    codes: tuple[str, ...]
    dossier_id: UUID | None
    from_at: datetime
    until_at: datetime
    may_download: bool
    state: str
    approvals: tuple[Mapping[str, Any], ...]
    created_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    instance_id: UUID | None
    grants: tuple[GrantView, ...] = ()


def list_requests(
    unit: UnitOfWork, cursor: str | None = None, limit: int | None = None, *, state: str | None = None
) -> Page[AccessRequestView]:
    """Return the requests that the actor may see, newest first.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    statement = _select(unit)
    if state is not None:
        statement = statement.where(REQUEST.c.state == state)
    if cursor:
        statement = statement.where(REQUEST.c.id < _before(cursor))
    rows = unit.session.execute(statement.order_by(REQUEST.c.id.desc()).limit(size + 1)).all()
    views = [_view(row) for row in rows[:size]]
    return Page(views, encode_cursor(str(views[-1].id)) if len(rows) > size else None)


def read_request(unit: UnitOfWork, request_id: UUID) -> AccessRequestView:
    """Return one request with what it opened.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    row = unit.session.execute(_select(unit).where(REQUEST.c.id == request_id)).one_or_none()
    if row is None:
        raise request_not_found()
    names = list(GrantView.__dataclass_fields__)
    statement = select(*(GRANT.c[name] for name in names)).where(GRANT.c.request_id == request_id)
    grants = unit.session.execute(statement.order_by(GRANT.c.id)).mappings()
    return _view(row, tuple(GrantView(**grant) for grant in grants))


def may_see_request(unit: UnitOfWork, account_id: UUID) -> bool:
    """Say whether the actor may see a request of this person: their own, or all of them."""
    relations = frozenset({"asker"}) if account_id == unit.actor.account_id else frozenset[str]()
    return is_allowed(unit.actor, "access_request.read", Subject("", relations))


def _select(unit: UnitOfWork) -> Select[Any]:
    names = [name for name in AccessRequestView.__dataclass_fields__ if name in REQUEST.c]
    seen: ColumnElement[bool] = REQUEST.c.account_id == unit.actor.account_id
    if is_allowed(unit.actor, "access_request.read"):
        seen = literal(value=True)
    columns = [*(REQUEST.c[name] for name in names), ACCOUNT.c.login, ACCOUNT.c.full_name]
    return select(*columns).join(ACCOUNT, ACCOUNT.c.id == REQUEST.c.account_id).where(seen)


def _view(row: Row[Any], grants: tuple[GrantView, ...] = ()) -> AccessRequestView:
    facts = row._asdict()
    approvals = tuple({name: one for name, one in line.items() if name != "key"} for line in row.approvals)
    return AccessRequestView(**facts | {"codes": tuple(row.codes), "approvals": approvals, "grants": grants})


def _before(cursor: str) -> UUID:
    (last,) = decode_cursor(cursor, 1)
    try:
        return UUID(last)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
