"""Incidents: what stands still and needs an operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_

from service.domain.errors import NotFound
from service.domain.permissions import require
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, Incident, ProcessInstance, table_of
from service.storage.unit_of_work import UnitOfWork

INCIDENT = table_of(Incident)
INSTANCE = table_of(ProcessInstance)
RESOLVER = table_of(Account).alias("resolver")


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident; ``resolution`` is retried, skipped or cancelled, None while open."""

    id: UUID
    instance_id: UUID
    process_key: str
    business_key: str | None
    element_id: str
    job_id: UUID | None
    code: str
    vi: str
    en: str
    details: Mapping[str, Any]
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None


def _select() -> Select[Any]:
    names = ("id", "instance_id", "element_id", "job_id", "code", "vi", "en", "details", "created_at")
    columns = [INCIDENT.c[name] for name in (*names, "resolved_at", "resolution")]
    joined = INCIDENT.join(INSTANCE, INSTANCE.c.id == INCIDENT.c.instance_id)
    return select(
        *columns,
        INSTANCE.c.key.label("process_key"),
        INSTANCE.c.business_key,
        RESOLVER.c.login.label("resolved_by"),
    ).select_from(joined.outerjoin(RESOLVER, RESOLVER.c.id == INCIDENT.c.resolved_by_id))


def list_incidents(
    unit: UnitOfWork,
    cursor: str | None,
    limit: int | None,
    *,
    is_open: bool | None = True,
    instance_id: UUID | None = None,
) -> Page[IncidentView]:
    """Return incidents, newest first; ``counts`` holds the number of open ones.

    Raises:
        Forbidden: the actor is none of supervisor, administrator, analyst.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "incident.read")
    size = page_size(limit)
    statement = _select().order_by(INCIDENT.c.created_at.desc(), INCIDENT.c.id.desc()).limit(size + 1)
    if is_open is not None:
        resolved = INCIDENT.c.resolved_at
        statement = statement.where(resolved.is_(None) if is_open else resolved.is_not(None))
    if instance_id is not None:
        statement = statement.where(INCIDENT.c.instance_id == instance_id)
    if cursor:
        statement = statement.where(tuple_(INCIDENT.c.created_at, INCIDENT.c.id) < tuple_(*_before(cursor)))
    rows = unit.session.execute(statement).mappings().all()
    views = [IncidentView(**row) for row in rows[:size]]
    following = None
    if len(rows) > size:
        following = encode_cursor(views[-1].created_at.isoformat(), str(views[-1].id))
    still_open = select(func.count()).where(INCIDENT.c.resolved_at.is_(None))
    return Page(views, following, {"open": unit.session.execute(still_open).scalar_one()})


def _before(cursor: str) -> tuple[Any, Any]:
    created, incident_id = decode_cursor(cursor, 2)
    try:
        return literal(datetime.fromisoformat(created)), literal(UUID(incident_id))
    except (TypeError, ValueError) as error:
        raise bad_cursor() from error


def read_incident(unit: UnitOfWork, incident_id: UUID) -> IncidentView:
    """Return one incident.

    Raises:
        NotFound: no such incident in the agency.
        Forbidden: the actor is none of supervisor, administrator, analyst.
    """
    require(unit.actor, "incident.read")
    row = unit.session.execute(_select().where(INCIDENT.c.id == incident_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("incident.not_found", "Không tìm thấy sự cố.", "There is no such incident.")
    return IncidentView(**row)
