"""What a process must have for the engine to run it: checked once, when it is parsed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.domain.errors import Finding
from service.engine.spiff.nodes import FlowNode
from service.engine.spiff.processes import ProcessSpec

_ESP_EVENTS: Final = frozenset({"message", "signal", "timer", "conditional", "error", "escalation"})
_BOUNDARY_EVENTS: Final = _ESP_EVENTS
_ALWAYS_INTERRUPTING: Final = "error"


def structural_findings(spec: ProcessSpec) -> Iterator[Finding]:
    """Yield what the engine could not run in one process or sub-process."""
    if not spec.task_specs:
        yield _finding(spec, None, "process.empty", "không có phần tử nào", "holds no element")
    if spec.name == spec.root_id and not spec.start_nodes:
        yield _finding(spec, None, "process.no_start", "không có sự kiện bắt đầu", "has no start event")
    for node in spec.task_specs.values():
        for code, vi, en in _node_faults(node):
            yield _finding(spec, node, code, vi, en)


def _node_faults(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    check = _CHECKS.get(node.bpmn_type)
    if check is not None:
        yield from check(node)
    if node.event.kind in {"message", "signal", "link"} and not node.event.name:
        yield "event.no_name", "sự kiện không nêu tên", "the event names no message, signal or link"
    if node.event.kind == "conditional" and not node.event.text:
        yield "event.no_condition", "sự kiện không có điều kiện", "the event has no condition"
    loop = node.loop
    if loop is None:
        return
    if loop.kind == "standard":
        if loop.condition is None and loop.maximum is None:
            yield "loop.endless", "vòng lặp không có điểm dừng", "the loop has neither condition nor maximum"
    elif (loop.cardinality is None) == (loop.collection is None):
        yield "loop.no_source", "cần đúng một: số lượt hoặc danh sách", "needs either a cardinality or a list"


def _script(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if node.options["format"].strip().lower() != "feel":
        yield "script.language", "kịch bản phải có scriptFormat là feel", "the script's format is not feel"


def _service(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if not node.options["operation"]:
        yield "service.no_operation", "không nêu thao tác", "the service task names no operation"


def _rule(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if not node.options["decision"]:
        yield "decision.none", "không nêu quyết định", "the business rule task names no decision"


def _event_sub_process(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if "start" not in node.options or node.event.kind not in _ESP_EVENTS:
        yield (
            "event_sub_process.start",
            "quy trình con sự kiện cần đúng một sự kiện bắt đầu có điều kiện kích hoạt",
            "an event sub-process needs exactly one start event with a trigger",
        )
    elif node.event.kind == _ALWAYS_INTERRUPTING and not node.options["interrupting"]:
        yield "event.error_interrupts", "sự kiện lỗi luôn ngắt", "an error event always interrupts"


def _boundary(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if node.event.kind not in _BOUNDARY_EVENTS:
        yield "boundary.event", "sự kiện biên không có loại phù hợp", "this event may not be attached"
    elif node.event.kind == _ALWAYS_INTERRUPTING and not node.options["interrupting"]:
        yield "event.error_interrupts", "sự kiện lỗi luôn ngắt", "an error event always interrupts"


def _event_gateway(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    specs = node.process_spec.task_specs
    for flow in node.flows:
        target = specs[flow.target]
        if target.bpmn_type not in {"intermediateCatchEvent", "receiveTask"} or target.event.kind in {
            "none",
            "link",
        }:
            yield (
                "event_gateway.target",
                f"“{target.name}” không phải là sự kiện chờ",
                f"'{target.name}' waits for no event",
            )


def _throw(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if node.event.kind not in {"none", "message", "signal", "escalation", "link"}:
        yield (
            "event.not_thrown",
            "loại sự kiện này không phát ra ở giữa",
            "this event is not thrown on the way",
        )


def _catch(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if node.event.kind not in {"message", "signal", "timer", "conditional", "link"}:
        yield (
            "event.not_caught",
            "loại sự kiện này không chờ được ở giữa",
            "this event is not caught on the way",
        )


def _end(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if node.event.kind not in {"none", "message", "signal", "escalation", "error", "terminate"}:
        yield "event.not_end", "loại sự kiện này không kết thúc được", "this event may not end a process"


_CHECKS: Final = {
    "scriptTask": _script,
    "serviceTask": _service,
    "businessRuleTask": _rule,
    "eventSubProcess": _event_sub_process,
    "boundaryEvent": _boundary,
    "eventBasedGateway": _event_gateway,
    "intermediateThrowEvent": _throw,
    "intermediateCatchEvent": _catch,
    "endEvent": _end,
}


def _finding(spec: ProcessSpec, node: FlowNode | None, code: str, vi: str, en: str) -> Finding:
    name = spec.name if node is None else node.name
    line = None if node is None else node.line
    return Finding(code, f"“{name}”: {vi}.", f"'{name}': {en}.", file=spec.file, element=name, line=line)
