"""Units, people, roles and partners of the actor's agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy import text as text_sql

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.queries.keepers import KeeperView, keepers_of
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.queries.posts import HoldingView, holdings_of
from service.storage.models import Account, Agency, Assistance, Membership, Partner, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

ACCOUNT = table_of(Account)
AGENCY = table_of(Agency)
ASSISTANCE = table_of(Assistance)
MEMBERSHIP = table_of(Membership)
PARTNER = table_of(Partner)
UNIT = table_of(Unit)
_ACCOUNT_COLUMNS: Final = (
    "id",
    "login",
    "full_name",
    "position",
    "created_at",
    "disabled_at",
    "must_change_password",
    "kind",
    "staff_code",
    "meeting",
    "guest_until",
    "locked_at",
)


@dataclass(frozen=True, slots=True)
class AgencyView:
    """The actor's agency."""

    id: UUID
    code: str
    name: str
    side: str
    organ_id: str | None
    export_rule: str


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit; ``parent_code`` is None at the top, ``closed_at`` while it is open."""

    id: UUID
    code: str
    name: str
    parent_code: str | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgencyBelow:
    """An agency under the actor's own one; ``depth`` 1 = directly."""

    depth: int
    code: str
    name: str
    side: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role that a person holds on its days, inclusive; ``unit_code`` None = in the whole agency.

    ``is_from_post`` tells that a post brings it, and that it ends with the post.
    """

    id: UUID
    role: str
    unit_code: str | None
    is_from_post: bool
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as lists show them: name, position and the units they work in today."""

    id: UUID
    login: str
    full_name: str
    position: str
    is_disabled: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as the administrator sees it, with all its roles, past and future ones too."""

    id: UUID
    login: str
    full_name: str
    position: str
    created_at: datetime
    disabled_at: datetime | None
    must_change_password: bool
    kind: str
    staff_code: str | None
    meeting: str | None
    guest_until: datetime | None
    locked_at: datetime | None
    roles: Sequence[RoleView]
    posts: Sequence[HoldingView]
    assists: Sequence[str]
    keepers: Sequence[KeeperView]


@dataclass(frozen=True, slots=True)
class PartnerView:
    """An office in the directory of receiving contact points (S0-9.2g2).

    ``contact_point`` is the identifier of the office through which it is reached; None = by itself (S3-16).
    """

    id: UUID
    organ_id: str
    name: str
    endpoint: str | None
    email: str | None
    contact_point: str | None


def read_agency(unit: UnitOfWork) -> AgencyView:
    """Return the actor's agency."""
    require(unit.actor, "organisation.read")
    columns = [AGENCY.c[name] for name in ("id", "code", "name", "side", "organ_id", "export_rule")]
    return AgencyView(**unit.session.execute(select(*columns)).mappings().one())


def list_agencies_below(unit: UnitOfWork) -> list[AgencyBelow]:
    """Return the agencies under the actor's own one, by name and place in the tree and no more (S3-6.1).

    Raises:
        Forbidden: the actor is no administrator.
    """
    require(unit.actor, "agency.list_below")
    statement = text_sql(
        "SELECT depth, code, name, side, parent_code FROM agencies_below() ORDER BY depth, code"
    )
    return [AgencyBelow(**row) for row in unit.session.execute(statement).mappings()]


def list_units(unit: UnitOfWork, *, with_closed: bool = False) -> list[UnitView]:
    """Return the agency's units by code, the open ones or also those that were closed."""
    require(unit.actor, "organisation.read")
    parent = UNIT.alias("parent")
    statement = (
        select(UNIT.c.id, UNIT.c.code, UNIT.c.name, UNIT.c.closed_at, parent.c.code.label("parent_code"))
        .select_from(UNIT.outerjoin(parent, parent.c.id == UNIT.c.parent_id))
        .order_by(UNIT.c.code)
    )
    if not with_closed:
        statement = statement.where(UNIT.c.closed_at.is_(None))
    return [UnitView(**row) for row in unit.session.execute(statement).mappings()]


def list_people(
    unit: UnitOfWork,
    cursor: str | None = None,
    limit: int | None = None,
    *,
    text: str | None = None,
    unit_code: str | None = None,
    role: str | None = None,
) -> Page[PersonView]:
    """Return the agency's enabled people by name, for choosing whom to forward or delegate to.

    Args:
        unit: of any person of the agency.
        cursor: of the page before.
        limit: rows wanted.
        text: part of the name or login.
        unit_code: only who works there today.
        role: only who holds it today.

    Raises:
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "organisation.read")
    conditions: list[ColumnElement[bool]] = [ACCOUNT.c.disabled_at.is_(None), ACCOUNT.c.kind != "guest"]
    if text:
        conditions.append(_contains(text))
    if unit_code or role:
        conditions.append(ACCOUNT.c.id.in_(_holders(unit, unit_code, role)))
    return _people_page(unit, conditions, cursor, limit)


def list_accounts(
    unit: UnitOfWork,
    cursor: str | None = None,
    limit: int | None = None,
    *,
    text: str | None = None,
) -> Page[PersonView]:
    """Return every account of the agency by name, disabled ones too.

    Raises:
        Forbidden: the actor keeps no accounts.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "account.list")
    return _people_page(unit, [_contains(text)] if text else [], cursor, limit)


def read_account(unit: UnitOfWork, login: str) -> AccountView:
    """Return one account with its roles and the leaders whom it assists.

    Raises:
        Forbidden: the actor keeps no accounts.
        NotFound: the agency has no such account.
    """
    require(unit.actor, "account.list")
    columns = [ACCOUNT.c[name] for name in _ACCOUNT_COLUMNS]
    account = unit.session.execute(select(*columns).where(ACCOUNT.c.login == login)).mappings().first()
    if account is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    leader = ACCOUNT.alias("leader")
    assists = unit.session.execute(
        select(leader.c.login)
        .join(ASSISTANCE, ASSISTANCE.c.leader_id == leader.c.id)
        .where(ASSISTANCE.c.aide_id == account["id"])
        .order_by(leader.c.login),
    ).scalars()
    return AccountView(
        **account,
        roles=_roles(unit, account["id"]),
        posts=holdings_of(unit, account["id"]),
        assists=tuple(assists),
        keepers=keepers_of(unit, account["id"]),
    )


def list_partners(unit: UnitOfWork) -> list[PartnerView]:
    """Return the directory of receiving contact points by name."""
    require(unit.actor, "organisation.read")
    columns = [PARTNER.c[name] for name in ("id", "organ_id", "name", "endpoint", "email")]
    point = PARTNER.alias("contact_point")
    statement = select(*columns, point.c.organ_id.label("contact_point")).select_from(
        PARTNER.outerjoin(point, point.c.id == PARTNER.c.contact_point_id)
    )
    rows = unit.session.execute(statement.order_by(PARTNER.c.name, PARTNER.c.id)).mappings()
    return [PartnerView(**row) for row in rows]


def _people_page(
    unit: UnitOfWork,
    conditions: list[ColumnElement[bool]],
    cursor: str | None,
    limit: int | None,
) -> Page[PersonView]:
    size = page_size(limit)
    order = (ACCOUNT.c.full_name, ACCOUNT.c.login)
    if cursor:
        after = decode_cursor(cursor, 2)
        if not all(isinstance(value, str) for value in after):
            raise bad_cursor()
        conditions = [*conditions, tuple_(*order) > tuple_(*after)]
    rows = (
        unit.session.execute(
            select(
                ACCOUNT.c.id,
                ACCOUNT.c.login,
                ACCOUNT.c.full_name,
                ACCOUNT.c.position,
                ACCOUNT.c.disabled_at.is_not(None).label("is_disabled"),
            )
            .where(*conditions)
            .order_by(*order)
            .limit(size + 1),
        )
        .mappings()
        .all()
    )
    people = [PersonView(**row) for row in rows[:size]]
    more = encode_cursor(people[-1].full_name, people[-1].login) if len(rows) > size else None
    return Page(people, more)


def _contains(text: str) -> ColumnElement[bool]:
    return or_(
        ACCOUNT.c.full_name.icontains(text, autoescape=True),
        ACCOUNT.c.login.icontains(text, autoescape=True),
    )


def _holders(unit: UnitOfWork, unit_code: str | None, role: str | None) -> Any:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    conditions = [
        or_(MEMBERSHIP.c.from_on.is_(None), MEMBERSHIP.c.from_on <= today),
        or_(MEMBERSHIP.c.to_on.is_(None), MEMBERSHIP.c.to_on >= today),
    ]
    if role:
        conditions.append(MEMBERSHIP.c.role == role)
    if unit_code:
        conditions.append(UNIT.c.code == unit_code)
    joined = MEMBERSHIP.outerjoin(UNIT, UNIT.c.id == MEMBERSHIP.c.unit_id)
    return select(MEMBERSHIP.c.account_id).select_from(joined).where(and_(*conditions))


def _roles(unit: UnitOfWork, account_id: UUID) -> tuple[RoleView, ...]:
    names = ("id", "role", "from_on", "to_on")
    rows = unit.session.execute(
        select(
            *[MEMBERSHIP.c[name] for name in names],
            UNIT.c.code.label("unit_code"),
            MEMBERSHIP.c.holding_id.is_not(None).label("is_from_post"),
        )
        .select_from(MEMBERSHIP.outerjoin(UNIT, UNIT.c.id == MEMBERSHIP.c.unit_id))
        .where(MEMBERSHIP.c.account_id == account_id)
        .order_by(MEMBERSHIP.c.role, UNIT.c.code, MEMBERSHIP.c.id),
    ).mappings()
    return tuple(RoleView(**row) for row in rows)


def enabled_account(unit: UnitOfWork, login: str) -> UUID | None:
    """Return the id of the agency's enabled account of this login, whatever its case, or None."""
    found: UUID | None = unit.session.execute(
        select(ACCOUNT.c.id).where(
            func.lower(ACCOUNT.c.login) == login.strip().lower(),
            ACCOUNT.c.disabled_at.is_(None),
        ),
    ).scalar()
    return found


def reference_exists(unit: UnitOfWork, reference: str) -> bool:
    """Return whether an owner reference names anybody in the agency: a person, a unit, a role (in a unit).

    Disabled people count as nobody; the days of a role do not matter here.
    """
    kind, _, name = reference.partition(":")
    role, at, unit_code = name.partition("@unit:")
    if kind == "user":
        statement = select(ACCOUNT.c.id).where(ACCOUNT.c.login == name, ACCOUNT.c.disabled_at.is_(None))
    elif kind == "unit":
        statement = select(UNIT.c.id).where(UNIT.c.code == name)
    elif kind == "role":
        statement = select(MEMBERSHIP.c.id).where(MEMBERSHIP.c.role == role)
        if at:
            statement = statement.join(UNIT, UNIT.c.id == MEMBERSHIP.c.unit_id).where(
                UNIT.c.code == unit_code
            )
    else:
        return False
    return unit.session.execute(statement.limit(1)).first() is not None
