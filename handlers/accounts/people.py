"""An account's row: made, and shut. Who may ask for it is decided by whoever calls this."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from handlers.accounts.care import warn_of_kept
from handlers.accounts.endings import end_orders_of, end_sessions_of
from handlers.accounts.rows import add_row, change_row, plain, refuse, taken
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_ACCOUNT: Final = table_of(Account)


def add_account(
    unit: UnitOfWork,
    login: str,
    row: Mapping[str, Any],
    *,
    password_hash: str | None,
    must_change_password: bool = True,
    action: str = "account.create",
) -> UUID:
    """Insert an account and return its id.

    Args:
        unit: the open unit of work.
        login: of the account.
        row: its further columns.
        password_hash: None = nobody can log in by password until one is given.
        must_change_password: at the first login (S4-11.2b).
        action: for the audit.

    Raises:
        InvalidInput: the login is malformed.
        Conflict: the login is taken.
    """
    check_login(login)
    values = {
        "login": login,
        **row,
        "password_hash": password_hash,
        "must_change_password": must_change_password,
        "created_at": unit.now,
    }
    return add_row(unit, action, Account, values, {"login": login})


def shut_account(
    unit: UnitOfWork, account_id: UUID, login: str, action: str = "account.disable"
) -> dict[str, int]:
    """Disable an account: its sessions and orders end at once; its row and its history stay (S4-12.3).

    If its person answers for the agency's account, that one closes too until somebody else does.

    Returns:
        How many ``sessions`` and ``orders`` ended.
    """
    change_row(unit, action, Account, account_id, {"disabled_at": unit.now}, details={"login": login})
    warn_of_kept(unit, account_id, login)
    sessions = end_sessions_of(unit, account_id)
    return {"sessions": sessions, "orders": end_orders_of(unit, account_id, action)}


def free_staff_code(unit: UnitOfWork, text: str, own_id: UUID | None = None) -> str | None:
    """Return a staff code that nobody else of the agency has; empty text = none.

    Raises:
        Conflict: somebody else has it.
    """
    code = plain(text)
    if not code:
        return None
    holder = select(_ACCOUNT.c.id).where(_ACCOUNT.c.staff_code == code)
    if unit.session.execute(holder).scalar() not in {None, own_id}:
        raise taken("/staff_code", code)
    return code


def check_login(login: str, pointer: str = "/login") -> None:
    """Refuse what is no login.

    Raises:
        InvalidInput: it is none.
    """
    if not LOGIN.fullmatch(login):
        vi = "Tên đăng nhập gồm 2–64 chữ thường, chữ số, dấu chấm, gạch nối hoặc gạch dưới."
        en = "A login is 2 to 64 lower-case letters, digits, dots, dashes or underscores."
        refuse("login.malformed", vi, en, pointer)
