"""Orders by which one person acts for another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import delegations as actions
from service.api.resource import Resource
from service.api.schemas import delegations as schemas
from service.api.schemas.shared import Reason
from service.http.context import unit
from service.queries import delegations as queries

delegations = Resource("delegations", "delegations", "Orders by which one person acts for another.")

_EXAMPLE = {
    "delegate": "phochanhvp",
    "authorities": ["assign"],
    "from_on": "2026-03-02",
    "to_on": "2026-03-03",
    "basis": "12-QĐ/VP",
}


@delegations.get("")
@delegations.filters(schemas.DelegationQuery)
@delegations.gives(schemas.DelegationList)
def list_delegations(query: dict[str, Any]) -> object:
    """List the orders that the caller gave, passed on or holds; overseers see all of the agency."""
    return {"items": queries.list_delegations(unit(), **query)}


@delegations.post("")
@delegations.takes(schemas.DelegationInput, example=_EXAMPLE)
@delegations.gives(schemas.Delegation, 201)
def give_delegation(body: dict[str, Any]) -> object:
    """Let another person act for the caller on those days, or pass on an order that allows it.

    No task changes for it: while it is in force, the delegate sees and does the caller's tasks, both named.
    """
    lists = {name: tuple(body[name]) for name in ("authorities", "process_keys", "document_types")}
    return actions.give(unit(), actions.NewOrder(**{**body, **lists}))


@delegations.get("/<uuid:order_id>")
@delegations.gives(schemas.Delegation)
def read_delegation(order_id: UUID) -> object:
    """Read one order."""
    return queries.read_delegation(unit(), order_id)


@delegations.post("/<uuid:order_id>/end")
@delegations.takes(Reason)
@delegations.gives(schemas.Delegation)
def end_delegation(body: dict[str, Any], order_id: UUID) -> object:
    """End an order at once, with what was passed on by it."""
    return actions.end(unit(), order_id, body["reason"])
