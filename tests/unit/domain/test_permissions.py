"""The permission table: what it does not name is refused, and it names only what exists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from service.domain.actors import Actor, Mandate, Person, system_actor
from service.domain.errors import Conflict, Forbidden
from service.domain.permission_handbook import render
from service.domain.permissions import (
    PERMISSIONS,
    RELATIONS,
    ROLES,
    Allowed,
    Refused,
    Subject,
    decide,
    is_allowed,
    references_of,
    require,
)

AGENCY = UUID(int=1)


def _actor(*roles: str) -> Actor:
    return Actor(AGENCY, "vptu", UUID(int=2), "lan", "Lan", roles=frozenset(roles))


def test_an_action_that_is_not_in_the_table_is_refused_to_everyone() -> None:
    everyone = [_actor(*ROLES), system_actor(AGENCY, "vptu")]
    assert not any(is_allowed(actor, "universe.create") for actor in everyone)


def test_whoever_holds_no_role_may_only_do_what_every_person_may() -> None:
    allowed = {action for action in PERMISSIONS if is_allowed(_actor(), action)}
    assert allowed == {action for action, row in PERMISSIONS.items() if "person" in row.parties}
    assert allowed >= {"account.own", "notice.own", "user_task.list"}
    assert not allowed & {"organisation.read", "instance.start", "dossier.read"}


@pytest.mark.parametrize("action", PERMISSIONS)
def test_the_table_says_who_may(action: str) -> None:
    row = PERMISSIONS[action]
    allowed = {role for role in ROLES if is_allowed(_actor(role), action)}
    assert allowed == (set(ROLES) if "person" in row.parties else row.roles)
    assert is_allowed(system_actor(AGENCY, "vptu"), action) == ("system" in row.parties)
    assert row.parties <= ROLES.keys() | RELATIONS.keys()


def test_the_table_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS["unit.create"] = PERMISSIONS["organisation.read"]  # type: ignore[index]


def test_a_refusal_names_the_action_for_the_log_and_not_for_the_reader() -> None:
    with pytest.raises(Forbidden) as refused:
        require(_actor("clerk"), "account.create")
    assert refused.value.extra == {"action": "account.create"}
    assert "account.create" not in refused.value.vi + refused.value.en


def test_references_name_the_person_their_units_and_their_roles() -> None:
    assert references_of("lan", [("clerk", "van_thu"), ("leader", None)]) == {
        "user:lan",
        "unit:van_thu",
        "role:clerk",
        "role:clerk@unit:van_thu",
        "role:leader",
    }


def test_every_role_has_both_names() -> None:
    assert all(vi and en and vi != en for vi, en in ROLES.values())


def _mandate(*authorities: str, process_keys: frozenset[str] = frozenset()) -> Mandate:
    principal = Person(UUID(int=3), "minh", "Minh", frozenset({"user:minh"}))
    return Mandate(
        UUID(int=9), "12-QĐ/VP", principal, frozenset({"admin"}), frozenset(authorities), process_keys
    )


@pytest.mark.clause("S4-12.1")
def test_an_order_hands_over_what_it_names_and_nothing_else() -> None:
    mandate = _mandate("administration")
    deputy = replace(_actor("specialist"), mandates=(mandate,))
    assert decide(deputy, "membership.grant") == Allowed(mandate)
    assert decide(deputy, "instance.suspend") == Refused("party", "instance.suspend")
    assert decide(deputy, "definition.deploy") == Refused("party", "definition.deploy")


def test_ones_own_right_comes_before_an_order() -> None:
    deputy = replace(_actor("admin"), mandates=(_mandate("administration"),))
    assert decide(deputy, "membership.grant") == Allowed(None)


def test_an_order_for_some_processes_gives_nothing_outside_them() -> None:
    deputy = replace(_actor(), mandates=(_mandate("supervise", process_keys=frozenset({"incoming"})),))
    assert not is_allowed(deputy, "instance.suspend")
    assert not is_allowed(deputy, "instance.suspend", Subject("active", process_key="outgoing"))
    assert is_allowed(deputy, "instance.suspend", Subject("active", process_key="incoming"))


def test_the_state_of_the_object_is_part_of_the_table() -> None:
    supervisor = _actor("supervisor")
    assert is_allowed(supervisor, "instance.suspend", Subject("active"))
    assert decide(supervisor, "instance.suspend", Subject("completed")) == Refused(
        "state", "instance.suspend"
    )
    with pytest.raises(Conflict, match=r"action\.wrong_state"):
        require(supervisor, "instance.suspend", Subject("completed"))


def test_credentials_reach_only_the_actions_that_they_name() -> None:
    program = replace(_actor("admin"), grants=frozenset({"instance.*", "audit.read"}))
    assert is_allowed(program, "instance.terminate")
    assert is_allowed(program, "audit.read")
    assert decide(program, "account.create") == Refused("token", "account.create")
    assert decide(program, "account.own") == Refused("token", "account.own")


def test_the_page_about_rights_is_what_the_table_says() -> None:
    written = Path(__file__).parents[3] / "docs" / "permissions.md"
    assert written.read_text(encoding="utf-8") == render()
