"""BPMN 2.0.2, 8.4 Common Elements: Sequence Flow, and the connection rules of chapter 7."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.definition.model import Flow, Model, Node
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import ACTIVITIES, EVENTS, bpmn

_CHAPTER = "BPMN 2.0.2, 8.4 Common Elements: Sequence Flow"
_WITHOUT_CONDITIONS = EVENTS | {"parallelGateway", "eventBasedGateway"}


def _crosses_border(model: Model) -> Iterator[Fault]:
    for flow in model.flows:
        ends = [end for end in (flow.source, flow.target) if end is not None]
        if any(end.container is not flow.container for end in ends):
            source = flow.source.id if flow.source else "?"
            target = flow.target.id if flow.target else "?"
            yield Fault(flow.diagram, flow.xml, {"source": source, "target": target})


def _wrong_listing(model: Model) -> Iterator[Fault]:
    known = {(id(flow.diagram), flow.id) for flow in model.flows}
    for node in model.nodes:
        for tag, flows in (("incoming", node.incoming), ("outgoing", node.outgoing)):
            real = {flow.id for flow in flows}
            for child in node.xml.iterchildren(bpmn(tag)):
                listed = str(child.text or "").strip()
                if listed not in real and (id(node.diagram), listed) in known:
                    yield Fault(node.diagram, child, {"flow": listed, "tag": tag})


def _not_listed(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        listed = {
            (tag, str(child.text or "").strip())
            for tag in ("incoming", "outgoing")
            for child in node.xml.iterchildren(bpmn(tag))
        }
        if not listed:
            continue  # the standard lets a file leave the lists out altogether
        for tag, flows in (("incoming", node.incoming), ("outgoing", node.outgoing)):
            for flow in flows:
                if (tag, flow.id) not in listed:
                    yield Fault(node.diagram, node.xml, {"flow": flow.id, "tag": tag})


def _doubled(model: Model) -> Iterator[Fault]:
    seen: set[tuple[int, int]] = set()
    for flow in model.flows:
        if flow.source is None or flow.target is None or flow.condition is not None or flow.is_default:
            continue
        pair = (id(flow.source), id(flow.target))
        if pair in seen:
            yield Fault(flow.diagram, flow.xml, {"source": flow.source.id, "target": flow.target.id})
        seen.add(pair)


def _foreign_default(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        own = {flow.id for flow in node.outgoing}
        if node.default is not None and node.default not in own and node.default in node.diagram.by_id:
            yield Fault(node.diagram, node.xml, {"flow": node.default})


def _conditional_default(model: Model) -> Iterator[Fault]:
    for flow in model.flows:
        if flow.is_default and flow.condition is not None and flow.source is not None:
            yield Fault(flow.diagram, flow.xml, {"source": flow.source.id})


def _misplaced_condition(model: Model) -> Iterator[Fault]:
    for flow in model.flows:
        if flow.condition is not None and flow.source is not None and flow.source.tag in _WITHOUT_CONDITIONS:
            yield Fault(flow.diagram, flow.xml, {"source": flow.source.id, "tag": flow.source.tag})


def _missing_condition(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("exclusiveGateway", "inclusiveGateway"):
        if len(node.outgoing) > 1:
            for flow in node.outgoing:
                if flow.condition is None and not flow.is_default:
                    yield Fault(flow.diagram, flow.xml, {"source": node.id})


def _lone_condition(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("exclusiveGateway", "inclusiveGateway", *ACTIVITIES):
        flow = _only_conditional(node)
        if flow is not None:
            yield Fault(flow.diagram, flow.xml, {"source": node.id})


def _only_conditional(node: Node) -> Flow | None:
    if len(node.outgoing) == 1 and node.outgoing[0].condition is not None:
        return node.outgoing[0]
    return None


CHECKS = (
    Check(
        Rule(
            "flow.crosses_border",
            _CHAPTER,
            "Luồng “{id}” nối “{source}” với “{target}” xuyên qua ranh giới quy trình hoặc quy trình con.",
            "Flow “{id}” joins “{source}” and “{target}” across the border of a process or sub-process.",
            "Nối tới chính quy trình con, hoặc dùng luồng thông điệp giữa hai quy trình.",
            "Join it to the sub-process itself, or use a message flow between processes.",
        ),
        _crosses_border,
    ),
    Check(
        Rule(
            "flow.wrong_listing",
            _CHAPTER,
            "“{id}” ghi luồng “{flow}” là <{tag}>, nhưng luồng đó không nối với nó theo chiều này.",
            "“{id}” lists flow “{flow}” as <{tag}>, but the flow does not join it that way.",
            "Xoá dòng đó hoặc sửa sourceRef, targetRef của luồng.",
            "Delete the entry, or correct the flow's sourceRef and targetRef.",
        ),
        _wrong_listing,
    ),
    Check(
        Rule(
            "flow.not_listed",
            _CHAPTER,
            "Luồng “{flow}” nối với “{id}” nhưng “{id}” không ghi nó trong <{tag}>.",
            "Flow “{flow}” joins “{id}”, but “{id}” does not list it as <{tag}>.",
            "Thêm <{tag}>{flow}</{tag}>, hoặc lưu lại bằng trình vẽ sơ đồ.",
            "Add <{tag}>{flow}</{tag}>, or save it again in the editor.",
        ),
        _not_listed,
    ),
    Check(
        Rule(
            "flow.doubled",
            _CHAPTER,
            "Có hai luồng giống nhau từ “{source}” tới “{target}”, nơi đó sẽ chạy hoặc chờ hai lần.",
            "Two like flows lead from “{source}” to “{target}”, which would run or be awaited twice.",
            "Xoá một luồng.",
            "Delete one.",
            "warning",
        ),
        _doubled,
    ),
    Check(
        Rule(
            "flow.foreign_default",
            _CHAPTER,
            "Luồng mặc định “{flow}” của “{id}” không phải luồng đi ra từ nó.",
            "The default flow “{flow}” of “{id}” does not leave it.",
            "Chọn một luồng đi ra từ chính “{id}”.",
            "Choose one of the flows that leave “{id}”.",
        ),
        _foreign_default,
    ),
    Check(
        Rule(
            "flow.conditional_default",
            _CHAPTER,
            "Luồng mặc định “{id}” của “{source}” có điều kiện.",
            "The default flow “{id}” of “{source}” carries a condition.",
            "Xoá điều kiện: luồng mặc định đi khi không điều kiện nào đúng.",
            "Delete the condition: the default is taken when no condition holds.",
        ),
        _conditional_default,
    ),
    Check(
        Rule(
            "flow.misplaced_condition",
            _CHAPTER,
            "Luồng “{id}” đi ra từ “{source}” (<{tag}>) không được có điều kiện.",
            "Flow “{id}” leaves “{source}” (<{tag}>), so it must carry no condition.",
            "Đặt điều kiện sau một cổng loại trừ hoặc cổng bao hàm.",
            "Put the condition behind an exclusive or inclusive gateway.",
        ),
        _misplaced_condition,
    ),
    Check(
        Rule(
            "flow.missing_condition",
            "BPMN 2.0.2, 10.6 Gateways: Exclusive, Inclusive",
            "Luồng “{id}” đi ra từ cổng “{source}” không có điều kiện và không phải luồng mặc định.",
            "Flow “{id}” leaves gateway “{source}” without a condition and is not its default.",
            "Ghi điều kiện FEEL, hoặc đặt làm luồng mặc định.",
            "Write a FEEL condition, or make it the default flow.",
        ),
        _missing_condition,
    ),
    Check(
        Rule(
            "flow.lone_condition",
            _CHAPTER,
            "“{source}” chỉ có một luồng ra là “{id}” mà luồng đó có điều kiện: khi sai, quy trình kẹt.",
            "Flow “{id}” is the only way out of “{source}” and has a condition: if false, all stops.",
            "Thêm một luồng mặc định, hoặc xoá điều kiện.",
            "Add a default flow, or delete the condition.",
            "warning",
        ),
        _lone_condition,
    ),
)
