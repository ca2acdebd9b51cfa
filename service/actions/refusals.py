"""What is noted of a wrong password or second factor: counted, audited, told to the person in time.

It is written in a unit of work of its own where the request itself is rolled back: otherwise guessing would
cost nothing and leave no trace.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from service.actions import throttle
from service.actions.warnings import tell_of_account, tell_person
from service.storage.unit_of_work import AuditRecord, UnitOfWork

TOLD_AFTER: Final = 3
"""So many wrong second factors within the window, and the person is told: whoever tries has the password."""


def note_refused_factor(unit: UnitOfWork, address: str, *, is_copied: bool = False) -> None:
    """Count and audit a wrong second factor of the unit's person."""
    account_id = unit.actor.account_id
    assert account_id is not None
    key = throttle.factor_key(account_id)
    throttle.note_failure(unit.session, key, address, unit.now)
    details = {"address": address} | ({"is_copied": True} if is_copied else {})
    unit.audit(AuditRecord("second_factor.refuse", "account", account_id, details))
    if is_copied:
        tell_person(unit, unit.actor.login, "passkey_copied", _daily(unit, account_id))
    if throttle.failures_of(unit.session, key, unit.now) == TOLD_AFTER:
        tell_of_account(unit, "second_factor_failures", f"{account_id}:{unit.now.isoformat()}", address)


def note_refused_password(unit: UnitOfWork, address: str) -> None:
    """Count and audit a wrong password of someone signed in, like a failed login."""
    throttle.note_failure(unit.session, throttle.login_key(unit.actor.login), address, unit.now)
    unit.audit(AuditRecord("session.refuse", "account", unit.actor.account_id, {"address": address}))


def _daily(unit: UnitOfWork, account_id: UUID) -> str:
    return f"{account_id}:{unit.now.date().isoformat()}"
