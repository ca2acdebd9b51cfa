"""What ends with an account: its sessions, and the orders of delegation that it gives, passes on or holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update

from service.domain.clock import OFFICE_ZONE
from service.storage.models import Account, DelegationOrder, LoginChallenge, LoginSession, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT: Final = table_of(Account)
_ORDER: Final = table_of(DelegationOrder)
_CHALLENGE: Final = table_of(LoginChallenge)
_SESSION: Final = table_of(LoginSession)


def end_sessions(unit: UnitOfWork, which: ColumnElement[bool]) -> int:
    """End the live sessions that a condition names, at once; return how many there were."""
    ended = unit.session.execute(
        update(_SESSION)
        .where(which, _SESSION.c.revoked_at.is_(None), _SESSION.c.expires_at > unit.now)
        .values(revoked_at=unit.now)
        .returning(_SESSION.c.id),
    )
    return len(ended.all())


def end_sessions_of(unit: UnitOfWork, account_id: UUID) -> int:
    """End every session of an account, at once, and its logins under way; return how many were live."""
    end_challenges_of(unit, account_id)
    return end_sessions(unit, _SESSION.c.account_id == account_id)


def end_challenges_of(unit: UnitOfWork, account_id: UUID | None) -> None:
    """Let logins under way begin again: they rest on a password that may no longer be right."""
    unit.session.execute(delete(_CHALLENGE).where(_CHALLENGE.c.account_id == account_id))


def end_orders(unit: UnitOfWork, ids: Sequence[UUID], reason: str) -> int:
    """End orders at once with what was passed on by them; return how many ended."""
    family = select(_ORDER.c.id).where(_ORDER.c.id.in_(ids)).cte("family", recursive=True)
    heirs = family.union(select(_ORDER.c.id).join(family, _ORDER.c.parent_id == family.c.id))
    ended = unit.session.execute(
        update(_ORDER)
        .where(_ORDER.c.id.in_(select(heirs.c.id)), _ORDER.c.ended_at.is_(None))
        .values(ended_at=unit.now, ended_by_id=unit.actor.account_id, end_reason=reason)
        .returning(_ORDER.c.id),
    ).scalars()
    known = sorted(ended)
    for order_id in known:
        unit.audit(AuditRecord("delegation.end", "delegation", order_id, {"reason": reason}))
    return len(known)


def end_orders_of(unit: UnitOfWork, account_id: UUID, reason: str) -> int:
    """End every order that an account gives, passes on or holds: it is disabled. Return how many."""
    ids = unit.session.execute(select(_ORDER.c.id).where(*_running_of(unit, account_id))).scalars().all()
    return end_orders(unit, ids, reason) if ids else 0


def orders_in_words(unit: UnitOfWork, account_id: UUID) -> str | None:
    """Return the running orders that an account gives, passes on or holds as lines; None if there are none.

    For the head of who leaves: the orders end with the account, and others must be given anew.
    """
    giver, holder = _ACCOUNT.alias("giver"), _ACCOUNT.alias("holder")
    statement = (
        select(_ORDER.c.basis, _ORDER.c.to_on, giver.c.full_name, holder.c.full_name.label("holder"))
        .join(giver, giver.c.id == _ORDER.c.delegator_id)
        .join(holder, holder.c.id == _ORDER.c.delegate_id)
        .where(*_running_of(unit, account_id))
        .order_by(_ORDER.c.id)
    )
    lines = [
        f"Ủy quyền: {row.full_name} → {row.holder}, đến {row.to_on:%d/%m/%Y}"
        + (f" ({row.basis})" if row.basis else "")
        for row in unit.session.execute(statement)
    ]
    return "\n".join(lines) or None


def _running_of(unit: UnitOfWork, account_id: UUID) -> tuple[ColumnElement[bool], ...]:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    theirs = or_(
        _ORDER.c.delegator_id == account_id,
        _ORDER.c.delegate_id == account_id,
        _ORDER.c.issuer_id == account_id,
    )
    return theirs, _ORDER.c.ended_at.is_(None), _ORDER.c.to_on >= today
