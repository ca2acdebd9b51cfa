"""The checker as a whole: bundles that a sketch cannot draw, merging, order, and cost on hostile input."""

import time

import pytest

from service.domain.errors import Finding
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.definition.catalogue import RULES, severity_of
from service.engine.definition.checker import MAX_FINDINGS, check_bundle, errors_in
from service.engine.definition.environment import Environment

SMALL = """
    start begin
    end done
    begin -> done
"""
FULL = """
    ^<bpmn:message id="m_recall" name="document_recalled"/>
    ^<bpmn:error id="e_closed" name="Sổ đã khoá" errorCode="BOOK_CLOSED"/>
    ^<bpmn:signal id="s_outage" name="outage"/>
    ^<bpmn:escalation id="x_late" name="Trễ" escalationCode="LATE"/>
    <bpmn:laneSet><bpmn:lane id="clerk" name="Văn thư"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="potential_owners" value="&quot;role:clerk@unit:office&quot;"/>
    </spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>register</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>is_urgent</bpmn:flowNodeRef><bpmn:flowNodeRef>handle</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>opinions</bpmn:flowNodeRef><bpmn:flowNodeRef>merged</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>done</bpmn:flowNodeRef><bpmn:flowNodeRef>refused</bpmn:flowNodeRef>
    <bpmn:flowNodeRef>on_recall</bpmn:flowNodeRef><bpmn:flowNodeRef>told</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    start begin
    <bpmn:serviceTask id="register"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="record.register" resultVariable="registration"><spiffworkflow:parameters><spiffworkflow:parameter id="document_id" type="any" value="document_id"/></spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></bpmn:extensionElements></bpmn:serviceTask>
    boundary closed attachedToRef="register" | <bpmn:errorEventDefinition errorRef="e_closed"/>
    xor is_urgent
    user handle potential_owners="-" clauses="S0-6.4"
    boundary late attachedToRef="handle" cancelActivity="false" | <bpmn:timerEventDefinition><bpmn:timeDuration>=duration("PT4H")</bpmn:timeDuration></bpmn:timerEventDefinition>
    user opinions | <bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>units</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>answers</bpmn:loopDataOutputRef><bpmn:inputDataItem id="unit"/><bpmn:outputDataItem id="opinion"/></bpmn:multiInstanceLoopCharacteristics>
    xor merged
    throw told | <bpmn:escalationEventDefinition escalationRef="x_late"/>
    end done
    end refused
    end told_end
    sub on_recall triggeredByEvent="true" {
    start recall_arrived correlation_key="business_key" | <bpmn:messageEventDefinition messageRef="m_recall"/>
    end recalled | <bpmn:terminateEventDefinition/>
    recall_arrived -> recalled
    }
    begin -> register -> is_urgent
    closed -> refused
    is_urgent -> handle : registration.urgency = "urgent"
    is_urgent -> opinions : default
    handle -> merged
    opinions -> merged
    merged -> done
    late -> told -> told_end
"""


def test_a_rich_diagram_of_supported_elements_has_no_errors(check):
    checked = check(FULL)
    assert errors_in(checked.findings) == []
    assert {one.code for one in checked.findings} == {"lane.node_without_lane"}


def test_a_bundle_without_diagram_is_refused(environment):
    assert [one.code for one in check_bundle(Bundle("p", ()), environment)] == ["bundle.no_diagram"]


def test_a_bundle_must_hold_the_process_it_is_named_after(drawn, environment):
    bundle = Bundle("other", (BundleFile("p.bpmn", drawn(SMALL).encode()),))
    (finding,) = check_bundle(bundle, environment)
    assert finding.code == "bundle.no_main_process"
    assert "“p”" in finding.en.replace("(there are: p)", "“p”")


def test_a_container_of_too_many_nodes_is_refused(check):
    tasks = [f"t{number}" for number in range(520)]
    sketch = "\n".join(
        [
            "start begin",
            "end done",
            *(f"manual {task}" for task in tasks),
            " -> ".join(["begin", *tasks, "done"]),
        ]
    )
    (finding,) = check(sketch).findings
    assert (finding.code, finding.element) == ("process.too_many_nodes", "p")


def test_a_decomposed_id_is_refused(check):
    decomposed = "duye\u0323\u0302t"
    checked = check(SMALL + f'<bpmn:textAnnotation id="{decomposed}"/>')
    assert [(one.code, one.line) for one in checked.findings] == [
        ("id.not_nfc", checked.line_of("<bpmn:textAnn"))
    ]


def test_findings_of_forms_are_merged(drawn):
    asked = []

    def check_form(path: str, content: bytes) -> list[Finding]:
        asked.append((path, content))
        return [Finding("form.bad", "hỏng", "bad", file=path)]

    files = (BundleFile("p.bpmn", drawn(SMALL).encode()), BundleFile("forms/shared/x.form.json", b"{}"))
    findings = check_bundle(Bundle("p", files), Environment(check_form=check_form))
    assert asked == [("forms/shared/x.form.json", b"{}")]
    assert [one.code for one in findings] == ["form.bad"]
    assert errors_in(findings) == findings


DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<decision id="deadline" name="deadline"><variable name="deadline"/>
<literalExpression id="how"><text>{text}</text></literalExpression></decision></definitions>"""
ASKS = """
    start begin
    rule decide | <bpmn:extensionElements><spiffworkflow:calledDecisionId>deadline</spiffworkflow:calledDecisionId></bpmn:extensionElements>
    end done
    begin -> decide -> done
"""


def test_a_decision_of_the_bundle_may_be_called(check):
    assert check(ASKS, files={"d.dmn": DECISION.format(text='"PT4H"')}).findings == []


def test_a_decision_may_call_the_functions_of_the_environment(check):
    assert check(ASKS, files={"d.dmn": DECISION.format(text="working deadline(1)")}).findings == []


def test_what_is_wrong_with_a_decision_model_is_found(check):
    (finding,) = check(ASKS, files={"d.dmn": DECISION.format(text="__import__('os')")}).findings
    assert (finding.file, finding.element) == ("d.dmn", "how")
    assert not finding.code.startswith("xml")


def test_a_hostile_decision_model_is_refused_as_xml(check):
    checked = check(SMALL, files={"d.dmn": "<!DOCTYPE a><a/>"})
    assert [(one.code, one.file) for one in checked.findings] == [("xml.doctype", "d.dmn")]


def test_an_expression_may_call_the_functions_of_the_environment(check):
    sketch = SMALL.replace(
        "begin -> done",
        "script compute | <bpmn:script>{due: working deadline(1)}</bpmn:script>\nbegin -> compute -> done",
    )
    assert check(sketch).findings == []


def test_a_sub_process_may_do_without_start_and_end(check):
    sketch = """
        start begin
        sub box {
        user one
        user two
        user three
        one -> three
        }
        end done
        begin -> box -> done
    """
    assert check(sketch).findings == []


def test_start_variables_that_are_not_declared_are_no_fault(check):
    sketch = """
        start begin
        script one result_variable="a" | <bpmn:script>document_id</bpmn:script>
        script two result_variable="document" | <bpmn:script>document_id + a</bpmn:script>
        end done
        begin -> one -> two -> done
    """
    assert check(sketch).findings == []


def test_declared_start_variables_are_known(check):
    sketch = """
        <bpmn:ioSpecification><bpmn:dataInput id="in_1" name="document_id"/><bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>
        start begin
        user do_it
        script one result_variable="a" | <bpmn:script>document_id + opinion + initiator</bpmn:script>
        end done
        begin -> do_it -> one -> done
    """
    form = {"forms/p/do_it.form.json": '{"properties": {"opinion": {"type": "string"}}}'}
    assert check(sketch, files=form).findings == []


def test_data_drawn_by_an_editor_is_no_fault(check):
    sketch = """
        <bpmn:dataObject id="draft"/>
        <bpmn:dataObjectReference id="draft_here" dataObjectRef="draft"/>
        start begin
        <bpmn:manualTask id="look"><bpmn:property id="end_of_arrow" name="__targetRef_placeholder"/><bpmn:dataInputAssociation><bpmn:sourceRef>draft_here</bpmn:sourceRef><bpmn:targetRef>end_of_arrow</bpmn:targetRef></bpmn:dataInputAssociation><bpmn:dataOutputAssociation><bpmn:targetRef>draft_here</bpmn:targetRef></bpmn:dataOutputAssociation></bpmn:manualTask>
        end done
        begin -> look -> done
    """
    assert check(sketch).findings == []


HOSTILE_EXPRESSIONS = {
    "brackets": "(" * 3000 + "1" + ")" * 3000,
    "lists": "[" * 5000,
    "sum": "+".join(["1"] * 60_000),
    "choices": "if a then " * 3000,
    "path": "a" + ".b" * 40_000,
    "context": "{a:" * 900 + "1" + "}" * 900,
    "python": "__import__(&quot;os&quot;).system(&quot;id&quot;)",
    "lambda": "lambda: 1",
}


@pytest.mark.parametrize("name", HOSTILE_EXPRESSIONS)
def test_a_hostile_expression_is_refused_in_bounded_time(check, name):
    sketch = f"""
        start begin
        xor choose
        end done
        end other
        begin -> choose
        choose -> done : {HOSTILE_EXPRESSIONS[name]}
        choose -> other : default
    """
    started = time.process_time()
    (finding,) = errors_in(check(sketch).findings)
    assert time.process_time() - started < 3
    assert finding.element == "choose__done"
    assert finding.code in {"expression.not_feel", "expression.unknown_function"}


def test_warnings_do_not_stop_a_deployment():
    assert severity_of("gateway.useless") == "warning"
    assert severity_of("node.dead_end") == "error"
    assert severity_of("form.anything") == "error"
    assert errors_in([Finding("gateway.useless", "", "")]) == []


def test_codes_are_unique_and_texts_complete():
    codes = [rule.code for rule in RULES]
    assert len(codes) == len(set(codes))
    for rule in RULES:
        assert all((rule.chapter, rule.vi, rule.en, rule.mend_vi, rule.mend_en))


def test_findings_come_in_order_of_file_and_line(check):
    checked = check("start begin\nuser one\nuser two\nend done\nbegin -> done")
    lines = [one.line for one in checked.findings]
    assert lines == sorted(lines)


def test_a_file_that_does_not_parse_does_not_hide_the_others(check):
    checked = check("start begin\nmanual stuck\nbegin -> stuck\nend done", files={"a.bpmn": "<broken"})
    assert "xml.malformed" in checked.codes
    assert "node.dead_end" in checked.codes


@pytest.mark.parametrize(
    "root",
    [
        "<html/>",
        '<definitions xmlns="urn:other"/>',
        "<bpmn:process xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
    ],
)
def test_another_root_element_is_refused(check, root):
    assert "xml.wrong_root" in check(SMALL, files={"a.bpmn": root}).codes


def test_a_decision_model_in_a_bpmn_file_is_refused(check):
    dmn = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    assert check(SMALL, files={"a.bpmn": dmn}).codes == ["xml.wrong_root"]


def test_the_number_of_findings_is_bounded(check):
    sketch = SMALL + "\n".join(f'<bpmn:textAnnotation id="{number}x"/>' for number in range(3000))
    checked = check(sketch)
    assert 200 <= len(checked.findings) <= MAX_FINDINGS


def test_a_bundle_of_too_many_elements_is_not_checked_further(check, drawn):
    many = drawn("\n".join(f'<bpmn:textAnnotation id="{number}x"/>' for number in range(30_000)))
    checked = check(SMALL, files={"a.bpmn": many, "b.bpmn": many.replace('id="p"', 'id="q"')})
    assert checked.codes == ["bundle.too_much"]


def hostile_mesh(size: int) -> str:
    """Parallel gateways, each joined to the next two: many joins, many paths, many pairs."""
    names = [f"g{number}" for number in range(size)]
    lines = [
        "start begin",
        "end done",
        "begin -> g0",
        f"{names[-1]} -> done",
        *(f"and {name}" for name in names),
    ]
    lines += [
        f"{one} -> {names[at + step]}" for at, one in enumerate(names) for step in (1, 2) if at + step < size
    ]
    return "\n".join(lines)


def test_a_mesh_of_gateways_is_checked_in_bounded_time(check):
    started = time.process_time()
    checked = check(hostile_mesh(480))
    assert time.process_time() - started < 5
    assert "xml.malformed" not in checked.codes


def lanes_and_tasks(size: int) -> str:
    entries = "".join(f"<bpmn:flowNodeRef>t{number}</bpmn:flowNodeRef>" for number in range(size))
    tasks = "\n".join(f'<bpmn:userTask id="t{number}"/>' for number in range(size))
    return f'<bpmn:laneSet><bpmn:lane id="a">{entries}</bpmn:lane></bpmn:laneSet>\n{tasks}\n{SMALL}'


def names_and_conditions(size: int) -> str:
    objects = "\n".join(f'<bpmn:dataObject id="some_long_name_{number}"/>' for number in range(size))
    flows = "\n".join(
        f'<bpmn:sequenceFlow id="f{number}" sourceRef="begin" targetRef="done"><bpmn:conditionExpression>'
        f"some_long_nam_{number} = unknown{number}()</bpmn:conditionExpression></bpmn:sequenceFlow>"
        for number in range(size)
    )
    return f"{objects}\n{flows}\n{SMALL}"


@pytest.mark.parametrize(
    "sketch", [lanes_and_tasks(12_000), names_and_conditions(6_000)], ids=["lanes", "names"]
)
def test_many_lane_entries_and_names_are_checked_in_bounded_time(check, sketch):
    started = time.process_time()
    assert check(sketch).findings != []
    assert time.process_time() - started < 20


def test_a_file_of_forty_thousand_elements_is_checked_in_bounded_time(check):
    started = time.process_time()
    checked = check(SMALL + "\n".join(f'<bpmn:manualTask id="t{number}"/>' for number in range(40_000)))
    assert time.process_time() - started < 20
    assert "process.too_many_nodes" in checked.codes
