"""Asking to read documents outside one's duty (S3-19.4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from service.actions import access_requests as actions
from service.api.resource import Resource
from service.api.schemas import access_requests as schemas
from service.api.schemas.shared import Reason
from service.http.context import runtime, unit
from service.queries import access_requests as queries

access_requests = Resource(
    "access_requests", "access-requests", "Requests to read documents outside one's duty."
)

_EXAMPLE = {
    "reason": "Soạn báo cáo quý I",
    "from_on": "2026-03-02",
    "until_on": "2026-03-06",
    "codes": ["05-TB/TU"],
}


@access_requests.get("")
@access_requests.filters(schemas.AccessRequestQuery)
@access_requests.gives(schemas.AccessRequestPage)
def list_requests(query: dict[str, Any]) -> object:
    """List one's own requests; the head of office sees all of the agency, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_requests(unit(), cursor, limit, **query)


@access_requests.post("")
@access_requests.takes(schemas.AccessRequestInput, example=_EXAMPLE)
@access_requests.gives(schemas.AccessRequest, 201)
def ask_access(body: dict[str, Any]) -> object:
    """Ask for documents by their codes, or for a dossier; the unit head and the head of office decide.

    The answer is the same whether there are such documents or not.
    """
    request = actions.ask_access(runtime().engine, unit(), actions.NewAccessRequest(**body))
    return request, 201, {"Location": url_for("access_requests.read_request", request_id=request.id)}


@access_requests.get("/<uuid:request_id>")
@access_requests.gives(schemas.AccessRequest)
def read_request(request_id: UUID) -> object:
    """Read one request with what it opened."""
    return queries.read_request(unit(), request_id)


@access_requests.post("/<uuid:request_id>/withdraw")
@access_requests.takes(Reason)
@access_requests.gives(schemas.AccessRequest)
def withdraw_request(body: dict[str, Any], request_id: UUID) -> object:
    """Withdraw a request, or end at once what it opened."""
    return actions.withdraw_access(runtime().engine, unit(), request_id, body["reason"])
