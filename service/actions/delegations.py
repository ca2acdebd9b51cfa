"""Orders by which one person acts for another: given, passed on, ended (S4-7c, S4-12.1).

An order changes no task: what it reaches is found whenever a list is read or a task is done. It ends with its
last day, when it is ended, or when one of its accounts is disabled; what was passed on by it ends with it.
Signing keys and devices are never handed over by an order.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import CTE, func, insert, select

from handlers.accounts.endings import end_orders
from service.domain.clock import OFFICE_ZONE
from service.domain.digests import digest_of
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput
from service.domain.ids import new_id
from service.domain.permission_table import AUTHORITIES
from service.domain.permissions import require
from service.queries.delegations import ORDER, DelegationView, read_delegation, subject_of
from service.queries.organisation import enabled_account
from service.storage.unit_of_work import AuditRecord, UnitOfWork

LONGEST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What an order says.

    Attributes:
        delegate: login of the one who will act.
        authorities: what is handed over; see :data:`AUTHORITIES`.
        from_on: first day.
        to_on: last day.
        basis: the document that it stands on, such as ``"12-QĐ/VP"``.
        process_keys: only in these processes; empty = in all.
        document_types: only for these kinds of document; empty = for all.
        allows_onward: whether the delegate may pass it on.
        parent_id: the order that is passed on by this one; None = one's own authority.
    """

    delegate: str
    authorities: tuple[str, ...]
    from_on: date
    to_on: date
    basis: str = ""
    process_keys: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    allows_onward: bool = False
    parent_id: UUID | None = None


def give(unit: UnitOfWork, order: NewOrder) -> DelegationView:
    """Let another person act for the actor, or pass on an order that allows it.

    Raises:
        Forbidden: the actor has no authority to give, or the order may not be passed on.
        NotFound: the actor holds no such order to pass on.
        InvalidInput: no such person, no or unknown authorities, days turned round, past or too many; wider
            than the order that is passed on.
        Conflict: the actor would end up acting for themselves.
    """
    _check_content(unit, order)
    unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_lock_name(unit), 0))))
    parent = _parent(unit, order)
    require(unit.actor, "delegation.give", subject_of(unit, parent) if parent else None)
    delegator_id = parent.delegator_id if parent else unit.actor.account_id
    delegate_id = enabled_account(unit, order.delegate)
    if delegate_id is None:
        _refuse("account.not_found", "Không có người này.", "There is no such person.", "/delegate")
    givers = {delegator_id, unit.actor.account_id}
    if delegate_id in givers or _leads_back(unit, order, delegate_id, givers):
        raise Conflict(
            "delegation.cycle",
            "Ủy quyền này sẽ quay vòng về người ủy quyền.",
            "This delegation would lead back to the one who gives it.",
        )
    order_id = new_id(unit.now)
    row = {"id": order_id, "delegator_id": delegator_id, "delegate_id": delegate_id, **_columns(unit, order)}
    unit.session.execute(insert(ORDER), [row])
    days = {"from_on": order.from_on.isoformat(), "to_on": order.to_on.isoformat()}
    record = AuditRecord(
        "delegation.give",
        "delegation",
        order_id,
        {"delegate": order.delegate, "authorities": row["authorities"], **days},
        after_sha256=digest_of(row),
        on_behalf_of_id=delegator_id if parent else None,
    )
    unit.audit(record)
    return read_delegation(unit, order_id)


def _columns(unit: UnitOfWork, order: NewOrder) -> dict[str, Any]:
    return {
        "agency_id": unit.actor.agency_id,
        "issuer_id": unit.actor.account_id,
        "parent_id": order.parent_id,
        "authorities": sorted(set(order.authorities)),
        "process_keys": sorted(set(order.process_keys)),
        "document_types": sorted({unicodedata.normalize("NFC", name) for name in order.document_types}),
        "basis": unicodedata.normalize("NFC", order.basis.strip()),
        "from_on": order.from_on,
        "to_on": order.to_on,
        "allows_onward": order.allows_onward,
        "created_at": unit.now,
    }


def end(unit: UnitOfWork, order_id: UUID, reason: str) -> DelegationView:
    """End an order at once, and what was passed on by it.

    Raises:
        NotFound: no such order, or not the actor's to know.
        Forbidden: the actor may see it but not end it.
        Conflict: it has ended already.
    """
    view = read_delegation(unit, order_id)
    require(unit.actor, "delegation.revoke", subject_of(unit, view))
    end_orders(unit, [order_id], reason.strip())
    return read_delegation(unit, order_id)


def _lock_name(unit: UnitOfWork) -> str:
    """Orders of one agency are given one after the other, so that two cannot close a circle together."""
    return f"delegations:{unit.actor.agency_id}"


def _parent(unit: UnitOfWork, order: NewOrder) -> DelegationView | None:
    """Return the order that is passed on, once it may be, as narrow or narrower."""
    if order.parent_id is None:
        return None
    parent = read_delegation(unit, order.parent_id)
    if parent.delegate_id != unit.actor.account_id or not parent.allows_onward or parent.state == "ended":
        raise Forbidden(
            "delegation.no_onward",
            "Ủy quyền này không được ủy quyền lại.",
            "This delegation may not be passed on.",
        )
    is_narrower = (
        set(order.authorities) <= set(parent.authorities)
        and parent.from_on <= order.from_on
        and order.to_on <= parent.to_on
        and _is_part(order.process_keys, parent.process_keys)
        and _is_part(order.document_types, parent.document_types)
    )
    if not is_narrower:
        vi, en = "Không thể ủy quyền lại rộng hơn.", "What is passed on cannot be wider than what was given."
        _refuse("delegation.wider", vi, en, "")
    return parent


def _is_part(names: tuple[str, ...], of: tuple[str, ...]) -> bool:
    return not of or (bool(names) and set(names) <= set(of))


def _leads_back(unit: UnitOfWork, order: NewOrder, delegate_id: UUID, givers: set[UUID | None]) -> bool:
    """Return whether orders of overlapping days already lead from the delegate to the giver."""
    reached: CTE = (
        select(ORDER.c.delegate_id.label("id"))
        .where(ORDER.c.issuer_id == delegate_id, ORDER.c.ended_at.is_(None), *_overlaps(order))
        .cte("reached", recursive=True)
    )
    onward = select(ORDER.c.delegate_id).join(reached, ORDER.c.issuer_id == reached.c.id)
    reached = reached.union(onward.where(ORDER.c.ended_at.is_(None), *_overlaps(order)))
    found = unit.session.execute(select(reached.c.id).where(reached.c.id.in_(givers)).limit(1))
    return found.first() is not None


def _overlaps(order: NewOrder) -> tuple[Any, Any]:
    return ORDER.c.from_on <= order.to_on, ORDER.c.to_on >= order.from_on


def _check_content(unit: UnitOfWork, order: NewOrder) -> None:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    if not order.authorities or not set(order.authorities) <= AUTHORITIES.keys():
        vi = "Phải nêu nội dung ủy quyền: giao việc, giám sát, cho phép phát hành, quản trị."
        en = "Say what is handed over: assign, supervise, allow_issue, administration."
        _refuse("delegation.authorities", vi, en, "/authorities")
    if order.to_on < order.from_on or order.to_on < today:
        vi = "Ngày kết thúc phải từ hôm nay và không trước ngày bắt đầu."
        en = "The last day must not lie before the first day or before today."
        _refuse("days.turned", vi, en, "/to_on")
    if (order.to_on - order.from_on).days >= LONGEST_DAYS:
        vi, en = "Thời hạn ủy quyền dài nhất một năm.", "An order lasts a year at most."
        _refuse("delegation.too_long", vi, en, "/to_on")


def _refuse(code: str, vi: str, en: str, pointer: str) -> Never:
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
