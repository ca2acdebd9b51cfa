"""The permission table: which party may do what, while the object is in which state.

A party is a role of the office, a relation of the person to the object, the person as such, or the system.
A row without states is about no object's state. What the table does not name is refused. The page
``docs/permissions.md`` is drawn from here, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from service.domain.assignment_permissions import ASSIGNMENT_PERMISSIONS
from service.domain.document_permissions import DOCUMENT_PERMISSIONS
from service.domain.draft_permissions import DRAFT_PERMISSIONS
from service.domain.exchange_permissions import EXCHANGE_PERMISSIONS
from service.domain.permission_parties import (
    ANY,
    AUTHORITIES,
    RELATIONS,
    ROLES,
    Authority,
    Party,
    Permission,
    Role,
)

_ADMIN: Final = frozenset({"admin"})
_HEADS: Final = frozenset({"admin", "head_of_office"})
_ANALYST: Final = frozenset({"admin", "analyst"})
_SUPERVISOR: Final = frozenset({"admin", "supervisor"})
_GIVERS: Final = frozenset({"leader", "head_of_office", "unit_head", "supervisor", "admin"})
_HANDLERS: Final = frozenset({"clerk", "unit_clerk", "leader", "unit_head", "head_of_office", "specialist"})
_OPEN: Final = frozenset({"ready", "reserved"})
_READY: Final = frozenset({"ready"})
_RESERVED: Final = frozenset({"reserved"})
_HOLDERS: Final = frozenset({"owner", "stand_in", "candidate"})
_WATCHERS: Final = frozenset({"overseer", "head_over", "assigner"}) | _SUPERVISOR
_SEEING: Final = frozenset({"owner", "stand_in", "lender", "eligible", "aide_of_owner"}) | _WATCHERS
_HAVING: Final = frozenset({"owner", "stand_in"}) | _SUPERVISOR


def _may(
    parties: Iterable[Party], *states: str, by_order: Authority | None = None, system: bool = True
) -> Permission:
    return Permission(frozenset(parties) | ({"system"} if system else set()), frozenset(states), by_order)


def _own(*states: str) -> Permission:
    return _may({"person"}, *states, system=False)


def _task(
    parties: Iterable[Party],
    states: Iterable[str],
    by_order: Authority | None = None,
    *,
    for_owner: bool = True,
) -> Permission:
    return Permission(frozenset(parties), frozenset(states), by_order, for_owner)


_ORGANISATION: Final[Mapping[str, Permission]] = {
    "agency.create": _may(_ADMIN),
    "agency.change": _may(_ADMIN),
    "administration.escalate": _may({"admin", "head_of_office", "leader"}),
    "agency.list_below": _may(_HEADS),
    "unit.create": _may(_ADMIN, by_order="administration"),
    "unit.change": _may(_ADMIN, by_order="administration"),
    "post.keep": _may(_HEADS, by_order="administration"),
    "account.create": _may(_HEADS, by_order="administration"),
    "account.change": _may(_HEADS, by_order="administration"),
    "account.disable": _may(_HEADS, by_order="administration"),
    "account.enable": _may(_HEADS, by_order="administration"),
    "account.reset_password": _may(_ADMIN),
    "account_care.keep": _may(_ADMIN, by_order="administration"),
    "account_care.own": _own(),
    "account.reset_second_factor": _may(_ADMIN),
    "account.list": _may(_HEADS | {"supervisor"}, by_order="administration"),
    "account.own": _own(),
    "notice.own": _own(),
    "people.import": _may(_HEADS, by_order="administration"),
    "people.export": _may(_HEADS, by_order="administration"),
    "guest.admit": _may(_HEADS | {"clerk", "aide"}),
    "rights.review": _may(_HEADS | {"supervisor", "unit_head"}),
    "rights.review_all": _may(_HEADS | {"supervisor"}),
    "membership.grant": _may(_HEADS, by_order="administration"),
    "membership.end": _may(_HEADS, by_order="administration"),
    "assistance.grant": _may(_HEADS, by_order="administration"),
    "assistance.end": _may(_HEADS, by_order="administration"),
    "permission_change.list": _may(_HEADS | {"leader", "supervisor", "unit_head"}),
    "permission_change.list_all": _may(_HEADS | {"leader", "supervisor"}),
    "permission_change.decide": _may({"leader", "head_of_office"}, "open", by_order="administration"),
    "issuing_body.keep": _may(_HEADS, by_order="administration"),
    "partner.keep": _may(_ADMIN | {"clerk"}),
    "packet.receive": _may(_ADMIN | {"clerk"}),
    "dispatch.list": _may(_ADMIN | {"clerk"}),
    "dispatch.retry": _may(_ADMIN | {"clerk"}, "failed"),
    "organisation.read": _may(ANY),
    "delegation.give": _may(_GIVERS | {"receiver"}),
    "delegation.list": _own(),
    "delegation.read": _may(_HEADS | {"supervisor", "giver", "issuer", "receiver"}),
    "delegation.revoke": _may(_HEADS | {"giver", "issuer", "receiver"}, "waiting", "effective"),
    "calendar.keep": _may(_ADMIN | {"clerk"}),
    "audit.read": _may(_SUPERVISOR, by_order="supervise"),
}
_PROCESSES: Final[Mapping[str, Permission]] = {
    "definition.deploy": _may(_ANALYST),
    "definition.activate": _may(_ANALYST),
    "definition.deactivate": _may(_ANALYST, "active"),
    "definition.read": _may(ANY),
    "instance.start": _may(ANY),
    "instance.start_unassigned": _may(_ADMIN),
    "instance.read": _own(),
    "instance.supervise": _may(_SUPERVISOR, by_order="supervise"),
    "instance.set_variables": _may(_SUPERVISOR, "active"),
    "instance.suspend": _may(_SUPERVISOR, "active", by_order="supervise"),
    "instance.resume": _may(_SUPERVISOR, "suspended", by_order="supervise"),
    "instance.terminate": _may(_SUPERVISOR, "active", "suspended"),
    "incident.read": _may(_SUPERVISOR | {"analyst"}, by_order="supervise"),
    "incident.resolve": _may(_SUPERVISOR, "open", by_order="supervise"),
    "message.send": _may(_SUPERVISOR),
    "signal.broadcast": _may(_SUPERVISOR),
}
_TASKS: Final[Mapping[str, Permission]] = {
    "user_task.list": _own(),
    "user_task.supervise": _may(_SUPERVISOR, by_order="supervise", system=False),
    "user_task.see": _task(_SEEING | {"worker", "principal"}, (), "supervise"),
    "user_task.claim": _task({"candidate"}, _READY, for_owner=False),
    "user_task.release": _task({"owner"} | _SUPERVISOR, _RESERVED, "supervise"),
    "user_task.delegate": _task({"owner", "candidate"}, _OPEN, for_owner=False),
    "user_task.give_back": _task({"stand_in"}, _RESERVED, for_owner=False),
    "user_task.forward": _task({"owner", "candidate"} | _SUPERVISOR, _OPEN, "supervise"),
    "user_task.save_draft": _task(_HOLDERS, _OPEN),
    "user_task.complete": _task(_HOLDERS | {"aide_of_owner"}, _OPEN),
    "user_task.comment": _task(_SEEING, _OPEN | {"suspended"}, "supervise"),
    "user_task.confirm": _task({"principal"}, {"completed"}, for_owner=False),
    "deadline.pause": _task(_HAVING | {"aide_of_owner"}, _OPEN, "supervise"),
    "deadline.ask_extension": _task(_HAVING, _OPEN, "supervise"),
    "deadline.extend": _task(_WATCHERS, _OPEN, "supervise", for_owner=False),
    "deadline.urge": _task(_WATCHERS, _OPEN, "supervise", for_owner=False),
    "reminder.read": _may(ANY),
    "reminder.keep": _may(_HEADS | {"clerk"}),
}
_RECORDS: Final[Mapping[str, Permission]] = {
    "document.receive": _may({"clerk", "unit_clerk"}),
    "document.read": _own(),
    "dossier.read": _may(ANY),
    "dossier.open": _may(_HANDLERS),
    "dossier.close": _may({"clerk", "unit_head", "head_of_office", "creator"}, "open"),
    "slip.list": _own(),
    "slip.read_any": _may({"head_of_office"}),
    "slip.withdraw": _may({"submitter"}, "submitted", system=False),
    "register.read": _may({"clerk", "leader", "head_of_office", "supervisor"}),
    "register.read_secret": _may({"clerk", "leader"}),
    "register.print": _may({"clerk", "head_of_office"}),
    "register.correct": _may({"clerk"}),
    "register.reserve": _may({"clerk", "head_of_office"}),
    "register.void": _may({"clerk", "head_of_office"}),
    "signing_key.own": _own(),
    "signing_key.keep": _may(_HEADS),
    "signing_key.keep_seal": _may(_HEADS | {"clerk"}),
    "signing_consent.give": _own(),
    "signature.seal": _may({"clerk"}, system=False),
    "number_scheme.read": _may(ANY),
    "number_scheme.keep": _may(_HEADS),
    "register.close": _may({"clerk", "head_of_office"}),
}

PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        **_ORGANISATION,
        **_PROCESSES,
        **_TASKS,
        **_RECORDS,
        **ASSIGNMENT_PERMISSIONS,
        **DOCUMENT_PERMISSIONS,
        **DRAFT_PERMISSIONS,
        **EXCHANGE_PERMISSIONS,
    },
)
"""Action → its row."""

__all__ = [
    "ANY",
    "AUTHORITIES",
    "PERMISSIONS",
    "RELATIONS",
    "ROLES",
    "Authority",
    "Party",
    "Permission",
    "Role",
]
