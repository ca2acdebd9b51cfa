"""Changes of rights are warned about until an authority confirms them (NĐ30 Phụ lục VI, III.3c).

Whatever gives a person a role or an aide a leader, or ends that, notes it here: by hand, by a post, by an
import, by a flow. What the house does by itself while it is founded is no change of anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from service.domain.clock import OFFICE_ZONE
from service.domain.ids import new_id
from service.storage.models import Account, Assistance, Membership, PermissionChange, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

ChangeKind = Literal["membership.grant", "membership.end", "assistance.grant", "assistance.end"]

CHANGE: Final = table_of(PermissionChange)
MEMBERSHIP: Final = table_of(Membership)
ASSISTANCE: Final = table_of(Assistance)
_ACCOUNT = table_of(Account)
_UNIT = table_of(Unit)
_HEADS: Final = ("role:head_of_office", "role:leader")


def note_change(
    unit: UnitOfWork,
    kind: ChangeKind,
    row_id: UUID,
    *,
    old_to_on: date | None = None,
    undoes_id: UUID | None = None,
) -> None:
    """Enter a change of rights that was just written, and warn the heads of the agency once a day.

    Args:
        unit: the open unit of work, of the one who made it.
        kind: what was done.
        row_id: the membership or assistance.
        old_to_on: of an end, the last day before; None = until further notice.
        undoes_id: the change that this one takes back.
    """
    if unit.actor.is_system:
        return
    account_id, facts = (
        _membership(unit, row_id) if kind.startswith("membership") else _assistance(unit, row_id)
    )
    change_id = new_id(unit.now)
    row = {
        "id": change_id,
        "agency_id": unit.actor.agency_id,
        "kind": kind,
        "object_id": row_id,
        "account_id": account_id,
        "facts": {**facts, "old_to_on": _text(old_to_on)} if kind.endswith("end") else facts,
        "at": unit.now,
        "actor_id": unit.actor.account_id,
        "undoes_id": undoes_id,
    }
    unit.session.execute(insert(CHANGE), [row])
    _warn_heads(unit, facts["login"])


def _warn_heads(unit: UnitOfWork, login: str) -> None:
    """Put one notice a day for each kind of head into the outbox, whatever happens at the same moment."""
    today = unit.now.astimezone(OFFICE_ZONE).date().isoformat()
    payload = {"kind": "rights_changed", "name": login, "by": unit.actor.full_name}
    for head in _HEADS:
        unit.send("notice", head, payload, f"rights_changed:{today}:{head}")


def _membership(unit: UnitOfWork, row_id: UUID) -> tuple[UUID, dict[str, Any]]:
    statement = (
        select(MEMBERSHIP, _ACCOUNT.c.login, _UNIT.c.code)
        .join(_ACCOUNT, _ACCOUNT.c.id == MEMBERSHIP.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == MEMBERSHIP.c.unit_id)
        .where(MEMBERSHIP.c.id == row_id)
    )
    row = unit.session.execute(statement).mappings().one()
    facts = {"role": row["role"], "unit": row["code"], **_shared(row)}
    return row["account_id"], facts


def _assistance(unit: UnitOfWork, row_id: UUID) -> tuple[UUID, dict[str, Any]]:
    leader = _ACCOUNT.alias("leader")
    statement = (
        select(ASSISTANCE, _ACCOUNT.c.login, leader.c.login.label("leader"))
        .join(_ACCOUNT, _ACCOUNT.c.id == ASSISTANCE.c.aide_id)
        .join(leader, leader.c.id == ASSISTANCE.c.leader_id)
        .where(ASSISTANCE.c.id == row_id)
    )
    row = unit.session.execute(statement).mappings().one()
    return row["aide_id"], {"leader": row["leader"], **_shared(row)}


def _shared(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {"login": row["login"], "from_on": _text(row["from_on"]), "to_on": _text(row["to_on"])}


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
