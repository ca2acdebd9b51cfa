"""Orders by which one person acts for another, as those concerned see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.domain.permissions import Subject, is_allowed
from service.storage.models import Account, DelegationOrder, table_of
from service.storage.unit_of_work import UnitOfWork

ORDER = table_of(DelegationOrder)
_ACCOUNT = table_of(Account)


@dataclass(frozen=True, slots=True)
class DelegationView:
    """An order; ``state`` is waiting, effective or ended; people by login and name."""

    id: UUID
    delegator_id: UUID
    delegator: str
    delegator_name: str
    delegate_id: UUID
    delegate: str
    delegate_name: str
    issuer_id: UUID
    issuer: str
    parent_id: UUID | None
    authorities: tuple[str, ...]
    process_keys: tuple[str, ...]
    document_types: tuple[str, ...]
    basis: str
    from_on: date
    to_on: date
    allows_onward: bool
    state: str
    created_at: datetime
    ended_at: datetime | None
    end_reason: str | None


def unended(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition: neither ended nor past its last day."""
    return and_(ORDER.c.ended_at.is_(None), ORDER.c.to_on >= _today(unit))


def list_delegations(unit: UnitOfWork, *, is_ended: bool | None = None) -> list[DelegationView]:
    """Return the orders that the actor gave, passed on or holds, newest first; overseers see all.

    Args:
        unit: the open unit of work.
        is_ended: only ended or only other ones; None = all.
    """
    statement = _select().order_by(ORDER.c.created_at.desc(), ORDER.c.id.desc()).limit(200)
    if not is_allowed(unit.actor, "delegation.read"):
        me = unit.actor.account_id
        statement = statement.where(
            or_(ORDER.c.delegator_id == me, ORDER.c.delegate_id == me, ORDER.c.issuer_id == me),
        )
    if is_ended is not None:
        statement = statement.where(~unended(unit) if is_ended else unended(unit))
    return [_view(unit, row) for row in unit.session.execute(statement).mappings()]


def read_delegation(unit: UnitOfWork, order_id: UUID) -> DelegationView:
    """Return one order.

    Raises:
        NotFound: absent, or the actor has nothing to do with it.
    """
    row = unit.session.execute(_select().where(ORDER.c.id == order_id)).mappings().one_or_none()
    if row is not None:
        view = _view(unit, row)
        if is_allowed(unit.actor, "delegation.read", subject_of(unit, view)):
            return view
    raise NotFound("delegation.not_found", "Không có ủy quyền này.", "There is no such delegation.")


def subject_of(unit: UnitOfWork, view: DelegationView) -> Subject:
    """Return the order as the permission table sees it."""
    parties = {"giver": view.delegator_id, "issuer": view.issuer_id, "receiver": view.delegate_id}
    mine = frozenset(name for name, account in parties.items() if account == unit.actor.account_id)
    return Subject(view.state, mine)


def _select() -> Select[Any]:
    giver, receiver, issuer = (_ACCOUNT.alias(name) for name in ("giver", "receiver", "issuer"))
    joined = (
        ORDER.join(giver, giver.c.id == ORDER.c.delegator_id)
        .join(receiver, receiver.c.id == ORDER.c.delegate_id)
        .join(issuer, issuer.c.id == ORDER.c.issuer_id)
    )
    names = {
        "delegator": giver.c.login,
        "delegator_name": giver.c.full_name,
        "delegate": receiver.c.login,
        "delegate_name": receiver.c.full_name,
        "issuer": issuer.c.login,
    }
    hidden = {"agency_id", "ended_by_id"}
    columns = [column for column in ORDER.c if column.name not in hidden]
    return select(*columns, *(column.label(name) for name, column in names.items())).select_from(joined)


def _view(unit: UnitOfWork, row: Any) -> DelegationView:
    lists = {name: tuple(row[name]) for name in ("authorities", "process_keys", "document_types")}
    return DelegationView(**{**row, **lists}, state=_state(row, _today(unit)))


def _state(row: Any, today: date) -> str:
    if row["ended_at"] is not None or row["to_on"] < today:
        return "ended"
    return "waiting" if row["from_on"] > today else "effective"


def _today(unit: UnitOfWork) -> date:
    return unit.now.astimezone(OFFICE_ZONE).date()
