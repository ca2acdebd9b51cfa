"""What each BPMN element becomes, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.parser.util import full_tag

from service.engine.spiff.events import Event
from service.engine.spiff.gateways import (
    Catching,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)
from service.engine.spiff.nodes import FlowNode, Loop
from service.engine.spiff.processes import ProcessSpec
from service.engine.spiff.subprocesses import BoundaryEvent, CallActivity, EventSubProcess, SubProcess
from service.engine.spiff.tasks import (
    BusinessRuleTask,
    ManualTask,
    NoneTask,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    UserTask,
)
from service.engine.spiff.throwing import ThrowingEvent

if TYPE_CHECKING:
    from service.engine.spiff.parser import DialectParser

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"

NODE_CLASSES: Final[Mapping[str, type[FlowNode]]] = {
    "task": NoneTask,
    "userTask": UserTask,
    "manualTask": ManualTask,
    "scriptTask": ScriptTask,
    "serviceTask": ServiceTask,
    "businessRuleTask": BusinessRuleTask,
    "sendTask": SendTask,
    "receiveTask": ReceiveTask,
    "subProcess": SubProcess,
    "callActivity": CallActivity,
    "startEvent": Catching,
    "intermediateCatchEvent": Catching,
    "intermediateThrowEvent": ThrowingEvent,
    "endEvent": ThrowingEvent,
    "boundaryEvent": BoundaryEvent,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway,
}

UNSUPPORTED: Final = frozenset(
    {
        "adHocSubProcess",
        "assignment",
        "callChoreography",
        "cancelEventDefinition",
        "choreographyTask",
        "compensateEventDefinition",
        "complexGateway",
        "dataStoreReference",
        "eventDefinitionRef",
        "complexBehaviorDefinition",
        "subChoreography",
        "transaction",
        "transformation",
    }
)
"""BPMN elements that the engine does not run: a deployment that holds one is refused by name."""

HARMLESS_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "behavior": frozenset({"All"}),
    "completionQuantity": frozenset({"1"}),
    "eventGatewayType": frozenset({"Exclusive"}),
    "instantiate": frozenset({"false", "0"}),
    "isForCompensation": frozenset({"false", "0"}),
    "isImmediate": frozenset({"true", "1"}),
    "operationRef": frozenset(),
    "parallelMultiple": frozenset({"false", "0"}),
    "startQuantity": frozenset({"1"}),
}
"""Attributes that would change how a process runs: only these values pass."""

_EVENT_KINDS: Final = {
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "timerEventDefinition": "timer",
    "conditionalEventDefinition": "conditional",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
}
_TIMER_KINDS: Final = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_INNER: Final = frozenset({full_tag(name) for name in NODE_CLASSES} | {full_tag("sequenceFlow")})


def local_name(node: Any) -> str:
    """Return an element's name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def properties_of(node: Any) -> dict[str, str]:
    """Return the dialect's extension properties of an element."""
    path = f"{full_tag('extensionElements')}/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {item.get("name", ""): item.get("value", "") for item in node.findall(path)}


def unsupported_in(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and place of what the engine does not run on one element; its inner elements come later."""
    todo = [node]
    while todo:
        item = todo.pop()
        name = local_name(item)
        if name in UNSUPPORTED:
            yield name, item
        for attribute, value in item.attrib.items():
            if value not in HARMLESS_VALUES.get(str(attribute), (value,)):
                yield f"{name} {attribute}={value}", item
        todo += [child for child in item if isinstance(child.tag, str) and child.tag not in _INNER]
    if len(_definitions(node)) > 1:
        yield "multiple event definitions", node


def class_of(node: Any) -> tuple[type[FlowNode], str]:
    """Return the class and the type name of an element."""
    name = local_name(node)
    if name == "subProcess" and node.get("triggeredByEvent") == "true":
        return EventSubProcess, "eventSubProcess"
    return NODE_CLASSES[name], name


def describe(node: Any, parser: DialectParser, filename: str | None) -> dict[str, Any]:
    """Return event, loop, properties and options of an element for its spec."""
    name = local_name(node)
    described: dict[str, Any] = {
        "event": _event(node, parser),
        "loop": _loop(node),
        "properties": properties_of(node),
        "options": _OPTIONS[name](node) if name in _OPTIONS else {},
    }
    if name in {"userTask", "manualTask", "task"}:
        _, owners = parser.lane_of(node, filename)
        if owners:
            described["options"]["lane_owners"] = owners
    return described


def declared_io(node: Any) -> tuple[list[str] | None, list[str] | None]:
    """Return the names of the declared inputs and outputs of a process, None where it declares none."""
    specification = node.find(full_tag("ioSpecification"))
    if specification is None or local_name(node) != "process":
        return None, None
    names = [
        [item.get("name") or item.get("id") for item in specification.findall(full_tag(kind))]
        for kind in ("dataInput", "dataOutput")
    ]
    return names[0] or None, names[1] or None


def complete_event_sub_processes(specs: Mapping[str, ProcessSpec]) -> None:
    """Give each event sub-process the event of the start event inside it."""
    for spec in specs.values():
        for node in spec.event_sub_processes:
            inner = specs[node.options["process"]].start_nodes
            if len(inner) == 1:
                start = inner[0]
                node.event = start.event
                node.properties = {**start.properties, **node.properties}
                node.options["start"] = start.name
                node.options["interrupting"] = start.options["interrupting"]


def _definitions(node: Any) -> list[Any]:
    return [child for child in node if isinstance(child.tag, str) and local_name(child) in _EVENT_KINDS]


def _event(node: Any, parser: DialectParser) -> Event:
    if local_name(node) in {"sendTask", "receiveTask"}:
        return Event("message", parser.messages.get(node.get("messageRef")))
    definitions = _definitions(node)
    if not definitions:
        return Event()
    definition = definitions[0]
    kind = _EVENT_KINDS[local_name(definition)]
    return _EVENTS[kind](definition, parser)


def _timer(definition: Any, parser: DialectParser) -> Event:  # noqa: ARG001 - one signature for every kind
    for child in definition:
        if local_name(child) in _TIMER_KINDS:
            return Event("timer", text=(child.text or "").strip(), timer_kind=_TIMER_KINDS[local_name(child)])
    return Event("timer", text="")


def _conditional(definition: Any, parser: DialectParser) -> Event:  # noqa: ARG001
    condition = definition.find(full_tag("condition"))
    return Event("conditional", text="" if condition is None else (condition.text or "").strip())


def _error(definition: Any, parser: DialectParser) -> Event:
    declared = parser.errors.get(definition.get("errorRef")) or {}
    return Event("error", declared.get("name"), declared.get("error_code"))


def _escalation(definition: Any, parser: DialectParser) -> Event:
    declared = parser.escalations.get(definition.get("escalationRef")) or {}
    return Event("escalation", declared.get("name"), declared.get("escalation_code"))


_EVENTS: Final[Mapping[str, Callable[[Any, DialectParser], Event]]] = {
    "message": lambda item, parser: Event("message", parser.messages.get(item.get("messageRef"))),
    "signal": lambda item, parser: Event("signal", parser.signals.get(item.get("signalRef"))),
    "link": lambda item, parser: Event("link", item.get("name")),  # noqa: ARG005
    "terminate": lambda item, parser: Event("terminate"),  # noqa: ARG005
    "timer": _timer,
    "conditional": _conditional,
    "error": _error,
    "escalation": _escalation,
}


def _loop(node: Any) -> Loop | None:
    standard = node.find(full_tag("standardLoopCharacteristics"))
    if standard is not None:
        maximum = standard.get("loopMaximum")
        return Loop(
            "standard",
            condition=_text(standard, "loopCondition"),
            test_before=standard.get("testBefore") == "true",
            maximum=None if maximum is None else int(maximum),
        )
    many = node.find(full_tag("multiInstanceLoopCharacteristics"))
    if many is None:
        return None
    return Loop(
        "sequential" if many.get("isSequential") == "true" else "parallel",
        cardinality=_text(many, "loopCardinality"),
        collection=_variable(node, _text(many, "loopDataInputRef")),
        item=_item(many, "inputDataItem"),
        outputs=_variable(node, _text(many, "loopDataOutputRef")),
        output=_item(many, "outputDataItem"),
        condition=_text(many, "completionCondition"),
    )


def _text(node: Any, name: str) -> str | None:
    child = node.find(full_tag(name))
    return None if child is None else (child.text or "").strip() or None


def _item(node: Any, name: str) -> str | None:
    child = node.find(full_tag(name))
    return None if child is None else child.get("name") or child.get("id")


def _variable(node: Any, reference: str | None) -> str | None:
    """Return the variable that a reference means: a data input's or output's name, a data object's id."""
    if reference is None:
        return None
    for kind in ("dataInput", "dataOutput"):
        for item in node.findall(f"{full_tag('ioSpecification')}/{full_tag(kind)}"):
            if item.get("id") == reference:
                return str(item.get("name") or reference)
    for item in node.getroottree().iter(full_tag("dataObjectReference")):
        if item.get("id") == reference:
            return str(item.get("dataObjectRef") or reference)
    return reference


def _service_options(node: Any) -> dict[str, Any]:
    operator = node.find(f"{full_tag('extensionElements')}/{{{SPIFF}}}serviceTaskOperator")
    if operator is None:
        return {"operation": "", "params": {}, "result": None}
    params = {item.get("id"): item.get("value", "") for item in operator.iter(f"{{{SPIFF}}}parameter")}
    return {"operation": operator.get("id", ""), "params": params, "result": operator.get("resultVariable")}


def _script_options(node: Any) -> dict[str, Any]:
    return {"script": _text(node, "script") or "", "format": node.get("scriptFormat") or ""}


def _rule_options(node: Any) -> dict[str, Any]:
    called = node.find(f"{full_tag('extensionElements')}/{{{SPIFF}}}calledDecisionId")
    return {"decision": "" if called is None else (called.text or "").strip()}


def _boundary_options(node: Any) -> dict[str, Any]:
    return {
        "attached_to": node.get("attachedToRef", ""),
        "interrupting": node.get("cancelActivity", "true") != "false",
    }


_OPTIONS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "serviceTask": _service_options,
    "scriptTask": _script_options,
    "businessRuleTask": _rule_options,
    "boundaryEvent": _boundary_options,
    "startEvent": lambda node: {"interrupting": node.get("isInterrupting", "true") != "false"},
    "subProcess": lambda node: {"process": node.get("id")},
    "callActivity": lambda node: {"process": node.get("calledElement", "")},
}
