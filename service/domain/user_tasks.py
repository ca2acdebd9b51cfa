"""The life of a user task (WS-HumanTask): states, verbs, and who may use which verb.

The table :data:`TRANSITIONS` is the law; ``docs/user-tasks.md`` draws it and a test compares them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from service.domain.actors import Actor, Person
from service.domain.errors import Conflict, Forbidden

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

SUPERVISING_ROLES: Final = frozenset({"supervisor", "admin"})


@dataclass(frozen=True, slots=True)
class Claimable:
    """What decides who may do what to a user task.

    Attributes:
        state: see :data:`TRANSITIONS`.
        owners: potential owners, as owner references.
        excluded: owner references of those who must not act (four eyes).
        owner_id: the actual owner, or None.
        delegator_id: who delegated it, or None.
    """

    state: str
    owners: Collection[str]
    excluded: Collection[str]
    owner_id: UUID | None
    delegator_id: UUID | None


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


def is_supervisor(actor: Actor) -> bool:
    """Return whether the actor watches over all tasks of the agency."""
    return bool(actor.roles & SUPERVISING_ROLES)


def may_see(task: Claimable, actor: Actor) -> bool:
    """Return whether the task shows in a list of the actor's."""
    return (
        (actor.account_id is not None and actor.account_id in {task.owner_id, task.delegator_id})
        or is_potential_owner(task, actor.references)
        or is_supervisor(actor)
        or leader_behind(task, actor) is not None
    )


def allowed_verbs(task: Claimable, actor: Actor) -> tuple[str, ...]:
    """Return the verbs that the actor may use now, in the order of a page's buttons."""
    return tuple(
        verb
        for verb in (
            "claim",
            "release",
            "delegate",
            "give_back",
            "forward",
            "save_draft",
            "complete",
            "comment",
        )
        if (task.state, verb) in TRANSITIONS and _has_right(task, actor, verb)
    )


def _has_right(task: Claimable, actor: Actor, verb: str) -> bool:
    is_owner = task.owner_id is not None and task.owner_id == actor.account_id
    is_own = is_owner and task.delegator_id is None
    may_take = task.owner_id is None and is_potential_owner(task, actor.references)
    if verb == "claim":
        return may_take
    if verb == "release":
        return is_own or is_supervisor(actor)
    if verb == "give_back":
        return is_owner and task.delegator_id is not None
    if verb == "forward":
        return is_own or may_take or is_supervisor(actor)
    if verb == "delegate":
        return is_own or may_take
    if verb == "save_draft":
        return is_owner or may_take
    if verb == "complete":
        return is_owner or may_take or leader_behind(task, actor) is not None
    return may_see(task, actor)


def check_verb(task: Claimable, actor: Actor, verb: str) -> str:
    """Return the state after ``verb``.

    Raises:
        Forbidden: the actor sees the task but may not do this.
        Conflict: the task's state does not allow it (already completed, suspended, owned by another).
    """
    after = TRANSITIONS.get((task.state, verb))
    if after is None:
        raise _wrong_state(task.state, verb)
    if not _has_right(task, actor, verb):
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
