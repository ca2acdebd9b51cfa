"""Item definitions: structures, collections, allowed values, constraints, functions, and what does not fit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from service.domain.clock import ManualClock
from service.domain.errors import InvalidInput
from service.feel.dmn import DecisionResult, load_models
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, literal, model

COLOUR = '<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"red", "green"</text></allowedValues></itemDefinition>'
COLOURS = '<itemDefinition name="tColours" isCollection="true"><typeRef>tColour</typeRef></itemDefinition>'
FEW = '<itemDefinition name="tFew" isCollection="true"><typeRef>tColour</typeRef><typeConstraint><text>count(?) &lt;= 2</text></typeConstraint></itemDefinition>'
PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="likes"><typeRef>tColours</typeRef></itemComponent></itemDefinition>'
)
TREE = (
    '<itemDefinition name="tTree"><itemComponent name="value"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent></itemDefinition>'
)
BORN = '<itemDefinition name="tBorn"><itemComponent name="on"><typeRef>date</typeRef></itemComponent></itemDefinition>'
ALL = (COLOUR, COLOURS, FEW, PERSON, TREE, BORN)


def pass_through(type_ref: str, value: Any) -> DecisionResult:
    content = model(*ALL, input_data("x", type_ref), decision("d", literal("x"), inputs=["x"]))
    return load_models({"a.dmn": content}).decide("d", {"x": value}, Runtime())


LEAF = {"value": 1, "children": []}


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("tColour", "red"),
        ("tColours", ["red", "green", "red"]),
        ("tColours", []),
        ("tFew", ["red", "green"]),
        ("tPerson", {"full name": "An", "likes": ["red"]}),
        ("tPerson", {"full name": "An", "likes": None}),
        ("tPerson", {"full name": "An", "likes": [], "more": 1}),
        ("tTree", {"value": 1, "children": [LEAF, {"value": 2, "children": [LEAF]}]}),
        ("Any", {"any": ["thing"]}),
        ("tColour", None),
    ],
)
def test_a_value_of_the_type_passes(type_ref: str, value: Any) -> None:
    assert pass_through(type_ref, value).value == value


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("tColour", "blue"),
        ("tColour", 1),
        ("tColours", ["red", "blue"]),
        ("tFew", ["red", "red", "red"]),
        ("tPerson", {"full name": "An"}),
        ("tPerson", {"full name": 1, "likes": []}),
        ("tTree", {"value": 1, "children": [{"value": "x", "children": []}]}),
        ("number", "1"),
        ("boolean", 1),
        ("date", "2026-02-30"),
    ],
)
def test_a_value_that_does_not_fit_is_null_with_the_reason(type_ref: str, value: Any) -> None:
    result = pass_through(type_ref, value)
    assert result.value is None
    assert result.warnings[0].code == "dmn.type_mismatch"
    assert "'x'" in result.warnings[0].vi


@pytest.mark.parametrize(
    ("type_ref", "value", "expected"),
    [
        ("tColour", ["red"], "red"),
        ("tColours", "red", ["red"]),
        ("number", [3], 3),
    ],
)
def test_a_single_value_and_a_list_of_one_stand_for_each_other(
    type_ref: str, value: Any, expected: Any
) -> None:
    assert pass_through(type_ref, value).value == expected


@pytest.mark.parametrize(
    ("type_ref", "text"),
    [
        ("date", "2026-03-05"),
        ("time", "08:30:00"),
        ("date and time", "2026-03-05T08:30:00+07:00"),
        ("days and time duration", "PT4H"),
        ("years and months duration", "P1Y2M"),
    ],
)
def test_text_from_json_is_read_as_the_declared_date_time_or_duration(type_ref: str, text: str) -> None:
    value = pass_through(type_ref, text).value
    assert not isinstance(value, str)
    assert str(value) == text


def test_text_inside_a_structure_is_read_too() -> None:
    value = pass_through("tBorn", {"on": "2026-03-05"}).value
    assert value["on"].year == 2026


def test_a_decision_gives_null_when_its_value_is_of_another_type() -> None:
    models = load_models({"a.dmn": model(COLOUR, decision("d", literal('"blue"'), type_ref="tColour"))})
    result = models.decide("d", {}, Runtime())
    assert (result.value, result.warnings[0].code) == (None, "dmn.type_mismatch")


def test_instance_of_looks_at_structure_alone() -> None:
    content = model(*ALL, decision("d", literal('["blue" instance of tColour, 1 instance of tColour]')))
    assert load_models({"a.dmn": content}).decide("d", {}, Runtime()).value == [True, False]


def test_a_type_that_is_only_itself_is_an_error() -> None:
    loop = (
        '<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition>',
        '<itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>',
    )
    with pytest.raises(InvalidInput) as caught:
        load_models({"a.dmn": model(*loop)})
    assert {finding.code for finding in caught.value.findings} == {"dmn.type_cycle"}


def test_broken_allowed_values_are_an_error() -> None:
    broken = COLOUR.replace('"green"', '"green')
    with pytest.raises(InvalidInput) as caught:
        load_models({"a.dmn": model(broken)})
    assert caught.value.findings[0].file == "a.dmn"


def test_allowed_values_follow_the_clock_of_the_evaluation() -> None:
    recent = '<itemDefinition name="tRecent"><typeRef>date</typeRef><allowedValues><text>&lt;= today()</text></allowedValues></itemDefinition>'
    content = model(recent, input_data("x", "tRecent"), decision("d", literal("x"), inputs=["x"]))
    models = load_models({"a.dmn": content})
    runtime = Runtime(clock=ManualClock(datetime(2026, 3, 5, tzinfo=UTC)))
    assert models.decide("d", {"x": "2026-03-05"}, runtime).value is not None
    assert models.decide("d", {"x": "2026-03-06"}, runtime).value is None
