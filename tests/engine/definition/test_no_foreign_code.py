"""Python, and the placeholders of other engines, are refused wherever an expression can stand."""

from __future__ import annotations

import json
from html import escape

import pytest

from handlers.registry import by_operation
from service.domain.errors import InvalidInput
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.deployment import DeploymentChecker
from service.engine.functions import function_names
from tests.engine.definition.conftest import draw

PYTHON = "__import__('os').system('id')"
PLACEHOLDER = "${execution.getVariable('amount')}"
LOOP = "<bpmn:multiInstanceLoopCharacteristics>{}</bpmn:multiInstanceLoopCharacteristics>"
TIMER = "<bpmn:timerEventDefinition><bpmn:{0}>={{}}</bpmn:{0}></bpmn:timerEventDefinition>"
TASK = """
    start begin
    user work {properties} | {inside}
    end done
    begin -> work -> done
"""


def task(inside: str = "", **properties: str) -> str:
    written = " ".join(f'{name}="{value}"' for name, value in properties.items())
    return TASK.replace("{properties}", written).replace("{inside}", inside)


def with_property(name: str) -> str:
    extension = f'<spiffworkflow:property name="{name}" value="{{}}"/>'
    owners = '<spiffworkflow:property name="potential_owners" value="initiator"/>'
    inside = f"<bpmn:extensionElements><spiffworkflow:properties>{owners}{extension}</spiffworkflow:properties></bpmn:extensionElements>"
    return task(inside, potential_owners="-")


PLACES = {
    "condition of a flow": (
        "choose__done",
        "start begin\nxor choose\nend done\nend other\nbegin -> choose\nchoose -> done : {}\nchoose -> other : default",
    ),
    "duration of a timer": (
        "wait",
        f"start begin\ncatch wait | {TIMER.format('timeDuration')}\nend done\nbegin -> wait -> done",
    ),
    "date of a timer": (
        "late",
        task() + f'\nboundary late attachedToRef="work" | {TIMER.format("timeDate")}\nend over\nlate -> over',
    ),
    "cycle of a timer": (
        "again",
        task()
        + f'\nboundary again attachedToRef="work" cancelActivity="false" | {TIMER.format("timeCycle")}\nend over\nagain -> over',
    ),
    "condition of an event": (
        "until",
        (
            "start begin\ncatch until | <bpmn:conditionalEventDefinition><bpmn:condition>{}</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>\nend done\nbegin -> until -> done"
        ),
    ),
    "assignment": ("work", task(potential_owners="{}")),
    "excluded owners": ("work", with_property("excluded_owners")),
    "due date": ("work", with_property("due")),
    "subject": ("work", with_property("subject")),
    "number of passes": ("work", task(LOOP.format("<bpmn:loopCardinality>{}</bpmn:loopCardinality>"))),
    "end of the passes": (
        "work",
        task(
            LOOP.format(
                "<bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:completionCondition>{}</bpmn:completionCondition>"
            )
        ),
    ),
    "condition of a loop": (
        "work",
        task(
            "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
        ),
    ),
    "script in FEEL": (
        "compute",
        'start begin\nscript compute result_variable="x" | <bpmn:script>{}</bpmn:script>\nend done\nbegin -> compute -> done',
    ),
    "script in Python": (
        "compute",
        (
            'start begin\nscript compute scriptFormat="python" result_variable="x" | <bpmn:script>{}</bpmn:script>\n'
            "end done\nbegin -> compute -> done"
        ),
    ),
    "parameter of a service": (
        "call_it",
        (
            "start begin\n"
            'service call_it | <bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="record.register">'
            '<spiffworkflow:parameters><spiffworkflow:parameter id="document_id" type="any" value="{}"/>'
            "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></bpmn:extensionElements>\n"
            "end done\nbegin -> call_it -> done"
        ),
    ),
    "correlation key": (
        "hear",
        (
            '^<bpmn:message id="m" name="m"/>\nstart begin\n'
            'catch hear correlation_key="{}" | <bpmn:messageEventDefinition messageRef="m"/>\n'
            "end done\nbegin -> hear -> done"
        ),
    ),
}

DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
<inputData id="x" name="x"><variable name="x"/></inputData>
<decision id="fee" name="fee"><variable name="fee"/>
<informationRequirement id="r"><requiredInput href="#x"/></informationRequirement>
<decisionTable id="t"><input id="i"><inputExpression id="ie"><text>{}</text></inputExpression></input><output id="o"/>
<rule id="row"><inputEntry id="cell"><text>{}</text></inputEntry><outputEntry id="out"><text>{}</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
CELLS = {"ie": 0, "cell": 1, "out": 2}
PLAIN = task()


@pytest.fixture(scope="module")
def checker() -> DeploymentChecker:
    return DeploymentChecker(by_operation(), function_names())


def form(**field: str) -> str:
    """Return the form of the task, a field of it with further keywords."""
    labels = {"x-label-vi": "Trường", "x-label-en": "Field", "type": "string", "maxLength": 10}
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Biểu mẫu",
            "x-title-en": "Form",
            "type": "object",
            "additionalProperties": False,
            "required": [],
            "properties": {"one": labels, "two": {**labels, **field}},
        }
    )


def refusals(checker: DeploymentChecker, sketch: str, **files: str) -> set[tuple[str, str]]:
    """Return file and element (of a form: the place in it) of what a deployment is refused for."""
    texts = {"p.bpmn": draw(sketch), "forms/p/work.form.json": files.pop("form", form())}
    texts |= {name.replace("_", "."): text for name, text in files.items()}
    bundle = Bundle("p", tuple(BundleFile(path, text.encode()) for path, text in texts.items()))
    with pytest.raises(InvalidInput) as refused:
        checker.check(bundle)
    return {(one.file or "", one.element or one.pointer or "") for one in refused.value.findings}


BOTH = pytest.mark.parametrize("code", [PYTHON, PLACEHOLDER], ids=["Python", "placeholder"])


@BOTH
@pytest.mark.parametrize("place", PLACES)
def test_foreign_code_is_refused_with_the_id_of_its_element(checker, place, code):
    element, sketch = PLACES[place]
    assert refusals(checker, sketch.replace("{}", escape(code, quote=True))) == {("p.bpmn", element)}


@BOTH
@pytest.mark.parametrize("cell", CELLS)
def test_foreign_code_in_a_decision_table_is_refused_with_its_cell(checker, cell, code):
    texts = ["x", "-", "1"]
    texts[CELLS[cell]] = escape(code)
    assert refusals(checker, PLAIN, d_dmn=DECISION.format(*texts)) == {("d.dmn", cell)}


@BOTH
def test_foreign_code_in_the_condition_of_a_field_is_refused_with_the_field(checker, code):
    found = refusals(checker, PLAIN, form=form(**{"x-show-if": code}))
    assert found == {("forms/p/work.form.json", "/properties/two")}
