"""Who may act as what: reviewed unit by unit, and seen before a change of post is confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from handlers.accounts.rights import RightsChange, change_of, held_on
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.domain.permissions import ROLES, is_allowed, require
from service.queries.posts import HOLDING, POST, read_post
from service.storage.models import Account, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class RightsLine:
    """A line of the review: a person, a role in the unit, its days, and where it comes from.

    Attributes:
        unit_code: the unit; None = the role holds in the whole agency.
        post: the code of the post that brings it; None = granted by itself.
        basis: the decision that the holding of the post stands on.
    """

    login: str
    full_name: str
    position: str
    unit_code: str | None
    unit_name: str | None
    role: str
    vi: str
    en: str
    from_on: date | None
    to_on: date | None
    post: str | None
    basis: str | None


def review_rights(unit: UnitOfWork, unit_code: str) -> list[RightsLine]:
    """Return who may act as what in a unit and the units under it, for its head to look through (S0-9.3g3).

    Args:
        unit: of the unit's head, the head of office, an administrator or a supervisor.
        unit_code: of the unit.

    Raises:
        Forbidden: the actor reviews no rights.
        NotFound: the agency has no such unit, or it is not the actor's to review.
    """
    require(unit.actor, "rights.review")
    top = unit.session.execute(select(_UNIT.c.id).where(_UNIT.c.code == unit_code)).scalar()
    if top is None or not _may_review(unit, unit_code):
        raise NotFound("unit.not_found", "Không có đơn vị này.", "There is no such unit.")
    below = select(_UNIT.c.id).where(_UNIT.c.id == top).cte("below", recursive=True)
    below = below.union(select(_UNIT.c.id).join(below, _UNIT.c.parent_id == below.c.id))
    return _lines(unit, _MEMBERSHIP.c.unit_id.in_(select(below.c.id)))


def review_all_rights(unit: UnitOfWork) -> list[RightsLine]:
    """Return who may act as what anywhere in the agency.

    Raises:
        Forbidden: the actor does not review the whole agency.
    """
    require(unit.actor, "rights.review_all")
    return _lines(unit, _MEMBERSHIP.c.id.is_not(None))


def rights_after(unit: UnitOfWork, login: str, post: str, on: date, *, ends_others: bool) -> RightsChange:
    """Return what a person would gain and lose by taking a post on a day.

    Args:
        unit: of who decides about posts.
        login: of the person.
        post: its code.
        on: the first day.
        ends_others: whether they leave their other posts.

    Raises:
        Forbidden: the actor belongs to no office.
        NotFound: the agency has no such person or post.
    """
    wanted = read_post(unit, post)
    person = _person(unit, login)
    before = held_on(unit, person["id"], on)
    staying = held_on(unit, person["id"], on, without_posts=True) if ends_others else before
    after = staying | {(role, wanted.unit_code) for role in wanted.roles}
    return change_of(person, on, before, after)


def rights_left(unit: UnitOfWork, login: str, on: date) -> RightsChange:
    """Return what a person loses who leaves on a day: everything.

    Raises:
        NotFound: the agency has no such person.
    """
    person = _person(unit, login)
    return change_of(person, on, held_on(unit, person["id"], on), frozenset())


def _person(unit: UnitOfWork, login: str) -> Any:
    columns = (_ACCOUNT.c.id, _ACCOUNT.c.login, _ACCOUNT.c.full_name)
    row = unit.session.execute(select(*columns).where(_ACCOUNT.c.login == login)).mappings().first()
    if row is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    return row


def _may_review(unit: UnitOfWork, unit_code: str) -> bool:
    is_head = f"role:unit_head@unit:{unit_code}" in unit.actor.references
    return is_head or is_allowed(unit.actor, "rights.review_all")


def _lines(unit: UnitOfWork, which: Any) -> list[RightsLine]:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    statement = _memberships().where(
        which,
        _ACCOUNT.c.disabled_at.is_(None),
        or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
    )
    rows = unit.session.execute(statement).mappings()
    return [_line(row) for row in rows]


def _line(row: Any) -> RightsLine:
    vi, en = ROLES.get(row["role"], (row["role"], row["role"]))
    return RightsLine(**row, vi=vi, en=en)


def _memberships() -> Select[Any]:
    joined = (
        _MEMBERSHIP.join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        .outerjoin(HOLDING, HOLDING.c.id == _MEMBERSHIP.c.holding_id)
        .outerjoin(POST, POST.c.id == HOLDING.c.post_id)
    )
    return (
        select(
            _ACCOUNT.c.login,
            _ACCOUNT.c.full_name,
            _ACCOUNT.c.position,
            _UNIT.c.code.label("unit_code"),
            _UNIT.c.name.label("unit_name"),
            _MEMBERSHIP.c.role,
            _MEMBERSHIP.c.from_on,
            _MEMBERSHIP.c.to_on,
            POST.c.code.label("post"),
            HOLDING.c.basis,
        )
        .select_from(joined)
        .order_by(_UNIT.c.code, _ACCOUNT.c.full_name, _ACCOUNT.c.login, _MEMBERSHIP.c.role)
    )
