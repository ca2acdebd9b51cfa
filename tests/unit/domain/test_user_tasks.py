"""The table of a user task's life against its figure, and the rights on top of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from service.domain.actors import Actor, Mandate, Person
from service.domain.errors import Conflict, Forbidden
from service.domain.permissions import PERMISSIONS
from service.domain.user_tasks import TRANSITIONS, VERBS, Claimable, allowed_verbs, check_verb, may_see

FIGURE = Path(__file__).parents[3] / "docs" / "user-tasks.md"
ARROW = re.compile(r"^ +(\w+) --> (\w+): (\w+)$", re.MULTILINE)
AGENCY, ME, OTHER, BOSS = (UUID(int=number) for number in range(4))
LEADER = Person(BOSS, "boss", "Lãnh đạo", frozenset({"user:boss", "role:leader"}))


def someone(*references: str, roles: str = "", assists: Person | None = None) -> Actor:
    held = frozenset(references) | {"user:me"}
    leaders = {assists.login: assists} if assists else {}
    return Actor(AGENCY, "vp", ME, "me", "Tôi", held, frozenset(roles.split()), leaders)


READY = Claimable("ready", ("role:clerk",), (), None, None)
MINE = replace(READY, state="reserved", owner_id=ME)
CLERK, STRANGER, SUPERVISOR = someone("role:clerk"), someone(), someone(roles="supervisor")
AIDE = someone(assists=LEADER)


def test_the_figure_in_the_documentation_is_the_table_in_the_code() -> None:
    drawn = {(source, verb): target for source, target, verb in ARROW.findall(FIGURE.read_text("utf-8"))}
    assert drawn == TRANSITIONS


@pytest.mark.parametrize(
    ("actor", "task", "verbs"),
    [
        (CLERK, READY, "claim delegate forward save_draft complete comment"),
        (CLERK, MINE, "release delegate forward save_draft complete comment"),
        (CLERK, replace(MINE, delegator_id=OTHER), "give_back save_draft complete comment"),
        (CLERK, replace(MINE, owner_id=OTHER), "comment"),
        (CLERK, replace(MINE, owner_id=OTHER, delegator_id=ME), "comment"),
        (SUPERVISOR, READY, "forward comment"),
        (SUPERVISOR, replace(MINE, owner_id=OTHER), "release forward comment"),
        (STRANGER, READY, ""),
        (AIDE, replace(READY, owners=("role:leader",)), "complete comment"),
        (AIDE, replace(MINE, owner_id=BOSS), "complete comment"),
        (AIDE, replace(READY, owners=("role:leader",), excluded=("user:boss",)), ""),
        (AIDE, replace(READY, owners=("role:leader",), excluded=("user:me",)), ""),
        (CLERK, replace(READY, excluded=("user:me",)), ""),
        (CLERK, replace(MINE, state="suspended"), "comment"),
        (CLERK, replace(MINE, state="completed"), ""),
        (CLERK, replace(READY, state="obsolete"), ""),
    ],
)
def test_verbs_follow_from_state_ownership_and_four_eyes(actor: Actor, task: Claimable, verbs: str) -> None:
    assert allowed_verbs(task, actor) == tuple(verbs.split())


def test_the_permission_table_names_the_states_of_the_figure() -> None:
    for verb in VERBS:
        states = {state for state, other in TRANSITIONS if other == verb}
        assert PERMISSIONS[f"user_task.{verb}"].states == states


def _deputy(*authorities: str, **limits: frozenset[str]) -> Actor:
    mandate = Mandate(
        UUID(int=9), "12-QĐ/VP", LEADER, frozenset({"leader"}), frozenset(authorities), **limits
    )
    return replace(someone(), mandates=(mandate,))


LEADERS = replace(READY, owners=("role:leader",), process_key="incoming", document_type="Báo cáo")


@pytest.mark.clause("S4-7c")
@pytest.mark.parametrize(
    ("actor", "task", "verbs"),
    [
        (_deputy("assign"), LEADERS, "forward save_draft complete comment"),
        (
            _deputy("assign"),
            replace(LEADERS, state="reserved", owner_id=BOSS),
            "release forward save_draft complete comment",
        ),
        (
            _deputy("allow_issue"),
            replace(LEADERS, authority="allow_issue"),
            "forward save_draft complete comment",
        ),
        (_deputy("assign"), replace(LEADERS, authority="allow_issue"), ""),
        (_deputy("administration"), LEADERS, ""),
        (_deputy("assign", process_keys=frozenset({"outgoing"})), LEADERS, ""),
        (_deputy("assign", document_types=frozenset({"Tờ trình"})), LEADERS, ""),
        (
            _deputy("assign", document_types=frozenset({"Báo cáo"})),
            LEADERS,
            "forward save_draft complete comment",
        ),
        (_deputy("assign"), replace(LEADERS, excluded=("user:me",)), ""),
        (_deputy("assign"), replace(LEADERS, excluded=("user:boss",)), ""),
        (_deputy("assign"), replace(LEADERS, initiator_id=ME), ""),
        (_deputy("assign"), replace(LEADERS, state="reserved", owner_id=OTHER), ""),
    ],
)
def test_an_order_reaches_the_givers_tasks_within_its_limits(
    actor: Actor, task: Claimable, verbs: str
) -> None:
    assert allowed_verbs(task, actor) == tuple(verbs.split())
    assert may_see(task, actor) == bool(verbs)


def test_a_task_is_hidden_from_who_has_nothing_to_do_with_it() -> None:
    assert not may_see(READY, STRANGER)
    assert may_see(READY, CLERK)
    assert may_see(READY, SUPERVISOR)


def test_a_refusal_tells_a_wrong_state_from_a_missing_right() -> None:
    with pytest.raises(Conflict, match="completed"):
        check_verb(replace(MINE, state="completed"), CLERK, "complete")
    with pytest.raises(Conflict, match="owned_by_another"):
        check_verb(replace(MINE, owner_id=OTHER), CLERK, "complete")
    with pytest.raises(Forbidden):
        check_verb(READY, SUPERVISOR, "complete")
