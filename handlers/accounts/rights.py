"""What people may act as on a day, and what a change of post or a leaving does to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from service.domain.permissions import ROLES, Held
from service.storage.models import Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_MEMBERSHIP: Final = table_of(Membership)
_UNIT: Final = table_of(Unit)


@dataclass(frozen=True, slots=True)
class Right:
    """A role in a unit (None = in the whole agency), in words of both languages."""

    role: str
    unit_code: str | None
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class RightsChange:
    """What a person gains, loses and keeps by a change, on the day when it takes effect."""

    login: str
    full_name: str
    on: date
    gains: tuple[Right, ...]
    loses: tuple[Right, ...]
    keeps: tuple[Right, ...]


def held_on(unit: UnitOfWork, account_id: UUID, on: date, *, without_posts: bool = False) -> frozenset[Held]:
    """Return the roles of a person on a day, with their units; optionally only those that no post brings."""
    statement = (
        select(_MEMBERSHIP.c.role, _UNIT.c.code)
        .select_from(_MEMBERSHIP.outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id))
        .where(_MEMBERSHIP.c.account_id == account_id, is_held(on))
    )
    if without_posts:
        statement = statement.where(_MEMBERSHIP.c.holding_id.is_(None))
    return frozenset((row.role, row.code) for row in unit.session.execute(statement))


def is_held(on: date) -> ColumnElement[bool]:
    """Return the condition: the membership holds on this day."""
    return and_(
        or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= on),
        or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= on),
    )


def change_of(person: Any, on: date, before: frozenset[Held], after: frozenset[Held]) -> RightsChange:
    """Return what lies between two sets of roles of a person (a row with ``login`` and ``full_name``)."""
    return RightsChange(
        person["login"],
        person["full_name"],
        on,
        gains=rights_of(after - before),
        loses=rights_of(before - after),
        keeps=rights_of(before & after),
    )


def rights_of(held: Iterable[Held]) -> tuple[Right, ...]:
    """Return roles in words, in a fixed order."""
    ordered = sorted(held, key=lambda pair: (pair[0], pair[1] or ""))
    return tuple(Right(role, code, *ROLES.get(role, (role, role))) for role, code in ordered)


def rights_text(rights: Iterable[Right]) -> str | None:
    """Return rights as one line for a form, in Vietnamese; None when there are none."""
    words = [f"{one.vi} ({one.unit_code or 'toàn cơ quan'})" for one in rights]
    return "; ".join(words) or None
