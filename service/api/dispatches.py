"""Dispatches: what leaves the house, and sending again what could not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import dispatches as actions
from service.api.resource import Resource
from service.api.schemas import dispatches as schemas
from service.http.context import unit
from service.queries import outbox as queries

dispatches = Resource("dispatches", "dispatches", "What leaves the house: sent, waiting, failed.")


@dispatches.get("")
@dispatches.filters(schemas.DispatchQuery)
@dispatches.gives(schemas.DispatchPage)
def list_dispatches(query: dict[str, Any]) -> object:
    """List dispatches, newest first; `counts` tells how many are pending, sent and failed."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_dispatches(unit(), queries.DispatchFilter(**query), cursor, limit)


@dispatches.post("/<uuid:dispatch_id>/retry")
@dispatches.gives(schemas.Dispatch)
def retry_dispatch(dispatch_id: UUID) -> object:
    """Send a failed dispatch again, under the same key."""
    return actions.retry(unit(), dispatch_id)
