"""Offices and people for tests: the demonstration offices, written in a few bulk statements.

Everyone's password is :data:`PASSWORD`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from service.actions.sessions import SessionRules, add_session, token_identity
from service.demo import PARTY_OFFICE, AgencyPlan
from service.domain.actors import Actor, Person, system_actor
from service.domain.clock import Clock
from service.domain.ids import new_id
from service.domain.permissions import Held, references_of
from service.storage.database import Database
from service.storage.models import (
    Account,
    Agency,
    Assistance,
    IssuingBody,
    IssuingBodyTerm,
    Membership,
    Unit,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

PASSWORD = "mat khau thu nghiem"
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$GrHVDzcTjcU4Y33DyJ3XgQ$1Voy2IFw4eTIz4ds8CztVLYW9rI6TzblLVs7yDp5ogE"
)


@dataclass(frozen=True)
class Office:
    """An agency in the database, with the ids of what is in it.

    Attributes:
        units: code → id.
        accounts: login → id.
        bodies: code of the issuing body → id.
    """

    agency_id: UUID
    plan: AgencyPlan
    units: dict[str, UUID]
    accounts: dict[str, UUID]
    bodies: dict[str, UUID]

    @property
    def code(self) -> str:
        """The agency's code."""
        return self.plan.code

    @property
    def system(self) -> Actor:
        """The actor of timers, jobs and exchange."""
        return system_actor(self.agency_id, self.code)

    def actor_for(self, login: str, *, request_id: str | None = None) -> Actor:
        """Return the actor of a person of the plan, as their token would give it."""
        person = self._person(login)
        leaders = [self._person(leader) for aide, leader in self.plan.aides if aide == login]
        return Actor(
            agency_id=self.agency_id,
            agency_code=self.code,
            account_id=person.account_id,
            login=login,
            full_name=person.full_name,
            references=person.references,
            roles=frozenset(role for role, _unit in self._held(login)),
            assists={leader.login: leader for leader in leaders},
            request_id=request_id,
        )

    def _held(self, login: str) -> tuple[Held, ...]:
        return next(person.held for person in self.plan.people if person.login == login)

    def _person(self, login: str) -> Person:
        plan = next(person for person in self.plan.people if person.login == login)
        return Person(self.accounts[login], login, plan.full_name, references_of(login, plan.held))


def add_office(owner: Connection, clock: Clock, plan: AgencyPlan = PARTY_OFFICE) -> Office:
    """Write an office and its people, in the caller's transaction.

    Args:
        owner: a connection of the owner role.
        clock: for ids and times.
        plan: what the office consists of.
    """
    now = clock.now()
    office = Office(
        new_id(now),
        plan,
        {code: new_id(now) for code, _name in plan.units},
        {person.login: new_id(now) for person in plan.people},
        {body.code: new_id(now) for body in plan.bodies},
    )
    ours = {"agency_id": office.agency_id}
    agency = {"id": office.agency_id, "code": plan.code, "name": plan.name, "side": plan.side}
    owner.execute(insert(table_of(Agency)), {**agency, "organ_id": plan.organ_id, "created_at": now})
    units = [{"id": office.units[code], "code": code, "name": name, **ours} for code, name in plan.units]
    owner.execute(insert(table_of(Unit)), units)
    owner.execute(
        insert(table_of(Account)),
        [
            {
                "id": office.accounts[person.login],
                "login": person.login,
                "full_name": person.full_name,
                "position": person.position,
                "password_hash": PASSWORD_HASH,
                "must_change_password": False,
                "created_at": now,
                **ours,
            }
            for person in plan.people
        ],
    )
    owner.execute(insert(table_of(Membership)), _memberships(office, clock))
    aides = [
        {"aide_id": office.accounts[aide], "leader_id": office.accounts[leader], "id": new_id(now), **ours}
        for aide, leader in plan.aides
    ]
    if aides:
        owner.execute(insert(table_of(Assistance)), aides)
    _add_bodies(owner, office, clock)
    return office


def open_session(database: Database, actor: Actor, rules: SessionRules | None = None) -> str:
    """Open a bearer session for a person, without the cost of a password, and return its token."""
    with database.unit_of_work(actor) as unit:
        return add_session(unit, "bearer", "127.0.0.1", "test", rules or SessionRules())


def unit_for(database: Database, token: str) -> UnitOfWork:
    """Return the unit of work of a bearer token."""
    return database.unit_of_work(token_identity(token, carrier="bearer"))


def _add_bodies(owner: Connection, office: Office, clock: Clock) -> None:
    if not office.plan.bodies:
        return
    ours = {"agency_id": office.agency_id}
    bodies = [{**asdict(body), "id": office.bodies[body.code], **ours} for body in office.plan.bodies]
    owner.execute(insert(table_of(IssuingBody)), bodies)
    terms = [
        {
            "id": new_id(clock.now()),
            "body_id": office.bodies[body.code],
            "term": body.term,
            "from_on": body.term_from_on,
            **ours,
        }
        for body in office.plan.bodies
        if body.term
    ]
    if terms:
        owner.execute(insert(table_of(IssuingBodyTerm)), terms)


def _memberships(office: Office, clock: Clock) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(clock.now()),
            "agency_id": office.agency_id,
            "account_id": office.accounts[person.login],
            "unit_id": office.units[unit] if unit else None,
            "role": role,
        }
        for person in office.plan.people
        for role, unit in person.held
    ]
