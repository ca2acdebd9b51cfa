"""People's accounts: added, disabled when they leave, given a new first password.

An account is disabled and never removed, so that history keeps its names (S4-2.5, S4-12.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from handlers.accounts.care import warn_of_kept
from handlers.accounts.endings import end_sessions_of
from handlers.accounts.people import add_account, check_login, free_staff_code, shut_account
from handlers.accounts.rows import (
    account_id_of,
    change_row,
    named,
    plain,
)
from service.domain.errors import Conflict
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import require
from service.storage.models import Account, Agency, table_of
from service.storage.unit_of_work import UnitOfWork

_account = table_of(Account)


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
    staff_code: str | None = None,
    password: str | None = None,
) -> NewAccount:
    """Add a person's account and return it with its first password.

    Args:
        unit: of an administrator.
        login: lower case letters, digits, dot, dash, underscore; unique in the installation.
        full_name: of the person.
        position: the official title.
        staff_code: of the person in the staff list; unique in the agency, so that nobody gets a second
            account (S4-2.5).
        password: a first password that need not be changed (demonstrations only); None = a random one that
            must be changed at the first login.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the login is taken, or somebody has this staff code.
    """
    require(unit.actor, "account.create")
    check_login(login)
    code = free_staff_code(unit, staff_code) if staff_code else None
    row = {
        "full_name": named(full_name, "/full_name"),
        "position": plain(position),
        "staff_code": code,
    }
    return _create(unit, login, row, password)


def create_agency_account(unit: UnitOfWork, login: str) -> NewAccount:
    """Add the account of the agency itself, the one that it has (S1-3.4), under the agency's name.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: the login is malformed.
        Conflict: the login is taken, or the agency has its account already.
    """
    require(unit.actor, "account.create")
    check_login(login)
    _check_no_agency_account(unit)
    name = unit.session.execute(select(table_of(Agency).c.name)).scalar_one()
    return _create(unit, login, {"full_name": name, "kind": "agency"}, None)


def change_account(
    unit: UnitOfWork,
    login: str,
    *,
    full_name: str | None = None,
    position: str | None = None,
    staff_code: str | None = None,
) -> None:
    """Change a person's name, position or staff code; None = stays, an empty staff code takes it away.

    What the person did stays under their login; the audit keeps what the name was.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: an empty name.
        NotFound: the agency has no such account.
        Conflict: somebody else has this staff code.
    """
    require(unit.actor, "account.change")
    account_id = account_id_of(unit, login)
    values: dict[str, Any] = {}
    if full_name is not None:
        values["full_name"] = named(full_name, "/full_name")
    if position is not None:
        values["position"] = plain(position)
    if staff_code is not None:
        values["staff_code"] = free_staff_code(unit, staff_code, account_id)
    if not values:
        return
    known = select(*[_account.c[name] for name in values]).where(_account.c.id == account_id)
    before = unit.session.execute(known).mappings().one()
    changes = {name: [before[name], value] for name, value in sorted(values.items())}
    details = {"login": login, "changes": changes}
    change_row(unit, "account.change", Account, account_id, values, details=details)


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
    shut_account(unit, account_id, login)


def enable_account(unit: UnitOfWork, login: str) -> None:
    """Open a disabled account again.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
        Conflict: a guest's whose time is over, or a second one of the agency.
    """
    require(unit.actor, "account.enable")
    account_id = account_id_of(unit, login)
    row = unit.session.execute(select(_account).where(_account.c.id == account_id)).mappings().one()
    if row["kind"] == "guest" and row["guest_until"] <= unit.now:
        vi, en = "Tài khoản khách mời đã hết hạn.", "The guest's time is over."
        raise Conflict("guest.over", vi, en)
    if row["kind"] == "agency" and row["disabled_at"] is not None:
        _check_no_agency_account(unit)
    _change(unit, "account.enable", account_id, login, disabled_at=None, locked_at=None)


def lock_own_account(unit: UnitOfWork) -> None:
    """Shut the actor's own account, lost or leaked as it is: every session ends at once (S1-4.2b2, S3-7.2b1).

    The administrators are told; one of them gives a new first password, which opens the account again. What
    the person is asked to do stays, and the orders that they gave or hold.
    """
    actor = unit.actor
    assert actor.account_id is not None  # the route is for people
    _change(unit, "account.lock", actor.account_id, actor.login, disabled_at=unit.now, locked_at=unit.now)
    warn_of_kept(unit, actor.account_id, actor.login)
    end_sessions_of(unit, actor.account_id)
    payload = {"kind": "account_locked", "name": actor.login, "by": actor.full_name, "urgency": "urgent"}
    key = f"notice:account_locked:{actor.account_id}:{unit.now.isoformat()}"
    unit.send("notice", "role:admin", payload, key)


def reset_password(unit: UnitOfWork, login: str, *, password: str | None = None) -> NewAccount:
    """Give an account a new first password and end its sessions; what its person locked is open again.

    Args:
        unit: of an administrator.
        login: of the account.
        password: as for :func:`create_account`.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
        Conflict: it is the agency's own account, whose password is its keeper's affair (S1-4.2d1).
    """
    require(unit.actor, "account.reset_password")
    account_id = account_id_of(unit, login)
    _check_no_keepers_affair(unit, account_id)
    first = password or initial_password()
    values: dict[str, Any] = {"password_hash": hash_password(first), "must_change_password": password is None}
    locked = select(_account.c.locked_at).where(_account.c.id == account_id)
    if unit.session.execute(locked).scalar_one() is not None:
        values |= {"disabled_at": None, "locked_at": None}
    _change(unit, "account.reset_password", account_id, login, **values)
    end_sessions_of(unit, account_id)
    return NewAccount(account_id, login, first)


def _create(unit: UnitOfWork, login: str, row: dict[str, Any], password: str | None) -> NewAccount:
    first = password or initial_password()
    account_id = add_account(
        unit, login, row, password_hash=hash_password(first), must_change_password=password is None
    )
    return NewAccount(account_id, login, first)


def _check_no_agency_account(unit: UnitOfWork) -> None:
    found = select(_account.c.id).where(_account.c.kind == "agency", _account.c.disabled_at.is_(None))
    if unit.session.execute(found).first() is not None:
        vi, en = "Cơ quan đã có tài khoản cơ quan.", "The agency has its account already."
        raise Conflict("account.agency_has_one", vi, en)


def _check_no_keepers_affair(unit: UnitOfWork, account_id: UUID) -> None:
    kind = unit.session.execute(select(_account.c.kind).where(_account.c.id == account_id)).scalar_one()
    if kind == "agency":
        vi = "Mật khẩu của tài khoản cơ quan do văn thư phụ trách tự cấp lại; hãy giao người phụ trách."
        en = "The clerk who answers for the agency's account renews its password; name one."
        raise Conflict("account.kept", vi, en)


def _change(unit: UnitOfWork, action: str, account_id: UUID, login: str, **values: Any) -> None:
    change_row(unit, action, Account, account_id, values, details={"login": login})
