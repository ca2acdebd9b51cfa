"""Who may do what: roles, the permission table, and the references that a person matches.

The table is the whole rule for functions; which objects a person may see or touch is decided where the object
is loaded. What is not in the table is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from service.domain.actors import Actor
from service.domain.errors import Forbidden

Role = str
Held = tuple[Role, str | None]
"""A role and the code of the unit it is held in; None = in the whole agency."""

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

ANY: Final = frozenset(ROLES)
"""Whoever holds any role in the agency on that day."""

_ADMIN: Final = frozenset({"admin"})
_ANALYST: Final = frozenset({"admin", "analyst"})
_SUPERVISOR: Final = frozenset({"admin", "supervisor"})

PERMISSIONS: Final[Mapping[str, frozenset[Role]]] = MappingProxyType(
    {
        "agency.create": _ADMIN,
        "unit.create": _ADMIN,
        "account.create": _ADMIN,
        "account.disable": _ADMIN,
        "account.enable": _ADMIN,
        "account.reset_password": _ADMIN,
        "account.list": _ADMIN | {"supervisor"},
        "membership.grant": _ADMIN,
        "membership.end": _ADMIN,
        "assistance.grant": _ADMIN,
        "assistance.end": _ADMIN,
        "partner.keep": _ADMIN | {"clerk"},
        "organisation.read": ANY,
        "audit.read": _SUPERVISOR,
        "definition.deploy": _ANALYST,
        "definition.activate": _ANALYST,
        "definition.read": ANY,
        "instance.start": ANY,
        "instance.supervise": _SUPERVISOR,
        "instance.suspend": _SUPERVISOR,
        "instance.terminate": _SUPERVISOR,
        "incident.read": _SUPERVISOR | {"analyst"},
        "incident.resolve": _SUPERVISOR,
        "signal.broadcast": _SUPERVISOR,
        "document.receive": frozenset({"clerk", "unit_clerk"}),
        "register.read": ANY,
        "register.void": frozenset({"clerk", "head_of_office"}),
        "register.close": frozenset({"clerk", "head_of_office"}),
        "calendar.keep": _ADMIN | {"clerk"},
    },
)
"""Action → roles that may ask for it."""


def is_allowed(actor: Actor, action: str) -> bool:
    """Whether the actor may ask for the action at all; what the table does not name is refused.

    The system's own acts (timers, jobs, installation) are not asked for by anyone and are allowed.
    """
    roles = PERMISSIONS.get(action, frozenset())
    return action in PERMISSIONS and (actor.is_system or bool(actor.roles & roles))


def require(actor: Actor, action: str) -> None:
    """Refuse unless the actor may ask for the action.

    Raises:
        Forbidden: see above.
    """
    if not is_allowed(actor, action):
        raise Forbidden(
            "action.forbidden",
            "Bạn không có quyền thực hiện việc này.",
            "You are not allowed to do this.",
            extra={"action": action},
        )


def references_of(login: str, held: Iterable[Held]) -> frozenset[str]:
    """Return the owner references that a person matches (WS-HumanTask potential owners).

    ``user:<login>``, ``role:<role>``, and for a role in a unit ``role:<role>@unit:<code>`` and
    ``unit:<code>``.
    """
    references = {f"user:{login}"}
    for role, unit in held:
        references.add(f"role:{role}")
        if unit is not None:
            references.update((f"role:{role}@unit:{unit}", f"unit:{unit}"))
    return frozenset(references)
