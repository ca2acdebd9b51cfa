"""Accounts of guests: bound to one meeting, without roles, over the moment that the meeting ends (S2-6.4b).

Guests read what the meeting shows them and follow it, no more (S2-2.4); the office's directory of people and
units is not theirs to see (S2-4.4). The database ends every session of a guest with the meeting, however it
was opened; the account is disabled soon after and stays in history like any other.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.endings import end_sessions_of
from handlers.accounts.guests import NewGuest, check_end, insert_guest, lock_guest, shut_guest
from handlers.accounts.rows import change_row
from service.actions.accounts import NewAccount
from service.domain.errors import Conflict
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import require
from service.storage.models import Account, LoginSession, table_of
from service.storage.unit_of_work import UnitOfWork

_account = table_of(Account)
_session = table_of(LoginSession)


def admit_guest(unit: UnitOfWork, guest: NewGuest) -> NewAccount:
    """Make an account for a guest of a meeting and return it with its first password.

    Raises:
        Forbidden: the actor admits no guests.
        InvalidInput: a value is malformed, or the end is past or more than a month away.
        Conflict: the login is taken.
    """
    require(unit.actor, "guest.admit")
    password = initial_password()
    account_id, login = insert_guest(unit, guest, hash_password(password))
    return NewAccount(account_id, login, password)


def issue_password(unit: UnitOfWork, login: str) -> NewAccount:
    """Give a guest a first password, shown once; sessions that are open end.

    Raises:
        Forbidden: the actor admits no guests.
        NotFound: there is no such guest.
        Conflict: the guest's time is over.
    """
    require(unit.actor, "guest.admit")
    guest = lock_guest(unit, login)
    if guest["disabled_at"] is not None or guest["guest_until"] <= unit.now:
        raise _over()
    password = initial_password()
    values = {"password_hash": hash_password(password), "must_change_password": True}
    change_row(unit, "guest.issue_password", Account, guest["id"], values, details={"login": login})
    end_sessions_of(unit, guest["id"])
    return NewAccount(guest["id"], login, password)


def move_end(unit: UnitOfWork, login: str, until: datetime) -> None:
    """Let a guest's meeting end earlier or later; open sessions follow.

    Raises:
        Forbidden: the actor admits no guests.
        InvalidInput: the end is past or more than a month away.
        NotFound: there is no such guest.
        Conflict: the guest's time is over.
    """
    require(unit.actor, "guest.admit")
    guest = lock_guest(unit, login)
    check_end(unit, until)
    if guest["disabled_at"] is not None or guest["guest_until"] <= unit.now:
        raise _over()
    details = {"login": login, "until": until.isoformat()}
    change_row(unit, "guest.move_end", Account, guest["id"], {"guest_until": until}, details=details)
    live = (_session.c.account_id == guest["id"], _session.c.expires_at > until)
    unit.session.execute(update(_session).where(*live).values(expires_at=until))


def end_guest(unit: UnitOfWork, login: str) -> None:
    """End a guest's account now: the meeting is over.

    Raises:
        Forbidden: the actor admits no guests.
        NotFound: there is no such guest.
    """
    require(unit.actor, "guest.admit")
    shut_guest(unit, lock_guest(unit, login))


def end_due_guest(unit: UnitOfWork, account_id: UUID) -> bool:
    """Disable a guest whose time is over; return whether it had to be done."""
    row = unit.session.execute(select(_account).where(_account.c.id == account_id).with_for_update())
    guest = row.mappings().one()
    if guest["disabled_at"] is not None or guest["guest_until"] > unit.now:
        return False
    shut_guest(unit, guest)
    return True


def _over() -> Conflict:
    return Conflict("guest.over", "Tài khoản khách mời đã hết hạn.", "The guest's time is over.")


__all__ = [
    "NewGuest",
    "admit_guest",
    "end_due_guest",
    "end_guest",
    "issue_password",
    "move_end",
]
