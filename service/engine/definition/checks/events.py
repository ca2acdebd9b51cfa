"""BPMN 2.0.2, 10.5 Events: what may flow into and out of each, and where each trigger may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from service.engine.definition.model import Container, Model, Node
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import EVENTS

_START = "BPMN 2.0.2, 10.5 Events: Start Event"
_END = "BPMN 2.0.2, 10.5 Events: End Event"
_INTERMEDIATE = "BPMN 2.0.2, 10.5 Events: Intermediate Event"
_TABLE = "BPMN 2.0.2, 10.5 Events: Event Definitions (types of events and their markers)"
_EVENT_SUB_PROCESS = "BPMN 2.0.2, 10.3 Activities: Event Sub-Process"

ALLOWED_TRIGGERS: Final[Mapping[str, frozenset[str]]] = {
    "start": frozenset({"message", "timer", "conditional", "signal"}),
    "sub_process_start": frozenset(),
    "event_sub_process_start": frozenset(
        {"message", "timer", "escalation", "error", "compensate", "conditional", "signal"}
    ),
    "catch": frozenset({"message", "timer", "conditional", "link", "signal"}),
    "throw": frozenset({"message", "escalation", "compensate", "link", "signal"}),
    "boundary": frozenset(
        {"message", "timer", "escalation", "error", "cancel", "compensate", "conditional", "signal"}
    ),
    "end": frozenset({"message", "escalation", "error", "cancel", "compensate", "signal", "terminate"}),
}
"""The triggers and results that the standard's table of event types allows at each position."""

_MUST_INTERRUPT = frozenset({"error", "cancel", "compensate"})
_MUST_HAVE_TRIGGER = frozenset({"catch", "boundary", "event_sub_process_start"})
_POSITIONS = {
    "endEvent": "end",
    "intermediateCatchEvent": "catch",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "boundary",
}
_POSITION_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "start": ("sự kiện bắt đầu quy trình", "start event of a process"),
    "sub_process_start": ("sự kiện bắt đầu quy trình con", "start event of a sub-process"),
    "event_sub_process_start": (
        "sự kiện bắt đầu quy trình con sự kiện",
        "start event of an event sub-process",
    ),
    "catch": ("sự kiện giữa dạng chờ", "intermediate catch event"),
    "throw": ("sự kiện giữa dạng phát", "intermediate throw event"),
    "boundary": ("sự kiện ở biên", "boundary event"),
    "end": ("sự kiện kết thúc", "end event"),
}


def position_of(node: Node) -> str:
    """Return the row of the standard's table in which an event stands."""
    if node.tag in _POSITIONS:
        return _POSITIONS[node.tag]
    if node.container.is_event_sub_process:
        return "event_sub_process_start"
    return "start" if node.container.is_process else "sub_process_start"


def _events(model: Model) -> Iterator[Node]:
    return (node for node in model.nodes if node.tag in EVENTS)


def _start_with_incoming(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("startEvent"):
        for flow in node.incoming:
            yield Fault(node.diagram, node.xml, {"flow": flow.id})


def _end_with_outgoing(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("endEvent"):
        for flow in node.outgoing:
            yield Fault(node.diagram, node.xml, {"flow": flow.id})


def _boundary_with_incoming(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("boundaryEvent"):
        for flow in node.incoming:
            yield Fault(node.diagram, node.xml, {"flow": flow.id})


def _boundary_without_outgoing(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("boundaryEvent"):
        if not node.outgoing and "compensate" not in node.triggers:
            yield Fault(node.diagram, node.xml)


def _boundary_elsewhere(model: Model) -> Iterator[Fault]:
    for host in model.nodes:
        for event in host.boundary:
            if event.container is not host.container:
                yield Fault(event.diagram, event.xml, {"host": host.id})


def _wrong_trigger(model: Model) -> Iterator[Fault]:
    for node in _events(model):
        position = position_of(node)
        name_vi, name_en = _POSITION_NAMES[position]
        allowed = ", ".join(sorted(ALLOWED_TRIGGERS[position])) or "–"
        for definition, trigger in zip(node.definitions, node.triggers, strict=True):
            if trigger not in ALLOWED_TRIGGERS[position]:
                values = {"trigger": trigger, "position_vi": name_vi, "position_en": name_en}
                yield Fault(node.diagram, definition, values | {"allowed": allowed})


def _no_trigger(model: Model) -> Iterator[Fault]:
    for node in _events(model):
        position = position_of(node)
        if not node.definitions and position in _MUST_HAVE_TRIGGER and not _has_shared_definition(node):
            name_vi, name_en = _POSITION_NAMES[position]
            yield Fault(node.diagram, node.xml, {"position_vi": name_vi, "position_en": name_en})


def _has_shared_definition(node: Node) -> bool:
    return any(True for _ in node.xml.iterchildren("{*}eventDefinitionRef"))


def _must_interrupt(model: Model) -> Iterator[Fault]:
    for node in _events(model):
        catches = node.tag == "boundaryEvent" or node.container.is_event_sub_process
        if catches and not node.interrupts and node.tag in {"boundaryEvent", "startEvent"}:
            for trigger in _MUST_INTERRUPT.intersection(node.triggers):
                yield Fault(node.diagram, node.xml, {"trigger": trigger})


def _idle_interrupting(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("startEvent"):
        if not node.interrupts and not node.container.is_event_sub_process:
            yield Fault(node.diagram, node.xml)


def _cancel_outside_transaction(model: Model) -> Iterator[Fault]:
    for node in _events(model):
        if "cancel" in node.triggers and not _cancels_transaction(node):
            yield Fault(node.diagram, node.xml)


def _cancels_transaction(node: Node) -> bool:
    if node.tag == "endEvent":
        return node.container.tag == "transaction"
    return node.host is not None and node.host.tag == "transaction"


def _event_sub_processes(model: Model) -> Iterator[Container]:
    return (container for container in model.containers if container.is_event_sub_process)


def _event_sub_process_flows(model: Model) -> Iterator[Fault]:
    for container in _event_sub_processes(model):
        node = container.node
        for flow in [*node.incoming, *node.outgoing] if node is not None else []:
            yield Fault(container.diagram, container.xml, {"flow": flow.id})


def _event_sub_process_starts(model: Model) -> Iterator[Fault]:
    for container in _event_sub_processes(model):
        if len(container.starts()) != 1:
            yield Fault(container.diagram, container.xml, {"count": len(container.starts())})


CHECKS = (
    Check(
        Rule(
            "start_event.incoming",
            _START,
            "Sự kiện bắt đầu “{id}” có luồng “{flow}” đi vào.",
            "Start event “{id}” has the incoming flow “{flow}”.",
            "Nối luồng quay lại vào hoạt động hoặc cổng đứng sau nó.",
            "Lead the flow back to the activity or gateway behind it.",
        ),
        _start_with_incoming,
    ),
    Check(
        Rule(
            "end_event.outgoing",
            _END,
            "Sự kiện kết thúc “{id}” có luồng “{flow}” đi ra.",
            "End event “{id}” has the outgoing flow “{flow}”.",
            "Xoá luồng, hoặc đổi thành sự kiện giữa.",
            "Delete the flow, or make it an intermediate event.",
        ),
        _end_with_outgoing,
    ),
    Check(
        Rule(
            "boundary_event.incoming",
            _INTERMEDIATE,
            "Sự kiện ở biên “{id}” có luồng “{flow}” đi vào.",
            "Boundary event “{id}” has the incoming flow “{flow}”.",
            "Nối luồng vào hoạt động mang sự kiện đó.",
            "Lead the flow into the activity that carries the event.",
        ),
        _boundary_with_incoming,
    ),
    Check(
        Rule(
            "boundary_event.no_outgoing",
            _INTERMEDIATE,
            "Sự kiện ở biên “{id}” không có luồng đi ra.",
            "Boundary event “{id}” has no outgoing flow.",
            "Nối nó tới bước xử lý tiếp theo.",
            "Lead it to what is to be done.",
        ),
        _boundary_without_outgoing,
    ),
    Check(
        Rule(
            "boundary_event.elsewhere",
            _INTERMEDIATE,
            "Sự kiện ở biên “{id}” không nằm cùng quy trình với hoạt động “{host}” mang nó.",
            "Boundary event “{id}” does not stand in the same process as “{host}”, to which it is attached.",
            "Chuyển sự kiện vào cùng cấp với hoạt động.",
            "Move it to the level of the activity.",
        ),
        _boundary_elsewhere,
    ),
    Check(
        Rule(
            "event.wrong_trigger",
            _TABLE,
            "“{id}” là {position_vi}, không được mang loại “{trigger}”.",
            "“{id}” is a {position_en}, where “{trigger}” is not allowed.",
            "Loại được phép: {allowed}.",
            "Allowed are: {allowed}.",
        ),
        _wrong_trigger,
    ),
    Check(
        Rule(
            "event.no_trigger",
            _TABLE,
            "“{id}” là {position_vi} nhưng không nói chờ điều gì.",
            "“{id}” is a {position_en} but does not say what it waits for.",
            "Chọn thông điệp, thời gian, tín hiệu hoặc loại khác.",
            "Choose message, timer, signal or another kind.",
        ),
        _no_trigger,
    ),
    Check(
        Rule(
            "event.must_interrupt",
            _TABLE,
            "Sự kiện “{id}” loại “{trigger}” luôn ngắt hoạt động, không thể đặt là không ngắt.",
            "Event “{id}” of kind “{trigger}” always interrupts; it cannot be non-interrupting.",
            "Đặt lại là ngắt, hoặc dùng sự kiện báo cấp trên (escalation).",
            "Let it interrupt, or use an escalation.",
        ),
        _must_interrupt,
    ),
    Check(
        Rule(
            "start_event.idle_interrupting",
            _START,
            'isInterrupting="false" trên “{id}” không có nghĩa: nó không thuộc quy trình con sự kiện.',
            'isInterrupting="false" on “{id}” means nothing: it is not in an event sub-process.',
            'Xoá thuộc tính, hoặc đặt triggeredByEvent="true" cho quy trình con.',
            'Delete it, or mark the sub-process triggeredByEvent="true".',
        ),
        _idle_interrupting,
    ),
    Check(
        Rule(
            "event.cancel_outside_transaction",
            _TABLE,
            "Sự kiện huỷ “{id}” không thuộc giao dịch nào.",
            "Cancel event “{id}” belongs to no transaction.",
            "Dùng sự kiện lỗi hoặc sự kiện kết thúc dạng chấm dứt.",
            "Use an error, or a terminate end event.",
        ),
        _cancel_outside_transaction,
    ),
    Check(
        Rule(
            "event_sub_process.flow",
            _EVENT_SUB_PROCESS,
            "Quy trình con sự kiện “{id}” có luồng “{flow}” nối vào hoặc ra.",
            "Event sub-process “{id}” is joined by flow “{flow}”.",
            "Xoá luồng: nó chỉ khởi động bởi sự kiện bên trong.",
            "Delete the flow: only the event inside starts it.",
        ),
        _event_sub_process_flows,
    ),
    Check(
        Rule(
            "event_sub_process.starts",
            _EVENT_SUB_PROCESS,
            "Quy trình con sự kiện “{id}” có {count} sự kiện bắt đầu.",
            "Event sub-process “{id}” has {count} start events.",
            "Giữ đúng một sự kiện bắt đầu có loại kích hoạt.",
            "Keep exactly one, with a trigger.",
        ),
        _event_sub_process_starts,
    ),
)
