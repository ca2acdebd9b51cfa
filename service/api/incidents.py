"""Incidents: what stopped and waits for an operator."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import incidents as actions
from service.api.resource import Resource
from service.api.schemas import incidents as schemas
from service.http.context import runtime, unit
from service.queries import incidents as queries

incidents = Resource("incidents", "incidents", "What stopped and waits for an operator.")


@incidents.get("")
@incidents.filters(schemas.IncidentQuery)
@incidents.gives(schemas.IncidentPage)
def list_incidents(query: dict[str, Any]) -> object:
    """List incidents, newest first; `counts.open` tells how many are open."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_incidents(unit(), cursor, limit, **query)


@incidents.get("/<uuid:incident_id>")
@incidents.gives(schemas.Incident)
def read_incident(incident_id: UUID) -> object:
    """Read one incident."""
    return queries.read_incident(unit(), incident_id)


@incidents.post("/<uuid:incident_id>/retry")
@incidents.takes(schemas.Correction)
@incidents.gives(schemas.Incident)
def retry_incident(body: dict[str, Any], incident_id: UUID) -> object:
    """Try the failed step again, with corrected variables if given."""
    return actions.retry(runtime().engine, unit(), incident_id, body["variables"])


@incidents.post("/<uuid:incident_id>/skip")
@incidents.takes(schemas.Skip)
@incidents.gives(schemas.Incident)
def skip_incident(body: dict[str, Any], incident_id: UUID) -> object:
    """Go on past the failed step as if it had given the variables."""
    return actions.skip(runtime().engine, unit(), incident_id, body["variables"], body.get("outgoing"))
