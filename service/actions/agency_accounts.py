"""The agency's account in the care of one clerk: named by the administrator, used by nobody else (S1-4.2d1).

The administrator says who answers for it and never learns its password: a new one is given to the keeper
alone, who asks for it signed in as themselves.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from handlers.accounts.care import end_care, forget_credentials, kept_accounts, lock_agency_account, take_care
from handlers.accounts.endings import end_sessions_of
from handlers.accounts.rows import change_row
from service.actions.accounts import NewAccount
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import require
from service.storage.models import Account
from service.storage.unit_of_work import UnitOfWork


def set_keeper(
    unit: UnitOfWork, login: str, keeper: str, *, to_on: date | None = None, basis: str = ""
) -> UUID:
    """Let a clerk answer for the agency's account from now on, instead of whoever did until now.

    Args:
        unit: of an administrator.
        login: of the agency's account.
        keeper: login of the clerk.
        to_on: the last day; None = until further notice.
        basis: the decision that it stands on.

    Returns:
        The id of the row.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: the last day is past.
        NotFound: the agency has no such account or person.
        Conflict: it is a person's account; the person is no clerk or disabled, or answers for it already.
    """
    require(unit.actor, "account_care.keep")
    account = lock_agency_account(unit, login)
    return take_care(unit, account, keeper, until_at=_end_of(to_on), basis=basis)


def end_keeping(unit: UnitOfWork, login: str) -> None:
    """End who answers for the agency's account: nobody works with it until somebody is named again.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account, or nobody answers for it.
        Conflict: it is a person's account.
    """
    require(unit.actor, "account_care.keep")
    account = lock_agency_account(unit, login)
    if not end_care(unit, account):
        raise _none_kept()
    forget_credentials(unit, account["id"])


def renew_kept_password(unit: UnitOfWork) -> NewAccount:
    """Give the agency's account a new first password, for the clerk who answers for it; its sessions end.

    Raises:
        NotFound: the actor answers for no account.
    """
    require(unit.actor, "account_care.own")
    account = _kept(unit)
    first = initial_password()
    values = {"password_hash": hash_password(first), "must_change_password": True}
    details = {"login": account["login"]}
    change_row(unit, "account.reset_password", Account, account["id"], values, details=details)
    end_sessions_of(unit, account["id"])
    return NewAccount(account["id"], account["login"], first)


def _kept(unit: UnitOfWork) -> Any:
    person_id = unit.actor.account_id
    kept = kept_accounts(unit, person_id) if person_id is not None else []
    if not kept:
        raise _none_kept()
    return lock_agency_account(unit, kept[0]["login"])


def _none_kept() -> NotFound:
    vi = "Không có ai đang phụ trách tài khoản này."
    return NotFound("keeper.not_found", vi, "Nobody answers for this account.")


def _end_of(to_on: date | None) -> datetime | None:
    if to_on is None:
        return None
    return datetime.combine(to_on + timedelta(days=1), time(), OFFICE_ZONE)
