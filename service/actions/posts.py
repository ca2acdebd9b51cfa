"""Posts and who holds them: a post is a title in a unit with the roles that it brings to its holder.

Whoever takes a post gets its roles for the days of the holding, and loses them with it: what a person may do
follows from the post and is not kept up by hand (S0-9.2g3). Roles that were granted by themselves stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from service.actions.memberships import staff_account
from service.actions.organisation_rows import (
    add_row,
    change_row,
    check_code,
    check_days,
    named,
    plain,
    refuse,
    unit_id_of,
)
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, NotFound
from service.domain.permissions import ROLES, require
from service.queries.posts import HOLDING, POST, post_not_found
from service.storage.models import Account, Membership, Post, PostHolding, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_account = table_of(Account)
_membership = table_of(Membership)


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody takes a post.

    Attributes:
        login: who.
        post: its code.
        from_on: first day.
        to_on: last day; None = until further notice.
        basis: the decision that it stands on, such as ``"12-QĐ/TU"``.
        ends_others: whether the person leaves their other posts on the day before.
    """

    login: str
    post: str
    from_on: date
    to_on: date | None = None
    basis: str = ""
    ends_others: bool = False


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
    post = _lock_post(unit, code)
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = named(title, "/title")
    if roles is not None:
        values["roles"] = _checked_roles(roles)
    details = {"code": code, "changes": {name: [post[name], value] for name, value in values.items()}}
    change_row(unit, "post.change", Post, post["id"], values or {"title": post["title"]}, details=details)
    if roles is not None:
        held = select(HOLDING).where(HOLDING.c.post_id == post["id"], _unended(unit))
        for holding in unit.session.execute(held).mappings().all():
            _recompute(unit, holding)


def close_post(unit: UnitOfWork, code: str) -> None:
    """Close a post that nobody holds any more.

    Raises:
        Forbidden: the actor does not keep posts.
        NotFound: the agency has no such post.
        Conflict: it is closed already, or somebody holds it.
    """
    require(unit.actor, "post.keep")
    post = _lock_post(unit, code)
    held = select(HOLDING.c.id).where(HOLDING.c.post_id == post["id"], _unended(unit)).limit(1)
    if unit.session.execute(held).first() is not None:
        vi, en = "Chức danh còn người giữ.", "Somebody holds the post."
        raise Conflict("post.held", vi, en)
    change_row(unit, "post.close", Post, post["id"], {"closed_at": unit.now}, details={"code": code})


def take_post(unit: UnitOfWork, taking: Taking) -> UUID:
    """Put a person into a post: they get its roles for those days and its title as their position.

    Returns:
        The id of the holding.

    Raises:
        Forbidden: the actor does not keep posts.
        InvalidInput: the days are turned round.
        NotFound: the agency has no such person or post.
        Conflict: the post is closed, the account is a guest's or disabled, or the person holds the post
            already.
    """
    require(unit.actor, "post.keep")
    check_days(taking.from_on, taking.to_on)
    post = _lock_post(unit, taking.post)
    account_id = staff_account(unit, taking.login)
    _check_free(unit, account_id, post["id"], taking)
    if taking.ends_others:
        _leave_posts(unit, account_id, taking.from_on - timedelta(days=1))
    row = {
        "account_id": account_id,
        "post_id": post["id"],
        "from_on": taking.from_on,
        "to_on": taking.to_on,
        "basis": plain(taking.basis),
        "created_at": unit.now,
    }
    details = {"login": taking.login, "post": taking.post, "from_on": taking.from_on.isoformat()}
    holding_id = add_row(unit, "post_holding.take", PostHolding, row, details)
    _recompute(unit, {**row, "id": holding_id})
    if taking.from_on <= _today(unit):
        title = {"position": post["title"]}
        change_row(
            unit, "account.change", Account, account_id, title, details={"login": taking.login, **title}
        )
    return holding_id


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
    _end(unit, holding, last_on)


def leave_all(unit: UnitOfWork, account_id: UUID, last_on: date) -> None:
    """End every holding and every role of a person who leaves, after ``last_on``."""
    _leave_posts(unit, account_id, last_on)
    granted = (
        update(_membership)
        .where(
            _membership.c.account_id == account_id,
            _membership.c.holding_id.is_(None),
            or_(_membership.c.to_on.is_(None), _membership.c.to_on > last_on),
        )
        .values(to_on=last_on)
        .returning(_membership.c.id)
    )
    for membership_id in sorted(unit.session.execute(granted).scalars()):
        details = {"to_on": last_on.isoformat()}
        unit.audit(AuditRecord("membership.end", "membership", membership_id, details))


def _leave_posts(unit: UnitOfWork, account_id: UUID, last_on: date) -> None:
    open_then = or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on > last_on)
    held = select(HOLDING).where(HOLDING.c.account_id == account_id, open_then).with_for_update()
    for holding in unit.session.execute(held).mappings().all():
        _end(unit, holding, last_on)


def _end(unit: UnitOfWork, holding: Any, last_on: date) -> None:
    details = {"to_on": last_on.isoformat()}
    change_row(unit, "post_holding.leave", PostHolding, holding["id"], {"to_on": last_on}, details=details)
    _recompute(unit, {**holding, "to_on": last_on})


def _recompute(unit: UnitOfWork, holding: Any) -> None:
    """Make the memberships that a holding brings those of its post, on the holding's days, from today on."""
    post = unit.session.execute(select(POST).where(POST.c.id == holding["post_id"])).mappings().one()
    brought = select(_membership).where(_membership.c.holding_id == holding["id"])
    yesterday = _today(unit) - timedelta(days=1)
    running: set[str] = set()
    for row in unit.session.execute(brought).mappings().all():
        ended_before = row["to_on"] is not None and row["to_on"] < _today(unit)
        if row["role"] in post["roles"] and not ended_before:
            running.add(row["role"])
            _set_last_day(unit, row, holding["to_on"])
        elif not ended_before:
            _set_last_day(unit, row, yesterday)
    for role in post["roles"]:
        if role not in running and not _is_over(unit, holding):
            _bring(unit, holding, post, role)


def _bring(unit: UnitOfWork, holding: Any, post: Any, role: str) -> None:
    row = {
        "account_id": holding["account_id"],
        "unit_id": post["unit_id"],
        "role": role,
        "from_on": max(holding["from_on"], _today(unit))
        if _has_brought(unit, holding)
        else holding["from_on"],
        "to_on": holding["to_on"],
        "holding_id": holding["id"],
    }
    login = unit.session.execute(
        select(_account.c.login).where(_account.c.id == row["account_id"])
    ).scalar_one()
    details = {"login": login, "role": role, "post": post["code"]}
    add_row(unit, "membership.grant", Membership, row, details)


def _has_brought(unit: UnitOfWork, holding: Any) -> bool:
    """Whether the holding is an old one, whose post gained a role only now."""
    return bool(holding["created_at"] < unit.now)


def _is_over(unit: UnitOfWork, holding: Any) -> bool:
    return holding["to_on"] is not None and holding["to_on"] < _today(unit)


def _set_last_day(unit: UnitOfWork, membership: Any, last_on: date | None) -> None:
    if membership["to_on"] == last_on:
        return
    which = _membership.c.id == membership["id"]
    unit.session.execute(update(_membership).where(which).values(to_on=last_on))
    details = {"to_on": last_on.isoformat() if last_on else None, "role": membership["role"]}
    unit.audit(AuditRecord("membership.end", "membership", membership["id"], details))


def _lock_post(unit: UnitOfWork, code: str) -> Any:
    post = unit.session.execute(select(POST).where(POST.c.code == code).with_for_update()).mappings().first()
    if post is None:
        raise post_not_found()
    if post["closed_at"] is not None:
        raise Conflict("post.closed", "Chức danh này đã đóng.", "This post is closed.")
    return post


def _check_free(unit: UnitOfWork, account_id: UUID, post_id: UUID, taking: Taking) -> None:
    account = select(_account.c.disabled_at).where(_account.c.id == account_id)
    if unit.session.execute(account).scalar_one() is not None:
        vi, en = "Tài khoản này đã bị khóa.", "This account is disabled."
        raise Conflict("account.disabled", vi, en)
    overlapping = select(HOLDING.c.id).where(
        HOLDING.c.account_id == account_id,
        HOLDING.c.post_id == post_id,
        or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on >= taking.from_on),
        HOLDING.c.from_on <= (taking.to_on or date.max),
    )
    if unit.session.execute(overlapping.limit(1)).first() is not None:
        vi, en = "Người này đang giữ chức danh đó.", "This person holds the post already."
        raise Conflict("post.held_by_same", vi, en)


def _checked_roles(roles: Sequence[str]) -> list[str]:
    unknown = sorted(set(roles) - ROLES.keys())
    if unknown:
        name = unknown[0]
        refuse("role.unknown", f"Không có vai trò “{name}”.", f"There is no role “{name}”.", "/roles")
    return sorted(set(roles))


def _unended(unit: UnitOfWork) -> ColumnElement[bool]:
    return or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on >= _today(unit))


def _today(unit: UnitOfWork) -> date:
    return unit.now.astimezone(OFFICE_ZONE).date()
