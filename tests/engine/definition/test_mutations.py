"""Whatever is done to a good diagram, checking it answers with findings and raises nothing."""

import random

import pytest
from lxml import etree

from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.definition.checker import check_bundle, errors_in
from service.engine.definition.process_info import read_process_infos
from service.engine.spiff.definition import Definition

SKETCH = """
    ^<bpmn:message id="m" name="m"/>
    ^<bpmn:error id="e" name="e" errorCode="E"/>
    ^<bpmn:process id="called"><bpmn:startEvent id="called_begin"/><bpmn:endEvent id="called_end"/><bpmn:sequenceFlow id="called_flow" sourceRef="called_begin" targetRef="called_end"/></bpmn:process>
    ^<bpmn:collaboration id="c"><bpmn:participant id="us" processRef="p"/></bpmn:collaboration>
    <bpmn:laneSet><bpmn:lane id="clerk"><bpmn:flowNodeRef>begin</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    start begin
    user do_it | <bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>units</bpmn:loopDataInputRef><bpmn:inputDataItem id="unit"/></bpmn:multiInstanceLoopCharacteristics>
    boundary late attachedToRef="do_it" | <bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>
    <bpmn:serviceTask id="register"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="record.register" resultVariable="x"><spiffworkflow:parameters><spiffworkflow:parameter id="document_id" value="1"/></spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>
    sub box {
    start inner
    throw jump | <bpmn:linkEventDefinition name="l"/>
    catch land | <bpmn:linkEventDefinition name="l"/>
    end over | <bpmn:errorEventDefinition errorRef="e"/>
    inner -> jump
    land -> over
    }
    rule decide | <bpmn:extensionElements><spiffworkflow:calledDecisionId>shared_deadline</spiffworkflow:calledDecisionId></bpmn:extensionElements>
    script compute result_variable="y" | <bpmn:script>1 + 1</bpmn:script>
    and fork
    and join
    events wait_for
    receive hear messageRef="m" correlation_key="business_key"
    catch timeout | <bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>
    xor is_urgent
    call ask calledElement="called"
    end done
    end other
    begin -> do_it -> fork -> register -> box -> join
    fork -> decide -> compute -> join
    join -> wait_for -> hear -> is_urgent
    wait_for -> timeout -> is_urgent
    late -> other
    is_urgent -> ask : x > 1
    is_urgent -> done : default
    ask -> done
"""
TITLE = (
    '<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="title_vi" value="x"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)
TAGS = [
    "userTask",
    "boundaryEvent",
    "subProcess",
    "startEvent",
    "sequenceFlow",
    "process",
    "lane",
    "definitions",
    "timeDate",
    "foo",
]
VALUES = [
    "",
    "begin",
    "do_it",
    "p",
    "no_such",
    "bpmn:m",
    "a b",
    "=",
    "${x}",
    "true",
    "0",
    "đ" * 500,
    "R/P",
    "{",
    "clauses",
    "potential_owners",
]


def mutate(chance: random.Random, root: etree._Element) -> None:
    elements = list(root.iter(tag=etree.Element))[1:] or [root]
    one, other = chance.choice(elements), chance.choice(elements)
    match chance.randrange(7):
        case 0 if one.getparent() is not None:
            one.getparent().remove(one)
        case 1:
            other.append(etree.fromstring(etree.tostring(one)))
        case 2:
            one.tag = etree.QName(etree.QName(one).namespace, chance.choice(TAGS))
        case 3 if one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        case 4 if one.attrib:
            one.set(chance.choice(list(one.attrib)), chance.choice(VALUES))
        case 5:
            one.text = chance.choice(VALUES)
        case _:
            one.set(
                chance.choice(
                    ["id", "default", "isForCompensation", "cancelActivity", "triggeredByEvent", "name"]
                ),
                chance.choice(VALUES),
            )


@pytest.mark.parametrize("seed", range(40))
def test_a_mutilated_diagram_yields_findings_and_no_exception(drawn, environment, seed):
    chance = random.Random(seed)
    root = etree.fromstring(drawn(SKETCH).encode())
    for _ in range(chance.randint(1, 12)):
        mutate(chance, root)
    content = etree.tostring(root)
    bundle = Bundle("p", (BundleFile("p.bpmn", content),))
    for finding in check_bundle(bundle, environment):
        assert finding.code
        assert finding.vi
    read_process_infos(bundle)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_yield_findings_and_no_exception(drawn, environment, seed):
    chance = random.Random(seed)
    content = bytearray(drawn(SKETCH).encode())
    for _ in range(chance.randint(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    assert isinstance(check_bundle(Bundle("p", (BundleFile("p.bpmn", bytes(content)),)), environment), list)


@pytest.mark.parametrize("seed", range(40))
def test_what_passes_the_checks_is_parsed_by_the_engine(drawn, environment, seed):
    chance = random.Random(seed)
    root = etree.fromstring(drawn(SKETCH.replace('id="called">', 'id="called">' + TITLE)).encode())
    for _ in range(seed % 3):
        mutate(chance, root)
    content = etree.tostring(root)
    files = (BundleFile("p.bpmn", content), BundleFile("forms/p/do_it.form.json", b"{}"))
    if errors_in(check_bundle(Bundle("p", files), environment)):
        assert seed % 3, "the sketch itself must pass"
        return
    assert Definition.parse({"p.bpmn": content}, "p").process_id == "p"
