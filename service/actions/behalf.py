"""On whose behalf a person acts on a task: for themselves, as a leader's aide, or by an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from service.domain.actors import Actor, Mandate, Person
from service.domain.errors import Forbidden
from service.domain.user_tasks import is_potential_owner, leader_behind, mandate_behind
from service.queries.task_visibility import claimable


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom the actor acts, None = for themselves; and by which order, None = as an aide."""

    person: Person | None = None
    mandate: Mandate | None = None

    @property
    def account_id(self) -> UUID | None:
        """Of the person acted for."""
        return self.person.account_id if self.person else None

    @property
    def details(self) -> dict[str, Any]:
        """What history and audit show of the order: ``delegation`` (its id) and ``basis``, or nothing."""
        return {"delegation": str(self.mandate.order_id), "basis": self.mandate.basis} if self.mandate else {}


def by_order(mandate: Mandate | None) -> Behalf:
    """Return for whom an order lets the actor act; without one, for themselves."""
    return Behalf(mandate.principal, mandate) if mandate else Behalf()


def behalf_of(row: Mapping[str, Any], actor: Actor, on_behalf_of: str | None) -> Behalf:
    """Return on whose behalf the actor completes the task."""
    task = claimable(row)
    if on_behalf_of is None:
        acts_alone = row["owner_id"] == actor.account_id or is_potential_owner(task, actor.references)
        if acts_alone:
            return Behalf()
        leader = leader_behind(task, actor)
        return Behalf(leader) if leader else by_order(mandate_behind(task, actor))
    named = tuple(mandate for mandate in actor.mandates if mandate.principal.login == on_behalf_of)
    mandate = mandate_behind(task, replace(actor, mandates=named))
    if mandate is not None and on_behalf_of not in actor.assists:
        return by_order(mandate)
    return Behalf(_leader(row, actor, on_behalf_of))


def _leader(row: Mapping[str, Any], actor: Actor, on_behalf_of: str) -> Person:
    """Return the leader whom the actor assists and whose task this is.

    Raises:
        Forbidden: the actor does not assist this person, or the task is not this person's.
    """
    task = claimable(row)
    leader = actor.assists.get(on_behalf_of)
    if leader is None:
        raise Forbidden(
            "user_task.not_an_aide",
            "Anh/chị không được giao nhập ý kiến thay người này.",
            "You do not assist this person.",
            extra={"on_behalf_of": on_behalf_of},
        )
    if row["owner_id"] not in {None, leader.account_id} or not (
        row["owner_id"] == leader.account_id or is_potential_owner(task, leader.references)
    ):
        raise Forbidden(
            "user_task.not_of_leader",
            "Việc này không thuộc thẩm quyền của người được nhập thay.",
            "The task is not one of this person's.",
            extra={"on_behalf_of": on_behalf_of},
        )
    return leader
