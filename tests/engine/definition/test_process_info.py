"""What lists and start events need is read from the diagram once."""

import pytest

from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.definition.process_info import read_process_infos

PROCESS = (
    '<bpmn:process id="p" isExecutable="true"><bpmn:documentation>Vì sao</bpmn:documentation>'
    "<bpmn:extensionElements><spiffworkflow:properties>"
    '<spiffworkflow:property name="title_vi" value="Văn bản đến"/>'
    '<spiffworkflow:property name="title_en" value="Incoming"/>'
    '<spiffworkflow:property name="owner" value="unit:office"/>'
    '<spiffworkflow:property name="may_start" value="=&quot;role:clerk&quot;"/>'
    '<spiffworkflow:property name="business_key" value="code"/>'
    '<spiffworkflow:property name="clauses" value="S0-6.4 S1-6.4"/>'
    "</spiffworkflow:properties></bpmn:extensionElements>"
)
SKETCH = """
    ^<bpmn:message id="m" name="packet_arrived"/>
    ^<bpmn:process id="other" isExecutable="false"/>
    <bpmn:laneSet><bpmn:lane id="clerk" name="Văn thư"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="potential_owners" value="&quot;role:clerk&quot;"/>
    </spiffworkflow:properties></bpmn:extensionElements><bpmn:flowNodeRef>box</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    start begin
    start arrived result_variable="packet" | <bpmn:messageEventDefinition messageRef="m"/>
    start monthly | <bpmn:timerEventDefinition><bpmn:timeCycle>R/2026-01-01T08:00:00+07:00/P1M</bpmn:timeCycle></bpmn:timerEventDefinition>
    sub box {
    start inner
    user do_it potential_owners="-" clauses="S0-6.4"
    end over
    inner -> do_it -> over
    }
    call approve calledElement="shared_approval"
    end done
    begin -> box -> approve -> done
"""


@pytest.fixture
def info(drawn):
    bundle = Bundle("p", (BundleFile("p.bpmn", drawn(SKETCH, PROCESS).encode()),))
    (found,) = read_process_infos(bundle)
    return found


def test_names_and_rights_are_read(info):
    assert (info.key, info.file) == ("p", "p.bpmn")
    assert (info.title_vi, info.title_en, info.owner) == ("Văn bản đến", "Incoming", "unit:office")
    assert (info.may_start, info.business_key, info.documentation) == ('"role:clerk"', "code", "Vì sao")


def test_clauses_are_read_per_element(info):
    assert info.clauses == {"p": ("S0-6.4", "S1-6.4"), "do_it": ("S0-6.4",)}


def test_starts_are_read_by_kind(info):
    assert [start.kind for start in info.starts] == ["none", "message", "timer"]
    (message,) = info.message_starts
    assert (message.element_id, message.message, message.result_variable) == (
        "arrived",
        "packet_arrived",
        "packet",
    )
    (timer,) = info.timer_starts
    assert (timer.timer_kind, timer.timer) == ("cycle", "R/2026-01-01T08:00:00+07:00/P1M")


def test_a_task_inside_a_sub_process_has_the_lane_of_the_sub_process(info):
    (task,) = info.user_tasks
    assert (task.element_id, task.form_key) == ("do_it", "p/do_it")
    assert (task.lane, task.potential_owners) == ("Văn thư", '"role:clerk"')


def test_elements_calls_and_messages_are_listed(info):
    assert {element.id: element.parent for element in info.elements}["do_it"] == "box"
    assert info.calls == ("shared_approval",)
    assert info.messages == ("packet_arrived",)


def test_it_is_plain_json(info):
    assert info.as_json()["starts"][1]["message"] == "packet_arrived"


def test_of_a_broken_bundle_is_read_what_can_be():
    assert read_process_infos(Bundle("p", (BundleFile("p.bpmn", b"<broken"),))) == ()
