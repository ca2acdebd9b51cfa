"""Deciding: graphs, services, functions, imports, boxed expressions, explanations, limits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import NotFound
from service.feel import FeelLimitError, Limits
from service.feel.dmn import decide_file, explain_lines, load_models
from service.feel.dmn.explain import read_text
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, knowledge, literal, model, table

FEE = model(
    input_data("kind", "string"),
    input_data("amount", "number"),
    decision(
        "rate",
        table("FIRST", ["kind"], [('"policy"', "0"), ("-", "0.1")]),
        inputs=["kind"],
    ),
    decision("fee", literal("amount * rate"), inputs=["amount"], decisions=["rate"], type_ref="number"),
)


def test_a_decision_needs_the_inputs_of_the_decisions_below_it() -> None:
    listed = {info.id: info for info in load_models({"a.dmn": FEE}).decisions()}
    assert [(entry.name, entry.type) for entry in listed["fee"].inputs] == [
        ("amount", "number"),
        ("kind", "string"),
    ]
    assert [entry.name for entry in listed["rate"].inputs] == ["kind"]


def test_plain_numbers_are_taken_as_exact_decimals() -> None:
    result = load_models({"a.dmn": FEE}).decide("fee", {"amount": 0.7, "kind": "x"}, Runtime())
    assert result.value == Decimal("0.07")


def test_an_absent_input_is_null_with_its_name() -> None:
    result = load_models({"a.dmn": FEE}).decide("fee", {"kind": "x"}, Runtime())
    assert result.value is None
    assert result.warnings[0].code == "dmn.input_missing"
    assert "'amount'" in result.warnings[0].en


def test_an_unknown_decision_is_not_found() -> None:
    with pytest.raises(NotFound):
        load_models({"a.dmn": FEE}).decide("nothing", {}, Runtime())


def test_each_decision_is_evaluated_once() -> None:
    content = model(
        decision("a", literal("b + c"), decisions=["b", "c"]),
        decision("b", literal("d"), decisions=["d"]),
        decision("c", literal("d"), decisions=["d"]),
        decision("d", literal("1")),
    )
    result = load_models({"a.dmn": content}).decide("a", {}, Runtime())
    assert [step["id"] for step in result.explanation["steps"]] == ["d", "b", "c", "a"]


def test_a_cycle_that_was_loaded_leniently_is_null() -> None:
    content = model(
        decision("a", literal("b"), decisions=["b"]), decision("b", literal("a"), decisions=["a"])
    )
    result = load_models({"a.dmn": content}, lenient=True).decide("a", {}, Runtime())
    assert (result.value, result.warnings[0].code) == (None, "dmn.requirement_cycle")


def test_the_explanation_names_inputs_rules_cells_and_what_was_taken() -> None:
    result = load_models({"a.dmn": FEE}).decide("fee", {"amount": 50, "kind": "policy"}, Runtime())
    rate, fee = result.explanation["steps"]
    assert rate["inputs"] == {"kind": "policy"}
    (found,) = rate["tables"]
    assert found["hit_policy"] == "FIRST"
    assert found["taken"] == [1]
    assert found["matched"][0]["cells"] == [{"input": "kind", "value": "policy", "test": '"policy"'}]
    assert fee["inputs"] == {"amount": 50, "rate": 0}
    assert json.loads(json.dumps(result.explanation)) == result.explanation


def test_the_explanation_reads_as_text_in_both_languages() -> None:
    report = decide_file(FEE, "fee", {"amount": "50", "kind": "policy"}, Runtime())
    assert report.value == 0
    vietnamese, english = report.as_text("vi"), report.as_text("en")
    assert 'quy tắc 1 khớp (được lấy): kind = "policy" thoả "policy"' in vietnamese
    assert 'rule 1 matches (taken): kind = "policy" passes "policy"' in english
    assert vietnamese.endswith("kết quả: 0")


def test_numbers_are_told_with_all_their_digits() -> None:
    text = decide_file(FEE, "fee", {"amount": "0.70", "kind": "x"}, Runtime()).as_text("en")
    assert "input amount = 0.70" in text
    assert text.endswith("result: 0.070")


def test_the_text_of_an_explanation_gives_the_reasons_of_null() -> None:
    report = decide_file(FEE, "fee", {"kind": "policy"}, Runtime())
    assert "Lý do:" in report.as_text("vi")
    assert report.as_json()["warnings"][0]["code"] == "dmn.input_missing"


def test_overlapping_rules_are_told_in_the_lines() -> None:
    content = model(
        input_data("x"), decision("d", table("UNIQUE", ["x"], [("-", "1"), ("-", "2")]), inputs=["x"])
    )
    explanation = load_models({"a.dmn": content}).decide("d", {"x": 1}, Runtime()).explanation
    assert any("1, 2" in line for line in explain_lines(explanation, "en"))


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("12", "number", 12),
        ("1.10", "number", Decimal("1.10")),
        ("12", "string", "12"),
        ("true", "boolean", True),
        ('["a"]', "list<string>", ["a"]),
        ("khẩn", 'string ("khẩn")', "khẩn"),
        ("2026-03-05", "date", "2026-03-05"),
    ],
)
def test_text_typed_by_a_person_is_read_by_the_declared_type(text: str, declared: str, expected: Any) -> None:
    assert read_text(text, declared) == expected


SERVICE = model(
    input_data("a", "number"),
    decision("b", literal("10"), type_ref="number"),
    decision("sum", literal("a + b"), inputs=["a"], decisions=["b"]),
    decision("both", literal("[serve(1, 2), b]"), decisions=["b"], knowledge=["serve"]),
    decision("wrong", literal('serve("x", 2)'), knowledge=["serve"]),
    '<decisionService id="serve" name="serve"><variable name="serve"/><outputDecision href="#sum"/>'
    '<inputDecision href="#b"/><inputData href="#a"/></decisionService>',
)


def test_arguments_of_a_service_hold_inside_it_only() -> None:
    assert load_models({"a.dmn": SERVICE}).decide("both", {}, Runtime()).value == [3, 10]


def test_a_service_is_called_from_outside_with_its_parameters() -> None:
    models = load_models({"a.dmn": SERVICE})
    assert models.decide("serve", {"a": 1, "b": 5}, Runtime()).value == 6
    info = next(entry for entry in models.decisions() if entry.is_service)
    assert [entry.name for entry in info.inputs] == ["a", "b"]


def test_a_service_with_an_argument_of_another_type_is_null() -> None:
    assert load_models({"a.dmn": SERVICE}).decide("wrong", {}, Runtime()).value is None


def test_a_knowledge_model_is_called_and_explained() -> None:
    content = model(
        knowledge("twice", literal("n * 2"), ["n"]),
        decision("d", literal("twice(n: 4)"), knowledge=["twice"]),
    )
    result = load_models({"a.dmn": content}).decide("d", {}, Runtime())
    assert result.value == 8
    assert result.explanation["steps"][0]["inputs"] == {"n": 4}


def test_a_knowledge_model_that_calls_itself_forever_ends_in_our_error() -> None:
    content = model(
        knowledge("loop", literal("loop(n + 1)"), ["n"]),
        decision("d", literal("loop(0)"), knowledge=["loop"]),
    )
    with pytest.raises(FeelLimitError):
        load_models({"a.dmn": content}).decide("d", {}, Runtime())


def test_imported_elements_are_seen_under_the_import() -> None:
    rates = model(
        input_data("kind"),
        decision("rate", literal('if kind = "policy" then 0 else 1'), inputs=["kind"]),
        knowledge("half of", literal("n / 2"), ["n"]).replace('id="half of"', 'id="half_of"'),
        namespace="urn:rates",
    )
    fees = model(
        '<import name="the rates" namespace="urn:rates" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        decision(
            "fee",
            literal("the rates.rate * the rates.half of(10)"),
            decisions=["urn:rates#rate"],
            knowledge=["urn:rates#half_of"],
        ),
    )
    models = load_models({"fees.dmn": fees, "rates.dmn": rates})
    assert models.decide("fee", {"kind": "other"}, Runtime()).value == 5
    assert models.decide("rate", {"kind": "policy"}, Runtime()).value == 0


def test_the_budget_of_steps_covers_the_whole_evaluation() -> None:
    content = model(
        decision("a", literal("count(for i in 1..600 return i)")),
        decision("b", literal("a + count(for i in 1..600 return i)"), decisions=["a"]),
    )
    models = load_models({"a.dmn": content})
    runtime = Runtime(limits=Limits(steps=1000))
    assert models.decide("a", {}, runtime).value == 600
    with pytest.raises(FeelLimitError):
        models.decide("b", {}, runtime)


BOXED = [
    ("<context><contextEntry><variable name='a'/>{}</contextEntry></context>", ["1"], {"a": 1}),
    ("<list>{}{}</list>", ["1", '"x"'], [1, "x"]),
    (
        "<relation><column name='a'/><column name='b'/><row>{}{}</row></relation>",
        ["1", "2"],
        [{"a": 1, "b": 2}],
    ),
    (
        "<conditional><if>{}</if><then>{}</then><else>{}</else></conditional>",
        ["null", "1", "2"],
        2,
    ),
    ("<filter><in>{}</in><match>{}</match></filter>", ["[1, 2, 3]", "item > 1"], [2, 3]),
    ("<filter><in>{}</in><match>{}</match></filter>", ["[{a: 1}, {a: 2}]", "a > 1"], [{"a": 2}]),
    ("<filter><in>{}</in><match>{}</match></filter>", ["[1]", "null"], None),
    ("<for iteratorVariable='i'><in>{}</in><return>{}</return></for>", ["[1, 2]", "i * 2"], [2, 4]),
    (
        "<for iteratorVariable='i'><in>{}</in><return>{}</return></for>",
        ["[1, 2, 3]", "i + count(partial)"],
        [1, 3, 5],
    ),
    ("<some iteratorVariable='i'><in>{}</in><satisfies>{}</satisfies></some>", ["[1, 2]", "i > 1"], True),
    ("<every iteratorVariable='i'><in>{}</in><satisfies>{}</satisfies></every>", ["[1, 2]", "i > 1"], False),
    ("<every iteratorVariable='i'><in>{}</in><satisfies>{}</satisfies></every>", ["[1, 2]", "i"], None),
]


@pytest.mark.parametrize(("shape", "texts", "expected"), BOXED)
def test_boxed_expression_gives_its_value(shape: str, texts: list[str], expected: Any) -> None:
    logic = shape.format(*map(literal, texts))
    result = load_models({"a.dmn": model(decision("d", logic))}).decide("d", {}, Runtime())
    assert result.value == expected
    assert (result.value is None) == bool(result.warnings)


def test_the_results_so_far_of_a_boxed_loop_are_a_list_of_their_own() -> None:
    logic = "<for iteratorVariable='i'><in>{}</in><return>{}</return></for>"
    content = model(decision("d", logic.format(literal("[1, 2, 3]"), literal("partial"))))
    assert load_models({"a.dmn": content}).decide("d", {}, Runtime()).value == [[], [[]], [[], [[]]]]


def test_entries_of_a_context_see_those_before_them() -> None:
    logic = (
        f"<context><contextEntry><variable name='first step'/>{literal('2')}</contextEntry>"
        f"<contextEntry>{literal('first step * 3')}</contextEntry></context>"
    )
    assert load_models({"a.dmn": model(decision("d", logic))}).decide("d", {}, Runtime()).value == 6


def test_a_boxed_function_may_call_itself_within_the_limit() -> None:
    function = f"<functionDefinition><formalParameter name='n'/>{literal('if n < 2 then 1 else n * f(n - 1)')}</functionDefinition>"
    logic = (
        f"<context><contextEntry><variable name='f'/>{function}</contextEntry>"
        f"<contextEntry>{literal('f(5)')}</contextEntry></context>"
    )
    assert load_models({"a.dmn": model(decision("d", logic))}).decide("d", {}, Runtime()).value == 120


def test_invoking_what_is_no_function_is_null() -> None:
    logic = f"<invocation>{literal('1')}<binding><parameter name='a'/>{literal('1')}</binding></invocation>"
    result = load_models({"a.dmn": model(decision("d", logic))}).decide("d", {}, Runtime())
    assert (result.value, result.warnings[0].code) == (None, "dmn.not_a_function")
