"""BPMN 2.0.2, 8.3 Foundation: Extensibility: only our dialect's extensions change what happens.

An extension that we do not read would make the diagram mean one thing to its author and another to the
engine; Python in any of them would be code from outside. Both are refused with the element's id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from service.engine.definition.model import Diagram, Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import BPMN, BPMN_DI, DD_DC, DD_DI, DIALECT, XML, XSI, bpmn

_CHAPTER = "BPMN 2.0.2, 8.3 Foundation: Extensibility; docs/bpmn-dialect.md"
DIALECT_ELEMENTS: Final[Mapping[str, frozenset[str]]] = {
    "properties": frozenset(),
    "property": frozenset({"name", "value"}),
    "serviceTaskOperator": frozenset({"id", "resultVariable"}),
    "parameters": frozenset(),
    "parameter": frozenset({"id", "type", "value"}),
    "calledDecisionId": frozenset(),
}
"""The dialect's elements and their attributes."""

PYTHON_ELEMENTS: Final = frozenset({"preScript", "postScript"})
_OPERATOR_HOST = bpmn("serviceTask")
_DECISION_HOST = bpmn("businessRuleTask")

FOREIGN_ENGINES: Final[Mapping[str, str]] = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8 (Zeebe)",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://www.jboss.org/drools": "jBPM",
    "http://www.omg.org/bpmn20": "jBPM",
    "http://bonitasoft.com/bpmn": "Bonita",
    "http://www.signavio.com": "Signavio",
    "http://operaton.org/schema/1.0/bpmn": "Operaton",
    "http://cibseven.org/schema/1.0/bpmn": "CIB seven",
}
EDITOR_NAMESPACES: Final = frozenset(
    {
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://camunda.org/schema/modeler/1.0",
    }
)
"""Colours and notes of editors: they change the picture, never what happens."""

_STANDARD = frozenset({BPMN, BPMN_DI, DD_DI, DD_DC, XSI, XML})


def _names(diagram: Diagram) -> Iterator[tuple[etree._Element, str, str]]:
    """Yield element, namespace and local name of every element and every qualified attribute."""
    for xml in diagram.root.iter(tag=etree.Element):
        name = etree.QName(xml)
        yield xml, name.namespace or "", name.localname
        for attribute in xml.attrib:
            qualified = etree.QName(attribute)
            if qualified.namespace:
                yield xml, qualified.namespace, qualified.localname


def _foreign_engine(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml, namespace, name in _names(diagram):
            if namespace in FOREIGN_ENGINES:
                yield Fault(diagram, xml, {"engine": FOREIGN_ENGINES[namespace], "name": name})


def _unknown_namespace(model: Model) -> Iterator[Fault]:
    known = _STANDARD | EDITOR_NAMESPACES | FOREIGN_ENGINES.keys() | {DIALECT}
    for diagram in model.diagrams:
        for xml, namespace, name in _names(diagram):
            if namespace not in known:
                yield Fault(diagram, xml, {"namespace": namespace[:120] or "–", "name": name})


def _dialect_elements(model: Model) -> Iterator[tuple[Diagram, etree._Element, str]]:
    for diagram in model.diagrams:
        for xml in diagram.root.iter(f"{{{DIALECT}}}*"):
            yield diagram, xml, etree.QName(xml).localname


def _python(model: Model) -> Iterator[Fault]:
    for diagram, xml, name in _dialect_elements(model):
        if name in PYTHON_ELEMENTS:
            yield Fault(diagram, xml, {"name": name})


def _not_in_dialect(model: Model) -> Iterator[Fault]:
    for diagram, xml, name in _dialect_elements(model):
        if name not in DIALECT_ELEMENTS and name not in PYTHON_ELEMENTS:
            yield Fault(diagram, xml, {"name": name})
    for diagram in model.diagrams:
        for xml, namespace, name in _names(diagram):
            if namespace == DIALECT and etree.QName(xml).namespace != DIALECT:
                yield Fault(diagram, xml, {"name": name})


def _unknown_attribute(model: Model) -> Iterator[Fault]:
    for diagram, xml, name in _dialect_elements(model):
        for attribute in xml.attrib if name in DIALECT_ELEMENTS else ():
            if "}" not in str(attribute) and attribute not in DIALECT_ELEMENTS[name]:
                yield Fault(diagram, xml, {"name": name, "attribute": str(attribute)[:80]})


def _hidden_bpmn(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for holder in diagram.root.iter(bpmn("extensionElements")):
            for xml in holder.iterdescendants(f"{{{BPMN}}}*"):
                yield Fault(diagram, xml, {"name": etree.QName(xml).localname})


def _misplaced(model: Model) -> Iterator[Fault]:
    hosts = {"serviceTaskOperator": _OPERATOR_HOST, "calledDecisionId": _DECISION_HOST}
    for diagram, xml, name in _dialect_elements(model):
        holder = xml.getparent()
        host = holder.getparent() if holder is not None else None
        if name in hosts and (host is None or host.tag != hosts[name]):
            yield Fault(diagram, xml, {"name": name, "host": etree.QName(hosts[name]).localname})


def _expression_language(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml, attribute in _languages(diagram):
            language = str(xml.get(attribute))
            if "feel" not in language.lower():
                yield Fault(diagram, xml, {"language": language[:120]})


def _languages(diagram: Diagram) -> Iterator[tuple[etree._Element, str]]:
    if diagram.root.get("expressionLanguage") is not None:
        yield diagram.root, "expressionLanguage"
    for xml in diagram.elements:
        if xml.get("language") is not None:
            yield xml, "language"


CHECKS = (
    Check(
        Rule(
            "extension.foreign_engine",
            _CHAPTER,
            "“{id}” dùng phần mở rộng “{name}” của {engine}, bộ máy này không thực hiện.",
            "“{id}” uses the extension “{name}” of {engine}, which this engine does not execute.",
            "Diễn đạt lại bằng thuộc tính và thao tác trong docs/bpmn-dialect.md.",
            "Say it with the properties and operations of docs/bpmn-dialect.md.",
        ),
        _foreign_engine,
    ),
    Check(
        Rule(
            "extension.unknown_namespace",
            _CHAPTER,
            "“{id}” dùng “{name}” thuộc không gian tên lạ “{namespace}”.",
            "“{id}” uses “{name}” of the unknown namespace “{namespace}”.",
            "Xoá phần mở rộng đó.",
            "Delete the extension.",
        ),
        _unknown_namespace,
    ),
    Check(
        Rule(
            "extension.python",
            _CHAPTER,
            "“{id}” có <{name}> chứa mã Python, không được phép trong sơ đồ.",
            "“{id}” has a <{name}> of Python code, which no diagram may hold.",
            "Thay bằng nhiệm vụ script FEEL đứng trước hoặc sau.",
            "Use a FEEL script task before or after it.",
        ),
        _python,
    ),
    Check(
        Rule(
            "extension.not_in_dialect",
            _CHAPTER,
            "“{id}” dùng phần mở rộng spiffworkflow “{name}” ngoài các phần đã thống nhất.",
            "“{id}” uses the spiffworkflow extension “{name}”, which is not part of the dialect.",
            "Dùng thuộc tính trong docs/bpmn-dialect.md.",
            "Use the properties of docs/bpmn-dialect.md.",
        ),
        _not_in_dialect,
    ),
    Check(
        Rule(
            "extension.unknown_attribute",
            _CHAPTER,
            "<{name}> của “{id}” có thuộc tính “{attribute}” mà không phần nào đọc.",
            "<{name}> of “{id}” has the attribute “{attribute}”, which nothing reads.",
            "Xoá thuộc tính hoặc sửa tên.",
            "Delete it, or correct its name.",
        ),
        _unknown_attribute,
    ),
    Check(
        Rule(
            "extension.hidden_bpmn",
            _CHAPTER,
            "Phần mở rộng quanh “{id}” giấu một phần tử BPMN <{name}>.",
            "The extensions around “{id}” hide a BPMN element <{name}>.",
            "Đưa phần tử ra ngoài phần mở rộng, hoặc xoá.",
            "Move it out of the extensions, or delete it.",
        ),
        _hidden_bpmn,
    ),
    Check(
        Rule(
            "extension.misplaced",
            _CHAPTER,
            "<{name}> của “{id}” chỉ có tác dụng trong phần mở rộng của <{host}>.",
            "<{name}> of “{id}” has an effect only among the extensions of a <{host}>.",
            "Đổi loại nhiệm vụ, hoặc chuyển phần mở rộng.",
            "Change the kind of task, or move the extension.",
        ),
        _misplaced,
    ),
    Check(
        Rule(
            "expression.language",
            "docs/bpmn-dialect.md, Expressions",
            "“{id}” khai báo ngôn ngữ biểu thức “{language}”; chỉ FEEL được phép.",
            "“{id}” declares the expression language “{language}”; only FEEL is allowed.",
            "Xoá thuộc tính và viết biểu thức bằng FEEL.",
            "Delete the attribute and write the expression in FEEL.",
        ),
        _expression_language,
    ),
)
