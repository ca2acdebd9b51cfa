"""The life of a user task (WS-HumanTask): states, verbs, and who may use which verb.

The table :data:`TRANSITIONS` is the law; ``docs/user-tasks.md`` draws it and a test compares them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from service.domain.actors import Actor, Mandate, Person
from service.domain.errors import Conflict, Forbidden
from service.domain.permissions import Allowed, Subject, decide, is_allowed

State = Literal["ready", "reserved", "completed", "obsolete", "suspended"]
Verb = Literal["claim", "release", "delegate", "give_back", "forward", "save_draft", "complete", "comment"]

TRANSITIONS: Final[dict[tuple[str, str], str]] = {
    ("ready", "claim"): "reserved",
    ("ready", "forward"): "ready",
    ("ready", "complete"): "completed",
    ("ready", "save_draft"): "ready",
    ("ready", "comment"): "ready",
    ("ready", "delegate"): "reserved",
    ("reserved", "release"): "ready",
    ("reserved", "delegate"): "reserved",
    ("reserved", "give_back"): "reserved",
    ("reserved", "forward"): "ready",
    ("reserved", "save_draft"): "reserved",
    ("reserved", "complete"): "completed",
    ("reserved", "comment"): "reserved",
    ("suspended", "comment"): "suspended",
}
"""(state, verb) → next state; a pair that is absent is refused."""

OVERSEEING: Final = frozenset({"leader", "head_of_office"})
"""Roles that watch over all work of the agency that is not secret (S1-4.2a, S4-7)."""

_HEADS: Final = "role:unit_head@unit:"

VERBS: Final = ("claim", "release", "delegate", "give_back", "forward", "save_draft", "complete", "comment")
"""In the order of a page's buttons."""


@dataclass(frozen=True, slots=True)
class Claimable:
    """What decides who may do what to a user task.

    Attributes:
        state: see :data:`TRANSITIONS`.
        owners: potential owners, as owner references.
        excluded: owner references of those who must not act (four eyes).
        owner_id: the actual owner, or None.
        delegator_id: who delegated it, or None.
        completed_by_id: who completed it, or None.
        on_behalf_of_id: on whose behalf it was completed, or None.
        initiator_id: who started its process; never decides on it in another's place.
        process_key: of its process.
        authority: what an order must hand over for its holder to do the task in the owner's place.
        document_type: the kind of document that its process is about, where an order asks for it.
        assigner: the person who gave the work, as an owner reference, or None.
        units: codes of the units of those who have it, where it matters who heads them.
        is_secret: whether its process is about a secret document, where it matters who watches over it.
    """

    state: str
    owners: Collection[str]
    excluded: Collection[str]
    owner_id: UUID | None
    delegator_id: UUID | None
    completed_by_id: UUID | None = None
    on_behalf_of_id: UUID | None = None
    initiator_id: UUID | None = None
    process_key: str | None = None
    authority: str = "assign"
    document_type: str | None = None
    assigner: str | None = None
    units: frozenset[str] = frozenset()
    is_secret: bool = False


def is_excluded(task: Claimable, references: Collection[str]) -> bool:
    """Return whether someone with these references must not act on the task (four eyes)."""
    return any(reference in references for reference in task.excluded)


def is_potential_owner(task: Claimable, references: Collection[str]) -> bool:
    """Return whether someone with these references may take the task."""
    return not is_excluded(task, references) and any(owner in references for owner in task.owners)


def leader_behind(task: Claimable, actor: Actor) -> Person | None:
    """Return the leader whose task this is and whom the actor assists, or None (S0-10.2).

    Four eyes hold for both: neither an excluded leader nor an excluded aide.
    """
    if is_excluded(task, actor.references):
        return None
    for leader in actor.assists.values():
        if task.owner_id == leader.account_id:
            return leader
        if task.owner_id is None and is_potential_owner(task, leader.references):
            return leader
    return None


def mandate_behind(task: Claimable, actor: Actor) -> Mandate | None:
    """Return the order by which the actor may do the task in its owner's place, or None (S4-7c).

    Nobody acts for another where their interests conflict: on a task that four eyes keep from them, or in a
    process that they started themselves.
    """
    if not actor.mandates or is_excluded(task, actor.references) or task.initiator_id == actor.account_id:
        return None
    return next((mandate for mandate in actor.mandates if _reaches(mandate, task)), None)


def _reaches(mandate: Mandate, task: Claimable) -> bool:
    principal = mandate.principal
    is_theirs = task.owner_id == principal.account_id or (
        task.owner_id is None and is_potential_owner(task, principal.references)
    )
    return (
        is_theirs
        and task.authority in mandate.authorities
        and mandate.covers(task.process_key, task.document_type)
    )


def is_supervisor(actor: Actor) -> bool:
    """Return whether the actor watches over all tasks of the agency."""
    return is_allowed(actor, "user_task.supervise")


def headed_units(references: Collection[str]) -> frozenset[str]:
    """Return the codes of the units that someone with these references heads."""
    return frozenset(
        reference.removeprefix(_HEADS) for reference in references if reference.startswith(_HEADS)
    )


def units_named(owners: Collection[str]) -> frozenset[str]:
    """Return the codes of the units that owner references name."""
    return frozenset(owner.rpartition("unit:")[2] for owner in owners if "unit:" in owner)


def watching_relations(
    task: Claimable, references: Collection[str], roles: Collection[str]
) -> frozenset[str]:
    """Return in what capacities someone with these references and roles watches over the task.

    Leaders and the head of office watch over the agency's work, heads over their unit's, neither over what is
    secret; the assigner over the work given (S0-11g4, S1-4.2a, S4-7).
    """
    relations = {
        "overseer": not task.is_secret and not OVERSEEING.isdisjoint(roles),
        "head_over": not task.is_secret
        and not headed_units(references).isdisjoint(task.units | units_named(task.owners)),
        "assigner": task.assigner is not None and task.assigner in references,
    }
    return frozenset(name for name, holds in relations.items() if holds)


def _lent(task: Claimable, actor: Actor) -> tuple[tuple[str, Mandate], ...]:
    """Return the capacities of watching that orders lend the actor."""
    if is_excluded(task, actor.references):
        return ()
    return tuple(
        (relation, mandate)
        for mandate in actor.mandates
        if "supervise" in mandate.authorities and mandate.covers(task.process_key, task.document_type)
        for relation in sorted(watching_relations(task, mandate.principal.references, mandate.roles))
    )


def subject_of(task: Claimable, actor: Actor) -> Subject:
    """Return the task as the permission table sees it: its state, and what the actor is to it."""
    me = actor.account_id
    is_eligible = is_potential_owner(task, actor.references)
    has_it = me is not None and task.owner_id == me
    relations = {
        "owner": has_it and task.delegator_id is None,
        "stand_in": has_it and task.delegator_id is not None,
        "lender": me is not None and task.delegator_id == me,
        "eligible": is_eligible,
        "candidate": is_eligible and task.owner_id is None,
        "worker": me is not None and task.completed_by_id == me,
        "principal": me is not None and task.on_behalf_of_id == me,
        "aide_of_owner": leader_behind(task, actor) is not None,
    }
    held = frozenset(name for name, holds in relations.items() if holds)
    held |= watching_relations(task, actor.references, actor.roles)
    return Subject(
        task.state,
        held,
        mandate_behind(task, actor),
        task.process_key,
        task.document_type,
        _lent(task, actor),
    )


def may_see(task: Claimable, actor: Actor) -> bool:
    """Return whether the task exists for the actor."""
    return is_allowed(actor, "user_task.see", subject_of(task, actor))


def allowed_verbs(task: Claimable, actor: Actor) -> tuple[str, ...]:
    """Return the verbs that the actor may use now, in the order of a page's buttons."""
    subject = subject_of(task, actor)
    return tuple(verb for verb in VERBS if is_allowed(actor, f"user_task.{verb}", subject))


def mandate_for(task: Claimable, actor: Actor, verb: str) -> Mandate | None:
    """Return the order by which the actor may use the verb, None = by their own right or not at all."""
    decision = decide(actor, f"user_task.{verb}", subject_of(task, actor))
    return decision.mandate if isinstance(decision, Allowed) else None


def check_verb(task: Claimable, actor: Actor, verb: str) -> str:
    """Return the state after ``verb``.

    Raises:
        Forbidden: the actor sees the task but may not do this.
        Conflict: the task's state does not allow it (already completed, suspended, owned by another).
    """
    after = TRANSITIONS.get((task.state, verb))
    if after is None:
        raise _wrong_state(task.state, verb)
    if not is_allowed(actor, f"user_task.{verb}", subject_of(task, actor)):
        if task.owner_id is not None and is_potential_owner(task, actor.references):
            raise Conflict(
                "user_task.owned_by_another",
                "Việc này đã có người khác nhận xử lý.",
                "Somebody else has already claimed this task.",
            )
        raise Forbidden(
            "user_task.not_allowed",
            "Anh/chị không có quyền thực hiện thao tác này với việc này.",
            "You may not do this to this task.",
            extra={"verb": verb},
        )
    return after


def _wrong_state(state: str, verb: str) -> Conflict:
    words = {
        "completed": ("Việc này đã hoàn thành.", "This task is already completed."),
        "obsolete": (
            "Việc này không còn hiệu lực vì quy trình đã đi hướng khác.",
            "This task is obsolete: the process has moved on.",
        ),
        "suspended": ("Quy trình đang tạm dừng.", "The process is suspended."),
    }
    vi, en = words.get(
        state, ("Trạng thái của việc không cho phép.", "The state of the task does not allow it.")
    )
    return Conflict(f"user_task.{state}", vi, en, extra={"state": state, "verb": verb})
