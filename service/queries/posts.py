"""Posts of the agency and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.storage.models import Account, Post, PostHolding, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

HOLDING = table_of(PostHolding)
POST = table_of(Post)
_ACCOUNT = table_of(Account)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class HoldingView:
    """A person in a post on its days, inclusive; ``to_on`` None = until further notice."""

    id: UUID
    post: str
    title: str
    unit_code: str | None
    login: str
    full_name: str
    from_on: date
    to_on: date | None
    basis: str


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with those who hold it today or later; ``unit_code`` None = of the agency as a whole."""

    id: UUID
    code: str
    title: str
    unit_code: str | None
    roles: Sequence[str]
    is_closed: bool
    holders: Sequence[HoldingView] = ()


def list_posts(
    unit: UnitOfWork, *, unit_code: str | None = None, with_closed: bool = False
) -> list[PostView]:
    """Return the posts by code, each with those who hold it today or later.

    Args:
        unit: of anybody of the office.
        unit_code: only those of this unit.
        with_closed: closed ones too.

    Raises:
        Forbidden: the actor belongs to no office.
    """
    require(unit.actor, "organisation.read")
    statement = _posts()
    if unit_code is not None:
        statement = statement.where(_UNIT.c.code == unit_code)
    if not with_closed:
        statement = statement.where(POST.c.closed_at.is_(None))
    return _views(unit, statement)


def read_post(unit: UnitOfWork, code: str) -> PostView:
    """Return one post, a closed one too.

    Raises:
        Forbidden: the actor belongs to no office.
        NotFound: the agency has no such post.
    """
    require(unit.actor, "organisation.read")
    found = _views(unit, _posts().where(POST.c.code == code))
    if not found:
        raise post_not_found()
    return found[0]


def holdings_of(unit: UnitOfWork, account_id: UUID) -> tuple[HoldingView, ...]:
    """Return the posts that a person held, holds or will hold, newest first."""
    statement = _holdings().where(HOLDING.c.account_id == account_id).order_by(HOLDING.c.from_on.desc())
    return tuple(HoldingView(**row) for row in unit.session.execute(statement).mappings())


def post_not_found() -> NotFound:
    """Return the answer about a post that the agency does not have."""
    return NotFound("post.not_found", "Không có chức danh này.", "There is no such post.")


def _posts() -> Select[Any]:
    return (
        select(
            POST.c.id,
            POST.c.code,
            POST.c.title,
            POST.c.roles,
            _UNIT.c.code.label("unit_code"),
            POST.c.closed_at.is_not(None).label("is_closed"),
        )
        .select_from(POST.outerjoin(_UNIT, _UNIT.c.id == POST.c.unit_id))
        .order_by(POST.c.code)
    )


def _holdings() -> Select[Any]:
    joined = (
        HOLDING.join(POST, POST.c.id == HOLDING.c.post_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == HOLDING.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == POST.c.unit_id)
    )
    return select(
        HOLDING.c.id,
        POST.c.code.label("post"),
        POST.c.title,
        _UNIT.c.code.label("unit_code"),
        _ACCOUNT.c.login,
        _ACCOUNT.c.full_name,
        HOLDING.c.from_on,
        HOLDING.c.to_on,
        HOLDING.c.basis,
    ).select_from(joined)


def _views(unit: UnitOfWork, statement: Select[Any]) -> list[PostView]:
    rows = unit.session.execute(statement).mappings().all()
    holders: dict[str, list[HoldingView]] = {}
    today = unit.now.astimezone(OFFICE_ZONE).date()
    held = _holdings().where(
        POST.c.id.in_([row["id"] for row in rows]),
        or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on >= today),
    )
    for row in unit.session.execute(held.order_by(HOLDING.c.from_on, _ACCOUNT.c.login)).mappings():
        holders.setdefault(row["post"], []).append(HoldingView(**row))
    return [
        PostView(**{**row, "roles": tuple(row["roles"])}, holders=tuple(holders.get(row["code"], ())))
        for row in rows
    ]
