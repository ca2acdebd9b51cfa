"""Who answers for the agency's account, and who did (S1-4.2d1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from service.storage.models import Account, AccountCare, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT: Final = table_of(Account)
_CARE: Final = table_of(AccountCare)


@dataclass(frozen=True, slots=True)
class KeeperView:
    """A clerk and their time; ``is_present`` tells who answers for the account now and may work with it."""

    login: str
    full_name: str
    basis: str
    from_at: datetime
    until_at: datetime | None
    is_present: bool


def keepers_of(unit: UnitOfWork, account_id: UUID) -> tuple[KeeperView, ...]:
    """Return who answers or answered for an account, newest first; nobody but for the agency's own."""
    columns = (_ACCOUNT.c.login, _ACCOUNT.c.full_name, _CARE.c.basis, _CARE.c.from_at, _CARE.c.until_at)
    present = func.keeper_at(account_id, unit.now) == _CARE.c.keeper_id
    is_over = func.coalesce(_CARE.c.until_at <= unit.now, False)
    statement = (
        select(*columns, (present & ~is_over).label("is_present"))
        .join(_ACCOUNT, _ACCOUNT.c.id == _CARE.c.keeper_id)
        .where(_CARE.c.account_id == account_id)
        .order_by(_CARE.c.from_at.desc(), _CARE.c.id.desc())
    )
    rows = unit.session.execute(statement).mappings()
    return tuple(KeeperView(**{**row, "is_present": bool(row["is_present"])}) for row in rows)
