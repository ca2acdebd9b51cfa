"""Messages and signals from people and systems to processes."""

from __future__ import annotations

from typing import Any

from service.actions import messages as actions
from service.api.resource import Resource
from service.api.schemas import instances as schemas
from service.http.context import runtime, unit

messages = Resource("messages", "", "Messages reach one instance; signals reach all that wait for them.")


@messages.post("/messages")
@messages.takes(schemas.MessageInput)
@messages.gives(schemas.Progress)
def send_message(body: dict[str, Any]) -> object:
    """Deliver a message to the one waiting instance, or start a process that begins with it."""
    actions.check_may_send(unit())
    return actions.correlate(runtime().engine, unit(), actions.Message(**body))


@messages.post("/signals")
@messages.takes(schemas.SignalInput)
@messages.gives(schemas.SignalOutput, 202)
def send_signal(body: dict[str, Any]) -> object:
    """Queue a signal for every instance that waits for it."""
    actions.check_may_send(unit())
    return {"receivers": actions.broadcast(unit(), body["name"], body["payload"])}, 202
