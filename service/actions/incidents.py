"""What an operator does with an incident: retry, skip."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from service.actions.timers import TIMERS_HELD, release_held
from service.domain.errors import Conflict, NotFound
from service.domain.permissions import Subject, is_allowed, require
from service.engine.engine import ProcessEngine
from service.engine.spiff.execution import Execution
from service.engine.view import Cause
from service.queries.incidents import IncidentView, read_incident
from service.storage.models import Incident, ProcessInstance, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

INCIDENT = table_of(Incident)
INSTANCE = table_of(ProcessInstance)


def retry(
    engine: ProcessEngine,
    unit: UnitOfWork,
    incident_id: UUID,
    variables: Mapping[str, Any] | None = None,
) -> IncidentView:
    """Try the failed step again, with corrected variables if given; a job's parameters are found anew.

    Raises:
        NotFound: no such incident.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it is resolved already.
    """
    row = _open(unit, incident_id)
    patch = dict(variables or {})
    _mark(unit, row, "retried", patch)
    cause = Cause("retry", data=patch or None, reason=row.code, resolved_token=row.token_id)
    if row.code == TIMERS_HELD:
        release_held(unit, row.instance_id)
        act = partial(Execution.set_variables, scope=None, patch=patch)
    else:
        act = partial(Execution.retry, token_id=row.token_id, variables=patch)
    engine.change(unit, row.instance_id, act, cause)
    unit.flush_writes()
    return read_incident(unit, incident_id)


def skip(
    engine: ProcessEngine,
    unit: UnitOfWork,
    incident_id: UUID,
    variables: Mapping[str, Any] | None = None,
    outgoing: str | None = None,
) -> IncidentView:
    """Go on past the failed step as if it had given ``variables``.

    Args:
        engine: the process engine.
        unit: the open unit of work.
        incident_id: the incident.
        variables: what the step should have written, by variable.
        outgoing: id of the sequence flow to take, where the step is a gateway.

    Raises:
        NotFound: no such incident.
        Forbidden: the actor is neither supervisor nor administrator.
        Conflict: it is resolved already.
    """
    row = _open(unit, incident_id)
    if row.code == TIMERS_HELD:
        raise Conflict(
            "incident.not_skippable",
            "Sự cố này chỉ có thể thử lại.",
            "This incident can only be retried.",
        )
    patch = dict(variables or {})
    _mark(unit, row, "skipped", patch)
    cause = Cause("skip", data=patch or None, reason=row.code, resolved_token=row.token_id)
    engine.change(
        unit, row.instance_id, lambda execution: execution.skip(row.token_id, outgoing, patch), cause
    )
    unit.flush_writes()
    return read_incident(unit, incident_id)


def _open(unit: UnitOfWork, incident_id: UUID) -> Row[Any]:
    require(unit.actor, "incident.resolve")
    row = unit.session.execute(select(INCIDENT).where(INCIDENT.c.id == incident_id)).one_or_none()
    if row is None:
        raise NotFound("incident.not_found", "Không tìm thấy sự cố.", "There is no such incident.")
    unit.session.execute(select(INSTANCE.c.id).where(INSTANCE.c.id == row.instance_id).with_for_update())
    fresh = unit.session.execute(select(INCIDENT).where(INCIDENT.c.id == incident_id)).one()
    state = "open" if fresh.resolved_at is None else "resolved"
    if not is_allowed(unit.actor, "incident.resolve", Subject(state)):
        raise Conflict(
            "incident.resolved",
            "Sự cố này đã được xử lý.",
            "The incident is already resolved.",
            extra={"resolution": fresh.resolution},
        )
    return fresh


def _mark(unit: UnitOfWork, row: Row[Any], resolution: str, patch: Mapping[str, Any]) -> None:
    unit.session.execute(
        update(INCIDENT)
        .where(INCIDENT.c.id == row.id)
        .values(resolved_at=unit.now, resolved_by_id=unit.actor.account_id, resolution=resolution),
    )
    details = {"code": row.code, "element": row.element_id, "names": sorted(patch)}
    action = {"retried": "incident.retry", "skipped": "incident.skip"}[resolution]
    unit.audit(AuditRecord(action, "incident", row.id, details))
