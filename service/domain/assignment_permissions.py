"""The permission table's rows about assignments: who gives, reads, urges, cancels (S0-11, S1-4.2a, S4-7).

Whoever is not named is told that there is no such assignment. Work on it is done in its user tasks, by the
rows about those.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.domain.assignments import OPEN_STATES
from service.domain.permission_parties import Permission

_PARTIES: Final = frozenset({"assigner", "monitor", "performer", "coordinator"})
_WATCHERS: Final = frozenset({"overseer", "head_over", "supervisor"})

ASSIGNMENT_PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "assignment.list": Permission(frozenset({"person", "system"})),
        "assignment.give": Permission(
            frozenset({"leader", "head_of_office", "unit_head", "aide", "system"}), authority="assign"
        ),
        "assignment.read": Permission(
            _PARTIES | _WATCHERS | {"aide_of_party", "deputy", "system"}, authority="supervise"
        ),
        "assignment.note": Permission(_PARTIES, OPEN_STATES, "assign"),
        "assignment.urge": Permission(_WATCHERS | {"assigner", "monitor"}, OPEN_STATES, "supervise"),
        "assignment.cancel": Permission(frozenset({"assigner"}), OPEN_STATES, "assign"),
    },
)
"""Action → its row. ``assignment.give``: an aide gives in the name of the leader whom they assist."""

__all__ = ["ASSIGNMENT_PERMISSIONS"]
