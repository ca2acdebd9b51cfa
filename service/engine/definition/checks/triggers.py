"""BPMN 2.0.2, 10.5 Events: Event Definitions: what each trigger must say to be executed."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Container, Model, Node
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import bpmn

_CHAPTER = "BPMN 2.0.2, 10.5 Events: Event Definitions"
_LINK = "BPMN 2.0.2, 10.5 Events: Link Event Definition"
_REFERENCE_NEEDED = {
    "message": ("messageRef", "thông điệp", "message"),
    "signal": ("signalRef", "tín hiệu", "signal"),
}
_THROWS = frozenset({"endEvent", "intermediateThrowEvent"})
_TIMER_KINDS = ("timeDate", "timeDuration", "timeCycle")


def _definitions(model: Model, kind: str) -> Iterator[tuple[Node, etree._Element]]:
    for node in model.nodes:
        for definition, trigger in zip(node.definitions, node.triggers, strict=True):
            if trigger == kind:
                yield node, definition


def _no_reference(model: Model) -> Iterator[Fault]:
    for kind, (attribute, name_vi, name_en) in _REFERENCE_NEEDED.items():
        for node, definition in _definitions(model, kind):
            if definition.get(attribute) is None:
                values = {"attribute": attribute, "name_vi": name_vi, "name_en": name_en}
                yield Fault(node.diagram, definition, values)


def _task_without_message(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("sendTask", "receiveTask"):
        if node.xml.get("messageRef") is None:
            yield Fault(node.diagram, node.xml)


def _unnamed(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for tag in ("message", "signal"):
            for xml in diagram.root.findall(bpmn(tag)):
                if not str(xml.get("name") or "").strip():
                    yield Fault(diagram, xml, {"tag": tag})


def _same_name(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for tag in ("message", "signal"):
            seen: dict[str, str] = {}
            for xml in diagram.root.findall(bpmn(tag)):
                name = str(xml.get("name") or "")
                if name and name in seen:
                    yield Fault(diagram, xml, {"name": name, "first": seen[name], "tag": tag})
                seen.setdefault(name, str(xml.get("id") or ""))


def _error_without_code(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "error"):
        if node.tag == "endEvent" and not _code(node, definition, "errorRef", "errorCode"):
            yield Fault(node.diagram, definition)


def _escalation_without_code(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "escalation"):
        if node.tag in _THROWS and not _code(node, definition, "escalationRef", "escalationCode"):
            yield Fault(node.diagram, definition)


def _code(node: Node, definition: etree._Element, reference: str, attribute: str) -> str:
    """Return the code behind a definition's reference; a dangling one counts, it is reported elsewhere."""
    name = definition.get(reference)
    if name is None:
        return ""
    target = node.diagram.by_id.get(str(name))
    return "?" if target is None else str(target.get(attribute) or "")


def _caught_without_code(model: Model) -> Iterator[Fault]:
    pairs = (("error", "errorRef", "errorCode"), ("escalation", "escalationRef", "escalationCode"))
    for kind, reference, attribute in pairs:
        for node, definition in _definitions(model, kind):
            names = definition.get(reference) is not None
            if node.tag not in _THROWS and names and not _code(node, definition, reference, attribute):
                yield Fault(node.diagram, definition, {"reference": reference, "attribute": attribute})


def _ambiguous_boundary(model: Model) -> Iterator[Fault]:
    for host in model.nodes:
        seen: dict[tuple[str, str], str] = {}
        for event in host.boundary:
            caught = _caught(event)
            if caught is not None and caught in seen:
                yield Fault(event.diagram, event.xml, {"first": seen[caught], "code": caught[1] or "*"})
            elif caught is not None:
                seen[caught] = event.id


def _caught(event: Node) -> tuple[str, str] | None:
    """Return the kind and code of the error or escalation that a boundary event catches; empty code: all."""
    pairs = (("error", "errorRef", "errorCode"), ("escalation", "escalationRef", "escalationCode"))
    for kind, reference, attribute in pairs:
        for definition, trigger in zip(event.definitions, event.triggers, strict=True):
            if trigger == kind:
                return kind, _code(event, definition, reference, attribute)
    return None


def _ambiguous_start(model: Model) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for node, definition in _definitions(model, "message"):
        message = node.diagram.by_id.get(str(definition.get("messageRef") or ""))
        name = str(message.get("name") or "") if message is not None else ""
        if node.tag == "startEvent" and node.container.is_process and name:
            if name in seen:
                yield Fault(node.diagram, node.xml, {"name": name, "first": seen[name]})
            seen.setdefault(name, node.id)


def _timer_kinds(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "timer"):
        kinds = [kind for kind in _TIMER_KINDS if definition.find(bpmn(kind)) is not None]
        if len(kinds) != 1:
            yield Fault(node.diagram, definition, {"count": len(kinds)})


def _single_cycle(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "timer"):
        interrupts = node.tag == "boundaryEvent" and node.interrupts
        if definition.find(bpmn("timeCycle")) is not None and (
            interrupts or node.tag == "intermediateCatchEvent"
        ):
            yield Fault(node.diagram, definition)


def _no_condition(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "conditional"):
        condition = definition.find(bpmn("condition"))
        if condition is None or not str(condition.text or "").strip():
            yield Fault(node.diagram, definition)


def _unnamed_link(model: Model) -> Iterator[Fault]:
    for node, definition in _definitions(model, "link"):
        if not str(definition.get("name") or "").strip():
            yield Fault(node.diagram, definition)


def _links(container: Container, tag: str) -> Iterator[tuple[str, Node]]:
    for node in container.nodes:
        if node.tag == tag:
            for definition, trigger in zip(node.definitions, node.triggers, strict=True):
                name = str(definition.get("name") or "").strip()
                if trigger == "link" and name:
                    yield name, node


def _unmatched_link(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        throws = list(_links(container, "intermediateThrowEvent"))
        catches = list(_links(container, "intermediateCatchEvent"))
        for ends, others in ((throws, catches), (catches, throws)):
            names = {name for name, _ in others}
            for name, node in ends:
                if name not in names:
                    yield Fault(node.diagram, node.xml, {"name": name})


def _doubled_link_target(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        seen: set[str] = set()
        for name, node in _links(container, "intermediateCatchEvent"):
            if name in seen:
                yield Fault(node.diagram, node.xml, {"name": name})
            seen.add(name)


def _link_flow(model: Model) -> Iterator[Fault]:
    for container in model.containers:
        for _, node in _links(container, "intermediateThrowEvent"):
            for flow in node.outgoing:
                yield Fault(node.diagram, node.xml, {"flow": flow.id})
        for _, node in _links(container, "intermediateCatchEvent"):
            for flow in node.incoming:
                yield Fault(node.diagram, node.xml, {"flow": flow.id})


CHECKS = (
    Check(
        Rule(
            "event.no_reference",
            _CHAPTER,
            "Sự kiện “{id}” không nói {name_vi} nào ({attribute}).",
            "Event “{id}” does not say which {name_en} ({attribute}).",
            "Chọn một {name_vi} có tên.",
            "Choose a named {name_en}.",
        ),
        _no_reference,
    ),
    Check(
        Rule(
            "message.missing",
            "BPMN 2.0.2, 10.3 Activities: Send Task, Receive Task",
            "Nhiệm vụ “{id}” không nói gửi hay nhận thông điệp nào.",
            "Task “{id}” does not say which message it sends or receives.",
            "Đặt messageRef trỏ tới một thông điệp có tên.",
            "Set messageRef to a named message.",
        ),
        _task_without_message,
    ),
    Check(
        Rule(
            "message.unnamed",
            "docs/bpmn-dialect.md, Messages",
            "<{tag}> “{id}” không có tên, nên không thể gửi tới hay nhận.",
            "<{tag}> “{id}” has no name, so nothing can be sent to it or caught by it.",
            "Đặt tên, ví dụ document_recalled.",
            "Name it, such as document_recalled.",
        ),
        _unnamed,
    ),
    Check(
        Rule(
            "message.same_name",
            "docs/bpmn-dialect.md, Messages",
            "<{tag}> “{id}” trùng tên “{name}” với “{first}”; bộ máy phân biệt theo tên.",
            "<{tag}> “{id}” has the name “{name}” of “{first}”; the engine goes by the name.",
            "Dùng chung một phần tử, hoặc đổi tên.",
            "Use one element for both, or rename it.",
            "warning",
        ),
        _same_name,
    ),
    Check(
        Rule(
            "error.no_code",
            _CHAPTER,
            "Sự kiện kết thúc lỗi “{id}” không có mã lỗi (errorRef tới error có errorCode).",
            "Error end event “{id}” has no error code (errorRef to an error with an errorCode).",
            "Chọn một lỗi có mã.",
            "Choose an error with a code.",
        ),
        _error_without_code,
    ),
    Check(
        Rule(
            "escalation.no_code",
            _CHAPTER,
            "Sự kiện báo cấp trên “{id}” không có mã (escalationRef tới escalation có escalationCode).",
            "Escalation event “{id}” has no code (escalationRef to an escalation with an escalationCode).",
            "Chọn một mức báo có mã.",
            "Choose an escalation with a code.",
        ),
        _escalation_without_code,
    ),
    Check(
        Rule(
            "event.caught_without_code",
            _CHAPTER,
            "“{id}” chờ một {reference} không có {attribute}, nên không bao giờ khớp.",
            "“{id}” waits for a {reference} without an {attribute}, so that nothing ever matches.",
            "Ghi mã, hoặc xoá {reference} để bắt mọi mã.",
            "Write the code, or delete {reference} to catch every code.",
        ),
        _caught_without_code,
    ),
    Check(
        Rule(
            "boundary_event.ambiguous",
            "BPMN 2.0.2, 10.5 Events: Handling Events",
            "“{id}” bắt cùng mã “{code}” như “{first}” trên cùng hoạt động.",
            "“{id}” catches the code “{code}”, as “{first}” on the same activity does.",
            "Giữ một, hoặc phân biệt bằng mã.",
            "Keep one, or tell them apart by their codes.",
        ),
        _ambiguous_boundary,
    ),
    Check(
        Rule(
            "message.ambiguous_start",
            "BPMN 2.0.2, 13.2 Process Instantiation and Termination",
            "“{id}” bắt đầu bằng thông điệp “{name}” mà “{first}” cũng dùng để bắt đầu.",
            "“{id}” is started by the message “{name}”, which starts “{first}” too.",
            "Đặt tên thông điệp riêng cho mỗi cách bắt đầu.",
            "Give each start a message of its own.",
            "warning",
        ),
        _ambiguous_start,
    ),
    Check(
        Rule(
            "timer.kind",
            _CHAPTER,
            "Sự kiện thời gian “{id}” có {count} cách hẹn giờ.",
            "Timer event “{id}” has {count} ways of setting its time.",
            "Ghi đúng một trong timeDate, timeDuration, timeCycle.",
            "Write exactly one of timeDate, timeDuration, timeCycle.",
        ),
        _timer_kinds,
    ),
    Check(
        Rule(
            "timer.single_cycle",
            "docs/bpmn-support.md, Timers",
            "Hẹn giờ lặp của “{id}” chỉ nổ một lần, vì sự kiện này chỉ xảy ra một lần.",
            "The cycle of “{id}” fires only once, as this event can happen only once.",
            "Dùng timeDuration hoặc timeDate, hoặc đặt sự kiện ở biên là không ngắt.",
            "Use timeDuration or timeDate, or let the boundary event not interrupt.",
            "warning",
        ),
        _single_cycle,
    ),
    Check(
        Rule(
            "conditional_event.no_condition",
            _CHAPTER,
            "Sự kiện điều kiện “{id}” không có điều kiện.",
            "Conditional event “{id}” has no condition.",
            "Ghi một biểu thức FEEL cho kết quả đúng hoặc sai.",
            "Write a FEEL expression that gives true or false.",
        ),
        _no_condition,
    ),
    Check(
        Rule(
            "link.unnamed",
            _LINK,
            "Sự kiện liên kết “{id}” không có tên liên kết.",
            "Link event “{id}” has no link name.",
            "Đặt cùng một tên cho nơi đi và nơi đến.",
            "Give its two ends the same name.",
        ),
        _unnamed_link,
    ),
    Check(
        Rule(
            "link.unmatched",
            _LINK,
            "Liên kết “{name}” của “{id}” không có đầu kia trong cùng quy trình hoặc quy trình con.",
            "Link “{name}” of “{id}” has no other end in the same process or sub-process.",
            "Thêm sự kiện liên kết cùng tên ở đầu kia.",
            "Add a link event of that name as its other end.",
        ),
        _unmatched_link,
    ),
    Check(
        Rule(
            "link.doubled_target",
            _LINK,
            "Liên kết “{name}” có nhiều nơi đến, “{id}” là nơi thứ hai.",
            "Link “{name}” has several targets; “{id}” is the second.",
            "Giữ một sự kiện nhận cho mỗi tên.",
            "Keep one catch event per name.",
        ),
        _doubled_link_target,
    ),
    Check(
        Rule(
            "link.flow",
            _LINK,
            "Sự kiện liên kết “{id}” có luồng “{flow}” ở phía mà liên kết đã thay cho luồng.",
            "Link event “{id}” has flow “{flow}” on the side where the link stands for the flow.",
            "Xoá luồng đó.",
            "Delete the flow.",
        ),
        _link_flow,
    ),
)
