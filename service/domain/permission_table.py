"""The permission table: which party may do what, while the object is in which state.

A party is a role of the office, a relation of the person to the object, the person as such, or the system.
A row without states is about no object's state. What the table does not name is refused. The page
``docs/permissions.md`` is drawn from here, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Role = str
Party = str
Authority = Literal["assign", "supervise", "allow_issue", "administration"]

ROLES: Final[Mapping[Role, tuple[str, str]]] = MappingProxyType(
    {
        "admin": ("Quản trị hệ thống", "Administrator"),
        "analyst": ("Phân tích quy trình", "Process analyst"),
        "supervisor": ("Giám sát", "Supervisor"),
        "clerk": ("Văn thư cơ quan", "Agency clerk"),
        "unit_clerk": ("Văn thư đơn vị", "Unit clerk"),
        "leader": ("Lãnh đạo cơ quan", "Agency leader"),
        "aide": ("Người giúp việc lãnh đạo", "Leader's aide"),
        "unit_head": ("Trưởng đơn vị", "Head of unit"),
        "head_of_office": ("Chánh Văn phòng", "Head of office"),
        "specialist": ("Chuyên viên", "Specialist"),
    },
)
"""Every role with its Vietnamese and English name."""

RELATIONS: Final[Mapping[Party, tuple[str, str]]] = MappingProxyType(
    {
        "person": ("Người đã đăng nhập", "whoever is signed in"),
        "system": ("Hệ thống", "the system itself: timers, jobs, exchange"),
        "owner": ("Người đang xử lý", "who has the task, by their own right"),
        "stand_in": ("Người được giao làm hộ", "who has the task from another, to give it back"),
        "lender": ("Người giao làm hộ", "who let another do the task"),
        "eligible": ("Người có thể xử lý", "a potential owner, whoever has the task"),
        "candidate": ("Người có thể nhận", "a potential owner while nobody has the task"),
        "worker": ("Người đã hoàn thành", "who completed the task"),
        "aide_of_owner": ("Người giúp việc của người xử lý", "an aide of the leader whose task it is"),
        "principal": ("Người được nhập thay", "the one on whose behalf it was completed"),
        "giver": ("Người ủy quyền", "who gave the authority"),
        "issuer": ("Người ủy quyền lại", "who passed the authority on"),
        "receiver": ("Người được ủy quyền", "who was given the authority"),
    },
)
"""Every party that is no role."""

AUTHORITIES: Final[Mapping[Authority, tuple[str, str]]] = MappingProxyType(
    {
        "assign": ("Giao việc, xử lý", "assigning and handling work"),
        "supervise": ("Theo dõi, giám sát", "supervising"),
        "allow_issue": ("Cho phép phát hành", "allowing documents to be issued"),
        "administration": ("Quản trị", "administration"),
    },
)
"""What an order may hand to another person (S4-7c, S4-12.1). Signing is not among them and never will be."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One row of the table.

    Attributes:
        parties: who may, besides those who act for one of them.
        states: of the object; empty = the row is about no object's state.
        authority: what an order must hand over to stand in for a role here; None = no order does.
        for_owner: whether who stands in for a task's owner by an order may do it.
    """

    parties: frozenset[Party]
    states: frozenset[str] = frozenset()
    authority: Authority | None = None
    for_owner: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles among the parties."""
        return self.parties & ROLES.keys()


ANY: Final = frozenset(ROLES)
"""Whoever holds any role in the agency on that day."""

_ADMIN: Final = frozenset({"admin"})
_HEADS: Final = frozenset({"admin", "head_of_office"})
_ANALYST: Final = frozenset({"admin", "analyst"})
_SUPERVISOR: Final = frozenset({"admin", "supervisor"})
_GIVERS: Final = frozenset({"leader", "head_of_office", "unit_head", "supervisor", "admin"})
_OPEN: Final = frozenset({"ready", "reserved"})
_READY: Final = frozenset({"ready"})
_RESERVED: Final = frozenset({"reserved"})
_HOLDERS: Final = frozenset({"owner", "stand_in", "candidate"})
_SEEING: Final = frozenset({"owner", "stand_in", "lender", "eligible", "aide_of_owner"}) | _SUPERVISOR


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
    "unit.create": _may(_ADMIN, by_order="administration"),
    "account.create": _may(_HEADS, by_order="administration"),
    "account.disable": _may(_HEADS, by_order="administration"),
    "account.enable": _may(_HEADS, by_order="administration"),
    "account.reset_password": _may(_ADMIN),
    "account.list": _may(_HEADS | {"supervisor"}, by_order="administration"),
    "account.own": _own(),
    "membership.grant": _may(_HEADS, by_order="administration"),
    "membership.end": _may(_HEADS, by_order="administration"),
    "assistance.grant": _may(_HEADS, by_order="administration"),
    "assistance.end": _may(_HEADS, by_order="administration"),
    "partner.keep": _may(_ADMIN | {"clerk"}),
    "dispatch.list": _may(_ADMIN | {"clerk"}),
    "dispatch.retry": _may(_ADMIN | {"clerk"}, "failed"),
    "organisation.read": _may(ANY),
    "delegation.give": _may(_GIVERS),
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
    "user_task.see": _task(_SEEING | {"worker"}, (), "supervise"),
    "user_task.claim": _task({"candidate"}, _READY, for_owner=False),
    "user_task.release": _task({"owner"} | _SUPERVISOR, _RESERVED, "supervise"),
    "user_task.delegate": _task({"owner", "candidate"}, _OPEN, for_owner=False),
    "user_task.give_back": _task({"stand_in"}, _RESERVED, for_owner=False),
    "user_task.forward": _task({"owner", "candidate"} | _SUPERVISOR, _OPEN, "supervise"),
    "user_task.save_draft": _task(_HOLDERS, _OPEN),
    "user_task.complete": _task(_HOLDERS | {"aide_of_owner"}, _OPEN),
    "user_task.comment": _task(_SEEING, _OPEN | {"suspended"}, "supervise"),
    "user_task.confirm": _task({"principal"}, {"completed"}, for_owner=False),
}
_RECORDS: Final[Mapping[str, Permission]] = {
    "document.receive": _may({"clerk", "unit_clerk"}),
    "register.read": _may(ANY),
    "register.void": _may({"clerk", "head_of_office"}),
    "register.close": _may({"clerk", "head_of_office"}),
}

PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {**_ORGANISATION, **_PROCESSES, **_TASKS, **_RECORDS},
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
