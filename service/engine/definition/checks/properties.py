"""docs/bpmn-dialect.md, Extension properties: each is known, stands where it is read, and is well written."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.dialect import ANYWHERE, PROPERTIES, VARIABLE_NAME
from service.engine.definition.model import Diagram, Model, Node, extension_of, property_elements
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.suggestions import nearest
from service.engine.definition.vocabulary import ENGINE_VARIABLES, bpmn

_CHAPTER = "docs/bpmn-dialect.md, Extension properties"
_DATA_TAGS = ("dataInput", "dataOutput", "inputDataItem", "outputDataItem")


def _property_uses(model: Model) -> Iterator[tuple[Diagram, etree._Element, etree._Element, str]]:
    """Yield the file, the BPMN element, the property element and the property's name."""
    for diagram in model.diagrams:
        for xml in diagram.elements:
            for one in property_elements(xml):
                yield diagram, xml, one, str(one.get("name") or "")


def _unknown(model: Model) -> Iterator[Fault]:
    for diagram, _, one, name in _property_uses(model):
        if name not in PROPERTIES:
            yield Fault(diagram, one, {"name": name[:80] or "–", "near": nearest(name, PROPERTIES, 0.5)})


def _misplaced(model: Model) -> Iterator[Fault]:
    for diagram, xml, one, name in _property_uses(model):
        places = PROPERTIES.get(name, ANYWHERE)
        tag = etree.QName(xml).localname
        if places and tag not in places:
            yield Fault(diagram, one, {"name": name, "tag": tag, "places": ", ".join(sorted(places))})


def _repeated(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            seen: set[str] = set()
            for one in property_elements(xml):
                name = str(one.get("name") or "")
                if name in seen:
                    yield Fault(diagram, one, {"name": name})
                seen.add(name)


def _empty(model: Model) -> Iterator[Fault]:
    for diagram, _, one, name in _property_uses(model):
        if name in PROPERTIES and not str(one.get("value") or "").strip():
            yield Fault(diagram, one, {"name": name})


def _no_title(model: Model) -> Iterator[Fault]:
    for process in model.processes:
        if process.is_executable and not any(
            one.get("name") == "title_vi" for one in property_elements(process.xml)
        ):
            yield Fault(process.diagram, process.xml)


def _no_english_title(model: Model) -> Iterator[Fault]:
    for process in model.processes:
        names = {one.get("name") for one in property_elements(process.xml)}
        if process.is_executable and "title_en" not in names and "title_vi" in names:
            yield Fault(process.diagram, process.xml)


def _unknown_clause(model: Model) -> Iterator[Fault]:
    known = model.environment.clause_ids
    if known is None:
        return
    for diagram, _, one, name in _property_uses(model):
        for clause in str(one.get("value") or "").split() if name == "clauses" else []:
            if clause not in known:
                yield Fault(diagram, one, {"clause": clause[:80], "near": nearest(clause, known)})


def _variable_names(model: Model) -> Iterator[tuple[Diagram, etree._Element, str]]:
    for diagram, _, one, name in _property_uses(model):
        if name == "result_variable":
            yield diagram, one, str(one.get("value") or "").strip()
    for diagram in model.diagrams:
        for operator in diagram.root.iter("{*}serviceTaskOperator"):
            if operator.get("resultVariable") is not None:
                yield diagram, operator, str(operator.get("resultVariable"))
        for xml in diagram.root.iter(*(bpmn(tag) for tag in _DATA_TAGS)):
            yield diagram, xml, str(xml.get("name") or xml.get("id") or "")
        for xml in diagram.root.iter(bpmn("dataObject")):
            yield diagram, xml, str(xml.get("id") or "")
    for node in model.of_tag("businessRuleTask"):
        for called in extension_of(node.xml, "calledDecisionId") if _keeps_id(node) else ():
            yield node.diagram, called, str(called.text or "").strip()


def _keeps_id(node: Node) -> bool:
    """Say whether a business rule task's result goes to a variable named after the decision."""
    return "result_variable" not in node.properties


def _bad_variable(model: Model) -> Iterator[Fault]:
    for diagram, one, name in _variable_names(model):
        if name and VARIABLE_NAME.fullmatch(name) is None:
            yield Fault(diagram, one, {"name": name[:80]})


def _reserved_variable(model: Model) -> Iterator[Fault]:
    for diagram, one, name in _variable_names(model):
        if name in ENGINE_VARIABLES:
            yield Fault(diagram, one, {"name": name})


CHECKS = (
    Check(
        Rule(
            "property.unknown",
            _CHAPTER,
            "“{id}” có thuộc tính mở rộng “{name}” mà không phần nào đọc.",
            "“{id}” has the extension property “{name}”, which nothing reads.",
            "Gần nhất trong bảng thuộc tính: “{near}”.",
            "Nearest in the table of properties: “{near}”.",
        ),
        _unknown,
    ),
    Check(
        Rule(
            "property.misplaced",
            _CHAPTER,
            "Thuộc tính “{name}” không có tác dụng trên <{tag}> “{id}”.",
            "Property “{name}” has no effect on <{tag}> “{id}”.",
            "Chuyển sang: {places}.",
            "It belongs on: {places}.",
        ),
        _misplaced,
    ),
    Check(
        Rule(
            "property.repeated",
            _CHAPTER,
            "“{id}” ghi thuộc tính “{name}” nhiều lần.",
            "“{id}” gives the property “{name}” more than once.",
            "Giữ một.",
            "Keep one.",
        ),
        _repeated,
    ),
    Check(
        Rule(
            "property.empty",
            _CHAPTER,
            "Thuộc tính “{name}” của “{id}” để trống.",
            "Property “{name}” of “{id}” is empty.",
            "Ghi giá trị, hoặc xoá thuộc tính.",
            "Give it a value, or delete it.",
        ),
        _empty,
    ),
    Check(
        Rule(
            "process.no_title",
            _CHAPTER,
            "Quy trình “{id}” chưa có tên hiển thị (title_vi).",
            "Process “{id}” has no title to show (title_vi).",
            "Thêm thuộc tính title_vi, ví dụ “Xử lý văn bản đến”.",
            "Add the property title_vi, such as “Xử lý văn bản đến”.",
        ),
        _no_title,
    ),
    Check(
        Rule(
            "process.no_english_title",
            _CHAPTER,
            "Quy trình “{id}” chưa có tên tiếng Anh (title_en).",
            "Process “{id}” has no English title (title_en).",
            "Thêm thuộc tính title_en.",
            "Add the property title_en.",
            "warning",
        ),
        _no_english_title,
    ),
    Check(
        Rule(
            "clauses.unknown",
            "docs/compliance/clauses.csv",
            "“{id}” dẫn điều khoản “{clause}”, không có trong bảng điều khoản.",
            "“{id}” names the clause “{clause}”, which is not in the table of clauses.",
            "Gần nhất: “{near}”. Các mã cách nhau bằng dấu cách.",
            "Nearest: “{near}”. Ids are separated by spaces.",
        ),
        _unknown_clause,
    ),
    Check(
        Rule(
            "variable.not_a_name",
            "docs/bpmn-dialect.md, Expressions",
            "Tên biến “{name}” của “{id}” không hợp lệ.",
            "“{name}”, a variable of “{id}”, is not a valid name.",
            "Dùng chữ, số và gạch dưới, bắt đầu bằng chữ, ví dụ registration.",
            "Use letters, digits and underscores, a letter first, such as registration.",
        ),
        _bad_variable,
    ),
    Check(
        Rule(
            "variable.reserved",
            "docs/bpmn-dialect.md, Expressions",
            "“{id}” ghi đè biến “{name}” do bộ máy đặt.",
            "“{id}” would overwrite the variable “{name}”, which the engine sets.",
            "Chọn tên khác.",
            "Choose another name.",
        ),
        _reserved_variable,
    ),
)
