"""The caller's agency: its units, its people, the offices it exchanges documents with, its audit log."""

from __future__ import annotations

from typing import Any

from service.api.resource import Resource
from service.api.schemas import organisation as schemas
from service.http.context import unit
from service.queries import audit
from service.queries import organisation as queries

organisation = Resource("organisation", "", "The caller's agency: units, people, partners, audit log.")


@organisation.get("/agency")
@organisation.gives(schemas.Agency)
def read_agency() -> object:
    """Read the caller's agency."""
    return queries.read_agency(unit())


@organisation.get("/units")
@organisation.gives(schemas.UnitList)
def list_units() -> object:
    """List the units by code."""
    return {"items": queries.list_units(unit())}


@organisation.get("/people")
@organisation.filters(schemas.PeopleQuery)
@organisation.gives(schemas.PersonPage)
def list_people(query: dict[str, Any]) -> object:
    """List people who can be chosen: to forward to, to delegate to."""
    return queries.list_people(unit(), query.pop("cursor", None), query.pop("limit"), **query)


@organisation.get("/partners")
@organisation.gives(schemas.PartnerList)
def list_partners() -> object:
    """List the offices in the directory of receiving contact points."""
    return {"items": queries.list_partners(unit())}


@organisation.get("/audit-events")
@organisation.filters(schemas.AuditQuery)
@organisation.gives(schemas.AuditPage)
def list_audit_events(query: dict[str, Any]) -> object:
    """List who did what to which object, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return audit.list_audit_events(unit(), audit.AuditFilter(**query), cursor, limit)
