"""What compiled texts tell about themselves, the cache, and sharing."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import run

import pytest

from service.feel import Run, Runtime, compile_expression, compile_unary_tests
from service.feel.types import NUMBER, ContextType


@pytest.mark.parametrize(
    ("text", "names", "item_names", "calls"),
    [
        ("a + b.c", {"a", "b"}, set(), set()),
        ("for x in xs return x * k", {"xs", "k"}, set(), set()),
        ("some x in xs, y in x.ys satisfies y > z", {"xs", "z"}, set(), set()),
        ("{a: b, c: a}", {"b"}, set(), set()),
        ("(function(p) p + q)(1)", {"q"}, set(), set()),
        ("rows[amount > limit].name", {"rows"}, {"amount", "limit"}, set()),
        ("rows[amount > limit] and limit", {"rows", "limit"}, {"amount"}, set()),
        ("count(rows) > f(x: 1)", {"rows"}, set(), {"count", "f"}),
        ("x in (1, < y)", {"x", "y"}, set(), set()),
        ("{f: function() 1, r: f()}", set(), set(), set()),
        ("for i in 1..n return partial[-1]", {"n"}, set(), set()),
        ("string length(s)", {"s"}, set(), {"string length"}),
    ],
)
def test_an_expression_tells_the_names_it_needs(text, names, item_names, calls):
    expression = compile_expression(text, names=["string length"])
    assert expression.free_names == names
    assert expression.item_names == item_names
    assert expression.calls == calls
    assert expression.text == text


def test_a_cell_tells_the_names_it_needs():
    assert compile_unary_tests("< limit, ? > other").free_names == {"limit", "other"}


def test_the_same_text_is_compiled_once():
    assert compile_expression("a + 1") is compile_expression("a + 1", names=["a", "b"])
    assert compile_expression("a-b") is not compile_expression("a-b", names=["a-b"])


def test_a_text_can_be_read_differently_under_other_names(runtime):
    variables = {"a": 5, "b": 2, "a-b": 9}
    assert compile_expression("a - b").evaluate(variables, runtime).value == 3
    assert compile_expression("a - b", names=variables).evaluate(variables, runtime).value == 9


def test_named_types_are_known_where_they_are_given(runtime):
    types = {"tRow": ContextType((("amount", NUMBER),))}
    expression = compile_expression("row instance of tRow", types=types)
    assert expression.evaluate({"row": {"amount": 1}}, runtime).value is True
    assert expression.evaluate({"row": {"amount": "1"}}, runtime).value is False


def test_one_budget_is_shared_by_the_parts_of_an_evaluation(runtime):
    part = compile_expression("for i in 1..10 return i")
    shared = Run(runtime)
    before = shared.steps_left
    part.evaluate_within({}, shared)
    part.evaluate_within({}, shared)
    assert before - shared.steps_left >= 20


def test_threads_share_compiled_expressions(runtime):
    expression = compile_expression("(for i in 1..n return i * n)[-1]")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: expression.evaluate({"n": n}, runtime).value, range(1, 200)))
    assert answers == [n * n for n in range(1, 200)]


def test_importing_the_package_compiles_no_expression_of_the_host():
    """The import must stay cheap: no third-party package but ``regex`` and no engine comes with it."""
    code = "import sys, service.feel; print(sorted(m for m in sys.modules if m.split('.')[0] in ('SpiffWorkflow', 'flask', 'sqlalchemy', 'lxml')))"
    assert (
        run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_the_clock_stands_still_during_one_evaluation(runtime):
    evaluation = Run(runtime)
    first = evaluation.now()
    runtime.clock.advance(first - first.replace(hour=0))
    assert evaluation.now() == first
    assert str(first.tzinfo) == "Asia/Ho_Chi_Minh"
    assert first.date().isoformat() == "2026-03-06"


def test_a_runtime_needs_no_arguments():
    assert compile_expression("1 + 1").evaluate({}, Runtime()).value == 2
