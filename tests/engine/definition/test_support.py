"""Every element of BPMN 2.0 is either executed or refused by name: none falls between."""

from importlib import resources

from lxml import etree

from service.engine.definition.support import SUPPORTED_ELEMENTS, UNSUPPORTED_ATTRIBUTES, UNSUPPORTED_ELEMENTS
from service.engine.definition.vocabulary import FLOW_NODES
from service.engine.spiff import elements

XSD = "{http://www.w3.org/2001/XMLSchema}"
ABSTRACT = {
    "activity", "artifact", "baseElement", "baseElementWithMixedContent", "callableElement", "catchEvent",
    "choreographyActivity", "conversationNode", "dataAssociation", "event", "eventDefinition", "flowElement", "flowNode", "gateway",
    "loopCharacteristics", "rootElement", "throwEvent",
}  # fmt: skip
"""Heads of substitution groups, which no file may hold."""
PARTS_OF_REFUSED = {
    "activationCondition", "conversationAssociation", "correlationPropertyBinding", "dataPath", "messagePath",
    "correlationPropertyRetrievalExpression", "expression", "formalExpression", "from", "to", "messageFlowAssociation",
    "participantAssociation", "partnerEntity", "partnerRole", "relationship", "resourceAssignmentExpression",
    "resourceParameter", "resourceParameterBinding", "ioSpecification",
}  # fmt: skip
"""Elements that only stand inside what is refused, or that ``support.unknown_element`` refuses."""


def named_elements() -> set[str]:
    folder = resources.files("SpiffWorkflow.bpmn.parser").joinpath("schema")
    roots = [etree.fromstring(folder.joinpath(name).read_bytes()) for name in ("Semantic.xsd", "BPMN20.xsd")]
    return {element.get("name") for root in roots for element in root.iterchildren(f"{XSD}element")}


def test_every_element_of_the_schema_is_accounted_for():
    accounted = SUPPORTED_ELEMENTS | UNSUPPORTED_ELEMENTS.keys() | ABSTRACT | PARTS_OF_REFUSED
    assert named_elements() - accounted == set()


def test_no_element_is_both_executed_and_refused():
    assert SUPPORTED_ELEMENTS & UNSUPPORTED_ELEMENTS.keys() == set()


def test_what_the_engine_refuses_is_refused_at_deployment():
    assert UNSUPPORTED_ELEMENTS.keys() >= elements.UNSUPPORTED


def test_every_flow_node_that_passes_is_one_the_engine_runs():
    assert elements.NODE_CLASSES.keys() == SUPPORTED_ELEMENTS & FLOW_NODES


def test_attributes_that_the_engine_refuses_are_refused_at_deployment():
    harmless = {entry.attribute: entry.harmless for entry in UNSUPPORTED_ATTRIBUTES}
    assert harmless == elements.HARMLESS_VALUES
