"""Changes of rights: listed, confirmed, undone by the heads of the agency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import permission_changes as actions
from service.api.resource import Resource
from service.api.schemas import permission_changes as schemas
from service.api.schemas.shared import Reason
from service.http.context import unit
from service.queries import permission_changes as queries

permission_changes = Resource(
    "permission_changes", "permission-changes", "Changes of rights, warned about until they are confirmed."
)


@permission_changes.get("")
@permission_changes.filters(schemas.ChangeQuery)
@permission_changes.gives(schemas.ChangePage)
def list_changes(query: dict[str, Any]) -> object:
    """List the changes of rights that the caller looks after, newest first."""
    return queries.list_changes(
        unit(), is_open=query.get("is_open"), cursor=query.get("cursor"), limit=query["limit"]
    )


@permission_changes.get("/<uuid:change_id>")
@permission_changes.gives(schemas.Change)
def read_change(change_id: UUID) -> object:
    """Read one change of rights."""
    return queries.read_change(unit(), change_id)


@permission_changes.post("/<uuid:change_id>/confirm")
@permission_changes.gives(schemas.Change)
def confirm_change(change_id: UUID) -> object:
    """Confirm a change of rights that somebody else made."""
    return actions.confirm(unit(), change_id)


@permission_changes.post("/<uuid:change_id>/undo")
@permission_changes.takes(Reason)
@permission_changes.gives(schemas.Change, 201)
def undo_change(body: dict[str, Any], change_id: UUID) -> object:
    """Take a change of rights back; the opposite change waits for another's confirmation."""
    return actions.undo(unit(), change_id, body["reason"])
