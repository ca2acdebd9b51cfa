"""Decision tables: matching, every hit policy, defaults, checks of inputs and outputs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import InvalidInput
from service.feel.dmn import DecisionResult, load_models
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, model, table

COLOURS = '<output name="out"><outputValues><text>"red", "green", "blue"</text></outputValues></output>'


def ask(logic: str, x: Any = 5, *, strict: bool = False) -> DecisionResult:
    models = load_models({"a.dmn": model(input_data("x"), decision("d", logic, inputs=["x"]))})
    return models.decide("d", {"x": x}, Runtime(), strict=strict)


RULES = [("> 3", '"blue"'), ("> 4", '"red"'), ("> 9", '"green"')]


@pytest.mark.parametrize(
    ("policy", "x", "expected"),
    [
        ("UNIQUE", 4, "blue"),
        ("UNIQUE", 5, None),
        ("UNIQUE", 0, None),
        ("ANY", 4, "blue"),
        ("ANY", 5, None),
        ("FIRST", 20, "blue"),
        ("PRIORITY", 20, "red"),
        ("RULE ORDER", 20, ["blue", "red", "green"]),
        ("RULE ORDER", 0, []),
        ("OUTPUT ORDER", 20, ["red", "green", "blue"]),
        ("OUTPUT ORDER", 0, []),
        ("COLLECT", 5, ["blue", "red"]),
        ("COLLECT", 0, []),
    ],
)
def test_hit_policy_makes_one_result_of_the_matching_rules(policy: str, x: int, expected: Any) -> None:
    assert ask(table(policy, ["x"], RULES, outputs=[COLOURS]), x).value == expected


@pytest.mark.parametrize(
    ("aggregation", "x", "expected"),
    [
        ("SUM", 20, Decimal(60)),
        ("MIN", 20, Decimal(10)),
        ("MAX", 20, Decimal(30)),
        ("COUNT", 20, Decimal(3)),
        ("SUM", 0, None),
        ("MIN", 0, None),
        ("COUNT", 0, Decimal(0)),
    ],
)
def test_aggregation_gathers_the_outputs(aggregation: str, x: int, expected: Decimal | None) -> None:
    rules = [("> 3", "10"), ("> 4", "20"), ("> 9", "30")]
    assert ask(table("COLLECT", ["x"], rules, aggregation=aggregation), x).value == expected


def test_the_letter_of_a_hit_policy_is_read_too() -> None:
    assert ask(table("F", ["x"], RULES), 20).value == "blue"


def test_agreeing_rules_satisfy_policy_any() -> None:
    assert ask(table("ANY", ["x"], [("> 3", "1.0"), ("> 4", "1.00")])).value == 1


def test_overlap_is_null_with_the_numbers_of_the_rules() -> None:
    result = ask(table("UNIQUE", ["x"], RULES), 5)
    assert result.value is None
    assert "1, 2" in result.warnings[0].vi
    assert "1, 2" in result.warnings[0].en


def test_overlap_is_an_error_when_strict() -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(table("UNIQUE", ["x"], RULES), 5, strict=True)
    assert caught.value.code == "decision.rules_overlap"
    assert caught.value.findings[0].element == "table"


def test_strict_lets_a_sound_table_pass() -> None:
    assert ask(table("UNIQUE", ["x"], RULES), 4, strict=True).value == "blue"


def test_default_outputs_stand_in_when_nothing_matches() -> None:
    outputs = [
        '<output name="a"><defaultOutputEntry><text>x * 2</text></defaultOutputEntry></output>',
        '<output name="b"/>',
    ]
    logic = table("UNIQUE", ["x"], [("> 9", "1", "2")], outputs=outputs)
    assert ask(logic, 5).value == {"a": 10, "b": None}
    assert ask(logic, 10).value == {"a": 1, "b": 2}


def test_priority_compares_columns_from_left_to_right() -> None:
    outputs = [
        '<output name="a"><outputValues><text>"hi", "lo"</text></outputValues></output>',
        '<output name="b"><outputValues><text>1, 2</text></outputValues></output>',
    ]
    rules = [("-", '"lo"', "1"), ("-", '"hi"', "2"), ("-", '"hi"', "1")]
    assert ask(table("PRIORITY", ["x"], rules, outputs=outputs)).value == {"a": "hi", "b": 1}
    assert [row["b"] for row in ask(table("OUTPUT ORDER", ["x"], rules, outputs=outputs)).value] == [1, 2, 1]


def test_rules_of_equal_priority_keep_their_order() -> None:
    outputs = [COLOURS.replace('"green", "blue"', "[1..3], [4..9]")]
    rules = [("-", "3"), ("-", "8"), ("-", "1"), ("-", '"red"')]
    assert ask(table("OUTPUT ORDER", ["x"], rules, outputs=outputs)).value == ["red", 3, 1, 8]


def test_a_value_outside_the_allowed_inputs_makes_the_table_null() -> None:
    column = "<input><inputExpression><text>x</text></inputExpression><inputValues><text>[1..9]</text></inputValues></input>"
    logic = table("UNIQUE", [column], [("-", '"in"')])
    assert ask(logic, 5).value == "in"
    refused = ask(logic, 10)
    assert (refused.value, refused.warnings[0].code) == (None, "dmn.not_allowed")


def test_an_input_of_another_type_makes_the_table_null() -> None:
    column = '<input><inputExpression typeRef="number"><text>x</text></inputExpression></input>'
    refused = ask(table("UNIQUE", [column], [("-", '"in"')]), "five")
    assert (refused.value, refused.warnings[0].code) == (None, "dmn.type_mismatch")


def test_an_output_of_another_type_is_null() -> None:
    outputs = ['<output name="out" typeRef="number"/>']
    result = ask(table("UNIQUE", ["x"], [("-", "string(x)")], outputs=outputs))
    assert (result.value, result.warnings[0].code) == (None, "dmn.type_mismatch")


def test_an_output_outside_the_allowed_ones_is_null() -> None:
    result = ask(table("UNIQUE", ["x"], [("-", '"bl" + "ack"')], outputs=[COLOURS]))
    assert (result.value, result.warnings[0].code) == (None, "dmn.not_allowed")


def test_cells_see_the_input_as_a_question_mark_and_other_variables() -> None:
    rules = [("? > x - 1 and ? < x + 1", '"same"')]
    assert ask(table("UNIQUE", ["x"], rules)).value == "same"


def test_null_matches_dash_and_null_only() -> None:
    rules = [("null", '"nothing"'), ("> 3", '"number"'), ("-", '"any"')]
    assert ask(table("RULE ORDER", ["x"], rules), None).value == ["nothing", "any"]


def test_only_the_outputs_that_are_taken_are_evaluated() -> None:
    result = ask(table("FIRST", ["x"], [("> 3", "1"), ("> 4", "x.nothing")]))
    assert (result.value, result.warnings) == (1, ())


def test_cells_that_could_not_be_told_are_reasons_only_when_no_rule_matches() -> None:
    rules = [("> 3", "1"), ("< 9", "2")]
    assert ask(table("FIRST", ["x"], [*rules, ("-", "3")]), None).warnings == ()
    assert ask(table("FIRST", ["x"], rules), None).warnings != ()
