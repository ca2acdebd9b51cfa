"""Gateways: choices, and joins that count the tokens of each incoming flow (BPMN 2.0, 13.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.engine.spiff import catching
from service.engine.spiff.nodes import Flow, FlowNode, no_flow
from service.engine.spiff.token import READY, WAITING, Token

if TYPE_CHECKING:
    from service.engine.spiff.scopes import Scope


class ExclusiveGateway(FlowNode):
    """Passes each token to the first flow whose condition holds, in the order of the file."""

    def choose(self, token: Token) -> list[Flow]:
        """Return the one flow to take."""
        default = None
        for flow in self.flows:
            if flow.is_default:
                default = flow
            elif flow.condition is None:
                if len(self.flows) == 1:
                    return [flow]
            elif token.workflow.instance.holds(token, flow.condition, flow.id):
                return [flow]
        if default is None:
            raise no_flow(self)
        return [default]


class Join(FlowNode):
    """A gateway that gathers: one waiting token counts what came along each incoming flow."""

    def arrive(self, scope: Scope, flow_id: str | None = None) -> None:
        """Count a token; the gateway fires when it has what it waits for."""
        if len(self.incoming) <= 1 or flow_id is None:
            super().arrive(scope, flow_id)
            return
        token = next((other for other in scope.tasks.values() if self._gathers(other)), None)
        if token is None:
            token = scope.add(self)
            token._set_state(WAITING)  # noqa: SLF001 - Token is this package's own
            scope.instance.record("entered", token)
        arrived: dict[str, int] = token.internal_data.setdefault("arrived", {})
        arrived[flow_id] = arrived.get(flow_id, 0) + 1
        if self.is_complete(arrived):
            token.task_spec.catch(token, None)

    def _gathers(self, token: Token) -> bool:
        return token.task_spec is self and bool(token.state == WAITING)

    def is_complete(self, arrived: dict[str, int]) -> bool:
        """Return whether what has arrived is certainly all that comes."""
        return len(arrived) == len(self.incoming)

    def catch(self, token: Token, payload: Mapping[str, Any] | None) -> None:  # noqa: ARG002
        """Fire: take one token of each flow, leave what is too many for the next time."""
        arrived: dict[str, int] = token.internal_data.pop("arrived")
        left = {flow: count - 1 for flow, count in arrived.items() if count > 1}
        token._set_state(READY)  # noqa: SLF001 - Token is this package's own
        token.workflow.instance.queue.append(token)
        if left:
            rest = token.workflow.add(self)
            rest.internal_data["arrived"] = left
            rest._set_state(WAITING)  # noqa: SLF001 - Token is this package's own


class ParallelGateway(Join):
    """Waits for a token on every incoming flow and sends one along every outgoing flow."""

    def choose(self, token: Token) -> list[Flow]:  # noqa: ARG002
        """Return every outgoing flow."""
        return list(self.flows)


class InclusiveGateway(Join):
    """Waits for every token that may still come; sends one along each flow whose condition holds.

    When no more can come is found by :mod:`service.engine.spiff.waking`.
    """


class EventBasedGateway(FlowNode):
    """Lets the events behind it race; the first to happen cancels the others."""

    def arrive(self, scope: Scope, flow_id: str | None = None) -> None:  # noqa: ARG002
        """Let every event behind the gateway wait."""
        instance = scope.instance
        gateway = scope.add(self)
        instance.record("entered", gateway)
        for flow in self.flows:
            node = scope.spec.task_specs[flow.target]
            token = scope.add(node)
            token.internal_data["race"] = str(gateway.id)
            node.begin(token)
        scope.remove(gateway)


class Catching(FlowNode):
    """An intermediate catching event, a link's target, or a start event."""

    def open(self, token: Token) -> bool:
        """Wait for the event; start events and link targets go on at once."""
        if self.bpmn_type == "startEvent" or self.event.kind in {"none", "link"}:
            return True
        catching.wait_for_event(token.workflow.instance, token)
        return False

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        return super().expressions() + event_expressions(self)


def event_expressions(node: FlowNode) -> list[tuple[str, str]]:
    """Return the FEEL texts of what an event waits for."""
    found: list[tuple[str, str]] = []
    text = node.event.text
    if text and (node.event.kind == "conditional" or text.strip().startswith("=")):
        found.append((node.event.kind, text))
    key = node.properties.get("correlation_key")
    if key:
        found.append(("correlation_key", key))
    return found
