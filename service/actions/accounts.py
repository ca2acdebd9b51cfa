"""People's accounts: added, disabled when they leave, given a new first password.

An account is disabled and never removed, so that history keeps its names (S4-2.5, S4-12.3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from service.actions.delegations import end_orders_of
from service.actions.organisation_rows import account_id_of, add_row, change_row, named, plain, refuse
from service.actions.sessions import end_sessions_of
from service.domain.errors import Conflict
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import require
from service.storage.models import Account
from service.storage.unit_of_work import UnitOfWork

LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A new account with its first password, which is shown once and must be changed."""

    account_id: UUID
    login: str
    password: str


def create_account(
    unit: UnitOfWork,
    login: str,
    full_name: str,
    position: str = "",
    *,
    password: str | None = None,
) -> NewAccount:
    """Add a person's account and return it with its first password.

    Args:
        unit: of an administrator.
        login: lower case letters, digits, dot, dash, underscore; unique in the installation.
        full_name: of the person.
        position: the official title.
        password: a first password that need not be changed (demonstrations only); None = a random one that
            must be changed at the first login.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the login is taken.
    """
    require(unit.actor, "account.create")
    check_login(login)
    first = password or initial_password()
    row = {
        "login": login,
        "full_name": named(full_name, "/full_name"),
        "position": plain(position),
        "password_hash": hash_password(first),
        "must_change_password": password is None,
        "created_at": unit.now,
    }
    account_id = add_row(unit, "account.create", Account, row, {"login": login})
    return NewAccount(account_id, login, first)


def disable_account(unit: UnitOfWork, login: str) -> None:
    """Shut an account; its sessions and the orders that it gives or holds end at once.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
        Conflict: it is the actor's own.
    """
    require(unit.actor, "account.disable")
    account_id = account_id_of(unit, login)
    if account_id == unit.actor.account_id:
        raise Conflict(
            "account.own", "Không thể tự khóa tài khoản của mình.", "You cannot disable your own account."
        )
    _change(unit, "account.disable", account_id, login, disabled_at=unit.now)
    end_sessions_of(unit, account_id)
    end_orders_of(unit, account_id, "account.disable")


def enable_account(unit: UnitOfWork, login: str) -> None:
    """Open a disabled account again.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
    """
    require(unit.actor, "account.enable")
    account_id = account_id_of(unit, login)
    _change(unit, "account.enable", account_id, login, disabled_at=None)


def reset_password(unit: UnitOfWork, login: str, *, password: str | None = None) -> NewAccount:
    """Give an account a new first password and end its sessions.

    Args:
        unit: of an administrator.
        login: of the account.
        password: as for :func:`create_account`.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
    """
    require(unit.actor, "account.reset_password")
    account_id = account_id_of(unit, login)
    first = password or initial_password()
    values = {"password_hash": hash_password(first), "must_change_password": password is None}
    _change(unit, "account.reset_password", account_id, login, **values)
    end_sessions_of(unit, account_id)
    return NewAccount(account_id, login, first)


def check_login(login: str, pointer: str = "/login") -> None:
    """Refuse what is no login.

    Raises:
        InvalidInput: it is none.
    """
    if not LOGIN.fullmatch(login):
        vi = "Tên đăng nhập gồm 2–64 chữ thường, chữ số, dấu chấm, gạch nối hoặc gạch dưới."
        en = "A login is 2 to 64 lower-case letters, digits, dots, dashes or underscores."
        refuse("login.malformed", vi, en, pointer)


def _change(unit: UnitOfWork, action: str, account_id: UUID, login: str, **values: Any) -> None:
    change_row(unit, action, Account, account_id, values, details={"login": login})
