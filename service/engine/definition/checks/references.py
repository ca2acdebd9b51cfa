"""BPMN 2.0.2, 8: a reference names an element that exists and is of the kind that the standard asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from service.engine.definition.model import Diagram, Model
from service.engine.definition.rule import Check, Fault, Rule
from service.engine.definition.vocabulary import ACTIVITIES, FLOW_NODES, ITEM_AWARE

_CHAPTER = "BPMN 2.0.2, 8 Core Structure; 15 Exchange Formats: XSD"
_ARTIFACT_ENDS = (
    FLOW_NODES | ITEM_AWARE | {"sequenceFlow", "messageFlow", "participant", "lane", "textAnnotation"}
)
_ASSOCIATION_ENDS = _ARTIFACT_ENDS | {"group"}


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute, or the text of a child element, that names elements by id.

    Attributes:
        owners: local names of the elements that carry it; empty for all.
        name: the attribute or child.
        targets: local names of the elements that it may name.
        is_child: whether it is the text of a child element.
    """

    owners: frozenset[str]
    name: str
    targets: frozenset[str]
    is_child: bool = False


def _kinds(*tags: str) -> frozenset[str]:
    return frozenset(tags)


REFERENCES: Final = (
    Reference(_kinds("sequenceFlow"), "sourceRef", FLOW_NODES),
    Reference(_kinds("sequenceFlow"), "targetRef", FLOW_NODES),
    Reference(FLOW_NODES, "default", _kinds("sequenceFlow")),
    Reference(FLOW_NODES, "incoming", _kinds("sequenceFlow"), is_child=True),
    Reference(FLOW_NODES, "outgoing", _kinds("sequenceFlow"), is_child=True),
    Reference(_kinds("boundaryEvent"), "attachedToRef", ACTIVITIES),
    Reference(frozenset(), "messageRef", _kinds("message")),
    Reference(frozenset(), "signalRef", _kinds("signal")),
    Reference(_kinds("errorEventDefinition"), "errorRef", _kinds("error")),
    Reference(frozenset(), "escalationRef", _kinds("escalation")),
    Reference(frozenset(), "dataObjectRef", _kinds("dataObject")),
    Reference(_kinds("lane"), "flowNodeRef", FLOW_NODES, is_child=True),
    Reference(_kinds("participant"), "processRef", _kinds("process")),
    Reference(_kinds("messageFlow"), "sourceRef", FLOW_NODES | {"participant"}),
    Reference(_kinds("messageFlow"), "targetRef", FLOW_NODES | {"participant"}),
    Reference(_kinds("association"), "sourceRef", _ASSOCIATION_ENDS),
    Reference(_kinds("association"), "targetRef", _ASSOCIATION_ENDS),
    Reference(
        _kinds("dataInputAssociation", "dataOutputAssociation"), "sourceRef", ITEM_AWARE, is_child=True
    ),
    Reference(
        _kinds("dataInputAssociation", "dataOutputAssociation"), "targetRef", ITEM_AWARE, is_child=True
    ),
    Reference(_kinds("inputSet"), "dataInputRefs", _kinds("dataInput"), is_child=True),
    Reference(_kinds("outputSet"), "dataOutputRefs", _kinds("dataOutput"), is_child=True),
    Reference(frozenset(), "itemSubjectRef", _kinds("itemDefinition")),
    Reference(_kinds("message"), "itemRef", _kinds("itemDefinition")),
    Reference(_kinds("error", "escalation", "signal"), "structureRef", _kinds("itemDefinition")),
    Reference(_kinds("group"), "categoryValueRef", _kinds("categoryValue")),
    Reference(_kinds("process"), "definitionalCollaborationRef", _kinds("collaboration")),
)


@dataclass(frozen=True, slots=True)
class _Use:
    diagram: Diagram
    xml: etree._Element
    reference: Reference
    value: str

    def fault(self, **values: str) -> Fault:
        words = {"attribute": self.reference.name, "value": self.value[:80] or "∅"}
        return Fault(self.diagram, self.xml, words | values)


def _uses(model: Model) -> Iterator[_Use]:
    for diagram in model.diagrams:
        for xml in diagram.elements:
            tag = etree.QName(xml).localname
            for reference in REFERENCES:
                if not reference.owners or tag in reference.owners:
                    yield from _uses_of(diagram, xml, reference)


def _uses_of(diagram: Diagram, xml: etree._Element, reference: Reference) -> Iterator[_Use]:
    if reference.is_child:
        for child in xml.iterchildren(f"{{*}}{reference.name}"):
            yield _Use(diagram, child, reference, str(child.text or "").strip())
        return
    value = xml.get(reference.name)
    if value is not None:
        yield _Use(diagram, xml, reference, str(value))


def _unresolved(model: Model) -> Iterator[Fault]:
    for use in _uses(model):
        if ":" not in use.value and use.value not in use.diagram.by_id:
            yield use.fault(expected=", ".join(sorted(use.reference.targets)[:4]))


def _wrong_kind(model: Model) -> Iterator[Fault]:
    for use in _uses(model):
        target = use.diagram.by_id.get(use.value)
        if target is not None and etree.QName(target).localname not in use.reference.targets:
            found = etree.QName(target).localname
            yield use.fault(found=found, expected=", ".join(sorted(use.reference.targets)[:4]))


def _prefixed(model: Model) -> Iterator[Fault]:
    for use in _uses(model):
        if ":" in use.value:
            yield use.fault()


CHECKS = (
    Check(
        Rule(
            "reference.unresolved",
            _CHAPTER,
            "“{attribute}” của “{id}” trỏ tới “{value}”, không có trong tệp.",
            "“{attribute}” of “{id}” names “{value}”, which is not in the file.",
            "Trỏ tới một phần tử có thật ({expected}), hoặc xoá tham chiếu.",
            "Name an element that exists ({expected}), or delete the reference.",
        ),
        _unresolved,
    ),
    Check(
        Rule(
            "reference.wrong_kind",
            _CHAPTER,
            "“{attribute}” của “{id}” trỏ tới “{value}”, là <{found}>.",
            "“{attribute}” of “{id}” names “{value}”, which is a <{found}>.",
            "Chỗ này phải trỏ tới: {expected}.",
            "Here the standard asks for: {expected}.",
        ),
        _wrong_kind,
    ),
    Check(
        Rule(
            "reference.prefixed",
            _CHAPTER,
            "“{attribute}” của “{id}” dùng tiền tố không gian tên (“{value}”), tức trỏ ra ngoài tệp.",
            "“{attribute}” of “{id}” has a namespace prefix (“{value}”), so it points outside the file.",
            "Ghi mã không có tiền tố của một phần tử trong cùng tệp.",
            "Write the plain id of an element of the same file.",
        ),
        _prefixed,
    ),
)
