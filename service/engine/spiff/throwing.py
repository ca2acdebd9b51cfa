"""Throwing events: intermediate throw events and end events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.contract import BpmnError
from service.engine.spiff import catching
from service.engine.spiff.activities import Thrown
from service.engine.spiff.tasks import MessageThrow

if TYPE_CHECKING:
    from service.engine.spiff.token import Token


class ThrowingEvent(MessageThrow):
    """An intermediate throw event or an end event, by the kind of its definition."""

    def perform(self, token: Token) -> bool:
        """Throw what the event says.

        Raises:
            BpmnError: for an error event.
        """
        kind = self.event.kind
        if kind == "message":
            return super().perform(token)
        if kind == "signal":
            self._throw_signal(token)
        elif kind == "escalation":
            catching.throw_escalation(token.workflow.instance, token)
        elif kind == "error":
            raise BpmnError(self.event.code or self.event.name or "")
        return True

    def _throw_signal(self, token: Token) -> None:
        instance = token.workflow.instance
        payload = self.payload(token)
        name = self.event.name or ""
        instance.thrown.append(Thrown("signal", name, self.name, token.id, None, payload))
        catching.broadcast_signal(instance, name, payload)

    def _on_complete(self, token: Token) -> None:
        scope = token.workflow
        if not token.is_alive:
            # What the event set off has cancelled its own scope.
            return
        if self.event.kind == "terminate":
            scope.remove(token)
            scope.instance.complete_scope(scope)
            return
        super()._on_complete(token)
