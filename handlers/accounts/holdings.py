"""Posts taken and left: the roles that a post brings follow its holder's days.

Who may decide about posts is asked by whoever calls this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from handlers.accounts.changes import note_change
from handlers.accounts.rows import account_id_of, add_row, change_row, check_days, plain
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, NotFound
from service.storage.models import Account, Membership, Post, PostHolding, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

HOLDING: Final = table_of(PostHolding)
POST: Final = table_of(Post)
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


def take(unit: UnitOfWork, taking: Taking) -> UUID:
    """Put a person into a post: they get its roles for those days and its title as their position.

    Returns:
        The id of the holding.

    Raises:
        InvalidInput: the days are turned round.
        NotFound: the agency has no such person or post.
        Conflict: the post is closed, the account is a guest's or disabled, or the person holds the post
            already.
    """
    check_days(taking.from_on, taking.to_on)
    post = lock_post(unit, taking.post)
    account_id = staff_account(unit, taking.login)
    _check_free(unit, account_id, post["id"], taking)
    if taking.ends_others:
        leave_posts(unit, account_id, taking.from_on - timedelta(days=1))
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
    recompute(unit, {**row, "id": holding_id})
    if taking.from_on <= today_of(unit):
        title = {"position": post["title"]}
        change_row(
            unit, "account.change", Account, account_id, title, details={"login": taking.login, **title}
        )
    return holding_id


def end_holding(unit: UnitOfWork, holding: Any, last_on: date) -> None:
    """Let a holding end after ``last_on``, and with it the roles that it brought."""
    details = {"to_on": last_on.isoformat()}
    change_row(unit, "post_holding.leave", PostHolding, holding["id"], {"to_on": last_on}, details=details)
    recompute(unit, {**holding, "to_on": last_on})


def leave_all(unit: UnitOfWork, account_id: UUID, last_on: date) -> None:
    """End every holding and every role of a person who leaves, after ``last_on``."""
    leave_posts(unit, account_id, last_on)
    granted = (
        select(_membership)
        .where(
            _membership.c.account_id == account_id,
            _membership.c.holding_id.is_(None),
            or_(_membership.c.to_on.is_(None), _membership.c.to_on > last_on),
        )
        .order_by(_membership.c.id)
        .with_for_update()
    )
    for membership in unit.session.execute(granted).mappings().all():
        _set_last_day(unit, membership, last_on)


def leave_posts(unit: UnitOfWork, account_id: UUID, last_on: date) -> None:
    """End every holding of a person after ``last_on``."""
    open_then = or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on > last_on)
    held = select(HOLDING).where(HOLDING.c.account_id == account_id, open_then).with_for_update()
    for holding in unit.session.execute(held).mappings().all():
        end_holding(unit, holding, last_on)


def recompute(unit: UnitOfWork, holding: Any) -> None:
    """Make the memberships that a holding brings those of its post, on the holding's days, from today on."""
    post = unit.session.execute(select(POST).where(POST.c.id == holding["post_id"])).mappings().one()
    brought = select(_membership).where(_membership.c.holding_id == holding["id"])
    yesterday = today_of(unit) - timedelta(days=1)
    running: set[str] = set()
    for row in unit.session.execute(brought).mappings().all():
        ended_before = row["to_on"] is not None and row["to_on"] < today_of(unit)
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
        "from_on": max(holding["from_on"], today_of(unit))
        if _has_brought(unit, holding)
        else holding["from_on"],
        "to_on": holding["to_on"],
        "holding_id": holding["id"],
    }
    login = unit.session.execute(
        select(_account.c.login).where(_account.c.id == row["account_id"])
    ).scalar_one()
    details = {"login": login, "role": role, "post": post["code"]}
    note_change(unit, "membership.grant", add_row(unit, "membership.grant", Membership, row, details))


def _has_brought(unit: UnitOfWork, holding: Any) -> bool:
    """Whether the holding is an old one, whose post gained a role only now."""
    return bool(holding["created_at"] < unit.now)


def _is_over(unit: UnitOfWork, holding: Any) -> bool:
    return holding["to_on"] is not None and holding["to_on"] < today_of(unit)


def _set_last_day(unit: UnitOfWork, membership: Any, last_on: date | None) -> None:
    if membership["to_on"] == last_on:
        return
    which = _membership.c.id == membership["id"]
    unit.session.execute(update(_membership).where(which).values(to_on=last_on))
    note_change(unit, "membership.end", membership["id"], old_to_on=membership["to_on"])
    details = {"to_on": last_on.isoformat() if last_on else None, "role": membership["role"]}
    unit.audit(AuditRecord("membership.end", "membership", membership["id"], details))


def lock_post(unit: UnitOfWork, code: str) -> Any:
    """Return an open post's row, locked.

    Raises:
        NotFound: the agency has no such post.
        Conflict: it is closed.
    """
    post = unit.session.execute(select(POST).where(POST.c.code == code).with_for_update()).mappings().first()
    if post is None:
        raise NotFound("post.not_found", "Không có chức danh này.", "There is no such post.")
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


def unended(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition: the holding has today or a later day."""
    return or_(HOLDING.c.to_on.is_(None), HOLDING.c.to_on >= today_of(unit))


def today_of(unit: UnitOfWork) -> date:
    """Return the office's date of the command."""
    return unit.now.astimezone(OFFICE_ZONE).date()


def staff_account(unit: UnitOfWork, login: str) -> UUID:
    """Return the id of an account that may hold roles: a guest's never does (S2-2.4).

    Raises:
        NotFound: the agency has no such account.
        Conflict: it is a guest's.
    """
    account_id = account_id_of(unit, login)
    account = table_of(Account)
    kind = unit.session.execute(select(account.c.kind).where(account.c.id == account_id)).scalar_one()
    if kind == "guest":
        vi, en = "Tài khoản khách mời không được giữ vai trò.", "A guest's account holds no roles."
        raise Conflict("account.guest", vi, en)
    return account_id
