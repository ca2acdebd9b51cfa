"""What breaks the BPMN 2.0 schema is said in words, with line and element, not in the library's text."""

import pytest
from lxml import etree

from service.engine.definition.schema import SCHEMA_RULES, validate

NS = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"'
CASES = {
    "schema.unexpected_element": ("<foo/>", "p", "“foo”|<foo>"),
    "schema.missing_attribute": ('<boundaryEvent id="b"/>', "b", "attachedToRef"),
    "schema.unknown_attribute": ('<task id="t" colour="red"/>', "t", "colour"),
    "schema.bad_value": ('<startEvent id="s" isInterrupting="maybe"/>', "s", "maybe"),
    "schema.unexpected_text": ('<subProcess id="s">hello</subProcess>', "s", "subProcess"),
    "schema.missing_element": ('<task id="t"><ioSpecification/></task>', "t", "inputSet"),
}


def findings_of(body: str):
    root = etree.fromstring(f'<definitions {NS}>\n<process id="p">\n{body}\n</process></definitions>')
    return validate(root, "x.bpmn")


@pytest.mark.parametrize("code", CASES)
def test_a_breach_of_the_schema_is_named(code):
    body, element, words = CASES[code]
    (finding,) = findings_of(body)
    assert (finding.code, finding.element, finding.line, finding.file) == (code, element, 3, "x.bpmn")
    assert any(word in finding.en for word in words.split("|"))
    assert "20100524" not in finding.en + finding.vi


def test_wrong_order_is_named():
    (finding,) = findings_of('<task id="t">\n<outgoing>f</outgoing>\n<incoming>g</incoming></task>')
    assert (finding.code, finding.line, finding.element) == ("schema.unexpected_element", 5, "t")


def test_a_wrong_choice_is_named_with_the_choices():
    (finding,) = findings_of('<eventBasedGateway id="g" eventGatewayType="Foo"/>')
    assert "Exclusive, Parallel" in finding.en


def test_a_prefixed_file_is_located_too():
    text = '<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"><b:process id="p"><b:task id="t"/>\n<b:task id="u" colour="1"/></b:process></b:definitions>'
    (finding,) = validate(etree.fromstring(text), "x.bpmn")
    assert (finding.element, finding.line) == ("u", 2)


def test_extension_elements_are_free():
    assert (
        findings_of('<task id="t"><extensionElements><a xmlns="urn:x" b="1"/></extensionElements></task>')
        == []
    )


def test_ids_are_left_to_their_own_checks():
    assert findings_of('<task id="t"/><task id="t"/><task id="1"/>') == []


def test_every_schema_rule_has_a_test():
    assert {rule.code for rule in SCHEMA_RULES} == CASES.keys() | {"schema.invalid"}
