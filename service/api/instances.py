"""Process instances: start, read, hold, end, correct."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from service.actions import instances as actions
from service.api.resource import Resource
from service.api.schemas import instances as schemas
from service.api.schemas.shared import PageQuery, Reason
from service.http.context import runtime, unit
from service.queries import instances as queries

instances = Resource("instances", "instances", "Process instances: running and ended.")


@instances.get("")
@instances.filters(schemas.InstanceQuery)
@instances.gives(schemas.InstancePage)
def list_instances(query: dict[str, Any]) -> object:
    """List the instances that the caller may see, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_instances(unit(), queries.InstanceFilter(**query), cursor, limit)


@instances.post("")
@instances.takes(schemas.Start, example={"process": "incoming_document", "variables": {}})
@instances.gives(schemas.Started, 201)
def start_instance(body: dict[str, Any]) -> object:
    """Start the active version of a process, if its `may_start` names the caller."""
    progress = actions.start(
        runtime().engine, unit(), body["process"], body["variables"], body.get("business_key")
    )
    place = url_for("instances.read_instance", instance_id=progress.instance_id)
    return progress, 201, {"Location": place}


@instances.get("/<uuid:instance_id>")
@instances.gives(schemas.InstanceDetail)
def read_instance(instance_id: UUID) -> object:
    """Read one instance with its variables, its tokens and what it waits for."""
    return queries.read_instance(runtime().engine, unit(), instance_id)


@instances.get("/<uuid:instance_id>/timeline")
@instances.filters(PageQuery)
@instances.gives(schemas.TimelinePage)
def read_timeline(query: dict[str, Any], instance_id: UUID) -> object:
    """Read what happened in an instance, oldest first: who did what, on whose behalf."""
    return queries.read_timeline(runtime().engine, unit(), instance_id, query.get("cursor"), query["limit"])


@instances.post("/<uuid:instance_id>/suspend")
@instances.takes(Reason)
@instances.gives(schemas.Instance)
def suspend_instance(body: dict[str, Any], instance_id: UUID) -> object:
    """Hold an instance: its tasks cannot be completed, its timers and jobs do not run."""
    return actions.suspend(unit(), instance_id, body["reason"])


@instances.post("/<uuid:instance_id>/resume")
@instances.gives(schemas.Instance)
def resume_instance(instance_id: UUID) -> object:
    """Let a suspended instance go on; a timer that fell due meanwhile fires once."""
    return actions.resume(runtime().engine, unit(), instance_id)


@instances.post("/<uuid:instance_id>/terminate")
@instances.takes(Reason)
@instances.gives(schemas.Instance)
def terminate_instance(body: dict[str, Any], instance_id: UUID) -> object:
    """End an instance for good; its open tasks become obsolete."""
    return actions.terminate(runtime().engine, unit(), instance_id, body["reason"])


@instances.patch("/<uuid:instance_id>/variables")
@instances.takes(schemas.VariablesPatch)
@instances.gives(schemas.Instance)
def set_variables(body: dict[str, Any], instance_id: UUID) -> object:
    """Correct variables of an active instance by hand, with a reason."""
    return actions.set_variables(runtime().engine, unit(), instance_id, body["variables"], body["reason"])
