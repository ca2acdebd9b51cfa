"""Posts and who holds them: a post is a title in a unit with the roles that it brings to its holder.

Whoever takes a post gets its roles for the days of the holding, and loses them with it: what a person may do
follows from the post and is not kept up by hand (S0-9.2g3). Roles that were granted by themselves stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from handlers.accounts.holdings import (
    HOLDING,
    Taking,
    end_holding,
    lock_post,
    recompute,
    take,
    unended,
)
from handlers.accounts.rows import (
    add_row,
    change_row,
    check_code,
    named,
    refuse,
    unit_id_of,
)
from service.domain.errors import Conflict, NotFound
from service.domain.permissions import ROLES, require
from service.storage.models import Account, Membership, Post, table_of
from service.storage.unit_of_work import UnitOfWork

_account = table_of(Account)
_membership = table_of(Membership)


def create_post(
    unit: UnitOfWork, code: str, title: str, roles: Sequence[str], unit_code: str | None = None
) -> UUID:
    """Add a post to a unit, or (None) to the agency as a whole, and return its id.

    Raises:
        Forbidden: the actor does not keep posts.
        InvalidInput: a value is malformed, or no such role.
        NotFound: the agency has no such unit.
        Conflict: the code is taken, or the unit is closed.
    """
    require(unit.actor, "post.keep")
    check_code(code)
    row = {
        "code": code,
        "title": named(title, "/title"),
        "unit_id": unit_id_of(unit, unit_code) if unit_code else None,
        "roles": _checked_roles(roles),
    }
    return add_row(unit, "post.create", Post, row, {"code": code, "roles": row["roles"], "unit": unit_code})


def change_post(
    unit: UnitOfWork, code: str, *, title: str | None = None, roles: Sequence[str] | None = None
) -> None:
    """Change a post's title or roles; who holds it gains and loses roles from today on.

    Raises:
        Forbidden: the actor does not keep posts.
        InvalidInput: an empty title, or no such role.
        NotFound: the agency has no such post.
        Conflict: it is closed.
    """
    require(unit.actor, "post.keep")
    post = lock_post(unit, code)
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = named(title, "/title")
    if roles is not None:
        values["roles"] = _checked_roles(roles)
    details = {"code": code, "changes": {name: [post[name], value] for name, value in values.items()}}
    change_row(unit, "post.change", Post, post["id"], values or {"title": post["title"]}, details=details)
    if roles is not None:
        held = select(HOLDING).where(HOLDING.c.post_id == post["id"], unended(unit))
        for holding in unit.session.execute(held).mappings().all():
            recompute(unit, holding)


def close_post(unit: UnitOfWork, code: str) -> None:
    """Close a post that nobody holds any more.

    Raises:
        Forbidden: the actor does not keep posts.
        NotFound: the agency has no such post.
        Conflict: it is closed already, or somebody holds it.
    """
    require(unit.actor, "post.keep")
    post = lock_post(unit, code)
    held = select(HOLDING.c.id).where(HOLDING.c.post_id == post["id"], unended(unit)).limit(1)
    if unit.session.execute(held).first() is not None:
        vi, en = "Chức danh còn người giữ.", "Somebody holds the post."
        raise Conflict("post.held", vi, en)
    change_row(unit, "post.close", Post, post["id"], {"closed_at": unit.now}, details={"code": code})


def take_post(unit: UnitOfWork, taking: Taking) -> UUID:
    """Put a person into a post and return the holding's id.

    Raises:
        Forbidden: the actor does not keep posts.
        InvalidInput: the days are turned round.
        NotFound: the agency has no such person or post.
        Conflict: the post is closed, the account is a guest's or disabled, or the person holds the post
            already.
    """
    require(unit.actor, "post.keep")
    return take(unit, taking)


def leave_post(unit: UnitOfWork, holding_id: UUID, last_on: date) -> None:
    """Let a holding end after ``last_on``, and with it the roles that it brought.

    Raises:
        Forbidden: the actor does not keep posts.
        NotFound: the agency has no such holding.
    """
    require(unit.actor, "post.keep")
    row = unit.session.execute(select(HOLDING).where(HOLDING.c.id == holding_id).with_for_update()).mappings()
    holding = row.first()
    if holding is None:
        vi, en = "Không có lần giữ chức danh này.", "There is no such holding of a post."
        raise NotFound("post_holding.not_found", vi, en)
    end_holding(unit, holding, last_on)


def _checked_roles(roles: Sequence[str]) -> list[str]:
    unknown = sorted(set(roles) - ROLES.keys())
    if unknown:
        name = unknown[0]
        refuse("role.unknown", f"Không có vai trò “{name}”.", f"There is no role “{name}”.", "/roles")
    return sorted(set(roles))


__all__ = ["Taking", "change_post", "close_post", "create_post", "leave_post", "take_post"]
