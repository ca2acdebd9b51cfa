"""The process engine over rows: lock, load, step until it waits, project, save. It never commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain.crashpoints import crashpoint
from service.domain.ids import new_id
from service.engine import instances
from service.engine.history import history_row
from service.engine.host import InstanceHost
from service.engine.loaded import DefinitionCache, LoadedDefinition
from service.engine.projection import Projection
from service.engine.resources import EngineResources
from service.engine.spiff.activities import Json, Thrown, Waiting
from service.engine.spiff.definition import Definition
from service.engine.spiff.execution import Execution
from service.engine.view import Cause, InstanceRow, Progress, check_active, instance_not_found
from service.storage.models import History, table_of
from service.storage.unit_of_work import UnitOfWork

Act = Callable[[Execution], Any]

_HISTORY = table_of(History)
_ENDED = {"completed": "completed", "terminated": "terminated"}


@dataclass(frozen=True, slots=True)
class StartRequest:
    """How an instance starts.

    Attributes:
        definition_id: the deployed version.
        variables: the start variables.
        business_key: None = the process's own expression, if it has one.
        start_event: id of the start event, None = the none start event.
        initiator_id: None = started by the system.
        initiator_login: of the initiator.
    """

    definition_id: UUID
    variables: Json
    business_key: str | None = None
    start_event: str | None = None
    initiator_id: UUID | None = None
    initiator_login: str | None = None


@dataclass(slots=True)
class LoadedInstance:
    """An instance in memory inside one unit of work."""

    row: InstanceRow
    loaded: LoadedDefinition
    execution: Execution


class ProcessEngine:
    """Starts and steps instances inside the caller's unit of work.

    Args:
        resources: handlers, clock, functions, job queue.
        definitions: the versions in memory.
    """

    def __init__(self, resources: EngineResources, definitions: DefinitionCache | None = None) -> None:
        self.resources = resources
        self.definitions = definitions or DefinitionCache()

    def start(self, unit: UnitOfWork, request: StartRequest) -> Progress:
        """Start an instance and run it until it waits.

        Writes the instance, what it waits for, its history and its audit event.
        """
        loaded = self.definitions.get(unit.session, request.definition_id)
        row = self._new_row(unit, loaded, request)
        host = InstanceHost(self.resources, unit, loaded, row.id, row.business_key)
        variables = _received(loaded, request) | _start_variables(unit, row)
        execution = Execution.start(loaded.definition, host, variables, start_event=request.start_event)
        instance = LoadedInstance(row, loaded, execution)
        values = self._values(unit, instance) | {
            "id": row.id,
            "agency_id": unit.actor.agency_id,
            "definition_id": row.definition_id,
            "key": row.key,
            "business_key": row.business_key,
            "initiator_id": row.initiator_id,
            "started_at": row.started_at,
        }
        instances.insert_instance(unit, values)
        return self._save(unit, instance, Waiting(), Cause("start", data=request.variables or None))

    def _new_row(self, unit: UnitOfWork, loaded: LoadedDefinition, request: StartRequest) -> InstanceRow:
        return InstanceRow(
            id=new_id(unit.now),
            definition_id=loaded.id,
            key=loaded.key,
            business_key=request.business_key,
            state="active",
            rev=0,
            initiator_id=request.initiator_id,
            initiator_login=request.initiator_login,
            started_at=unit.now,
        )

    def change(self, unit: UnitOfWork, instance_id: UUID, act: Act, cause: Cause) -> Progress:
        """Lock an active instance, let ``act`` step it, and save it.

        Raises:
            NotFound: no such instance.
            Conflict: it is suspended or ended.
        """
        locked = instances.lock_instance(unit, instance_id)
        if locked is None:
            raise instance_not_found()
        return self.change_locked(unit, locked, act, cause)

    def change_locked(
        self,
        unit: UnitOfWork,
        locked: instances.LockedInstance,
        act: Act,
        cause: Cause,
    ) -> Progress:
        """Step an instance whose row is already locked; ``act`` returning False means nothing was to do.

        Raises:
            Conflict: it is suspended or ended.
        """
        check_active(locked.row)
        instance = self.load(unit, locked)
        before = instance.execution.waiting
        if act(instance.execution) is False:
            return Progress(locked.row.id, locked.row.state, locked.row.rev, is_changed=False)
        crashpoint("instance.stepped")
        instances.update_instance(unit, locked.row.id, self._values(unit, instance))
        return self._save(unit, instance, before, cause)

    def load(self, unit: UnitOfWork, locked: instances.LockedInstance) -> LoadedInstance:
        """Bring a stored execution to life; for stepping it must be locked."""
        loaded = self.definitions.get(unit.session, locked.row.definition_id)
        host = InstanceHost(self.resources, unit, loaded, locked.row.id, locked.row.business_key)
        return LoadedInstance(locked.row, loaded, Execution.load(loaded.definition, host, locked.execution))

    def definition(self, unit: UnitOfWork, definition_id: UUID) -> Definition:
        """Return the parsed process of a deployed version."""
        return self.definitions.get(unit.session, definition_id).definition

    def _values(self, unit: UnitOfWork, instance: LoadedInstance) -> dict[str, Any]:
        execution = instance.execution
        state = _ENDED.get(execution.status, "active")
        return {
            "state": state,
            "rev": instance.row.rev + 1,
            "ended_at": None if state == "active" else unit.now,
            "execution": execution.dump(),
        }

    def _save(self, unit: UnitOfWork, instance: LoadedInstance, before: Waiting, cause: Cause) -> Progress:
        execution = instance.execution
        projection = Projection(unit, instance.row, self.resources)
        created = projection.write(before, execution.waiting, cause)
        for thrown in execution.thrown:
            _send_thrown(unit, instance.row, thrown)
        rev = instance.row.rev + 1
        row = history_row(unit, instance.row.id, rev, cause, execution.steps)
        unit.insert(_HISTORY, row)
        crashpoint("instance.saved")
        state = _ENDED.get(execution.status, "active")
        return Progress(instance.row.id, state, rev, tuple(created))


def _received(loaded: LoadedDefinition, request: StartRequest) -> Json:
    """Return what starts the instance; a start event may ask for it under one name."""
    if request.start_event is None:
        return request.variables
    name = loaded.definition.element(request.start_event).properties.get("result_variable")
    return {name: request.variables} if name else request.variables


def _start_variables(unit: UnitOfWork, row: InstanceRow) -> Json:
    started_at: datetime = row.started_at
    return {
        "instance_id": str(row.id),
        "business_key": row.business_key,
        "initiator": row.initiator_reference,
        "started_at": started_at,
        "agency": unit.actor.agency_code,
    }


def _send_thrown(unit: UnitOfWork, row: InstanceRow, thrown: Thrown) -> None:
    """Put a thrown message or signal into the outbox: its receivers are locked in other transactions."""
    if thrown.kind not in {"message", "signal"}:
        return
    payload = {
        "name": thrown.name,
        "correlation_key": thrown.correlation_key,
        "payload": thrown.payload,
        "instance_id": str(row.id),
    }
    unit.send(thrown.kind, thrown.name, payload, f"{thrown.token_id}:{thrown.name}")
