"""Who gives an assignment to whom: people and units by reference, and how far somebody's word reaches.

Leaders and the head of the office give work to everybody in the agency, the head of a unit to the people of
the own unit and of the units under it (S0-10.3g1, S0-11g1), and whoever holds an order to assign as widely as
the one who gave the order (S4-7c).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import any_, func, literal, or_, select

from handlers.outgoing.facts import in_force
from service.domain.assignment_rights import PROCESS
from service.domain.clock import OFFICE_ZONE
from service.domain.permissions import references_of
from service.storage.models import Account, DelegationOrder, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_GIVES_TO_ALL: Final = frozenset({"leader", "head_of_office"})

_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_ORDER = table_of(DelegationOrder)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class Party:
    """A person or a unit that has a part in an assignment.

    Attributes:
        reference: ``user:<login>`` or ``unit:<code>``.
        name: how people call them.
        account_id: of a person.
        unit_id: of a unit.
    """

    reference: str
    name: str
    account_id: UUID | None = None
    unit_id: UUID | None = None

    @property
    def owners(self) -> tuple[str, ...]:
        """Who acts for it: the person, or the head of the unit."""
        return (self.reference,) if self.unit_id is None else (f"role:unit_head@{self.reference}",)

    @property
    def references(self) -> tuple[str, ...]:
        """Who reads for it: the person, or the head and the clerk of the unit."""
        return self.owners if self.unit_id is None else (*self.owners, f"role:unit_clerk@{self.reference}")


@dataclass(frozen=True, slots=True)
class Reach:
    """To whom somebody may give work.

    Attributes:
        is_whole: to everybody in the agency.
        unit_ids: the units that they head, and those under these.
        headed_ids: the units that they head themselves.
        references: what they may act as by their own posts, without orders.
    """

    is_whole: bool
    unit_ids: frozenset[UUID]
    headed_ids: frozenset[UUID]
    references: frozenset[str]

    def covers(self, unit: UnitOfWork, party: Party) -> bool:
        """Say whether an assignment may go to this party; not to the very unit that one heads."""
        if self.is_whole:
            return True
        if party.unit_id is not None:
            return party.unit_id in self.unit_ids - self.headed_ids
        return not self.unit_ids.isdisjoint(_units_of(unit, party.account_id))


def find_party(unit: UnitOfWork, reference: str) -> Party | None:
    """Return the enabled person or the open unit that a reference names."""
    kind, _, name = reference.partition(":")
    if kind == "user":
        enabled = _ACCOUNT.c.disabled_at.is_(None), _ACCOUNT.c.kind == "person"
        person = unit.session.execute(
            select(_ACCOUNT).where(_ACCOUNT.c.login == name, *enabled)
        ).one_or_none()
        return None if person is None else Party(f"user:{person.login}", person.full_name, person.id)
    if kind == "unit":
        wanted = select(_UNIT).where(_UNIT.c.code == name, _UNIT.c.closed_at.is_(None))
        found = unit.session.execute(wanted).one_or_none()
        return None if found is None else Party(f"unit:{found.code}", found.name, unit_id=found.id)
    return None


def reach_of(unit: UnitOfWork, giver: Party, document_type: str | None) -> Reach:
    """Return to whom a person may give work today, by their own posts and by orders to assign.

    Args:
        unit: the open unit of work.
        giver: the person.
        document_type: of the source document, for orders that name kinds of document.
    """
    own = _held_by(unit, giver.account_id)
    held = own + [
        role
        for person in _principals(unit, giver.account_id, document_type)
        for role in _held_by(unit, person)
    ]
    headed = {code for role, code in held if role == "unit_head" and code is not None}
    headed_ids = frozenset(unit.session.execute(select(_UNIT.c.id).where(_UNIT.c.code.in_(headed))).scalars())
    return Reach(
        is_whole=any(role in _GIVES_TO_ALL for role, _code in held),
        unit_ids=_with_units_under(unit, headed_ids),
        headed_ids=headed_ids,
        references=references_of(giver.reference.removeprefix("user:"), own),
    )


def works_in(unit: UnitOfWork, person: Party, unit_id: UUID) -> bool:
    """Say whether a person works in a unit, or in one under it, today."""
    return not _with_units_under(unit, [unit_id]).isdisjoint(_units_of(unit, person.account_id))


def _held_by(unit: UnitOfWork, account_id: UUID | None) -> list[tuple[Any, str | None]]:
    found = unit.session.execute(select(func.roles_on(account_id, _today(unit)))).scalar_one()
    return [(role, code) for role, code in found]


def _principals(unit: UnitOfWork, account_id: UUID | None, document_type: str | None) -> list[UUID]:
    """Return those in whose place a person may assign today."""
    reaches = or_(
        func.cardinality(_ORDER.c.process_keys) == 0, literal(PROCESS) == any_(_ORDER.c.process_keys)
    )
    concerns = func.cardinality(_ORDER.c.document_types) == 0
    if document_type is not None:
        concerns = or_(concerns, literal(document_type) == any_(_ORDER.c.document_types))
    today = _today(unit)
    statement = (
        select(_ORDER.c.delegator_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _ORDER.c.delegator_id)
        .where(
            _ORDER.c.delegate_id == account_id,
            _ORDER.c.ended_at.is_(None),
            _ORDER.c.from_on <= today,
            _ORDER.c.to_on >= today,
            literal("assign") == any_(_ORDER.c.authorities),
            _ACCOUNT.c.disabled_at.is_(None),
            reaches,
            concerns,
        )
    )
    return list(unit.session.execute(statement).scalars())


def _units_of(unit: UnitOfWork, account_id: UUID | None) -> frozenset[UUID]:
    held = select(_MEMBERSHIP.c.unit_id).where(
        _MEMBERSHIP.c.account_id == account_id,
        _MEMBERSHIP.c.unit_id.is_not(None),
        *in_force(_MEMBERSHIP, _today(unit)),
    )
    return frozenset(unit.session.execute(held).scalars())


def _with_units_under(unit: UnitOfWork, unit_ids: Iterable[UUID]) -> frozenset[UUID]:
    reached = select(_UNIT.c.id).where(_UNIT.c.id.in_(list(unit_ids))).cte("reached", recursive=True)
    under = select(_UNIT.c.id).join(reached, _UNIT.c.parent_id == reached.c.id)
    reached = reached.union(under.where(_UNIT.c.closed_at.is_(None)))
    return frozenset(unit.session.execute(select(reached.c.id)).scalars())


def _today(unit: UnitOfWork) -> date:
    return unit.now.astimezone(OFFICE_ZONE).date()


__all__ = ["Party", "Reach", "find_party", "reach_of", "works_in"]
