"""Messages and signals: one message reaches one instance, a signal reaches all that wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.actions.instances import start_version
from service.domain.errors import Conflict
from service.domain.ids import new_id
from service.domain.permissions import require
from service.engine.engine import ProcessEngine
from service.engine.view import Cause, Progress
from service.queries.definitions import DefinitionView, list_definitions
from service.storage.models import Outbox, ProcessInstance, Subscription, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

SUBSCRIPTION = table_of(Subscription)
INSTANCE = table_of(ProcessInstance)
OUTBOX = table_of(Outbox)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to correlate.

    Attributes:
        name: the BPMN message name.
        correlation_key: which conversation; None matches subscriptions without a key.
        payload: a JSON object.
        business_key: for an instance that it starts.
    """

    name: str
    correlation_key: str | None
    payload: Mapping[str, Any]
    business_key: str | None = None


def check_may_send(unit: UnitOfWork) -> None:
    """Refuse people who may not send messages and signals to processes by hand.

    Raises:
        Forbidden: the actor is none of system, supervisor, administrator.
    """
    require(unit.actor, "message.send")


def correlate(engine: ProcessEngine, unit: UnitOfWork, message: Message) -> Progress:
    """Deliver a message to the one waiting instance, or start a process that begins with it.

    Raises:
        Conflict: nobody waits for it, or more than one instance does.
    """
    found = unit.session.execute(
        select(SUBSCRIPTION.c.instance_id, SUBSCRIPTION.c.token_id)
        .join(INSTANCE, INSTANCE.c.id == SUBSCRIPTION.c.instance_id)
        .where(
            SUBSCRIPTION.c.agency_id == unit.actor.agency_id,
            SUBSCRIPTION.c.kind == "message",
            SUBSCRIPTION.c.name == message.name,
            SUBSCRIPTION.c.correlation_key.is_not_distinct_from(message.correlation_key),
        )
        .limit(2),
    ).all()
    if len(found) > 1:
        raise Conflict(
            "message.ambiguous",
            "Có nhiều hồ sơ cùng chờ thông điệp này.",
            "More than one process instance waits for this message.",
            extra={"message": message.name},
        )
    if not found:
        return _start_by_message(engine, unit, message)
    instance_id, token_id = found[0]
    payload = dict(message.payload)
    cause = Cause("message", data=payload, reason=message.name)
    progress = engine.change(unit, instance_id, lambda execution: execution.deliver(token_id, payload), cause)
    _audit(unit, "message.correlate", instance_id, message)
    return progress


def _audit(unit: UnitOfWork, action: str, instance_id: UUID, message: Message) -> None:
    details = {"message": message.name, "correlation_key": message.correlation_key}
    unit.audit(AuditRecord(action, "process_instance", instance_id, details))


def _start_by_message(engine: ProcessEngine, unit: UnitOfWork, message: Message) -> Progress:
    for definition in list_definitions(unit, active_only=True):
        event = _start_event(definition, message.name)
        if event is not None:
            return start_version(
                engine,
                unit,
                definition,
                message.payload,
                message.business_key,
                start_event=event,
            )
    raise Conflict(
        "message.no_receiver",
        "Không có hồ sơ hay quy trình nào chờ thông điệp này.",
        "No process instance waits for this message and no process starts with it.",
        extra={"message": message.name, "correlation_key": message.correlation_key},
    )


def _start_event(definition: DefinitionView, name: str) -> str | None:
    for start in definition.info.get("starts", ()):
        if start["kind"] == "message" and start["name"] == name:
            return str(start["element_id"])
    return None


def broadcast(
    unit: UnitOfWork, name: str, payload: Mapping[str, Any], except_instance: UUID | None = None
) -> int:
    """Queue a signal for every instance that waits for it; return how many there are.

    Each instance receives it in a transaction of its own, once.
    """
    statement = select(SUBSCRIPTION.c.instance_id).where(
        SUBSCRIPTION.c.agency_id == unit.actor.agency_id,
        SUBSCRIPTION.c.kind == "signal",
        SUBSCRIPTION.c.name == name,
    )
    if except_instance is not None:
        statement = statement.where(SUBSCRIPTION.c.instance_id != except_instance)
    receivers = unit.session.execute(statement.distinct()).scalars().all()
    signal_id = new_id(unit.now)
    for instance_id in receivers:
        body = {"name": name, "payload": dict(payload), "receiver": str(instance_id)}
        unit.send("signal_delivery", name, body, f"{signal_id}:{instance_id}")
    unit.audit(
        AuditRecord("signal.broadcast", "signal", signal_id, {"signal": name, "receivers": len(receivers)})
    )
    return len(receivers)


def deliver_signal(
    engine: ProcessEngine,
    unit: UnitOfWork,
    instance_id: UUID,
    name: str,
    payload: Mapping[str, Any],
) -> Progress:
    """Deliver a signal to one instance; it finds nothing to do if the instance no longer waits for it."""
    cause = Cause("signal", data=dict(payload) or None, reason=name)
    return engine.change(unit, instance_id, lambda execution: execution.signal(name, dict(payload)), cause)


__all__ = ["Message", "broadcast", "check_may_send", "correlate", "deliver_signal"]
