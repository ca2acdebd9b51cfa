"""Guests of meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from service.domain.permissions import require
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)


@dataclass(frozen=True, slots=True)
class GuestView:
    """A guest: of which meeting, until when; ``ended_at`` once the account is shut."""

    login: str
    full_name: str
    position: str
    meeting: str
    until: datetime
    ended_at: datetime | None


def list_guests(unit: UnitOfWork, *, meeting: str | None = None, with_ended: bool = False) -> list[GuestView]:
    """Return the guests by meeting and name.

    Args:
        unit: of who admits guests.
        meeting: only of this one.
        with_ended: also those whose account is shut.

    Raises:
        Forbidden: the actor admits no guests.
    """
    require(unit.actor, "guest.admit")
    account = _ACCOUNT.c
    statement = (
        select(
            account.login,
            account.full_name,
            account.position,
            account.meeting,
            account.guest_until.label("until"),
            account.disabled_at.label("ended_at"),
        )
        .where(account.kind == "guest")
        .order_by(account.meeting, account.full_name, account.login)
        .limit(500)
    )
    if meeting is not None:
        statement = statement.where(account.meeting == meeting)
    if not with_ended:
        statement = statement.where(account.disabled_at.is_(None), account.guest_until > unit.now)
    return [GuestView(**row) for row in unit.session.execute(statement).mappings()]
