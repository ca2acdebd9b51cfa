"""Texts that people and machines must read alike: composed Unicode, names where lists show them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Model
from service.engine.definition.rule import Check, Fault, Rule

_CHAPTER = "Unicode Standard Annex 15; docs/bpmn-dialect.md"


def _not_nfc(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml in diagram.root.iter(tag=etree.Element):
            text = next((one for one in _texts(xml) if not unicodedata.is_normalized("NFC", one)), None)
            if text is not None:
                yield Fault(diagram, xml, {"text": unicodedata.normalize("NFC", text.strip())[:60]})


def _texts(xml: etree._Element) -> Iterator[str]:
    yield from (str(value) for name, value in xml.attrib.items() if name != "id")
    yield str(xml.text or "")


def _nameless(model: Model) -> Iterator[Fault]:
    for node in model.of_tag("userTask"):
        if not node.name.strip():
            yield Fault(node.diagram, node.xml)


CHECKS = (
    Check(
        Rule(
            "text.not_nfc",
            _CHAPTER,
            "“{text}” của “{id}” viết bằng Unicode tổ hợp: so sánh và tìm kiếm sẽ sai.",
            "“{text}” of “{id}” is in decomposed Unicode: comparing and searching it would fail.",
            "Chuyển sang dạng dựng sẵn (NFC): gõ lại hoặc lưu lại bằng trình vẽ sơ đồ.",
            "Turn it into its composed form (NFC): type it again, or save it again in the editor.",
        ),
        _not_nfc,
    ),
    Check(
        Rule(
            "user_task.nameless",
            "docs/bpmn-dialect.md, Extension properties",
            "Nhiệm vụ “{id}” không có tên; danh sách việc sẽ chỉ hiện mã.",
            "Task “{id}” has no name; task lists would show its id.",
            "Đặt tên tiếng Việt, ví dụ “Duyệt dự thảo”.",
            "Give it a Vietnamese name, such as “Duyệt dự thảo”.",
            "warning",
        ),
        _nameless,
    ),
)
