"""Who catches what: boundary events, event sub-processes, errors, escalations and signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from service.engine.spiff import timers
from service.engine.spiff.activities import Thrown
from service.engine.spiff.events import WAITING_KINDS, Event
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.token import CANCELLED, READY, WAITING, Token
from service.feel import to_json

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance
    from service.engine.spiff.nodes import FlowNode
    from service.engine.spiff.scopes import Scope


def wait_for_event(instance: Instance, token: Token) -> None:
    """Let a token wait for its element's event.

    Raises:
        StepFailure: the timer's text or the correlation key cannot be evaluated.
    """
    event = token.task_spec.event
    notes = token.internal_data
    if event.kind == "timer":
        notes["timer"] = timers.arm(instance.engine, token, event, instance.now)
    elif event.kind == "message":
        notes["key"] = correlation_key(instance, token)
    elif event.kind == "conditional":
        notes["met"] = False
        instance.is_dirty = True
    token._set_state(WAITING)  # noqa: SLF001 - Token is this package's own


def correlation_key(instance: Instance, token: Token) -> str | None:
    """Return the element's correlation key, None if it declares none.

    Raises:
        StepFailure: the expression gives neither text nor a number.
    """
    text = token.task_spec.properties.get("correlation_key")
    if not text:
        return None
    value = instance.engine.evaluate_text(token.workflow.view(token), text, "correlation_key")
    if value is None or isinstance(value, bool | list | dict):
        raise StepFailure(
            "message.no_key",
            "Khóa đối chiếu của thông điệp không có giá trị.",
            "The message's correlation key has no value.",
            {"expression": text},
        )
    return str(to_json(value))


def open_boundary(instance: Instance, activity: Token) -> None:
    """Begin to watch for the events attached to an activity; those that already watch go on.

    Raises:
        StepFailure: an attached event cannot be evaluated.
    """
    scope = activity.workflow
    watching = {child.task_spec.name for child in scope.children(activity)}
    for name in activity.task_spec.boundary:
        node = scope.spec.task_specs[name]
        if node.event.kind in WAITING_KINDS and name not in watching:
            watch(instance, scope.add(node, parent=activity.id))


def open_event_sub_processes(instance: Instance, scope: Scope) -> None:
    """Let the event sub-processes of a scope stand by."""
    for node in scope.spec.event_sub_processes:
        if node.event.kind in WAITING_KINDS:
            token = scope.add(node)
            try:
                watch(instance, token)
            except StepFailure as failure:
                instance.fail(token, failure)


def watch(instance: Instance, token: Token) -> None:
    """Let a boundary event or event sub-process watch; an unarmed token does not stay behind.

    Raises:
        StepFailure: the event cannot be evaluated.
    """
    try:
        wait_for_event(instance, token)
    except StepFailure:
        if token.parent_id is not None:
            token.workflow.tasks.pop(token.id, None)
        raise


def interrupt(scope: Scope, activity: Token) -> None:
    """Cancel an activity, with everything that runs inside it or watches it."""
    scope.remove(activity, CANCELLED)


def start_event_sub_process(
    instance: Instance, scope: Scope, node: FlowNode, payload: Mapping[str, Any] | None
) -> None:
    """Run an event sub-process; an interrupting one cancels everything else in the scope first."""
    if node.options["interrupting"]:
        scope.clear()
        scope.is_taken_over = True
    token = scope.add(node)
    instance.record("entered", token)
    if payload:
        instance.assign_result(token, payload)
    token.internal_data["fired"] = True
    token._set_state(READY)  # noqa: SLF001 - Token is this package's own
    instance.queue.append(token)


def fire_boundary(
    instance: Instance, scope: Scope, node: FlowNode, activity: Token, payload: Mapping[str, Any] | None
) -> None:
    """Send a token out of a boundary event; an interrupting one cancels its activity first."""
    if node.options["interrupting"]:
        interrupt(scope, activity)
    token = scope.add(node)
    token.internal_data["fired"] = True
    instance.record("entered", token)
    if payload:
        instance.assign_result(token, payload)
    token._set_state(READY)  # noqa: SLF001 - Token is this package's own
    instance.queue.append(token)


def throw_error(instance: Instance, origin: Token, code: str, message: str) -> None:
    """Hand an error to the nearest catcher, outwards from ``origin``; uncaught it becomes a failure."""
    payload = {"error_code": code, "error_message": message}
    if not _propagate(instance, origin, "error", code, payload):
        failure = StepFailure(
            "error.uncaught",
            f"Lỗi nghiệp vụ “{code}” không được sự kiện nào bắt. {message}".strip(),
            f"No event catches the business error '{code}'. {message}".strip(),
            {"code": code, "message": message},
        )
        instance.fail(origin, failure)


def throw_escalation(instance: Instance, origin: Token) -> None:
    """Hand an escalation to the nearest catcher; uncaught it leaves the instance and the flow goes on."""
    event = origin.task_spec.event
    payload = {"escalation_code": event.code}
    if not _propagate(instance, origin, "escalation", event.code, payload):
        name = event.code or event.name or ""
        instance.thrown.append(Thrown("escalation", name, origin.task_spec.name, origin.id))


def _propagate(
    instance: Instance, origin: Token, kind: str, code: str | None, payload: dict[str, Any]
) -> bool:
    token: Token | None = origin
    while token is not None:
        scope = token.workflow
        activity = _whole_activity(token)
        attached = [scope.spec.task_specs[name] for name in activity.task_spec.boundary]
        node = _catcher(attached, kind, code)
        if node is not None:
            fire_boundary(instance, scope, node, activity, payload)
            return True
        node = None if scope.is_taken_over else _catcher(scope.spec.event_sub_processes, kind, code)
        if node is not None and node is not token.task_spec:
            start_event_sub_process(instance, scope, node, payload)
            return True
        token = scope.holder
    return False


def _whole_activity(token: Token) -> Token:
    if token.is_instance and token.parent_id is not None:
        return token.workflow.tasks[token.parent_id]
    return token


def _catcher(nodes: list[FlowNode], kind: str, code: str | None) -> FlowNode | None:
    """Return the node that catches, one that names the code before one that catches every code."""
    matching = [node for node in nodes if node.event.kind == kind and node.event.catches_code(code)]
    return next((node for node in matching if node.event.code is not None), matching[0] if matching else None)


def waits_for_signal(token: Token, name: str) -> bool:
    """Return whether a token waits for the signal ``name``."""
    event: Event = token.task_spec.event
    return bool(token.state == WAITING) and event.kind == "signal" and event.name == name


def broadcast_signal(instance: Instance, name: str, payload: Mapping[str, Any]) -> None:
    """Hand a signal to every token of the instance that waits for it now."""
    waiting = [
        token
        for scope in instance.scopes()
        for token in scope.tasks.values()
        if waits_for_signal(token, name)
    ]
    for token in waiting:
        if token.is_alive:
            token.task_spec.catch(token, payload)
