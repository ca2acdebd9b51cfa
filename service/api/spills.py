"""State secrets found after intake: reported, decided, wiped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import spills as actions
from service.api.resource import Resource
from service.api.schemas import protection as schemas
from service.http.context import runtime, unit
from service.queries import spills as queries

spills = Resource("spills", "", "Reports of state secrets in documents, and what was decided.")


@spills.post("/documents/<uuid:document_id>/spills")
@spills.takes(schemas.SpillReport)
@spills.gives(schemas.Reported, 201)
def report_spill(body: dict[str, Any], document_id: UUID) -> object:
    """Report that a document holds state secrets; from this moment nobody reads it, its reporter neither."""
    return actions.report_spill(unit(), document_id, body["secrecy"], body["reason"]), 201


@spills.get("/spills")
@spills.filters(schemas.SpillQuery)
@spills.gives(schemas.SpillPage)
def list_spills(query: dict[str, Any]) -> object:
    """List the spills of the agency, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_spills(unit(), cursor, limit, **query)


@spills.get("/spills/<uuid:spill_id>")
@spills.gives(schemas.Spill)
def read_spill(spill_id: UUID) -> object:
    """Read one spill: who had read the document, what was decided, what became of its files."""
    return queries.read_spill(unit(), spill_id)


@spills.post("/spills/<uuid:spill_id>/decision")
@spills.takes(schemas.SpillDecision)
@spills.gives(schemas.Spill)
def decide_spill(body: dict[str, Any], spill_id: UUID) -> object:
    """Release what was locked by mistake, or wipe it for good; wiping asks for a second factor."""
    return actions.decide_spill(
        runtime().engine, unit(), spill_id, decision=body["decision"], reason=body["reason"]
    )
