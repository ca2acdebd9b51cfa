"""Hostile input ends soon, in our error, with the place."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from service.feel import (
    DEFAULT_LIMITS,
    FeelLimitError,
    FeelSyntaxError,
    Runtime,
    compile_expression,
    compile_unary_tests,
)

SECONDS = 2.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 200 + "1" + ")" * 200, "nesting"),
        ("[" * 100_000, "text_characters"),
        ("1" * 1_000_000, "text_characters"),
        ("-" * 200 + "1", "nesting"),
        ("a" + ".b" * 300, "nesting"),
        ("a" + "[1]" * 300, "nesting"),
        ("f" + "()" * 300, "nesting"),
        ("x" + " = 1" * 300, "nesting"),
        ("x instance of " + "list<" * 100 + "Any" + ">" * 100, "nesting"),
        ("function() " * 100 + "1", "nesting"),
        ("if a then " * 100 + "1", "nesting"),
        ("{a: " * 100, "nesting"),
        ("x in (" * 200, "nesting"),
        ("for i in 1..10000000000 return i", "list_items"),
        ("some i in 1..10000000000 satisfies i < 0", "steps"),
        ("for a in 1..1000, b in 1..1000, c in 1..1000 return 1", "list_items"),
        ("{f: function(n) f(n + 1), r: f(1)}.r", "call_depth"),
        ("(function(f) f(f))(function(f) f(f))", "call_depth"),
        ("{f: function(n) [f(n), f(n)], r: f(1)}.r", "call_depth"),
        ("{f: function(n) if n = 0 then 1 else f(n - 1) + f(n - 1), r: f(50)}.r", "steps"),
    ],
)
def test_a_bomb_is_stopped(text, code, runtime):
    started = time.process_time()
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression(text).evaluate({}, runtime)
    assert time.process_time() - started < SECONDS
    (finding,) = stopped.value.findings
    assert finding.code == f"feel.{code}"
    assert finding.line == 1
    assert finding.column is not None
    assert stopped.value.vi != stopped.value.en


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+".join(["1"] * 5000), 5000),
        ("-".join(["0"] * 5000), 0),
        ("*".join(["1"] * 5000), 1),
        (" and ".join(["true"] * 5000), True),
        (" or ".join(["false"] * 5000), False),
        ("if false then 1 else " * 2000 + "2", 2),
        ("[" + ",".join(["1"] * 5000) + "][5000]", 1),
    ],
)
def test_five_thousand_operators_in_a_row_work(text, expected, runtime):
    assert compile_expression(text).evaluate({}, runtime).value == expected


def test_a_string_cannot_be_doubled_without_end(runtime):
    text = '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("0123456789", 40)}.r'
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression(text).evaluate({}, runtime)
    assert stopped.value.findings[0].code == "feel.string_characters"


def test_many_long_strings_cannot_be_built(runtime):
    variables = {"s": "x" * 900_000}
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression('for i in 1..100000 return s + "y"').evaluate(variables, runtime)
    assert stopped.value.findings[0].code == "feel.steps"


def test_a_limit_names_the_line_where_it_was_met(runtime):
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression("1 +\n  count(for i in 1..1000000000 return i)", file="hạn.dmn").evaluate(
            {}, runtime
        )
    assert stopped.value.findings[0].file == "hạn.dmn"


def test_limits_can_be_tightened():
    tight = replace(DEFAULT_LIMITS, steps=10)
    with pytest.raises(FeelLimitError):
        compile_expression("for i in 1..11 return i").evaluate({}, Runtime(limits=tight))
    with pytest.raises(FeelLimitError):
        compile_expression("1 + 1", limits=replace(DEFAULT_LIMITS, text_characters=4))


def test_warnings_are_counted_out():
    runtime = Runtime(limits=replace(DEFAULT_LIMITS, warnings=3))
    outcome = compile_expression("[a, b, c, d, e]").evaluate({}, runtime)
    assert len(outcome.warnings) == 3


def test_the_same_reason_is_kept_once_per_place(runtime):
    outcome = compile_expression("for i in 1..100 return [nowhere, elsewhere]").evaluate({}, runtime)
    assert [warning.column for warning in outcome.warnings] == [25, 34]


def test_expressions_nested_up_to_the_limit_are_evaluated(runtime):
    text = "(" * 48 + "1" + ")" * 48
    assert compile_expression(text).evaluate({}, runtime).value == 1


def test_data_that_contains_itself_ends_in_our_error(runtime):
    data: list[object] = []
    data.append(data)
    with pytest.raises(FeelLimitError):
        compile_expression("x").evaluate({"x": data}, runtime)


def test_a_deep_ladder_of_every_operator_ends_in_our_error(runtime):
    text = "(a or b and c = d + e * f ** -" * 49 + "1" + ")" * 49
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression(text).evaluate({}, runtime)
    assert stopped.value.findings[0].code in {"feel.stack", "feel.nesting"}


@pytest.mark.parametrize(
    "text",
    [
        " " * 60_000 + "#",
        "/**/ " * 10_000 + "#",
        "// a\n" * 10_000 + "#",
        "/*" * 30_000,
        '"' + "\\\\" * 30_000,
        "f(" + "a + " * 15_000,
        "{" + "a " * 30_000,
        "for " + "a " * 30_000,
        "a " * 30_000 + ": 1",
        "function(" + "a " * 30_000,
        "x instance of context<" + "a " * 30_000,
    ],
)
def test_scanning_never_goes_back_and_forth(text):
    started = time.process_time()
    with pytest.raises(FeelSyntaxError):
        compile_expression(text, names=["a a a b", "a - a"])
    assert time.process_time() - started < SECONDS


def test_reading_a_cell_that_begins_with_not_stays_linear(runtime):
    started = time.process_time()
    with pytest.raises((FeelLimitError, FeelSyntaxError)):
        compile_unary_tests("not(" * 40 + "1")
    assert time.process_time() - started < SECONDS


BIG = [f"{number}" for number in range(20_000)]
NESTED = [[1, 2, 3, 4] for _ in range(5_000)]


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000 return a = b",
        "for i in 1..1000 return a != b",
        "for i in 1..1000 return a in (b)",
        "for i in 1..1000 return a in [b, b, b]",
        "for i in 1..1000 return {x: a} = {x: b}",
        "for i in 1..1000 return nested = other",
        "for i in 1..1000 return a instance of list<string>",
        "for i in 1..1000 return nested instance of list<list<number>>",
        "{f: function(x: list<string>) 1, r: for i in 1..1000 return f(a)}.r",
        "for i in 1..100000 return long = longer",
        "for i in 1..100000 return long < longer",
        "for i in 1..100000 return long between longer and longer",
        "for i in 1..100000 return long in [longer..longer]",
        "for i in 1..100000 return long in (< longer)",
        "for i in 1..1000 return a[item != string(i)]",
        "for i in 1..1000 return records[id <= i]",
        "some i in 1..200000 satisfies " + " or ".join(["i < 0"] * 2_000),
        "for i in 1..100000 return [1, 2, 3][" + " or ".join(["item < 0"] * 2_000) + "]",
        "sort(a, function(x, y) " + " and ".join(["x < y"] * 2_000) + ")",
    ],
)
def test_operators_pay_for_what_they_walk_through(text, runtime):
    record = {"id": 1, "rows": BIG}
    variables = {
        "a": BIG,
        "b": list(BIG),
        "nested": NESTED,
        "other": [list(row) for row in NESTED],
        "long": "x" * 900_000,
        "longer": "x" * 900_000 + "y",
        "records": [record, {"id": 2, "rows": BIG}],
    }
    started = time.process_time()
    with pytest.raises(FeelLimitError) as stopped:
        compile_expression(text).evaluate(variables, runtime)
    assert time.process_time() - started < SECONDS
    assert stopped.value.findings[0].code == "feel.steps"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = b", True),
        ("a in (b)", True),
        ("a instance of list<string>", True),
        ("for i in 1..5 return a = b", [True] * 5),
        ("count(a[item = string(7)])", 1),
        ("some x in a satisfies x = string(19999)", True),
    ],
)
def test_large_data_can_be_worked_with(text, expected, runtime):
    variables = {"a": BIG, "b": list(BIG)}
    assert compile_expression(text).evaluate(variables, runtime).value == expected
