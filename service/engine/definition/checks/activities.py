"""BPMN 2.0.2, 10.3 Activities: loops, calls, scripts, services and rules say all that running them needs."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.dialect import VARIABLE_NAME
from service.engine.definition.model import Model, Node, extension_of, operator_of
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import ACTIVITIES, bpmn

_LOOPS = "BPMN 2.0.2, 10.3 Activities: Loop Characteristics"
_TASKS = "BPMN 2.0.2, 10.3 Activities: Tasks"
_CALLS = "BPMN 2.0.2, 10.3 Activities: Call Activity"
_MULTI = bpmn("multiInstanceLoopCharacteristics")
_STANDARD = bpmn("standardLoopCharacteristics")
_FEEL_FORMATS = frozenset({"feel", "text/feel", "application/feel"})


def _loops(model: Model, tag: str) -> Iterator[tuple[Node, etree._Element]]:
    for node in model.nodes:
        loop = node.xml.find(tag) if node.tag in ACTIVITIES else None
        if loop is not None:
            yield node, loop


def _extents(loop: etree._Element) -> list[str]:
    """Return which of cardinality and collection a multi-instance gives; blank text counts as absent."""
    found = []
    for tag in ("loopCardinality", "loopDataInputRef"):
        child = loop.find(bpmn(tag))
        if child is not None and str(child.text or "").strip():
            found.append(tag)
    return found


def _no_extent(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _MULTI):
        if not _extents(loop):
            yield Fault(node.diagram, loop)


def _two_extents(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _MULTI):
        if len(_extents(loop)) > 1:
            yield Fault(node.diagram, loop)


def _item_without_collection(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _MULTI):
        if loop.find(bpmn("inputDataItem")) is not None and "loopDataInputRef" not in _extents(loop):
            yield Fault(node.diagram, loop)


def _output_half(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _MULTI):
        halves = [loop.find(bpmn(tag)) is not None for tag in ("loopDataOutputRef", "outputDataItem")]
        if any(halves) and not all(halves):
            yield Fault(node.diagram, loop)


def _bad_reference(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _MULTI):
        for tag in ("loopDataInputRef", "loopDataOutputRef"):
            for xml in loop.iterchildren(bpmn(tag)):
                text = str(xml.text or "").strip()
                if text and text not in node.diagram.by_id and VARIABLE_NAME.fullmatch(text) is None:
                    yield Fault(node.diagram, xml, {"tag": tag, "text": text[:80]})


def _endless_loop(model: Model) -> Iterator[Fault]:
    for node, loop in _loops(model, _STANDARD):
        condition = loop.find(bpmn("loopCondition"))
        says_when = condition is not None and str(condition.text or "").strip()
        if not says_when and loop.get("loopMaximum") is None:
            yield Fault(node.diagram, loop)


def _no_called_element(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("callActivity"):
        if not str(node.xml.get("calledElement") or "").strip():
            yield Fault(node.diagram, node.xml)


def _unknown_called_element(model: Model) -> Iterator[Fault]:
    own = {process.id for process in model.processes if process.is_executable}
    known = model.environment.process_keys | own
    for node in model.of_tag("callActivity"):
        called = str(node.xml.get("calledElement") or "").strip()
        if called and called not in known:
            yield Fault(node.diagram, node.xml, {"called": called, "known": ", ".join(sorted(known)[:8])})


def _not_callable(model: Model) -> Iterator[Fault]:
    without = {
        process.id for process in model.processes if not any(not one.definitions for one in process.starts())
    }
    for node in model.of_tag("callActivity"):
        called = str(node.xml.get("calledElement") or "").strip()
        if called in without:
            yield Fault(node.diagram, node.xml, {"called": called})


def _foreign_script(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("scriptTask"):
        language = str(node.xml.get("scriptFormat") or "").strip()
        if language.lower() not in _FEEL_FORMATS:
            yield Fault(node.diagram, node.xml, {"language": language or "–"})


def _empty_script(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("scriptTask"):
        script = node.xml.find(bpmn("script"))
        if script is None or not str(script.text or "").strip():
            yield Fault(node.diagram, node.xml)


def _no_operator(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("serviceTask"):
        operator = operator_of(node)
        if operator is None or not str(operator.get("id") or "").strip():
            yield Fault(node.diagram, node.xml)


def _no_decision(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("businessRuleTask"):
        names = [str(one.text or "").strip() for one in extension_of(node.xml, "calledDecisionId")]
        if len([name for name in names if name]) != 1:
            yield Fault(node.diagram, node.xml)


def _abstract_task(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("task"):
        yield Fault(node.diagram, node.xml)


CHECKS = (
    Check(
        Rule(
            "multi_instance.no_extent",
            _LOOPS,
            "Hoạt động đa thể hiện “{id}” không nói số lần hay danh sách.",
            "Multi-instance “{id}” says neither how many nor over what.",
            "Ghi loopCardinality (FEEL) hoặc loopDataInputRef (danh sách).",
            "Write a loopCardinality (FEEL) or a loopDataInputRef (a list).",
        ),
        _no_extent,
    ),
    Check(
        Rule(
            "multi_instance.two_extents",
            _LOOPS,
            "Hoạt động đa thể hiện “{id}” có cả loopCardinality lẫn loopDataInputRef.",
            "Multi-instance “{id}” has both a loopCardinality and a loopDataInputRef.",
            "Giữ một trong hai.",
            "Keep one of them.",
        ),
        _two_extents,
    ),
    Check(
        Rule(
            "multi_instance.item_without_list",
            _LOOPS,
            "“{id}” có inputDataItem mà không có danh sách (loopDataInputRef) để lấy phần tử.",
            "“{id}” has an inputDataItem but no list (loopDataInputRef) to take items from.",
            "Thêm loopDataInputRef, hoặc xoá inputDataItem.",
            "Add a loopDataInputRef, or delete the inputDataItem.",
        ),
        _item_without_collection,
    ),
    Check(
        Rule(
            "multi_instance.half_output",
            _LOOPS,
            "“{id}” chỉ có một trong hai phần loopDataOutputRef và outputDataItem.",
            "“{id}” has only one of loopDataOutputRef and outputDataItem.",
            "Ghi cả hai, hoặc bỏ cả hai.",
            "Write both, or neither.",
        ),
        _output_half,
    ),
    Check(
        Rule(
            "multi_instance.bad_reference",
            _LOOPS,
            "{tag} của “{id}” là “{text}”, không phải tên biến.",
            "The {tag} of “{id}” is “{text}”, which is no variable.",
            "Ghi tên một biến hoặc mã đối tượng dữ liệu; biểu thức thì tính trước bằng nhiệm vụ script.",
            "Name a variable or data object; compute an expression in a script task before.",
        ),
        _bad_reference,
    ),
    Check(
        Rule(
            "loop.endless",
            _LOOPS,
            "Vòng lặp “{id}” không có điều kiện lẫn số lần tối đa.",
            "Loop “{id}” has neither a condition nor a maximum.",
            "Ghi loopCondition (FEEL) hoặc loopMaximum.",
            "Write a loopCondition (FEEL) or a loopMaximum.",
        ),
        _endless_loop,
    ),
    Check(
        Rule(
            "call_activity.no_process",
            _CALLS,
            "Hoạt động gọi “{id}” không nói gọi quy trình nào.",
            "Call activity “{id}” does not say which process it calls.",
            "Đặt calledElement là mã quy trình.",
            "Set calledElement to a process key.",
        ),
        _no_called_element,
    ),
    Check(
        Rule(
            "call_activity.unknown_process",
            _CALLS,
            "Hoạt động gọi “{id}” gọi quy trình “{called}”, không có trong gói hay phần dùng chung.",
            "Call activity “{id}” calls process “{called}”, which is neither in the bundle nor deployed.",
            "Các quy trình có: {known}.",
            "Known processes: {known}.",
        ),
        _unknown_called_element,
    ),
    Check(
        Rule(
            "call_activity.no_plain_start",
            _CALLS,
            "Hoạt động gọi “{id}” gọi quy trình “{called}”, không có sự kiện bắt đầu thường.",
            "Call activity “{id}” calls process “{called}”, which has no plain start event.",
            "Thêm một sự kiện bắt đầu không có loại kích hoạt vào quy trình đó.",
            "Give that process a start event without a trigger.",
        ),
        _not_callable,
    ),
    Check(
        Rule(
            "script_task.not_feel",
            "docs/bpmn-dialect.md, Expressions",
            "Nhiệm vụ script “{id}” dùng ngôn ngữ “{language}”; chỉ FEEL được phép.",
            "Script task “{id}” is written in “{language}”; only FEEL is allowed.",
            'Đặt scriptFormat="feel" và viết lại bằng FEEL, hoặc dùng nhiệm vụ dịch vụ.',
            'Set scriptFormat="feel" and write it in FEEL, or use a service task.',
        ),
        _foreign_script,
    ),
    Check(
        Rule(
            "script_task.empty",
            _TASKS,
            "Nhiệm vụ script “{id}” không có nội dung.",
            "Script task “{id}” has no script.",
            "Viết một biểu thức FEEL trong <script>.",
            "Write one FEEL expression in <script>.",
        ),
        _empty_script,
    ),
    Check(
        Rule(
            "service_task.no_operation",
            "docs/bpmn-dialect.md, Service tasks",
            "Nhiệm vụ dịch vụ “{id}” không nói thao tác nào (serviceTaskOperator).",
            "Service task “{id}” names no operation (serviceTaskOperator).",
            "Chọn một thao tác, ví dụ record.register.",
            "Choose an operation, such as record.register.",
        ),
        _no_operator,
    ),
    Check(
        Rule(
            "business_rule_task.no_decision",
            "docs/bpmn-dialect.md, Business rule tasks",
            "Nhiệm vụ quy tắc “{id}” phải gọi đúng một quyết định (calledDecisionId).",
            "Business rule task “{id}” must call exactly one decision (calledDecisionId).",
            "Ghi mã quyết định trong tệp DMN.",
            "Write the id of a decision of a DMN file.",
        ),
        _no_decision,
    ),
    Check(
        Rule(
            "task.abstract",
            _TASKS,
            "Nhiệm vụ “{id}” không có loại; bộ máy coi nó là việc thủ công.",
            "Task “{id}” has no type; the engine takes it for one done by hand.",
            "Chọn nhiệm vụ người dùng, thủ công, dịch vụ hoặc loại khác.",
            "Make it a user, manual, service or other task.",
            "warning",
        ),
        _abstract_task,
    ),
)
