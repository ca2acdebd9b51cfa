"""BPMN 2.0.2, 12 BPMN DI: the picture and the model speak of the same elements.

A bundle without a picture runs; one whose picture leaves out a node would show people something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Diagram, Flow, Model, Node
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import BPMN_DI

_CHAPTER = "BPMN 2.0.2, 12 BPMN Diagram Interchange"


def _drawn(diagram: Diagram) -> Iterator[tuple[etree._Element, str]]:
    """Yield every shape, edge and plane with the id of the element that it draws."""
    for xml in diagram.root.iter(f"{{{BPMN_DI}}}*"):
        element = xml.get("bpmnElement")
        if element is not None:
            yield xml, str(element)


def _unknown(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for xml, element in _drawn(diagram):
            if ":" not in element and element not in diagram.by_id:
                yield Fault(diagram, xml, {"drawn": element, "shape": etree.QName(xml).localname})


def _twice(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        seen: set[tuple[etree._Element | None, str]] = set()
        for xml, element in _drawn(diagram):
            place = (xml.getparent(), element)
            if place in seen:
                yield Fault(diagram, xml, {"drawn": element})
            seen.add(place)


def _not_drawn(model: Model) -> Iterator[Fault]:
    drawn = {(id(diagram), element) for diagram in model.diagrams for _, element in _drawn(diagram)}
    pictured = {drawing for drawing, _ in drawn}
    for container in model.containers:
        if id(container.diagram) not in pictured:
            continue
        parts: list[Node | Flow] = [*container.nodes, *container.flows]
        for part in parts:
            if part.id and (id(container.diagram), part.id) not in drawn:
                yield Fault(container.diagram, part.xml)


CHECKS = (
    Check(
        Rule(
            "diagram.unknown_element",
            _CHAPTER,
            "Hình <{shape}> vẽ “{drawn}”, không có trong tệp.",
            "The <{shape}> draws “{drawn}”, which is not in the file.",
            "Xoá hình đó, hoặc lưu lại bằng trình vẽ sơ đồ.",
            "Delete it, or save the file again in the editor.",
        ),
        _unknown,
    ),
    Check(
        Rule(
            "diagram.drawn_twice",
            _CHAPTER,
            "“{drawn}” được vẽ hai lần trong cùng một hình.",
            "“{drawn}” is drawn twice in one picture.",
            "Xoá một hình.",
            "Delete one of the two.",
            "warning",
        ),
        _twice,
    ),
    Check(
        Rule(
            "diagram.not_drawn",
            _CHAPTER,
            "“{id}” chạy nhưng không được vẽ: người đọc sơ đồ không thấy nó.",
            "“{id}” runs but is not drawn: readers of the diagram do not see it.",
            "Vẽ nó, hoặc xoá khỏi tệp.",
            "Draw it, or delete it from the file.",
            "warning",
        ),
        _not_drawn,
    ),
)
