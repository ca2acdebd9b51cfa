"""Mutated expressions raise nothing but our errors and end soon."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings

from service.domain.errors import Finding
from service.feel import (
    DEFAULT_LIMITS,
    FeelLimitError,
    FeelSyntaxError,
    Runtime,
    compile_expression,
    compile_unary_tests,
    to_json,
)
from service.feel.printer import print_node
from tests.unit.feel.core.trees import SPECIAL_NAMES, expressions

SEEDS = (
    'amount > 1000 and level = "director"',
    'if amount > 10 then "a" else if amount < 5 then "b" else null',
    "for i in 1..10, j in xs return i * j + partial[-1]",
    'some x in rows satisfies x.amount > 3 and x.name in ("a", "b")',
    "rows[amount between 1 and 9].name[-1]",
    '{a b: 1, "c": a b + 1, f: function(x: number, y) x ** y}.f(2, 3)',
    '@"2026-03-05T10:00:00@Asia/Ho_Chi_Minh" + @"P1DT2H" > @"2026-03-05"',
    "x instance of list<context<a: number, b: date and time>> or x in [1..3[",
    "not(x in (< 5, [7..9], ]1..2[)) // note",
    'substring(string: "abc\\u0041\\n", start position: 2) = "b" /* c */',
    "(function(f, n) if n = 0 then [] else concatenate(f(f, n - 1), [n]))(1, -2.5e-3)",
    "-(2 ** 3) / 0 - .5 * null",
    "sort(xs, function(a, b) a < b)[item > 1]",
    'every d in @"2026-01-01"..@"2026-01-05" satisfies d.weekday != 7',
    'matches("aaaa", "(a+)+$") or string length("x") = 1',
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "(< 5) = (null..5) and [1, [2, {k: 3}]][2][2].k >= 3",
)
PIECES = (
    "(", ")", "[", "]", "{", "}", "..", ".", ",", ":", "+", "-", "*", "**", "/", "<", ">=", "=", "!=", '"', "\\", "@",
    " and ", " or ", " in ", " between ", " instance of ", " of ", "if ", " then ", " else ", "for ", " return ", "some ",
    " satisfies ", "function(", "external ", "null", "true", "not(", "?", "-", "1e9", "0", "99999999999", "item", "partial",
    "xs", "rows", "x.", "\n", "\t", "//", "/*", "*/", "é", "\u200b", "🐎", "\ud800", "\x00", "list<", "->", "é\u0301",
)  # fmt: skip
VARIABLES = {
    "amount": 7,
    "level": "director",
    "xs": [1, 2.5, None, "a"],
    "rows": [{"amount": 3, "name": "a"}, {"amount": None}, 4],
    "x": {"a": [1, 2], "b": {}},
    "a b": True,
}
LIMITS = replace(DEFAULT_LIMITS, steps=20_000, list_items=5_000, string_characters=20_000, regex_seconds=0.05)
SECONDS_EACH = 1.5


def mutated(source: random.Random) -> str:
    """One seed after a few random edits."""
    text = source.choice(SEEDS)
    for _ in range(source.randint(1, 6)):
        at, other = sorted((source.randint(0, len(text)), source.randint(0, len(text))))
        match source.randint(0, 4):
            case 0:
                text = text[:at] + source.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[other:]
            case 2:
                text = text[:at] + text[at:other] * source.randint(2, 4) + text[other:]
            case 3:
                text = text[:at] + source.choice(SEEDS) + text[other:]
            case _:
                text = text[:at] + source.choice(PIECES) + text[other:]
    return text[:3000]


def refusal(action) -> Finding | None:
    """Run ``action`` and return why it was refused by one of our errors, if it was."""
    try:
        action()
    except (FeelSyntaxError, FeelLimitError) as refused:
        return refused.findings[0]
    return None


def survive(text: str, runtime: Runtime) -> None:
    """Compile and evaluate as an expression and as a cell; anything but our errors escapes."""
    started = time.process_time()
    findings = (
        refusal(
            lambda: to_json(compile_expression(text, names=VARIABLES).evaluate(VARIABLES, runtime).value)
        ),
        refusal(lambda: compile_unary_tests(text, names=VARIABLES).evaluate(7, VARIABLES, runtime)),
    )
    assert all(finding is None or finding.line is not None for finding in findings)
    assert time.process_time() - started < SECONDS_EACH, text


@pytest.mark.parametrize("seed", range(4))
def test_mutated_expressions_end_soon_and_in_our_errors_alone(seed):
    source = random.Random(seed)
    runtime = Runtime(limits=LIMITS)
    for _ in range(400):
        survive(mutated(source), runtime)


@given(expressions)
@settings(max_examples=150, deadline=None)
def test_any_tree_is_evaluated_without_an_error_that_is_not_ours(tree):
    text = print_node(tree)
    finding = refusal(
        lambda: to_json(
            compile_expression(text, names=SPECIAL_NAMES).evaluate(VARIABLES, Runtime(limits=LIMITS)).value
        )
    )
    assert finding is None or finding.code not in {"feel.expected", "feel.stack"}


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_hundred_thousand_mutated_expressions():
    source = random.Random(20260305)
    runtime = Runtime(limits=LIMITS)
    for _ in range(100_000):
        survive(mutated(source), runtime)
