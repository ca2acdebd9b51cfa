"""BPMN 2.0.2, 9 Collaboration and 10.8 Lanes: pools, message flows, and who a node belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Container, Diagram, Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import (
    ACTIVITIES,
    BPMN,
    EVENT_DEFINITION_SUFFIX,
    EVENTS,
    FLOW_NODES,
    bpmn,
)

_MESSAGE_FLOW = "BPMN 2.0.2, 9.4 Message Flow; 7 Message Flow Connection Rules"
_LANES = "BPMN 2.0.2, 10.8 Lanes"
_POOLS = "BPMN 2.0.2, 9.3 Pool and Participant"
_SENDERS = (ACTIVITIES - {"receiveTask"}) | {"endEvent", "intermediateThrowEvent", "participant"}
_RECEIVERS = (ACTIVITIES - {"sendTask"}) | {
    "startEvent",
    "intermediateCatchEvent",
    "boundaryEvent",
    "participant",
}


def _message_flows(model: Model) -> Iterator[tuple[Diagram, etree._Element]]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            if xml.tag == bpmn("messageFlow"):
                yield diagram, xml


def _end(diagram: Diagram, flow: etree._Element, attribute: str) -> etree._Element | None:
    return diagram.by_id.get(str(flow.get(attribute) or ""))


def _pool_of(end: etree._Element) -> str | None:
    """Return the process behind one end of a message flow; the participant where it has none."""
    if end.tag == bpmn("participant"):
        return str(end.get("processRef") or end.get("id"))
    process = next(end.iterancestors(bpmn("process")), None)
    return str(process.get("id")) if process is not None else None


def _same_pool(model: Model) -> Iterator[Fault]:
    for diagram, flow in _message_flows(model):
        ends = [_end(diagram, flow, name) for name in ("sourceRef", "targetRef")]
        pools = [_pool_of(end) for end in ends if end is not None]
        if len(pools) == len(ends) and pools[0] == pools[1]:
            yield Fault(diagram, flow, {"pool": pools[0]})


def _wrong_ends(model: Model) -> Iterator[Fault]:
    for diagram, flow in _message_flows(model):
        for attribute, allowed in (("sourceRef", _SENDERS), ("targetRef", _RECEIVERS)):
            end = _end(diagram, flow, attribute)
            tag = etree.QName(end).localname if end is not None else ""
            if tag in FLOW_NODES and (tag not in allowed or _is_other_event(end)):
                yield Fault(diagram, flow, {"attribute": attribute, "tag": tag})


def _is_other_event(end: etree._Element | None) -> bool:
    """Say whether an end is an event that neither sends nor waits for a message."""
    if end is None or etree.QName(end).localname not in EVENTS:
        return False
    kinds = [etree.QName(one).localname for one in end.iterchildren(f"{{{BPMN}}}*")]
    definitions = [kind for kind in kinds if kind.endswith(EVENT_DEFINITION_SUFFIX)]
    return "messageEventDefinition" not in definitions


def _repeated_participant(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        seen: dict[str, str] = {}
        for xml in diagram.elements:
            process = xml.get("processRef") if xml.tag == bpmn("participant") else None
            if process is not None and str(process) in seen:
                yield Fault(diagram, xml, {"process": process, "first": seen[str(process)]})
            elif process is not None:
                seen[str(process)] = str(xml.get("id") or "")


def _lane_entries(container: Container) -> Iterator[tuple[etree._Element, etree._Element, str]]:
    """Yield lane, its ``flowNodeRef`` and the node's id, for innermost lanes and their parents alike."""
    for lane_set in container.xml.iterchildren(bpmn("laneSet")):
        for lane in lane_set.iter(bpmn("lane")):
            for entry in lane.iterchildren(bpmn("flowNodeRef")):
                yield lane, entry, str(entry.text or "").strip()


def _node_in_two_lanes(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        seen: dict[str, etree._Element] = {}
        entered: set[tuple[etree._Element, str]] = set()
        for lane, entry, node in _lane_entries(container):
            first = seen.setdefault(node, lane)
            apart = first is not lane and not _one_inside_other(first, lane)
            if apart or (lane, node) in entered:
                yield Fault(container.diagram, entry, {"node": node, "first": str(first.get("id"))})
            entered.add((lane, node))


def _one_inside_other(one: etree._Element, other: etree._Element) -> bool:
    return one in other.iterancestors() or other in one.iterancestors()


def _foreign_node_in_lane(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        own = {node.id for inner in container.walk() for node in inner.nodes}
        for _, entry, node in _lane_entries(container):
            target = container.diagram.by_id.get(node)
            if target is not None and etree.QName(target).localname in FLOW_NODES and node not in own:
                yield Fault(container.diagram, entry, {"node": node, "process": container.id})


def _node_without_lane(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        if container.xml.find(f"{bpmn('laneSet')}/{bpmn('lane')}") is None:
            continue
        for node in container.nodes:
            rides_along = node.host is not None and node.host.id in container.lanes
            if node.id not in container.lanes and not rides_along:
                yield Fault(node.diagram, node.xml, {"process": container.id})


CHECKS = (
    Check(
        Rule(
            "message_flow.same_pool",
            _MESSAGE_FLOW,
            "Luồng thông điệp “{id}” nối hai đầu trong cùng bên “{pool}”.",
            "Message flow “{id}” joins two ends inside the same pool “{pool}”.",
            "Trong một quy trình hãy dùng luồng tuần tự.",
            "Inside one process use a sequence flow.",
        ),
        _same_pool,
    ),
    Check(
        Rule(
            "message_flow.wrong_end",
            _MESSAGE_FLOW,
            "Đầu {attribute} của luồng thông điệp “{id}” là <{tag}>, không gửi hay nhận theo chiều đó.",
            "The {attribute} of message flow “{id}” is a <{tag}>, which sends or receives none that way.",
            "Nối từ hoạt động hoặc sự kiện phát thông điệp tới hoạt động hoặc sự kiện chờ thông điệp.",
            "Lead it from an activity or message throw event to an activity or message catch event.",
        ),
        _wrong_ends,
    ),
    Check(
        Rule(
            "participant.repeated_process",
            _POOLS,
            "Bên “{id}” trỏ tới quy trình “{process}” mà bên “{first}” đã dùng.",
            "Participant “{id}” refers to process “{process}”, as “{first}” already does.",
            "Mỗi quy trình thuộc một bên.",
            "Let each process belong to one participant.",
        ),
        _repeated_participant,
    ),
    Check(
        Rule(
            "lane.node_twice",
            _LANES,
            "“{node}” được ghi trong làn “{id}” nhưng đã có trong làn “{first}”.",
            "“{node}” is listed in lane “{id}” but already stands in lane “{first}”.",
            "Giữ nó trong một làn.",
            "Keep it in one lane.",
        ),
        _node_in_two_lanes,
    ),
    Check(
        Rule(
            "lane.foreign_node",
            _LANES,
            "Làn “{id}” ghi “{node}”, không thuộc quy trình “{process}”.",
            "Lane “{id}” lists “{node}”, which is not in process “{process}”.",
            "Xoá dòng flowNodeRef đó.",
            "Delete that flowNodeRef.",
        ),
        _foreign_node_in_lane,
    ),
    Check(
        Rule(
            "lane.node_without_lane",
            _LANES,
            "“{id}” không nằm trong làn nào của “{process}”.",
            "“{id}” stands in none of the lanes of “{process}”.",
            "Kéo nó vào làn của người phụ trách.",
            "Move it into the lane of who is in charge.",
            "warning",
        ),
        _node_without_lane,
    ),
)
