"""Accounts of guests: bound to one meeting, without roles, over the moment that the meeting ends (S2-6.4b).

Guests read what the meeting shows them and follow it, no more (S2-2.4); the office's directory of people and
units is not theirs to see (S2-4.4). The database ends every session of a guest with the meeting, however it
was opened; the account is disabled soon after and stays in history like any other.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.endings import end_sessions_of
from handlers.accounts.people import check_login
from handlers.accounts.rows import add_row, change_row, named, plain, refuse
from service.actions.accounts import NewAccount
from service.domain.errors import Conflict, NotFound
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import require
from service.storage.models import Account, LoginSession, table_of
from service.storage.unit_of_work import UnitOfWork

LONGEST: Final = timedelta(days=31)
"""A guest's account lasts a month at most: it is for one meeting."""
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_RANDOM_CHARACTERS: Final = 8

_account = table_of(Account)
_session = table_of(LoginSession)


@dataclass(frozen=True, slots=True)
class NewGuest:
    """Somebody who is asked to a meeting.

    Attributes:
        full_name: of the guest.
        meeting: what the meeting is called or its number, as the office writes it.
        until: the instant at which the meeting ends, aware.
        position: title and office of the guest.
        login: None = one is made up.
    """

    full_name: str
    meeting: str
    until: datetime
    position: str = ""
    login: str | None = None


def admit_guest(unit: UnitOfWork, guest: NewGuest) -> NewAccount:
    """Make an account for a guest of a meeting and return it with its first password.

    Raises:
        Forbidden: the actor admits no guests.
        InvalidInput: a value is malformed, or the end is past or more than a month away.
        Conflict: the login is taken.
    """
    require(unit.actor, "guest.admit")
    _check_end(unit, guest.until)
    login = guest.login or _made_up()
    check_login(login)
    password = initial_password()
    row = {
        "login": login,
        "full_name": named(guest.full_name, "/full_name"),
        "position": plain(guest.position),
        "password_hash": hash_password(password),
        "must_change_password": True,
        "created_at": unit.now,
        "kind": "guest",
        "meeting": named(guest.meeting, "/meeting"),
        "guest_until": guest.until,
    }
    details = {"login": login, "meeting": row["meeting"], "until": guest.until.isoformat()}
    account_id = add_row(unit, "guest.admit", Account, row, details)
    return NewAccount(account_id, login, password)


def move_end(unit: UnitOfWork, login: str, until: datetime) -> None:
    """Let a guest's meeting end earlier or later; open sessions follow.

    Raises:
        Forbidden: the actor admits no guests.
        InvalidInput: the end is past or more than a month away.
        NotFound: there is no such guest.
        Conflict: the guest's time is over.
    """
    require(unit.actor, "guest.admit")
    guest = _lock_guest(unit, login)
    _check_end(unit, until)
    if guest["disabled_at"] is not None or guest["guest_until"] <= unit.now:
        vi, en = "Tài khoản khách mời đã hết hạn.", "The guest's time is over."
        raise Conflict("guest.over", vi, en)
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
    _end(unit, _lock_guest(unit, login))


def end_due_guest(unit: UnitOfWork, account_id: UUID) -> bool:
    """Disable a guest whose time is over; return whether it had to be done."""
    row = unit.session.execute(select(_account).where(_account.c.id == account_id).with_for_update())
    guest = row.mappings().one()
    if guest["disabled_at"] is not None or guest["guest_until"] > unit.now:
        return False
    _end(unit, guest)
    return True


def _end(unit: UnitOfWork, guest: Any) -> None:
    if guest["disabled_at"] is None:
        values = {"disabled_at": unit.now, "guest_until": min(guest["guest_until"], unit.now)}
        change_row(unit, "guest.end", Account, guest["id"], values, details={"login": guest["login"]})
    end_sessions_of(unit, guest["id"])


def _lock_guest(unit: UnitOfWork, login: str) -> Any:
    which = (_account.c.login == login, _account.c.kind == "guest")
    guest = unit.session.execute(select(_account).where(*which).with_for_update()).mappings().first()
    if guest is None:
        raise NotFound("guest.not_found", "Không có khách mời này.", "There is no such guest.")
    return guest


def _check_end(unit: UnitOfWork, until: datetime) -> None:
    if not unit.now < until <= unit.now + LONGEST:
        vi = "Thời điểm kết thúc phải sau hiện tại và không quá 31 ngày."
        en = "The end lies in the future, at most 31 days away."
        refuse("guest.end", vi, en, "/until")


def _made_up() -> str:
    return "khach." + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
