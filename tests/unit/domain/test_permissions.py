"""The permission table: what it does not name is refused, and it names only what exists."""

from __future__ import annotations

from uuid import UUID

import pytest

from service.domain.actors import Actor, system_actor
from service.domain.errors import Forbidden
from service.domain.permissions import PERMISSIONS, ROLES, is_allowed, references_of, require

AGENCY = UUID(int=1)


def _actor(*roles: str) -> Actor:
    return Actor(AGENCY, "vptu", UUID(int=2), "lan", "Lan", roles=frozenset(roles))


def test_an_action_that_is_not_in_the_table_is_refused_to_everyone() -> None:
    everyone = [_actor(*ROLES), system_actor(AGENCY, "vptu")]
    assert not any(is_allowed(actor, "universe.create") for actor in everyone)


def test_whoever_holds_no_role_may_do_nothing() -> None:
    assert not any(is_allowed(_actor(), action) for action in PERMISSIONS)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_the_table_says_who_may(action: str) -> None:
    allowed = {role for role in ROLES if is_allowed(_actor(role), action)}
    assert allowed == PERMISSIONS[action]
    assert allowed
    assert is_allowed(system_actor(AGENCY, "vptu"), action)


def test_the_table_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS["unit.create"] = frozenset(ROLES)  # type: ignore[index]


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
