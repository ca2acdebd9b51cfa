"""Who may do what: one policy function over the permission table, and the references that a person matches.

Which objects exist for a person is decided where the object is loaded; whether they may do something to it is
decided here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from service.domain.actors import Actor, Mandate
from service.domain.errors import Conflict, Forbidden
from service.domain.permission_table import (
    ANY,
    AUTHORITIES,
    PERMISSIONS,
    RELATIONS,
    ROLES,
    Authority,
    Party,
    Permission,
    Role,
)

Held = tuple[Role, str | None]
"""A role and the code of the unit it is held in; None = in the whole agency."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that an action is about, as far as rights depend on it.

    Attributes:
        state: see the table's rows for its kind.
        relations: what the actor is to it.
        by_order: the order, if any, by which the actor stands in for the owner of this task.
        process_key: the process that it belongs to, for orders that name processes.
        document_type: the kind of document that it is about, for orders that name kinds.
        lent: relations that others have to it, each with the order by which the actor stands in for one of
            them.
    """

    state: str
    relations: frozenset[Party] = frozenset()
    by_order: Mandate | None = None
    process_key: str | None = None
    document_type: str | None = None
    lent: tuple[tuple[Party, Mandate], ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The actor may; ``mandate`` is the order by which, None = by their own right."""

    mandate: Mandate | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The actor may not: nobody may, the credentials do not reach so far, the state, or the party."""

    reason: Literal["unknown", "token", "state", "party"]
    action: str


Decision = Allowed | Refused
_BY_OWN_RIGHT: Final = Allowed()


def decide(actor: Actor, action: str, subject: Subject | None = None) -> Decision:
    """Return whether the actor may do this now: the one policy function; what is not in the table is refused.

    Args:
        actor: who asks.
        action: a row of the table.
        subject: the object; None = whether the action may be asked for at all.
    """
    row = PERMISSIONS.get(action)
    if row is None:
        return Refused("unknown", action)
    if not actor.may_use(action):
        return Refused("token", action)
    if subject is not None and row.states and subject.state not in row.states:
        return Refused("state", action)
    if _parties_of(actor, subject) & row.parties:
        return _BY_OWN_RIGHT
    mandate = _mandate_for(actor, row, subject)
    return Refused("party", action) if mandate is None else Allowed(mandate)


def _parties_of(actor: Actor, subject: Subject | None) -> frozenset[Party]:
    relations = subject.relations if subject is not None else frozenset()
    return actor.roles | relations | {"system" if actor.is_system else "person"}


def _mandate_for(actor: Actor, row: Permission, subject: Subject | None) -> Mandate | None:
    """Return the first order by which the actor stands in for one of the row's parties."""
    if row.for_owner and subject is not None and subject.by_order is not None:
        return subject.by_order
    if row.authority is None:
        return None
    for party, mandate in subject.lent if subject is not None else ():
        if party in row.parties and row.authority in mandate.authorities:
            return mandate
    place = (subject.process_key, subject.document_type) if subject is not None else (None, None)
    for mandate in actor.mandates:
        if row.authority in mandate.authorities and mandate.roles & row.parties and mandate.covers(*place):
            return mandate
    return None


def may_ask(actor: Actor, action: str) -> bool:
    """Return whether the action may be asked for at all, before the object is known.

    Where a relation to the object may let one do it, every person whose credentials reach the action may ask;
    and so may whoever holds an order for it, whatever processes or kinds of document the order names.
    """
    row = PERMISSIONS.get(action)
    if row is None or not actor.may_use(action):
        return False
    if _parties_of(actor, None) & row.parties:
        return True
    may_relate = not actor.is_system and bool(row.parties & RELATIONS.keys() - {"person", "system"})
    return may_relate or any(
        row.authority in mandate.authorities and mandate.roles & row.parties for mandate in actor.mandates
    )


def is_allowed(actor: Actor, action: str, subject: Subject | None = None) -> bool:
    """Return whether :func:`decide` allows it."""
    return isinstance(decide(actor, action, subject), Allowed)


def require(actor: Actor, action: str, subject: Subject | None = None) -> Allowed:
    """Refuse unless the actor may do this; return by what right.

    Raises:
        Forbidden: the actor may not.
        Conflict: the state of the object does not allow it.
    """
    decision = decide(actor, action, subject)
    if isinstance(decision, Allowed):
        return decision
    if decision.reason == "state":
        raise Conflict(
            "action.wrong_state",
            "Trạng thái hiện tại không cho phép việc này.",
            "The present state does not allow this.",
            extra={"action": action, "state": subject.state if subject else None},
        )
    raise forbidden(action)


def forbidden(action: str) -> Forbidden:
    """Return the refusal of an action, the same for every reason but the state."""
    return Forbidden(
        "action.forbidden",
        "Bạn không có quyền thực hiện việc này.",
        "You are not allowed to do this.",
        extra={"action": action},
    )


def references_of(login: str, held: Iterable[Held]) -> frozenset[str]:
    """Return the owner references that a person matches (WS-HumanTask potential owners).

    ``user:<login>``, ``role:<role>``, and for a role in a unit ``role:<role>@unit:<code>`` and
    ``unit:<code>``.
    """
    references = {f"user:{login}"}
    for role, unit in held:
        references.add(f"role:{role}")
        if unit is not None:
            references.update((f"role:{role}@unit:{unit}", f"unit:{unit}"))
    return frozenset(references)


__all__ = [
    "ANY",
    "AUTHORITIES",
    "PERMISSIONS",
    "RELATIONS",
    "ROLES",
    "Allowed",
    "Authority",
    "Decision",
    "Held",
    "Party",
    "Permission",
    "Refused",
    "Role",
    "Subject",
    "decide",
    "forbidden",
    "is_allowed",
    "may_ask",
    "references_of",
    "require",
]
