"""Who acts: a person, on their own or another's behalf, or the system itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

PERSONAL_ACTIONS: Final = frozenset(
    {
        "account.own",
        "account_care.own",
        "account.reset_password",
        "account.reset_second_factor",
        "signing_consent.give",
        "signing_key.own",
    },
)
"""What only a person may do, never a program's token: it would make tokens, take over accounts, or sign."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The clerk who answers for the agency's account and works with it (S1-4.2d1)."""

    login: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose words an aide may enter: the account and what it may act as."""

    account_id: UUID
    login: str
    full_name: str
    references: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mandate:
    """An order in force by which its holder acts for another person, both names shown (S4-7c, S4-12.1).

    Attributes:
        order_id: the order.
        basis: the document that it stands on, as people write it, such as ``"12-QĐ/VP"``; may be empty.
        principal: for whom, and what that person may act as today.
        roles: role names of the principal today.
        authorities: what is handed over: ``assign``, ``supervise``, ``allow_issue``, ``administration``.
        process_keys: only in these processes; empty = in all.
        document_types: only for these kinds of document; empty = for all.
    """

    order_id: UUID
    basis: str
    principal: Person
    roles: frozenset[str]
    authorities: frozenset[str]
    process_keys: frozenset[str] = frozenset()
    document_types: frozenset[str] = frozenset()

    def covers(self, process_key: str | None, document_type: str | None = None) -> bool:
        """Whether the order reaches this process and kind of document.

        What belongs to none is outside an order that names some.
        """
        return (not self.process_keys or process_key in self.process_keys) and (
            not self.document_types or document_type in self.document_types
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who asks, as resolved from credentials at this instant.

    Attributes:
        agency_id: the tenant.
        agency_code: its code, for people and expressions.
        account_id: the person, or None for the system.
        login: login name, or ``"system"``.
        full_name: for history and audit.
        references: owner references the person matches (WS-HumanTask potential owners): ``user:<login>``,
            ``unit:<code>``, ``role:<role>``, ``role:<role>@unit:<code>``.
        roles: role names held anywhere in the agency.
        assists: login → leader for whom the person may enter decisions, both names shown (S0-10.2).
        mandates: the orders by which the person acts for others now.
        grants: actions that the credentials reach, ``noun.verb`` or ``noun.*``; None = all.
        request_id: the request that this belongs to.
        must_change_password: only the password may be changed until it is (S4-11.2b).
        session_id: the login session, for logging out.
        stepped_up_at: when the person last proved their second factor in this session.
        factors: what the person can prove themselves with: ``totp``, ``passkey``, ``recovery_code``.
        keeper: of the agency's account: the clerk who answers for it; None = the actor is a person.
    """

    agency_id: UUID
    agency_code: str
    account_id: UUID | None
    login: str
    full_name: str
    references: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    assists: Mapping[str, Person] = field(default_factory=dict)
    mandates: tuple[Mandate, ...] = ()
    grants: frozenset[str] | None = None
    request_id: str | None = None
    must_change_password: bool = False
    session_id: UUID | None = None
    stepped_up_at: datetime | None = None
    factors: frozenset[str] = frozenset()
    keeper: Keeper | None = None

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the act (timers, jobs, exchange)."""
        return self.account_id is None

    def may_use(self, action: str) -> bool:
        """Whether the credentials reach the action at all; the permission table decides the rest."""
        if self.grants is None:
            return True
        if action in PERSONAL_ACTIONS:
            return False
        return action in self.grants or f"{action.partition('.')[0]}.*" in self.grants


def system_actor(agency_id: UUID, agency_code: str, request_id: str | None = None) -> Actor:
    """Return the actor of timers, jobs and exchange for one agency."""
    return Actor(agency_id, agency_code, None, "system", "Hệ thống", request_id=request_id)
