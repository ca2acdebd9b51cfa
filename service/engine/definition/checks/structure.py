"""BPMN 2.0.2, 10.5 and 13: a process starts, every node is reached, and every path comes to an end."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.definition.model import Container, Model, Node
from service.engine.definition.paths import Paths
from service.engine.definition.rule import Check, Fault, Rule

_PROCESS = "BPMN 2.0.2, 10.2 Basic Process Concepts; 13.2 Process Instantiation and Termination"
_START = "BPMN 2.0.2, 10.5 Events: Start Event"
_END = "BPMN 2.0.2, 10.5 Events: End Event"
_SUB_PROCESS = "BPMN 2.0.2, 10.3 Activities: Sub-Process"
MAX_NODES = 500
"""Nodes of one container; more cannot be read by a person, and the engine plans a path by recursion."""


def _executable(model: Model) -> Iterator[Container]:
    return (container for container in model.containers if container.is_executable)


def _analysable(model: Model) -> Iterator[Container]:
    """Yield the containers whose paths are followed: started ones of a bounded size."""
    for container in _executable(model):
        begins = bool(container.starts()) or _may_lack_start(container)
        if container.tag != "adHocSubProcess" and begins and len(container.nodes) <= MAX_NODES:
            yield container


def _no_executable(model: Model) -> Iterator[Fault]:
    if model.diagrams and not any(process.is_executable for process in model.processes):
        yield Fault(model.diagrams[0], model.diagrams[0].root)


def _not_executable(model: Model) -> Iterator[Fault]:
    for process in model.processes:
        if not process.is_executable and process.nodes:
            yield Fault(process.diagram, process.xml)


def _repeated_key(model: Model) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for process in model.processes:
        if process.id in seen and seen[process.id] != process.diagram.file:
            yield Fault(process.diagram, process.xml, {"other": seen[process.id]})
        seen.setdefault(process.id, process.diagram.file)


def _too_many_nodes(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        if len(container.nodes) > MAX_NODES:
            yield Fault(container.diagram, container.xml, {"count": len(container.nodes), "limit": MAX_NODES})


def _no_start(model: Model) -> Iterator[Fault]:
    for container in _executable(model):
        has_end = any(node.tag == "endEvent" for node in container.nodes)
        if _may_lack_start(container) and not has_end:
            continue
        if not container.is_event_sub_process and not container.starts():
            yield Fault(container.diagram, container.xml)


def _may_lack_start(container: Container) -> bool:
    """Say whether the standard lets a container begin at every node that nothing leads to."""
    return container.tag == "adHocSubProcess" or not container.is_process


def _empty(model: Model) -> Iterator[Fault]:
    for container in _executable(model):
        if not container.is_process and not container.nodes and not container.is_event_sub_process:
            yield Fault(container.diagram, container.xml)


def _no_end(model: Model) -> Iterator[Fault]:
    for container in _executable(model):
        ends = [node for node in container.nodes if node.tag == "endEvent"]
        if container.starts() and not ends:
            yield Fault(container.diagram, container.xml)


def _several_plain_starts(model: Model) -> Iterator[Fault]:
    for container in _executable(model):
        plain = [node for node in container.starts() if not node.definitions]
        for node in plain[1:] if container.is_process else []:
            yield Fault(node.diagram, node.xml, {"first": plain[0].id})


def _several_inner_starts(model: Model) -> Iterator[Fault]:
    for container in _executable(model):
        if not container.is_process and not container.is_event_sub_process and len(container.starts()) > 1:
            yield Fault(container.diagram, container.xml, {"count": len(container.starts())})


def _stands_apart(node: Node) -> bool:
    """Say whether a node rightly has no sequence flow: event sub-process, compensation handler, link end."""
    if node.inner is not None and node.inner.is_event_sub_process:
        return True
    return node.is_compensation or (node.tag == "boundaryEvent" and "compensate" in node.triggers)


def _unreachable(model: Model) -> Iterator[Fault]:
    for container in _analysable(model):
        paths = Paths(container)
        reached = paths.reached_from(paths.entries)
        apart = {node for node in container.nodes if _stands_apart(node) or _is_reported_elsewhere(node)}
        lost = [node for node in container.nodes if node not in reached and node not in apart]
        for node in _heads(paths, lost, paths.reached_from(apart)):
            yield Fault(node.diagram, node.xml)


def _heads(paths: Paths, nodes: list[Node], known: set[Node]) -> Iterator[Node]:
    """Yield the first nodes of the regions that ``nodes`` form, so that one mistake is reported once.

    Nodes that only follow others of ``nodes`` are left out, and so is what follows ``known``.
    """
    members = set(nodes)
    sources = [node for node in nodes if not members.intersection(paths.predecessors[node])]
    covered = paths.reached_from(sources) | known
    yield from (node for node in sources if node not in known)
    for node in nodes:
        if node not in covered:
            covered |= paths.reached_from([node])
            yield node


def _is_reported_elsewhere(node: Node) -> bool:
    """Say whether another check says more: a link catch without throw, a boundary event without activity."""
    if node.tag == "boundaryEvent":
        return node.host is None or node.host.container is not node.container
    return node.tag == "intermediateCatchEvent" and "link" in node.triggers


def _is_dead_end(node: Node) -> bool:
    if node.outgoing or node.tag in {"endEvent", "boundaryEvent"} or _stands_apart(node):
        return False
    return not (node.tag == "intermediateThrowEvent" and "link" in node.triggers)


def _dead_end(model: Model) -> Iterator[Fault]:
    for container in _analysable(model):
        has_end = any(node.tag == "endEvent" for node in container.nodes)
        for node in container.nodes if has_end else ():
            if _is_dead_end(node):
                yield Fault(node.diagram, node.xml)


def _no_way_out(model: Model) -> Iterator[Fault]:
    for container in _analysable(model):
        paths = Paths(container)
        finals = [node for node in container.nodes if node.tag == "endEvent" or not paths.successors[node]]
        trapped = paths.reached_from(paths.entries) - paths.leading_to(finals)
        for node in _heads(paths, [node for node in container.nodes if node in trapped], set()):
            yield Fault(node.diagram, node.xml)


CHECKS = (
    Check(
        Rule(
            "process.none_executable",
            _PROCESS,
            'Gói không có quy trình nào chạy được (isExecutable="true").',
            'No process of the bundle can be run (isExecutable="true").',
            "Đánh dấu quy trình chính là chạy được.",
            "Mark the main process as executable.",
        ),
        _no_executable,
    ),
    Check(
        Rule(
            "process.not_executable",
            _PROCESS,
            'Quy trình “{id}” có nội dung nhưng isExecutable="false", nên sẽ không được triển khai.',
            'Process “{id}” has content but isExecutable="false", so it is not deployed.',
            'Đặt isExecutable="true", hoặc chỉ vẽ nó như một bên tham gia rỗng.',
            'Set isExecutable="true", or draw it as an empty participant.',
            "warning",
        ),
        _not_executable,
    ),
    Check(
        Rule(
            "process.repeated_key",
            _PROCESS,
            "Quy trình “{id}” có ở cả tệp “{other}”.",
            "Process “{id}” is also in file “{other}”.",
            "Mỗi mã quy trình chỉ dùng một lần trong gói.",
            "Use each process id once in a bundle.",
        ),
        _repeated_key,
    ),
    Check(
        Rule(
            "process.too_many_nodes",
            "docs/bpmn-support.md",
            "“{id}” có {count} phần tử luồng, quá giới hạn {limit}.",
            "“{id}” has {count} flow nodes, over the limit of {limit}.",
            "Tách thành các quy trình con hoặc hoạt động gọi.",
            "Split it into sub-processes or call activities.",
        ),
        _too_many_nodes,
    ),
    Check(
        Rule(
            "process.no_start",
            _START,
            "“{id}” không có sự kiện bắt đầu.",
            "“{id}” has no start event.",
            "Thêm một sự kiện bắt đầu và nối tới bước đầu tiên.",
            "Add a start event and join it to the first step.",
        ),
        _no_start,
    ),
    Check(
        Rule(
            "sub_process.empty",
            _SUB_PROCESS,
            "Quy trình con “{id}” không có phần tử nào.",
            "Sub-process “{id}” holds no element.",
            "Vẽ nội dung của nó, hoặc thay bằng một nhiệm vụ.",
            "Draw its content, or make it a task.",
        ),
        _empty,
    ),
    Check(
        Rule(
            "process.no_end",
            _END,
            "“{id}” không có sự kiện kết thúc.",
            "“{id}” has no end event.",
            "Thêm sự kiện kết thúc ở cuối mỗi nhánh.",
            "Add an end event at the end of each branch.",
        ),
        _no_end,
    ),
    Check(
        Rule(
            "process.several_plain_starts",
            _START,
            "“{id}” là sự kiện bắt đầu thường thứ hai (đã có “{first}”), không rõ bắt đầu từ đâu.",
            "“{id}” is a second plain start event (after “{first}”): where to begin is not clear.",
            "Giữ một sự kiện bắt đầu thường; các cách khởi động khác cần loại kích hoạt.",
            "Keep one plain start; other ways to begin need a trigger.",
            "warning",
        ),
        _several_plain_starts,
    ),
    Check(
        Rule(
            "sub_process.several_starts",
            _SUB_PROCESS,
            "Quy trình con “{id}” có {count} sự kiện bắt đầu.",
            "Sub-process “{id}” has {count} start events.",
            "Giữ đúng một sự kiện bắt đầu thường.",
            "Keep exactly one plain start event.",
        ),
        _several_inner_starts,
    ),
    Check(
        Rule(
            "node.unreachable",
            _START,
            "Không đường nào từ sự kiện bắt đầu dẫn tới “{id}”.",
            "No path from a start event leads to “{id}”.",
            "Nối nó vào luồng, hoặc xoá.",
            "Join it to the flow, or delete it.",
        ),
        _unreachable,
    ),
    Check(
        Rule(
            "node.dead_end",
            _END,
            "“{id}” không có luồng đi ra mà không phải sự kiện kết thúc.",
            "“{id}” has no outgoing flow and is not an end event.",
            "Nối nó tới bước tiếp theo hoặc tới sự kiện kết thúc.",
            "Join it to the next step or to an end event.",
        ),
        _dead_end,
    ),
    Check(
        Rule(
            "node.no_way_out",
            _END,
            "Từ “{id}” không thể tới sự kiện kết thúc nào: luồng quay vòng mãi.",
            "From “{id}” no end event can be reached: the flow goes round for ever.",
            "Thêm một cổng để thoát khỏi vòng lặp.",
            "Add a gateway that leaves the loop.",
        ),
        _no_way_out,
    ),
)
