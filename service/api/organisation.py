"""The caller's agency: its units, its people, the offices it exchanges documents with, its audit log."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions import organisation as actions
from service.actions.escalations import ask_parent as ask
from service.api.resource import Resource
from service.api.schemas import organisation as schemas
from service.api.schemas.accounts import Created
from service.api.schemas.posts import RightsReview
from service.api.schemas.shared import Reason
from service.http.context import runtime, unit
from service.queries import audit, rights
from service.queries import organisation as queries

organisation = Resource("organisation", "", "The caller's agency: units, people, partners, audit log.")


@organisation.get("/agency")
@organisation.gives(schemas.Agency)
def read_agency() -> object:
    """Read the caller's agency."""
    return queries.read_agency(unit())


@organisation.patch("/agency")
@organisation.takes(schemas.AgencyChange, example={"name": "Văn phòng Tỉnh ủy"})
@organisation.gives(schemas.Agency)
def change_agency(body: dict[str, Any]) -> object:
    """Change the name or the exchange identifier of the caller's agency."""
    actions.change_agency(unit(), **body)
    return queries.read_agency(unit())


@organisation.post("/agency/administration/lost")
@organisation.takes(Reason, example={"reason": "Mất quyền truy cập quản trị, đề nghị hỗ trợ"})
@organisation.gives(schemas.Escalation)
def ask_parent(body: dict[str, Any]) -> object:
    """Tell the agency above that the administration is lost here, or a fault cannot be mended."""
    return ask(runtime().database, unit(), body["reason"])


@organisation.get("/agencies")
@organisation.gives(schemas.AgencyTree)
def list_agencies() -> object:
    """List the agencies under the caller's own one: names and places in the tree, no more."""
    return {"items": queries.list_agencies_below(unit())}


@organisation.post("/agencies")
@organisation.takes(
    schemas.AgencyInput, example={"code": "xa_an_binh", "name": "Xã An Bình", "side": "party"}
)
@organisation.gives(Created, 201)
def create_agency(body: dict[str, Any]) -> object:
    """Found an agency under the caller's own one; its first administrator is made on the machine itself."""
    return {"id": actions.create_agency(unit(), **body)}


@organisation.get("/units")
@organisation.filters(schemas.UnitQuery)
@organisation.gives(schemas.UnitList)
def list_units(query: dict[str, Any]) -> object:
    """List the units by code."""
    return {"items": queries.list_units(unit(), **query)}


@organisation.post("/units")
@organisation.takes(schemas.UnitInput, example={"code": "phong_moi", "name": "Phòng mới"})
@organisation.gives(Created, 201)
def create_unit(body: dict[str, Any]) -> object:
    """Add a unit."""
    return {"id": actions.create_unit(unit(), **body)}


@organisation.patch("/units/<code>")
@organisation.takes(schemas.UnitChange, example={"name": "Phòng Tổng hợp - Đối ngoại"})
@organisation.gives(None, 204)
def change_unit(body: dict[str, Any], code: str) -> Response:
    """Rename a unit or put it under another one; its code stays."""
    if "name" in body:
        actions.rename_unit(unit(), code, body["name"])
    if "parent_code" in body:
        actions.move_unit(unit(), code, body["parent_code"])
    return Response(status=204)


@organisation.post("/units/<code>/close")
@organisation.gives(None, 204)
def close_unit(code: str) -> Response:
    """Close a unit in which nobody is any more; history keeps its name."""
    actions.close_unit(unit(), code)
    return Response(status=204)


@organisation.get("/units/<code>/rights")
@organisation.gives(RightsReview)
def review_rights(code: str) -> object:
    """List who may act as what in the unit and the units under it, for its head to look through."""
    return {"items": rights.review_rights(unit(), code)}


@organisation.get("/rights")
@organisation.gives(RightsReview)
def review_all_rights() -> object:
    """List who may act as what anywhere in the agency."""
    return {"items": rights.review_all_rights(unit())}


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
