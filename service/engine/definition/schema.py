"""Validation against the BPMN 2.0 XML schema, its findings put into words for people.

The schema files come with the installed SpiffWorkflow; they are read once per process. Identifier types
(``xsd:ID``, ``xsd:QName``) are left to the checks of chapter 8, which say more about them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import cast

from lxml import etree

from service.domain.errors import Finding
from service.engine.definition.rule import Element, LogEntry, Rule, visible_id

_CHAPTER = "BPMN 2.0.2, 15 Exchange Formats: XSD"


def _rule(code: str, vi: str, en: str, mend_vi: str, mend_en: str) -> Rule:
    return Rule(code, _CHAPTER, vi, en, mend_vi, mend_en)


UNEXPECTED_ELEMENT = _rule(
    "schema.unexpected_element",
    "Phần tử <{tag}> không được đứng ở chỗ này trong <{parent}>.",
    "Element <{tag}> may not stand at this place in <{parent}>.",
    "Lược đồ chờ: {expected}. Kiểm tra tên và thứ tự phần tử.",
    "The schema expects: {expected}. Check the name and the order.",
)
MISSING_ELEMENT = _rule(
    "schema.missing_element",
    "Phần tử <{tag}> còn thiếu phần tử con bắt buộc.",
    "Element <{tag}> lacks a child that the schema demands.",
    "Thêm: {expected}.",
    "Add: {expected}.",
)
MISSING_ATTRIBUTE = _rule(
    "schema.missing_attribute",
    "Phần tử <{tag}> thiếu thuộc tính bắt buộc “{attribute}”.",
    "Element <{tag}> lacks the required attribute “{attribute}”.",
    "Thêm thuộc tính đó.",
    "Add the attribute.",
)
UNKNOWN_ATTRIBUTE = _rule(
    "schema.unknown_attribute",
    "Phần tử <{tag}> không có thuộc tính “{attribute}” trong BPMN 2.0.",
    "BPMN 2.0 knows no attribute “{attribute}” of <{tag}>.",
    "Xoá hoặc sửa tên thuộc tính.",
    "Delete the attribute or correct its name.",
)
BAD_VALUE = _rule(
    "schema.bad_value",
    "Giá trị “{value}” của “{attribute}” trong <{tag}> không hợp lệ.",
    "The value “{value}” of “{attribute}” in <{tag}> is not allowed.",
    "Dùng giá trị mà chuẩn cho phép ({expected}).",
    "Use a value that the standard allows ({expected}).",
)
UNEXPECTED_TEXT = _rule(
    "schema.unexpected_text",
    "Có chữ nằm trực tiếp trong <{tag}>, nơi chỉ được có phần tử con.",
    "There is text directly inside <{tag}>, where only elements may be.",
    "Xoá đoạn chữ đó hoặc đưa vào <documentation>.",
    "Delete the text or move it into <documentation>.",
)
INVALID = _rule(
    "schema.invalid",
    "Phần tử <{tag}> trái với lược đồ BPMN 2.0 (mã {kind}).",
    "Element <{tag}> breaks the BPMN 2.0 schema (kind {kind}).",
    "So lại với tài liệu chuẩn hoặc vẽ lại phần tử.",
    "Compare it with the standard or draw it again.",
)
SCHEMA_RULES = (
    UNEXPECTED_ELEMENT,
    MISSING_ELEMENT,
    MISSING_ATTRIBUTE,
    UNKNOWN_ATTRIBUTE,
    BAD_VALUE,
    UNEXPECTED_TEXT,
    INVALID,
)

_NAMESPACE = re.compile(r"\{[a-z]+:[^}]*\}")
_ATTRIBUTE = re.compile(r"attribute '([^']*)'", re.IGNORECASE)
_VALUE = re.compile(r"(?:value |: )'([^']*)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_TYPE_OR_SET = re.compile(r"(?:atomic type '([^']*)'|element of the set \{([^}]*)\})")
_LEFT_TO_CHAPTER_8 = ("'xs:ID'", "'xs:QName'", "'xs:IDREF'", "QName value")
_PREFIXED_STEP = re.compile(r"/[^/:\[\]]+:([^/:\[\]]+)")
_EXPECTED_SHOWN = 6
_lock = threading.Lock()


@cache
def _schema_source() -> etree._ElementTree:
    path = resources.files("SpiffWorkflow.bpmn.parser").joinpath("schema", "BPMN20.xsd")
    with resources.as_file(path) as file:
        return etree.parse(str(file), etree.XMLParser(no_network=True, resolve_entities=False))


def validate(root: etree._Element, file: str) -> list[Finding]:
    """Return the findings of the BPMN 2.0 schema on the tree at ``root``; safe for threads."""
    schema = _schema()
    with _lock:  # a schema object keeps the log of its last validation
        if schema.validate(root):
            return []
        entries = list(cast("Iterable[LogEntry]", schema.error_log))
    return [finding for entry in entries for finding in _translate(entry, root, file)]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(_schema_source())


def _translate(entry: etree._LogEntry, root: etree._Element, file: str) -> Iterator[Finding]:
    message = _NAMESPACE.sub("", entry.message)
    if any(kind in message for kind in _LEFT_TO_CHAPTER_8):
        return
    xml = _locate(entry, root)
    rule = _rule_of(entry, message)
    parent = xml.getparent()
    yield rule.finding(
        file,
        element=visible_id(xml),
        line=entry.line,
        tag=etree.QName(xml).localname,
        parent=etree.QName(parent).localname if parent is not None else "?",
        attribute=_first(_ATTRIBUTE, message),
        value=_first(_VALUE, message)[:80],
        expected=_expected(message),
        kind=entry.type_name,
    )


_RULES_BY_KIND = {
    "SCHEMAV_CVC_COMPLEX_TYPE_4": MISSING_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": UNKNOWN_ATTRIBUTE,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": BAD_VALUE,
    "SCHEMAV_CVC_ENUMERATION_VALID": BAD_VALUE,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": UNEXPECTED_TEXT,
}


def _rule_of(entry: etree._LogEntry, message: str) -> Rule:
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        return MISSING_ELEMENT if "Missing child" in message else UNEXPECTED_ELEMENT
    return _RULES_BY_KIND.get(entry.type_name, INVALID)


def _locate(entry: etree._LogEntry, root: etree._Element) -> etree._Element:
    """Return the element that the schema's error names by its path."""
    path = _PREFIXED_STEP.sub(r"/*[local-name()='\1']", entry.path or "")
    found = cast("list[Element]", root.getroottree().xpath(path)) if path else []
    return found[0] if found else root


def _first(pattern: re.Pattern[str], message: str) -> str:
    found = pattern.search(message)
    return found[1] if found else "?"


def _expected(message: str) -> str:
    found = _EXPECTED.search(message)
    if found:
        names = [name.strip() for name in found[1].split(",")]
        more = ", …" if len(names) > _EXPECTED_SHOWN else ""
        return ", ".join(names[:_EXPECTED_SHOWN]) + more
    kind = _TYPE_OR_SET.search(message)
    return (kind[1] or kind[2]).replace("'", "") if kind else "?"
