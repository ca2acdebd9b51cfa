"""The agency's account and the clerk who answers for it: taken over, handed on, ended (S1-4.2d1).

One clerk at a time works with it. Whatever the one before could open it with goes when the next takes over.
Who may decide about it is asked by whoever calls this.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from handlers.accounts.endings import end_sessions_of
from handlers.accounts.holdings import today_of
from handlers.accounts.rights import is_held
from handlers.accounts.rows import add_row, change_row, plain, refuse
from service.domain.errors import Conflict, NotFound
from service.storage.models import (
    Account,
    AccountCare,
    Membership,
    Passkey,
    ProviderIdentity,
    RecoveryCode,
    SecondFactor,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

CARE: Final = table_of(AccountCare)
_ACCOUNT: Final = table_of(Account)
_CREDENTIALS: Final = tuple(
    table_of(model) for model in (SecondFactor, Passkey, RecoveryCode, ProviderIdentity)
)
_MEMBERSHIP: Final = table_of(Membership)
_CLERKS: Final = ("clerk", "unit_clerk")


def lock_agency_account(unit: UnitOfWork, login: str) -> Any:
    """Return the row of the agency's account, locked.

    Raises:
        NotFound: the agency has no account of this login.
        Conflict: it is a person's.
    """
    statement = select(_ACCOUNT).where(_ACCOUNT.c.login == login).with_for_update()
    row = unit.session.execute(statement).mappings().first()
    if row is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    if row["kind"] != "agency":
        vi = "Chỉ tài khoản của cơ quan mới giao cho người phụ trách."
        raise Conflict("account.no_agency", vi, "Only the agency's account is given into somebody's care.")
    return row


def take_care(
    unit: UnitOfWork, account: Any, keeper_login: str, *, until_at: datetime | None = None, basis: str = ""
) -> UUID:
    """Let a clerk answer for the agency's account from now on; return the id of the row.

    Sessions, programs' tokens, second factors and linked identities of the one before go, and the password:
    the new keeper gives the account one. A first password that nobody has used yet goes with the account to
    its first keeper.

    Args:
        unit: the open unit of work.
        account: the locked row of the agency's account.
        keeper_login: of the clerk.
        until_at: when it ends by itself; None = until further notice.
        basis: the decision that it stands on.

    Raises:
        InvalidInput: the end is past.
        NotFound: the agency has no such person.
        Conflict: the person is no clerk today or disabled, or answers for the account already.
    """
    if until_at is not None and until_at <= unit.now:
        refuse("keeper.end", "Ngày kết thúc đã qua.", "The last day is past.", "/to_on")
    keeper_id = _clerk(unit, keeper_login)
    if keeper_of(unit, account["id"]) == keeper_id:
        vi, en = "Người này đang phụ trách tài khoản.", "This person answers for the account already."
        raise Conflict("keeper.same", vi, en)
    had_one = select(CARE.c.id).where(CARE.c.account_id == account["id"]).limit(1)
    is_first = unit.session.execute(had_one).first() is None
    end_care(unit, account)
    if not is_first or not account["must_change_password"]:
        forget_credentials(unit, account["id"])
    row = {
        "account_id": account["id"],
        "keeper_id": keeper_id,
        "from_at": unit.now,
        "until_at": until_at,
        "basis": plain(basis),
        "created_at": unit.now,
        "created_by_id": unit.actor.account_id,
    }
    details = {"login": account["login"], "keeper": keeper_login, "basis": row["basis"]}
    care_id = add_row(unit, "account_care.take", AccountCare, row, details)
    _tell(unit, f"user:{keeper_login}", "agency_account_taken", account["login"], unit.actor.full_name)
    return care_id


def end_care(unit: UnitOfWork, account: Any) -> int:
    """End who answers for the agency's account, now, with every session of it; return how many there were."""
    rows = unit.session.execute(_in_force(unit, CARE.c.account_id == account["id"])).mappings().all()
    for row in rows:
        details = {"login": account["login"]}
        change_row(unit, "account_care.end", AccountCare, row["id"], {"until_at": unit.now}, details=details)
    end_sessions_of(unit, account["id"])
    return len(rows)


def forget_credentials(unit: UnitOfWork, account_id: UUID) -> None:
    """Take from an account all that it could be opened with."""
    for table in _CREDENTIALS:
        unit.session.execute(delete(table).where(table.c.account_id == account_id))
    unit.session.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(password_hash=None))


def keeper_of(unit: UnitOfWork, account_id: UUID) -> UUID | None:
    """Return who answers for an account now and may work with it, or None."""
    found: UUID | None = unit.session.execute(select(func.keeper_at(account_id, unit.now))).scalar()
    return found


def kept_accounts(unit: UnitOfWork, person_id: UUID) -> list[Any]:
    """Return the rows of the accounts that a person answers for, whether they may work now or not."""
    kept = _in_force(unit, CARE.c.keeper_id == person_id).with_only_columns(CARE.c.account_id)
    statement = select(_ACCOUNT).where(_ACCOUNT.c.id.in_(kept)).order_by(_ACCOUNT.c.login)
    return list(unit.session.execute(statement).mappings())


def warn_of_kept(unit: UnitOfWork, person_id: UUID, login: str) -> None:
    """Close what a person answers for, because their own account was shut, and tell the administrators.

    Nobody works with the agency's account until somebody else answers for it.
    """
    for account in kept_accounts(unit, person_id):
        end_sessions_of(unit, account["id"])
        _tell(unit, "role:admin", "agency_account_left", account["login"], login)


def _in_force(unit: UnitOfWork, which: Any) -> Any:
    open_ended = or_(CARE.c.until_at.is_(None), CARE.c.until_at > unit.now)
    return select(CARE).where(which, CARE.c.from_at <= unit.now, open_ended)


def _clerk(unit: UnitOfWork, login: str) -> UUID:
    row = unit.session.execute(
        select(_ACCOUNT.c.id, _ACCOUNT.c.kind, _ACCOUNT.c.disabled_at).where(_ACCOUNT.c.login == login)
    ).first()
    if row is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    held = select(_MEMBERSHIP.c.id).where(
        _MEMBERSHIP.c.account_id == row.id, _MEMBERSHIP.c.role.in_(_CLERKS), is_held(today_of(unit))
    )
    is_clerk = unit.session.execute(held.limit(1)).first() is not None
    if row.kind != "person" or row.disabled_at is not None or not is_clerk:
        vi = "Người phụ trách tài khoản của cơ quan phải là văn thư đang công tác."
        raise Conflict("keeper.no_clerk", vi, "Who answers for the agency's account is a clerk in service.")
    found: UUID = row.id
    return found


def _tell(unit: UnitOfWork, to: str, kind: str, name: str, by: str) -> None:
    payload = {"kind": kind, "name": name, "by": by, "urgency": "urgent"}
    unit.send("notice", to, payload, f"notice:{kind}:{name}:{to}:{unit.now.isoformat()}")
