"""Who acts: a person, on their own or another's behalf, or the system itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose words an aide may enter: the account and what it may act as."""

    account_id: UUID
    login: str
    full_name: str
    references: frozenset[str]


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
        request_id: the request that this belongs to.
        must_change_password: only the password may be changed until it is (S4-11.2b).
        session_id: the login session, for logging out.
    """

    agency_id: UUID
    agency_code: str
    account_id: UUID | None
    login: str
    full_name: str
    references: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    assists: Mapping[str, Person] = field(default_factory=dict)
    request_id: str | None = None
    must_change_password: bool = False
    session_id: UUID | None = None

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the act (timers, jobs, exchange)."""
        return self.account_id is None


def system_actor(agency_id: UUID, agency_code: str, request_id: str | None = None) -> Actor:
    """Return the actor of timers, jobs and exchange for one agency."""
    return Actor(agency_id, agency_code, None, "system", "Hệ thống", request_id=request_id)
