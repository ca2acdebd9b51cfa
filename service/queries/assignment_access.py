"""Which assignments exist for a person: in SQL for lists, in Python for one; by the row ``assignment.read``.

Everything begins at the parties' references, so that nobody's list has to look through those of the agency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Uuid,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from handlers.assignments.assignment_row import ASSIGNMENT, PARTY, assignment_not_found
from service.domain.actors import Actor, Mandate
from service.domain.assignment_rights import PERFORMING, PROCESS, Concern, reading, subject_of
from service.domain.clock import OFFICE_ZONE
from service.domain.permissions import PERMISSIONS, Subject
from service.domain.user_tasks import OVERSEEING, headed_units
from service.queries.clearance import is_undecided
from service.storage.models import Account, Document, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_DOCUMENT = table_of(Document)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)
_EVERYTHING: Final = PERMISSIONS["assignment.read"].roles

MOST_NAMED: Final = 2_000
"""Up to so many assignments of a person, a list begins at them and not at the agency's newest."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen from one place: the actor's own, or one that an order lends.

    Attributes:
        references: parties whose assignments it sees.
        watched: those whose work it watches over, where it is not secret.
        oversees: whether it sees the whole agency's, where they are not secret.
        sees_all: whether it sees them all.
        document_types: only those about such documents; empty = whatever they are about.
    """

    references: frozenset[str]
    watched: frozenset[str] = frozenset()
    oversees: bool = False
    sees_all: bool = False
    document_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the actor stands to one assignment that exists for them.

    ``subject`` is what the permission table decides on; ``mandate`` the order by which they read it, None =
    by their own right.
    """

    row: Row[Any]
    concern: Concern
    subject: Subject
    mandate: Mandate | None


def sights_of(unit: UnitOfWork) -> tuple[Sight, ...]:
    """Return the places that the actor sees assignments from."""
    actor = unit.actor
    mandates = [one for one in actor.mandates if not one.process_keys or PROCESS in one.process_keys]
    headed = [actor.references, *(one.principal.references for one in mandates)]
    people = _people_in(unit, frozenset(code for one in headed for code in headed_units(one)))
    assisted = frozenset(name for leader in actor.assists.values() for name in leader.references)
    own = _watching(people, actor.references, actor.roles)
    return (
        Sight(own.references | assisted, own.watched, own.oversees, own.sees_all),
        *(_lent(people, one) for one in mandates if not one.authorities.isdisjoint({"assign", "supervise"})),
    )


def may_see(found: Sequence[Sight]) -> ColumnElement[bool]:
    """Return the condition on ``assignment``: it is seen from one of the places.

    Nobody sees it while its source document is locked by a spill.
    """
    return and_(~is_undecided(ASSIGNMENT.c.document_id), or_(false(), *map(_seen_from, found)))


def are_named(unit: UnitOfWork, references: Iterable[str], parts: Sequence[str] = ()) -> ColumnElement[bool]:
    """Return a condition that names the assignments in which these have a part, if they are few; else none.

    Args:
        unit: the open unit of work.
        references: of the parties.
        parts: which; empty = any.
    """
    held = select(PARTY.c.assignment_id.label("id")).where(PARTY.c.reference.in_(sorted(references)))
    if parts:
        held = held.where(PARTY.c.part.in_(parts))
    some = held.distinct().limit(MOST_NAMED + 1).subquery("some")
    is_few = func.count() <= MOST_NAMED
    ids = case((is_few, func.array_agg(some.c.id)))
    is_few_now, named = unit.session.execute(select(is_few, ids).select_from(some)).one()
    if not is_few_now:
        return true()
    return ASSIGNMENT.c.id == any_(literal(named or [], ARRAY(Uuid)))


def have_part(references: Iterable[str], parts: Sequence[str] = ()) -> ColumnElement[bool]:
    """Return the condition on ``assignment``: one of these has a part, of ``parts`` if any are named."""
    conditions = [PARTY.c.assignment_id == ASSIGNMENT.c.id, PARTY.c.reference.in_(sorted(references))]
    if parts:
        conditions.append(PARTY.c.part.in_(parts))
    return select(1).select_from(PARTY).where(*conditions).offset(0).correlate(ASSIGNMENT).exists()


def standing_of(unit: UnitOfWork, assignment_id: UUID) -> Standing:
    """Return how the actor stands to an assignment.

    Raises:
        NotFound: absent, or not the actor's to see; the answer is the same.
    """
    about = (
        _DOCUMENT.c.secrecy,
        _DOCUMENT.c.type_name,
        is_undecided(ASSIGNMENT.c.document_id).label("is_locked"),
    )
    joined = ASSIGNMENT.outerjoin(_DOCUMENT, _DOCUMENT.c.id == ASSIGNMENT.c.document_id)
    found = select(ASSIGNMENT, *about).select_from(joined).where(ASSIGNMENT.c.id == assignment_id)
    row = unit.session.execute(found).one_or_none()
    if row is None or (row.is_locked and not unit.actor.is_system):
        raise assignment_not_found()
    concern = _concern_of(unit, row)
    allowed = reading(concern, unit.actor)
    if allowed is None:
        raise assignment_not_found()
    return Standing(row, concern, subject_of(concern, unit.actor), allowed.mandate)


def _concern_of(unit: UnitOfWork, row: Row[Any]) -> Concern:
    rows = unit.session.execute(select(PARTY).where(PARTY.c.assignment_id == row.id)).all()
    parties: dict[str, set[str]] = {}
    for party in rows:
        parties.setdefault(party.part, set()).add(party.reference)
    doers = [party for party in rows if party.part in PERFORMING]
    return Concern(
        row.state,
        {part: frozenset(held) for part, held in parties.items()},
        _units_of(unit, doers) if _heads_any(unit.actor) else frozenset(),
        row.secrecy not in {None, "none"},
        row.type_name,
    )


def _heads_any(actor: Actor) -> bool:
    places = (actor.references, *(one.principal.references for one in actor.mandates))
    return any(headed_units(one) for one in places)


def _units_of(unit: UnitOfWork, parties: Sequence[Row[Any]]) -> frozenset[str]:
    """Return the codes of the units that parties are, or belong to today."""
    named = select(_UNIT.c.code).where(_UNIT.c.id.in_({one.unit_id for one in parties if one.unit_id}))
    people = {one.account_id for one in parties if one.account_id}
    members = (
        select(_UNIT.c.code)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.unit_id == _UNIT.c.id)
        .where(_MEMBERSHIP.c.account_id.in_(people), is_held_today(unit))
    )
    return frozenset(unit.session.execute(named.union(members)).scalars())


def is_held_today(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition on ``membership``: it holds today."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    return and_(
        or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
        or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
    )


def _people_in(unit: UnitOfWork, codes: frozenset[str]) -> Mapping[str, set[str]]:
    """Return whom assignments of a unit's work name: its people, its head and its clerk; by code."""
    found = {code: {f"role:{role}@unit:{code}" for role in ("unit_head", "unit_clerk")} for code in codes}
    if codes:
        rows = unit.session.execute(
            select(_UNIT.c.code, _ACCOUNT.c.login)
            .join(_MEMBERSHIP, _MEMBERSHIP.c.unit_id == _UNIT.c.id)
            .join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
            .where(_UNIT.c.code.in_(sorted(codes)), is_held_today(unit))
        )
        for row in rows:
            found[row.code].add(f"user:{row.login}")
    return found


def _watching(people: Mapping[str, set[str]], references: frozenset[str], roles: frozenset[str]) -> Sight:
    watched = frozenset(name for code in headed_units(references) for name in people[code])
    return Sight(references, watched, not OVERSEEING.isdisjoint(roles), not _EVERYTHING.isdisjoint(roles))


def _lent(people: Mapping[str, set[str]], mandate: Mandate) -> Sight:
    references, kinds = mandate.principal.references, mandate.document_types
    if "supervise" not in mandate.authorities:
        return Sight(references, document_types=kinds)
    own = _watching(people, references, mandate.roles)
    return Sight(references, own.watched, own.oversees, own.sees_all, kinds)


def _seen_from(sight: Sight) -> ColumnElement[bool]:
    seen = true() if sight.sees_all else or_(have_part(sight.references), _watched_from(sight))
    if not sight.document_types:
        return seen
    return and_(seen, _about(_DOCUMENT.c.type_name.in_(sorted(sight.document_types))))


def _watched_from(sight: Sight) -> ColumnElement[bool]:
    if not sight.oversees and not sight.watched:
        return false()
    watched = true() if sight.oversees else have_part(sight.watched, PERFORMING)
    return and_(watched, ~_about(_DOCUMENT.c.secrecy != "none"))


def _about(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_DOCUMENT.c.id == ASSIGNMENT.c.document_id, condition).correlate(ASSIGNMENT)
