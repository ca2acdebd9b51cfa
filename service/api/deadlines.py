"""Deadlines of user tasks: explained, paused, extended, urged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import deadlines as actions
from service.actions import reminders
from service.api.resource import Resource
from service.api.schemas import calendars as schemas
from service.api.schemas.accounts import Created
from service.api.schemas.shared import Reason
from service.http.context import runtime, unit
from service.queries import deadlines as queries
from service.queries import reminders as ladders

deadlines = Resource("deadlines", "deadlines", "Deadlines of user tasks: why they fall where they fall.")

_LADDER = {"rungs": [{"at": 0.5, "to": ["assignee"]}, {"at": "daily", "to": ["assignee", "head"]}]}


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


@deadlines.get("/ladders")
@deadlines.gives(schemas.Ladders)
def list_ladders() -> object:
    """List when and whom the house reminds: for all, then for each process."""
    return {"items": ladders.list_ladders(unit())}


@deadlines.get("/ladders/<process_key>")
@deadlines.gives(schemas.Ladder)
def read_ladder(process_key: str) -> object:
    """Read the ladder in force for a process, and whose it is."""
    return ladders.read_ladder_of(unit(), process_key)


@deadlines.put("/ladders/<process_key>")
@deadlines.takes(schemas.LadderInput, example=_LADDER)
@deadlines.gives(schemas.Ladder)
def set_ladder(body: dict[str, Any], process_key: str) -> object:
    """Give a process a ladder of its own; no rungs = no reminders."""
    return reminders.set_ladder(unit(), process_key, body["rungs"])


@deadlines.delete("/ladders/<process_key>")
@deadlines.gives(schemas.Ladder)
def reset_ladder(process_key: str) -> object:
    """Let a process remind as the agency does again."""
    return reminders.reset_ladder(unit(), process_key)


@deadlines.put("/ladders")
@deadlines.takes(schemas.LadderInput, example=_LADDER)
@deadlines.gives(schemas.Ladder)
def set_agency_ladder(body: dict[str, Any]) -> object:
    """Set the ladder for every process without one of its own."""
    return reminders.set_ladder(unit(), None, body["rungs"])


@deadlines.delete("/ladders")
@deadlines.gives(schemas.Ladder)
def reset_agency_ladder() -> object:
    """Let the agency remind as every house begins."""
    return reminders.reset_ladder(unit(), None)
