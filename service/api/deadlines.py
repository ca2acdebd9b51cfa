"""Deadlines of user tasks: explained, paused, extended, urged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import deadlines as actions
from service.api.resource import Resource
from service.api.schemas import calendars as schemas
from service.api.schemas.accounts import Created
from service.api.schemas.shared import Reason
from service.http.context import runtime, unit
from service.queries import deadlines as queries

deadlines = Resource("deadlines", "deadlines", "Deadlines of user tasks: why they fall where they fall.")


@deadlines.get("/<uuid:task_id>")
@deadlines.gives(schemas.Deadline)
def read_deadline(task_id: UUID) -> object:
    """Read a task's deadline: its reasoning, what is left in working time, its ledger."""
    return queries.read_deadline(unit(), task_id)


@deadlines.post("/<uuid:task_id>/pause")
@deadlines.takes(Reason)
@deadlines.gives(None, 204)
def pause_deadline(body: dict[str, Any], task_id: UUID) -> Response:
    """Stop the clock of a task while it waits for somebody outside."""
    actions.pause(unit(), task_id, body["reason"])
    return Response(status=204)


@deadlines.post("/<uuid:task_id>/resume")
@deadlines.takes(Reason)
@deadlines.gives(schemas.Deadline)
def resume_deadline(body: dict[str, Any], task_id: UUID) -> object:
    """Let the clock go on; the pause does not count."""
    actions.resume(runtime().engine, unit(), task_id, body["reason"])
    return queries.read_deadline(unit(), task_id)


@deadlines.post("/<uuid:task_id>/extensions")
@deadlines.takes(schemas.ExtensionInput)
@deadlines.gives(Created, 201)
def ask_extension(body: dict[str, Any], task_id: UUID) -> object:
    """Ask for a later due time; somebody else decides."""
    return {"id": actions.ask_extension(unit(), task_id, body["due_at"], body["reason"])}


@deadlines.post("/extensions/<uuid:request_id>")
@deadlines.takes(schemas.ExtensionDecision)
@deadlines.gives(None, 204)
def decide_extension(body: dict[str, Any], request_id: UUID) -> Response:
    """Grant or refuse an extension; the old due time is kept."""
    actions.decide_extension(runtime().engine, unit(), request_id, body["reason"], approve=body["approve"])
    return Response(status=204)


@deadlines.post("/<uuid:task_id>/urge")
@deadlines.takes(schemas.UrgingInput)
@deadlines.gives(schemas.Told)
def urge_task(body: dict[str, Any], task_id: UUID) -> object:
    """Urge those who have the task to do; logged."""
    return {"to": actions.urge(unit(), task_id, body["note"])}
