"""Signs that someone else uses an account: audited, and told to the person; they lock nobody out.

Of accounts whose misuse reaches far (administrators, leaders, heads of office) the administrators are told
too. Whether it was the person themselves only people can say.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import select

from service.actions import throttle
from service.actions.warnings import tell_administrators, tell_of_account
from service.domain.actors import Actor, system_actor
from service.storage.database import Database
from service.storage.models import LoginSession, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

MANY_FAILURES: Final = 5
"""So many wrong passwords within the window, from anywhere, before the right one are worth a word."""

_session = table_of(LoginSession)
_VERSION: Final = re.compile(r"\d+(?:[._]\d+)*")


def judge_login(unit: UnitOfWork, address: str, device: str) -> None:
    """Tell of what is unusual about a login that is about to open its session.

    Args:
        unit: of the person who logs in.
        address: the client's.
        device: what the client calls itself; a newer version of the same is the same device.
    """
    failures = throttle.failures_of(unit.session, throttle.login_key(unit.actor.login), unit.now)
    if failures >= MANY_FAILURES:
        _suspect(unit, "login_after_failures", address)
    if _is_new_place(unit, address, device):
        _suspect(unit, "login_new_place", address)


def tell_of_disabled(database: Database, person: Actor, address: str) -> None:
    """Tell the administrators that someone knows how to log in to a disabled account, once a day."""
    agency = system_actor(person.agency_id, person.agency_code, person.request_id)
    with database.unit_of_work(agency) as unit:
        key = f"{person.account_id}:{unit.now.date().isoformat()}"
        details = {"sign": "login_disabled_account", "address": address}
        unit.audit(AuditRecord("session.suspect", "account", person.account_id, details))
        tell_administrators(unit, "login_disabled_account", key, name=address, by=person.login)


def _suspect(unit: UnitOfWork, sign: str, address: str) -> None:
    account_id = unit.actor.account_id
    details = {"sign": sign, "address": address}
    unit.audit(AuditRecord("session.suspect", "account", account_id, details))
    tell_of_account(unit, sign, f"{account_id}:{address}:{unit.now:%Y-%m-%dT%H}", address)


def _is_new_place(unit: UnitOfWork, address: str, device: str) -> bool:
    """Whether the account has had sessions, but none from this address with this device."""
    known = (
        select(_session.c.address, _session.c.device)
        .where(_session.c.account_id == unit.actor.account_id, _session.c.carrier != "program")
        .distinct()
    )
    places = {(row.address, _family(row.device)) for row in unit.session.execute(known)}
    return bool(places) and (address[: throttle.LONGEST_ADDRESS], _family(device[:200])) not in places


def _family(device: str) -> str:
    return _VERSION.sub("", device)
