"""BPMN 2.0.2, 10.4 Items and Data: associations draw who reads and writes what; they do not rename it.

Variables live in scopes that every activity of a process sees, so a drawn association needs no copying. One
that would copy a value to another name, or compute it, is refused: the engine would leave it undone.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.engine.definition.model import Diagram, Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.support import is_placeholder
from service.engine.definition.vocabulary import bpmn

_CHAPTER = "BPMN 2.0.2, 10.4 Items and Data: Data Associations"
_ASSOCIATIONS = ("dataInputAssociation", "dataOutputAssociation")


def _variable(diagram: Diagram, identifier: str) -> str | None:
    """Return the variable that an end of an association means; None where it means none or is not there."""
    xml = diagram.by_id.get(identifier)
    if xml is None or is_placeholder(xml):
        return None
    if xml.get("dataObjectRef") is not None:
        return str(xml.get("dataObjectRef"))
    is_data_object = xml.tag == bpmn("dataObject")
    return str(xml.get("id") if is_data_object else xml.get("name") or xml.get("id"))


def _ends(diagram: Diagram, association: etree._Element) -> tuple[list[str | None], str | None]:
    sources = [str(one.text or "").strip() for one in association.iterchildren(bpmn("sourceRef"))]
    targets = [str(one.text or "").strip() for one in association.iterchildren(bpmn("targetRef"))]
    target = _variable(diagram, targets[0]) if targets else None
    return [_variable(diagram, source) for source in sources], target


def _renaming(model: Model) -> Iterator[Fault]:
    for diagram in model.diagrams:
        for association in diagram.root.iter(*(bpmn(tag) for tag in _ASSOCIATIONS)):
            sources, target = _ends(diagram, association)
            for source in sources:
                if source is not None and target is not None and source != target:
                    yield Fault(diagram, association, {"source": source, "target": target})


CHECKS = (
    Check(
        Rule(
            "data_association.renames",
            _CHAPTER,
            "“{id}” chép “{source}” sang “{target}” bằng liên kết dữ liệu, bộ máy không làm việc đó.",
            "“{id}” copies “{source}” to “{target}” by a data association, which the engine does not do.",
            "Dùng chung một tên, hoặc tính “{target}” bằng nhiệm vụ script FEEL.",
            "Use one name for both, or compute “{target}” in a FEEL script task.",
        ),
        _renaming,
    ),
)
