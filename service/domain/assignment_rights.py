"""What a person is to an assignment: by a part in it, by watching over work, as an aide, or by an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from service.domain.actors import Actor, Mandate
from service.domain.permissions import Allowed, Subject, decide, is_allowed
from service.domain.user_tasks import OVERSEEING, headed_units

PROCESS: Final = "task_assignment"
"""Key of the process that an assignment lives in; orders name it."""

RELATION_OF_PART: Final[Mapping[str, str]] = {
    "assigner": "assigner",
    "monitor": "monitor",
    "lead": "performer",
    "handler": "performer",
    "coordinator": "coordinator",
}
PERFORMING: Final = ("lead", "handler")
"""Parts of those who do the work: their heads watch over it."""

VERBS: Final = ("note", "urge", "cancel")
"""What is done to an assignment outside its user tasks, in the order of a page's buttons."""


@dataclass(frozen=True, slots=True)
class Concern:
    """What decides who may do what to an assignment.

    Attributes:
        state: see :mod:`service.domain.assignments`.
        parties: part → owner references of those who have it.
        units: codes of the units of those who do the work, where it matters who heads them.
        is_secret: whether its source document is secret.
        document_type: the kind of its source document, for orders that name kinds.
    """

    state: str
    parties: Mapping[str, frozenset[str]]
    units: frozenset[str] = frozenset()
    is_secret: bool = False
    document_type: str | None = None


def parts_of(concern: Concern, references: Collection[str]) -> frozenset[str]:
    """Return the relations of someone with these references by the parts that they have."""
    return frozenset(
        RELATION_OF_PART[part] for part, held in concern.parties.items() if not held.isdisjoint(references)
    )


def relations_of(concern: Concern, references: Collection[str], roles: Collection[str]) -> frozenset[str]:
    """Return what someone with these references and roles is to the assignment.

    Leaders and the head of office watch over the agency's work, heads over their unit's, neither over what is
    secret (S1-4.2a, S4-7).
    """
    watching = {
        "overseer": not concern.is_secret and not OVERSEEING.isdisjoint(roles),
        "head_over": not concern.is_secret and not headed_units(references).isdisjoint(concern.units),
    }
    return parts_of(concern, references) | {name for name, holds in watching.items() if holds}


def subject_of(concern: Concern, actor: Actor) -> Subject:
    """Return the assignment as the permission table sees it: its state, and what the actor is to it."""
    held = set(relations_of(concern, actor.references, actor.roles))
    if any(parts_of(concern, leader.references) for leader in actor.assists.values()):
        held.add("aide_of_party")
    mandates = [one for one in actor.mandates if one.covers(PROCESS, concern.document_type)]
    if any(_lets_assign(concern, one) for one in mandates):
        held.add("deputy")
    lent = tuple(pair for one in mandates for pair in _lent(concern, actor, one))
    return Subject(concern.state, frozenset(held), None, PROCESS, concern.document_type, lent)


def _lets_assign(concern: Concern, mandate: Mandate) -> bool:
    return (
        "assign" in mandate.authorities
        and mandate.covers(PROCESS, concern.document_type)
        and bool(parts_of(concern, mandate.principal.references))
    )


def _lent(concern: Concern, actor: Actor, mandate: Mandate) -> list[tuple[str, Mandate]]:
    """Return the relations that an order lends; who does the work decides on it in nobody's place."""
    relations = relations_of(concern, mandate.principal.references, mandate.roles)
    if "performer" in parts_of(concern, actor.references):
        relations -= {"assigner"}
    return [(relation, mandate) for relation in sorted(relations)]


def reading(concern: Concern, actor: Actor) -> Allowed | None:
    """Return by what right the assignment exists for the actor, an order last; None = it does not."""
    subject = subject_of(concern, actor)
    own = decide(actor, "assignment.read", replace(subject, relations=subject.relations - {"deputy"}))
    if isinstance(own, Allowed):
        return own
    if not is_allowed(actor, "assignment.read", subject):
        return None
    return Allowed(next(one for one in actor.mandates if _lets_assign(concern, one)))


def allowed_verbs(concern: Concern, actor: Actor) -> tuple[str, ...]:
    """Return what the actor may do to it now outside its user tasks."""
    subject = subject_of(concern, actor)
    return tuple(verb for verb in VERBS if is_allowed(actor, f"assignment.{verb}", subject))
