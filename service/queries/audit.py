"""Reading the audit log of the actor's agency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from service.domain.permissions import require
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, AuditEvent, table_of
from service.storage.unit_of_work import UnitOfWork

EVENT = table_of(AuditEvent)
ACTOR = table_of(Account).alias("actor")
PRINCIPAL = table_of(Account).alias("principal")

_NAMES = ("id", "at", "action", "object_kind", "object_id", "request_id", "details")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which events; every field that is not None narrows the list. ``since`` ≤ at < ``until``."""

    action: str | None = None
    object_id: UUID | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditView:
    """Who did what to which object, and on whose behalf; logins, None = the system."""

    id: int
    at: datetime
    actor: str | None
    on_behalf_of: str | None
    action: str
    object_kind: str
    object_id: UUID | None
    request_id: str | None
    details: Mapping[str, Any] | None


def list_audit_events(
    unit: UnitOfWork,
    wanted: AuditFilter,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[AuditView]:
    """Return audit events, newest first (S0-7.5: a full trace).

    Raises:
        Forbidden: the actor is neither supervisor nor administrator.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "audit.read")
    size = page_size(limit)
    conditions = _conditions(wanted)
    if cursor:
        before = decode_cursor(cursor, 1)[0]
        if not isinstance(before, int) or isinstance(before, bool):
            raise bad_cursor()
        conditions.append(EVENT.c.id < before)
    joined = EVENT.outerjoin(ACTOR, ACTOR.c.id == EVENT.c.actor_id).outerjoin(
        PRINCIPAL, PRINCIPAL.c.id == EVENT.c.on_behalf_of_id
    )
    rows = (
        unit.session.execute(
            select(
                *[EVENT.c[name] for name in _NAMES],
                ACTOR.c.login.label("actor"),
                PRINCIPAL.c.login.label("on_behalf_of"),
            )
            .select_from(joined)
            .where(*conditions)
            .order_by(EVENT.c.id.desc())
            .limit(size + 1),
        )
        .mappings()
        .all()
    )
    events = [AuditView(**row) for row in rows[:size]]
    return Page(events, encode_cursor(events[-1].id) if len(rows) > size else None)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.action is not None:
        conditions.append(EVENT.c.action == wanted.action)
    if wanted.object_id is not None:
        conditions.append(EVENT.c.object_id == wanted.object_id)
    if wanted.actor is not None:
        conditions.append(ACTOR.c.login == wanted.actor)
    if wanted.since is not None:
        conditions.append(EVENT.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(EVENT.c.at < wanted.until)
    return conditions
