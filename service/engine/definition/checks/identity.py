"""BPMN 2.0.2, 8.3 Foundation: every element that others name has one id, in one form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Diagram, Model
from service.engine.definition.rule import Check, Fault, Rule, line_of
from service.engine.definition.vocabulary import FLOW_NODES

_CHAPTER = "BPMN 2.0.2, 8.3 Foundation: BaseElement"
_DIALECT = "docs/bpmn-dialect.md, Reserved"
_ID_NEEDED = (
    FLOW_NODES
    | {"process", "sequenceFlow", "collaboration", "participant", "messageFlow", "lane"}
    | {"dataObject", "dataObjectReference", "message", "signal", "error", "escalation"}
)
_SNAKE_CASE_TAGS = FLOW_NODES | {"process"}
_NCNAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")
_SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_RESERVED_NAMES = frozenset({"start", "end", "root"})
_RESERVED_SUFFIXES = (".boundaryeventsplit", ".boundaryeventjoin", ".endjoin", ".startjoin")
_NODE_ID_LENGTH = 100


def _with_id(diagram: Diagram) -> Iterator[tuple[etree._Element, str]]:
    for xml in diagram.root.iter(tag=etree.Element):
        value = xml.get("id")
        if value is not None and not _is_dialect_parameter(xml):
            yield xml, str(value)


def _is_dialect_parameter(xml: etree._Element) -> bool:
    """Say whether the ``id`` is that of an extension element: an operator or a parameter, no BPMN id."""
    return any("}extensionElements" in str(step.tag) for step in xml.iterancestors())


def _missing(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            tag = etree.QName(xml).localname
            if tag in _ID_NEEDED and not xml.get("id"):
                yield Fault(diagram, xml, {"tag": tag, "name": str(xml.get("name") or "")})


def _duplicate(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        first_lines: dict[str, int] = {}
        for xml, value in _with_id(diagram):
            if value in first_lines:
                yield Fault(diagram, xml, {"value": value, "first": first_lines[value]})
            first_lines.setdefault(value, line_of(xml) or 0)


def _not_a_name(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml, value in _with_id(diagram):
            if value and _NCNAME.fullmatch(unicodedata.normalize("NFC", value)) is None:
                yield Fault(diagram, xml, {"value": value[:80]})


def _not_nfc(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml, value in _with_id(diagram):
            if not unicodedata.is_normalized("NFC", value):
                yield Fault(diagram, xml, {"value": value[:80]})


def _not_snake_case(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            value = str(xml.get("id") or "")
            if etree.QName(xml).localname in _SNAKE_CASE_TAGS and _is_other_name(value):
                yield Fault(diagram, xml, {"value": value[:80], "example": _snake_case(value)})


def _is_other_name(value: str) -> bool:
    """Say whether a name is well-formed and free, but not in snake_case."""
    if not value or _is_reserved(value) or not unicodedata.is_normalized("NFC", value):
        return False
    is_snake = _SNAKE_CASE.fullmatch(value) is not None and len(value) <= _NODE_ID_LENGTH
    return not is_snake and _NCNAME.fullmatch(value) is not None


def _snake_case(value: str) -> str:
    """Return a name in snake_case near ``value``: accents dropped, words joined by one underscore."""
    plain = unicodedata.normalize("NFD", value.replace("đ", "d").replace("Đ", "D"))
    ascii_only = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", ascii_only)
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return name[:_NODE_ID_LENGTH] or "approve_draft"


def _is_reserved(value: str) -> bool:
    return value.lower() in _RESERVED_NAMES or value.lower().endswith(_RESERVED_SUFFIXES)


def _reserved(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            value = str(xml.get("id") or "")
            if etree.QName(xml).localname in _SNAKE_CASE_TAGS and _is_reserved(value):
                yield Fault(diagram, xml, {"value": value})


CHECKS = (
    Check(
        Rule(
            "id.missing",
            _CHAPTER,
            "Phần tử <{tag}> “{name}” không có mã (id).",
            "Element <{tag}> “{name}” has no id.",
            "Đặt mã cho phần tử, ví dụ approve_draft.",
            "Give it an id, such as approve_draft.",
        ),
        _missing,
    ),
    Check(
        Rule(
            "id.duplicate",
            _CHAPTER,
            "Mã “{value}” đã dùng ở dòng {first} của cùng tệp.",
            "Id “{value}” is already used at line {first} of the same file.",
            "Đổi một trong hai mã.",
            "Change one of the two.",
        ),
        _duplicate,
    ),
    Check(
        Rule(
            "id.not_a_name",
            _CHAPTER,
            "Mã “{value}” không phải tên XML hợp lệ (NCName).",
            "Id “{value}” is no valid XML name (NCName).",
            "Bắt đầu bằng chữ cái; chỉ dùng chữ, số, dấu gạch dưới.",
            "Start with a letter; use letters, digits and underscores only.",
        ),
        _not_a_name,
    ),
    Check(
        Rule(
            "id.not_nfc",
            _DIALECT,
            "Mã “{value}” viết bằng Unicode tổ hợp, khác với dạng dựng sẵn (NFC).",
            "Id “{value}” is in decomposed Unicode, which differs from its composed form (NFC).",
            "Gõ lại mã không dấu.",
            "Type it again without accents.",
        ),
        _not_nfc,
    ),
    Check(
        Rule(
            "id.not_snake_case",
            _DIALECT,
            "Mã “{value}” không theo kiểu snake_case.",
            "Id “{value}” is not in snake_case.",
            "Đổi thành chữ thường không dấu, ngăn bằng gạch dưới, tối đa 100 ký tự, ví dụ “{example}”.",
            "Use lower-case letters, digits and underscores, 100 characters at most, such as “{example}”.",
        ),
        _not_snake_case,
    ),
    Check(
        Rule(
            "id.reserved",
            _DIALECT,
            "Mã “{value}” là mã bộ máy tự sinh ra.",
            "Id “{value}” is one that the engine generates.",
            "Đặt mã khác, ví dụ draft_received.",
            "Choose another, such as draft_received.",
        ),
        _reserved,
    ),
)
