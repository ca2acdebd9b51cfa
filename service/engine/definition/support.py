"""What the engine does not execute, by name: refused at deployment, never ignored.

Everything of BPMN that is not in ``SUPPORTED_ELEMENTS`` is refused; ``UNSUPPORTED_ELEMENTS`` gives the better
known ones a name and a way out. Attributes that would change what happens, and that the engine does not read,
are refused by value. ``docs/bpmn-support.md`` shows the other side of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from service.engine.definition.model import Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import ACTIVITIES, EVENTS, FLOW_NODES


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Names of an element that is refused, and what to draw instead."""

    vi: str
    en: str
    instead_vi: str
    instead_en: str


_CHOREOGRAPHY = Unsupported(
    "biên đạo (choreography)", "choreography", "Vẽ quy trình của từng bên.", "Draw each party's process."
)
_CONVERSATION = Unsupported(
    "hội thoại (conversation)", "conversation", "Dùng luồng thông điệp.", "Use message flows."
)
_GLOBAL_TASK = Unsupported(
    "nhiệm vụ toàn cục",
    "global task",
    "Đặt nhiệm vụ trong một quy trình và gọi quy trình đó.",
    "Put the task into a process and call that process.",
)
_DATA_STORE = Unsupported(
    "kho dữ liệu",
    "data store",
    "Đọc và ghi bằng nhiệm vụ dịch vụ, hoặc dùng đối tượng dữ liệu.",
    "Read and write by a service task, or use a data object.",
)
_ROLE = Unsupported(
    "vai trò tài nguyên của BPMN",
    "BPMN resource role",
    "Dùng thuộc tính mở rộng “potential_owners”.",
    "Use the extension property “potential_owners”.",
)
_CORRELATION = Unsupported(
    "khoá tương quan của BPMN",
    "BPMN correlation key",
    "Dùng thuộc tính mở rộng “correlation_key” trên phần tử gửi và nhận.",
    "Use the extension property “correlation_key” on the throwing and catching elements.",
)
_INTERFACE = Unsupported(
    "giao diện dịch vụ",
    "service interface",
    "Dùng “serviceTaskOperator” với mã thao tác.",
    "Use a “serviceTaskOperator” with the operation's id.",
)
_ASSIGNMENT = Unsupported(
    "phép gán trong liên kết dữ liệu",
    "data association assignment",
    "Dùng nhiệm vụ script FEEL để tính giá trị.",
    "Compute the value in a FEEL script task.",
)

UNSUPPORTED_ELEMENTS: Final[Mapping[str, Unsupported]] = {
    "complexGateway": Unsupported(
        "cổng phức hợp",
        "complex gateway",
        "Dùng cổng song song, cổng bao hàm hoặc đa thể hiện có điều kiện hoàn thành.",
        "Use a parallel or inclusive gateway, or a multi-instance with a completion condition.",
    ),
    "adHocSubProcess": Unsupported(
        "quy trình con tự do (ad-hoc)",
        "ad-hoc sub-process",
        "Vẽ rõ thứ tự, hoặc dùng sự kiện không ngắt để mở thêm việc.",
        "Draw the order, or start extra work by non-interrupting events.",
    ),
    "transaction": Unsupported(
        "giao dịch (transaction)",
        "transaction sub-process",
        "Dùng quy trình con với sự kiện lỗi ở biên.",
        "Use a sub-process with an error boundary event.",
    ),
    "compensateEventDefinition": Unsupported(
        "bù trừ (compensation)",
        "compensation",
        "Vẽ các bước hoàn tác sau sự kiện lỗi.",
        "Draw the undoing steps after an error event.",
    ),
    "cancelEventDefinition": Unsupported(
        "huỷ giao dịch (cancel)",
        "transaction cancel",
        "Dùng sự kiện lỗi.",
        "Use an error event.",
    ),
    "implicitThrowEvent": Unsupported(
        "sự kiện phát ngầm", "implicit throw event", "Vẽ sự kiện phát.", "Draw a throw event."
    ),
    "complexBehaviorDefinition": Unsupported(
        "hành vi đa thể hiện phức hợp",
        "complex multi-instance behaviour",
        "Dùng điều kiện hoàn thành.",
        "Use a completion condition.",
    ),
    "eventDefinitionRef": Unsupported(
        "tham chiếu định nghĩa sự kiện dùng chung",
        "reference to a shared event definition",
        "Ghi định nghĩa ngay trong sự kiện.",
        "Write the definition inside the event.",
    ),
    "import": Unsupported(
        "nhập tệp (import)", "import", "Đặt mọi tệp vào cùng gói.", "Put every file into the bundle."
    ),
    "property": Unsupported(
        "thuộc tính dữ liệu BPMN", "BPMN data property", "Dùng đối tượng dữ liệu.", "Use a data object."
    ),
    "rendering": Unsupported(
        "mô tả hiển thị", "rendering", "Dùng biểu mẫu trong gói.", "Use a form of the bundle."
    ),
    "participantMultiplicity": Unsupported(
        "nhiều bên tham gia", "participant multiplicity", "Vẽ từng bên.", "Draw each participant."
    ),
    "ioBinding": _INTERFACE,
    "interface": _INTERFACE,
    "operation": _INTERFACE,
    "endPoint": _INTERFACE,
    "assignment": _ASSIGNMENT,
    "transformation": _ASSIGNMENT,
    "dataStore": _DATA_STORE,
    "dataStoreReference": _DATA_STORE,
    "globalTask": _GLOBAL_TASK,
    "globalUserTask": _GLOBAL_TASK,
    "globalManualTask": _GLOBAL_TASK,
    "globalScriptTask": _GLOBAL_TASK,
    "globalBusinessRuleTask": _GLOBAL_TASK,
    "choreography": _CHOREOGRAPHY,
    "globalChoreographyTask": _CHOREOGRAPHY,
    "choreographyTask": _CHOREOGRAPHY,
    "subChoreography": _CHOREOGRAPHY,
    "callChoreography": _CHOREOGRAPHY,
    "conversation": _CONVERSATION,
    "globalConversation": _CONVERSATION,
    "subConversation": _CONVERSATION,
    "callConversation": _CONVERSATION,
    "conversationLink": _CONVERSATION,
    "correlationKey": _CORRELATION,
    "correlationProperty": _CORRELATION,
    "correlationSubscription": _CORRELATION,
    "resource": _ROLE,
    "resourceRole": _ROLE,
    "performer": _ROLE,
    "humanPerformer": _ROLE,
    "potentialOwner": _ROLE,
}

SUPPORTED_ELEMENTS: Final = (
    (FLOW_NODES - UNSUPPORTED_ELEMENTS.keys())
    | {"definitions", "process", "sequenceFlow", "incoming", "outgoing", "documentation", "extensionElements"}
    | {"laneSet", "lane", "childLaneSet", "flowNodeRef", "dataObject", "dataObjectReference", "dataState"}
    | {"collaboration", "participant", "messageFlow"}
    | {"message", "signal", "error", "escalation", "itemDefinition"}
    | {"textAnnotation", "text", "association", "group", "category", "categoryValue", "categoryValueRef"}
    | {"conditionExpression", "script", "condition", "timeDate", "timeDuration", "timeCycle"}
    | {"messageEventDefinition", "timerEventDefinition", "signalEventDefinition", "errorEventDefinition"}
    | {"escalationEventDefinition", "conditionalEventDefinition", "terminateEventDefinition"}
    | {"linkEventDefinition", "source", "target"}
    | {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "loopCondition", "loopCardinality"}
    | {"loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem", "completionCondition"}
    | {"ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet"}
    | {"dataInputRefs", "dataOutputRefs", "optionalInputRefs", "optionalOutputRefs"}
    | {"dataInputAssociation", "dataOutputAssociation", "sourceRef", "targetRef"}
    | {"auditing", "monitoring", "extension"}
)


@dataclass(frozen=True, slots=True)
class IgnoredAttribute:
    """An attribute that would change behaviour: only ``harmless`` values pass (empty: none does)."""

    attribute: str
    tags: frozenset[str]
    harmless: frozenset[str]


_NO = frozenset({"false", "0"})
_ONE = frozenset({"1"})
UNSUPPORTED_ATTRIBUTES: Final = (
    IgnoredAttribute("isForCompensation", ACTIVITIES, _NO),
    IgnoredAttribute("startQuantity", ACTIVITIES, _ONE),
    IgnoredAttribute("completionQuantity", ACTIVITIES, _ONE),
    IgnoredAttribute("instantiate", frozenset({"receiveTask", "eventBasedGateway"}), _NO),
    IgnoredAttribute("eventGatewayType", frozenset({"eventBasedGateway"}), frozenset({"Exclusive"})),
    IgnoredAttribute("parallelMultiple", EVENTS, _NO),
    IgnoredAttribute("operationRef", frozenset({"serviceTask", "sendTask", "receiveTask"}), frozenset()),
    IgnoredAttribute("behavior", frozenset({"multiInstanceLoopCharacteristics"}), frozenset({"All"})),
    IgnoredAttribute("isImmediate", frozenset({"sequenceFlow"}), frozenset({"true", "1"})),
)

MULTIPLE_TRIGGERS_SUPPORTED: Final = False
"""Whether an event may carry several event definitions (multiple, parallel multiple)."""

START_TRIGGERS_SUPPORTED: Final = frozenset({"message", "timer"})
"""Triggers that bring about a new instance; a start event without trigger is started by people or calls."""

_CHAPTER = "docs/bpmn-support.md"


def _unsupported_elements(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            tag = etree.QName(xml).localname
            words = UNSUPPORTED_ELEMENTS.get(tag)
            if words is not None and not _is_global_event_definition(xml) and not is_placeholder(xml):
                values = {"tag": tag, "name_vi": words.vi, "name_en": words.en}
                yield Fault(
                    diagram, xml, values | {"instead_vi": words.instead_vi, "instead_en": words.instead_en}
                )


def _is_global_event_definition(xml: etree._Element) -> bool:
    """Say whether the element is a root event definition, which ``support.unknown_element`` reports."""
    parent = xml.getparent()
    at_root = parent is not None and etree.QName(parent).localname == "definitions"
    return at_root and etree.QName(xml).localname.endswith("EventDefinition")


def is_placeholder(xml: etree._Element) -> bool:
    """Say whether a ``property`` only gives editors an end to draw a data association to."""
    return etree.QName(xml).localname == "property" and xml.get("name") == "__targetRef_placeholder"


def _unknown_elements(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            tag = etree.QName(xml).localname
            known = tag in SUPPORTED_ELEMENTS or tag in UNSUPPORTED_ELEMENTS
            if not known or _is_global_event_definition(xml):
                yield Fault(diagram, xml, {"tag": tag})


def _unsupported_attributes(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            tag = etree.QName(xml).localname
            for entry in UNSUPPORTED_ATTRIBUTES:
                value = xml.get(entry.attribute) if tag in entry.tags else None
                if value is not None and value not in entry.harmless:
                    yield Fault(diagram, xml, {"attribute": entry.attribute, "value": str(value)[:80]})


def _multiple_triggers(model: Model) -> Iterator[Fault]:
    for node in model.nodes:
        if node.tag in EVENTS and len(node.definitions) > 1 and not MULTIPLE_TRIGGERS_SUPPORTED:
            yield Fault(node.diagram, node.xml, {"triggers": ", ".join(node.triggers)})


def _idle_start_triggers(model: Model) -> Iterator[Fault]:
    allowed = {"signal", "conditional"} - START_TRIGGERS_SUPPORTED
    for process in model.processes:
        for node in process.starts():
            for trigger in allowed.intersection(node.triggers):
                yield Fault(node.diagram, node.xml, {"trigger": trigger})


CHECKS = (
    Check(
        Rule(
            "support.element",
            _CHAPTER,
            "“{id}” dùng {name_vi} (<{tag}>), bộ máy không thực thi.",
            "“{id}” uses a {name_en} (<{tag}>), which the engine does not execute.",
            "{instead_vi}",
            "{instead_en}",
        ),
        _unsupported_elements,
    ),
    Check(
        Rule(
            "support.unknown_element",
            _CHAPTER,
            "Bộ máy không thực thi phần tử <{tag}> (“{id}”) ở chỗ này.",
            "The engine does not execute the element <{tag}> (“{id}”) here.",
            "Bỏ phần tử này hoặc dùng phần tử trong bảng hỗ trợ.",
            "Leave it out, or use an element of the support table.",
        ),
        _unknown_elements,
    ),
    Check(
        Rule(
            "support.attribute",
            _CHAPTER,
            'Thuộc tính {attribute}="{value}" của “{id}” sẽ đổi cách chạy, nhưng bộ máy không đọc nó.',
            'Attribute {attribute}="{value}" of “{id}” would change what happens, but is not read.',
            "Xoá thuộc tính và vẽ điều cần có bằng phần tử được hỗ trợ.",
            "Delete it and draw what is meant with supported elements.",
        ),
        _unsupported_attributes,
    ),
    Check(
        Rule(
            "support.multiple_triggers",
            _CHAPTER,
            "Sự kiện “{id}” có nhiều định nghĩa ({triggers}), bộ máy chỉ thực thi một.",
            "Event “{id}” has several definitions ({triggers}); the engine executes one.",
            "Dùng nhiều sự kiện ở biên hoặc cổng dựa trên sự kiện.",
            "Use several boundary events, or an event-based gateway.",
        ),
        _multiple_triggers,
    ),
    Check(
        Rule(
            "support.start_trigger",
            _CHAPTER,
            "“{id}” không bắt đầu được quy trình bằng “{trigger}”: không gì theo dõi nó khi chưa có hồ sơ.",
            "“{id}” starts no process by “{trigger}”: nothing watches it before there is an instance.",
            "Dùng thông điệp hoặc lịch hẹn để bắt đầu, hoặc quy trình con sự kiện.",
            "Start it by a message or a timer, or use an event sub-process.",
        ),
        _idle_start_triggers,
    ),
)
