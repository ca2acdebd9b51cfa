"""Loading names every error of a model with its place, before anything is decided."""

from __future__ import annotations

import pytest

from service.domain.errors import Finding, InvalidInput
from service.feel.dmn import load_models
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, knowledge, literal, model, table


def findings_of(*parts: str) -> list[Finding]:
    with pytest.raises(InvalidInput) as caught:
        load_models({"a.dmn": model(*parts)})
    assert caught.value.code == "dmn.invalid"
    return list(caught.value.findings)


def test_a_broken_cell_is_named_by_rule_and_column_in_both_languages() -> None:
    rules = [("1", "2", "3"), ("1", "> > 2", "3")]
    (finding,) = findings_of(input_data("x"), decision("d", table("UNIQUE", ["x", "x"], rules), inputs=["x"]))
    assert finding.en.startswith("rule 2, input 2: ")
    assert finding.vi.startswith("quy tắc 2, đầu vào 2: ")
    assert (finding.file, finding.element) == ("a.dmn", "table")
    assert finding.column is not None


def test_the_line_of_an_error_counts_from_the_file() -> None:
    logic = "<literalExpression>\n<text>\n1 +\n+ 2)</text></literalExpression>"
    (finding,) = findings_of(decision("d", logic))
    assert finding.line == 5


def test_all_errors_are_reported_at_once() -> None:
    rules = [("(", "1"), ("1", "(")]
    found = findings_of(input_data("x"), decision("d", table("UNIQUE", ["x"], rules), inputs=["x"]))
    assert [finding.en.partition(":")[0] for finding in found] == ["rule 1, input 1", "rule 2, output 1"]


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("age + height", "dmn.unknown_name", "height"),
        ("len(age)", "dmn.unknown_function", "len"),
        ("__import__(age)", "dmn.unknown_function", "__import__"),
        ("{a: age, b: [{a: 1, a: 2}]}", "dmn.duplicate_key", "a"),
    ],
)
def test_an_unknown_name_is_an_error(text: str, code: str, name: str) -> None:
    (finding,) = findings_of(input_data("age"), decision("d", literal(text), inputs=["age"]))
    assert (finding.code, finding.element) == (code, "d")
    assert name in finding.en
    assert name in finding.vi


def test_a_decision_sees_only_what_it_requires() -> None:
    (finding,) = findings_of(input_data("age"), decision("d", literal("age")))
    assert finding.code == "dmn.unknown_name"


@pytest.mark.parametrize(
    "text",
    [
        "for i in ages return i * 2",
        "ages[item > 3]",
        "people[name = x]",
        "{a: 1, b: a + 1}.b",
        "function(n) n + 1",
        "if sum(ages) > 3 then x else null",
        "some p in people satisfies p.name = x",
        "sort(ages, function(a, b) a < b)",
    ],
)
def test_names_that_an_expression_brings_along_are_known(text: str) -> None:
    inputs = ["ages", "people", "x"]
    load_models({"a.dmn": model(*map(input_data, inputs), decision("d", literal(text), inputs=inputs))})


def test_functions_of_the_host_may_be_called_when_they_are_named() -> None:
    content = model(decision("d", literal("working days(3)")))
    load_models({"a.dmn": content}, functions=["working days"])
    with pytest.raises(InvalidInput):
        load_models({"a.dmn": content})


def test_an_unknown_type_is_an_error() -> None:
    (finding,) = findings_of(input_data("x", "tNothing"))
    assert (finding.code, finding.element) == ("dmn.unknown_type", "x")


def test_a_reference_to_nothing_is_an_error() -> None:
    (finding,) = findings_of(decision("d", literal("1"), inputs=["gone"]))
    assert finding.code == "dmn.unknown_reference"


def test_decisions_that_need_one_another_are_an_error_and_named() -> None:
    found = findings_of(
        decision("a", literal("b"), decisions=["b"]),
        decision("b", literal("c"), decisions=["c"]),
        decision("c", literal("a"), decisions=["a"]),
    )
    assert [finding.code for finding in found] == ["dmn.requirement_cycle"]
    assert "a → b → c → a" in found[0].vi


def test_a_diamond_is_no_cycle() -> None:
    content = model(
        decision("a", literal("b + c"), decisions=["b", "c"]),
        decision("b", literal("d"), decisions=["d"]),
        decision("c", literal("d"), decisions=["d"]),
        decision("d", literal("1")),
    )
    assert load_models({"a.dmn": content}).decide("a", {}, Runtime()).value == 2


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_functions_that_are_not_feel_are_refused_by_name(kind: str) -> None:
    (finding,) = findings_of(knowledge("f", literal('"x"'), kind=kind))
    assert finding.code == "dmn.function_kind"
    assert kind in finding.vi


def test_another_expression_language_is_refused() -> None:
    logic = '<literalExpression expressionLanguage="http://www.python.org"><text>1</text></literalExpression>'
    (finding,) = findings_of(decision("d", logic))
    assert finding.code == "dmn.not_feel"


def test_a_rule_with_too_few_cells_is_an_error() -> None:
    found = findings_of(input_data("x"), decision("d", table("UNIQUE", ["x", "x"], [("1",)]), inputs=["x"]))
    assert {finding.code for finding in found} == {"dmn.rule_width"}


def test_outputs_of_one_table_need_names() -> None:
    logic = table("UNIQUE", ["x"], [("1", "2", "3")], outputs=['<output name="a"/>', "<output/>"])
    (finding,) = findings_of(input_data("x"), decision("d", logic, inputs=["x"]))
    assert finding.code == "dmn.output_name"


NUMBER = '<input><inputExpression typeRef="number"><text>x</text></inputExpression></input>'
URGENCY = (
    "<input><inputExpression><text>x</text></inputExpression>"
    '<inputValues><text>"thường", "hoả tốc"</text></inputValues></input>'
)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (NUMBER, '"5"', "dmn.cell_type"),
        (NUMBER, '1, "5"', "dmn.cell_type"),
        (NUMBER, '< "5"', "dmn.cell_type"),
        (NUMBER, '["a".."b"]', "dmn.cell_type"),
        (NUMBER, "true", "dmn.cell_type"),
        (URGENCY, '"hỏa tốc"', "dmn.cell_not_allowed"),
        (URGENCY, 'not("gấp")', "dmn.cell_not_allowed"),
    ],
)
def test_a_cell_that_can_never_match_is_an_error(column: str, cell: str, code: str) -> None:
    logic = table("FIRST", [column], [(cell, "1")])
    (finding,) = findings_of(input_data("x"), decision("d", logic, inputs=["x"]))
    assert finding.code == code
    assert finding.vi.startswith("quy tắc 1, đầu vào 1: ")


@pytest.mark.parametrize(
    "cell", ["5", "< 5", "[1..5]", "? > 3", "null", "-", "", "x", "sum([1, 2])", "1, 2, > 9"]
)
def test_a_cell_that_can_match_is_no_error(cell: str) -> None:
    logic = table("FIRST", [NUMBER], [(cell, "1")])
    load_models({"a.dmn": model(input_data("x"), decision("d", logic, inputs=["x"]))})


def test_a_cell_is_held_against_the_type_of_the_data_that_its_column_shows() -> None:
    colour = '<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"red"</text></allowedValues></itemDefinition>'
    logic = table("FIRST", ["x"], [('"rde"', "1")])
    (finding,) = findings_of(colour, input_data("x", "tColour"), decision("d", logic, inputs=["x"]))
    assert finding.code == "dmn.cell_type"


@pytest.mark.parametrize(
    ("output", "cell", "code"),
    [
        ('<output typeRef="number"/>', '"5"', "dmn.output_type"),
        ("<output><outputValues><text>1, 2</text></outputValues></output>", "3", "dmn.output_not_allowed"),
    ],
)
def test_an_output_that_its_column_cannot_hold_is_an_error(output: str, cell: str, code: str) -> None:
    logic = table("FIRST", ["x"], [("-", cell)], outputs=[output])
    (finding,) = findings_of(input_data("x"), decision("d", logic, inputs=["x"]))
    assert finding.code == code


def test_a_broken_cell_that_is_repeated_is_named_each_time() -> None:
    rules = [("((", "1"), ("1", "1"), ("((", "1")]
    found = findings_of(input_data("x"), decision("d", table("FIRST", ["x"], rules), inputs=["x"]))
    assert [finding.en.partition(":")[0] for finding in found] == ["rule 1, input 1", "rule 3, input 1"]


def test_an_unknown_hit_policy_is_an_error() -> None:
    (finding,) = findings_of(input_data("x"), decision("d", table("BEST", ["x"], []), inputs=["x"]))
    assert finding.code == "dmn.hit_policy"


@pytest.mark.parametrize(
    ("logic", "code"),
    [
        (table("PRIORITY", ["x"], [("-", "1")]), "dmn.priorities_missing"),
        (table("FIRST", [""], [("-", "1")]), "dmn.input_expression"),
        (
            table(
                "COLLECT",
                ["x"],
                [("-", "1", "2")],
                outputs=['<output name="a"/>', '<output name="b"/>'],
                aggregation="SUM",
            ),
            "dmn.aggregation_outputs",
        ),
        (literal(" "), "dmn.expression_missing"),
    ],
)
def test_logic_that_cannot_give_what_it_promises_is_an_error(logic: str, code: str) -> None:
    (finding,) = findings_of(input_data("x"), decision("d", logic, inputs=["x"]))
    assert finding.code == code


def test_one_namespace_in_two_files_is_an_error() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_models({"a.dmn": model(), "b.dmn": model()})
    assert caught.value.findings[0].code == "dmn.duplicate_namespace"


def test_an_import_of_a_missing_model_is_an_error() -> None:
    entry = '<import name="other" namespace="urn:gone" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    (finding,) = findings_of(entry)
    assert finding.code == "dmn.unknown_import"


def test_a_lenient_load_keeps_the_findings_and_answers_null() -> None:
    content = model(decision("bad", literal("1 +")), decision("good", literal("1")))
    models = load_models({"a.dmn": content}, lenient=True)
    assert len(models.findings) == 1
    assert models.decide("good", {}, Runtime()).value == 1
    bad = models.decide("bad", {}, Runtime())
    assert bad.value is None
    assert bad.warnings[0].code == models.findings[0].code
