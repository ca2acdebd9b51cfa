"""Activities with an inside (embedded and event sub-processes, call activities), and attached events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.engine.spiff import catching, timers
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.gateways import event_expressions
from service.engine.spiff.nodes import FlowNode
from service.engine.spiff.token import CANCELLED, Token

if TYPE_CHECKING:
    from service.engine.spiff.scopes import Scope


def start_scope(scope: Scope, start_id: str | None = None) -> None:
    """Start the process of a scope at its start event, or at every element that nothing leads to."""
    catching.open_event_sub_processes(scope.instance, scope)
    for name in scope.spec.locals:
        scope.data.setdefault(name, None)
    starts = scope.spec.start_nodes
    if start_id is not None:
        nodes = [scope.spec.task_specs[start_id]]
    elif starts:
        nodes = [node for node in starts if node.event.kind == "none"][:1] or starts[:1]
    else:
        nodes = [node for node in scope.spec.task_specs.values() if _is_entry(node)]
    for node in nodes:
        node.arrive(scope)


def _is_entry(node: FlowNode) -> bool:
    is_aside = node.bpmn_type in {"boundaryEvent", "eventSubProcess"}
    is_link_target = node.event.kind == "link" and node.bpmn_type == "intermediateCatchEvent"
    return not node.incoming and not is_aside and not is_link_target


class SubProcess(FlowNode):
    """bpmn:subProcess; ``options``: ``process`` (id of the inner process spec)."""

    is_activity = True

    def perform(self, token: Token) -> bool:
        """Start what is inside."""
        start_scope(token.workflow.instance.open_scope(token, self.options["process"]))
        return False


class CallActivity(FlowNode):
    """bpmn:callActivity; ``options``: ``process`` (id of the called process).

    The called process gets a copy of what the caller sees, or of its declared inputs; what it writes comes
    back when it ends, or its declared outputs.
    """

    is_activity = True

    def perform(self, token: Token) -> bool:
        """Start the called process.

        Raises:
            StepFailure: a declared input has no value.
        """
        instance = token.workflow.instance
        seen = token.workflow.view(token)
        scope = instance.open_scope(token, self.options["process"], is_call=True)
        wanted = scope.spec.inputs
        missing = [] if wanted is None else [name for name in wanted if name not in seen]
        if missing:
            instance.subprocesses.pop(token.id)
            raise StepFailure(
                "call.missing_input",
                f"Quy trình được gọi cần biến {', '.join(missing)} nhưng chưa có.",
                f"The called process needs {', '.join(missing)}, which is not there.",
                {"missing": missing},
            )
        scope.inputs = dict(seen) if wanted is None else {name: seen[name] for name in wanted}
        start_scope(scope)
        return False


class EventSubProcess(FlowNode):
    """A sub-process that stands by for its start event; ``options``: ``process``, ``interrupting``."""

    def catch(self, token: Token, payload: Mapping[str, Any] | None) -> None:
        """Start the sub-process; a non-interrupting one goes on standing by."""
        scope = token.workflow
        if not self.options["interrupting"]:
            rearm(token)
        catching.start_event_sub_process(scope.instance, scope, self, payload)

    def perform(self, token: Token) -> bool:
        """Start what is inside at its start event."""
        scope = token.workflow.instance.open_scope(token, self.options["process"])
        start_scope(scope, self.options["start"])
        return False

    def open(self, token: Token) -> bool:
        """Stand by again after a failure."""
        catching.watch(token.workflow.instance, token)
        return False

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        return super().expressions() + event_expressions(self)


class BoundaryEvent(FlowNode):
    """An event attached to an activity; ``options``: ``interrupting``, ``attached_to``."""

    def catch(self, token: Token, payload: Mapping[str, Any] | None) -> None:
        """Send a token out of the event."""
        scope = token.workflow
        assert token.parent_id is not None
        activity = scope.tasks[token.parent_id]
        if not self.options["interrupting"]:
            rearm(token)
        catching.fire_boundary(scope.instance, scope, self, activity, payload)

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        return super().expressions() + event_expressions(self)


def rearm(token: Token) -> None:
    """Let a non-interrupting event go on watching; a timer that has no firing left goes."""
    row = token.internal_data.get("timer")
    if row is None:
        return
    timer = timers.Timer.from_row(row)
    if timer.advance(token.workflow.instance.now):
        token.internal_data["timer"] = timer.row()
    else:
        token.workflow.tasks.pop(token.id, None)
        token._set_state(CANCELLED)  # noqa: SLF001 - Token is this package's own
