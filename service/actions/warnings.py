"""Telling people what happens to their accounts: through notices, in their own list and by mail if they want.

A warning locks nobody out; it lets the person act: end sessions, change the password, ask the administrator.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from service.domain.clock import OFFICE_ZONE
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

_account = table_of(Account)

FAR_REACHING_ROLES: Final = frozenset({"admin", "leader", "head_of_office"})


def tell_person(
    unit: UnitOfWork,
    login: str,
    kind: str,
    key: str,
    *,
    name: str = "",
    by: str = "",
    urgency: str = "urgent",
) -> None:
    """Put a notice to one person into the outbox.

    Args:
        unit: of the agency.
        login: of the person.
        kind: of the notice; its words stand in the language files.
        key: what makes a repeated sending one notice.
        name: what the words call it: a device and its address, a factor, a token's name.
        by: who did it.
        urgency: of the notice; an urgent one does not wait for quiet hours to end.
    """
    _tell(unit, f"user:{login}", kind, key, {"name": name, "by": by, "urgency": urgency})


def tell_administrators(unit: UnitOfWork, kind: str, key: str, *, name: str = "", by: str = "") -> None:
    """Put a notice to the administrators of the agency into the outbox."""
    _tell(unit, "role:admin", kind, f"admin:{key}", {"name": name, "by": by, "urgency": "urgent"})


def tell_of_account(unit: UnitOfWork, kind: str, key: str, address: str) -> None:
    """Tell the unit's person of something unusual at their account; of some accounts, administrators too.

    Those are the accounts whose misuse reaches far: of leaders, heads of office and administrators.

    Args:
        unit: of the person.
        kind: of the notice to the person; administrators get ``account_suspicious``.
        key: what makes a repeated sending one notice.
        address: from where.
    """
    login = unit.actor.login
    tell_person(unit, _reader_of(unit), kind, key, name=address)
    if _reaches_far(unit):
        tell_administrators(unit, "account_suspicious", f"{kind}:{key}", name=address, by=login)


def _reader_of(unit: UnitOfWork) -> str:
    """Return the login of whom the unit's account is told about: of the agency's, its keeper (S1-4.2d1)."""
    keeper = select(_account.c.login).where(_account.c.id == func.keeper_at(unit.actor.account_id, unit.now))
    found: str | None = unit.session.execute(keeper).scalar()
    return found or unit.actor.login


def _reaches_far(unit: UnitOfWork) -> bool:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    held = select(func.roles_on(unit.actor.account_id, today))
    return any(role in FAR_REACHING_ROLES for role, _unit in unit.session.execute(held).scalar_one())


def _tell(unit: UnitOfWork, destination: str, kind: str, key: str, words: dict[str, str]) -> None:
    """Put the notice into the outbox, once for its key."""
    payload = {"kind": kind, **{name: word for name, word in words.items() if word}}
    unit.send("notice", destination, payload, f"notice:{kind}:{key}")
