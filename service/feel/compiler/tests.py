"""Tests: the cells of decision tables, and what stands right of ``in`` (DMN 1.5 §10.3.2.8, table 55)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from service.feel import ast
from service.feel.analysis import mentions
from service.feel.compiler.builder import Builder, Code
from service.feel.compiler.operators import COMPARISONS, compare, equal_paid
from service.feel.runtime import Run
from service.feel.scope import Scope
from service.feel.values import Range
from service.feel.values import operations as op

INPUT: Final = "?"
"""The name of the tested value."""

_Test = Callable[[Any, Scope], bool | None]


def compile_in(builder: Builder, node: ast.In) -> Code:
    """``x in test``: true when any test holds."""
    value = builder.compile(node.value)
    tests = tuple(_compile_test(builder, test) for test in node.tests)

    def evaluate(scope: Scope) -> bool | None:
        return _any(tests, value(scope), scope)

    return evaluate


def compile_unary_tests(builder: Builder, node: ast.UnaryTests) -> Code:
    """A cell; the scope holds the tested value as ``?``."""
    if not node.tests:
        return lambda _scope: True
    tests = tuple(_compile_test(builder, test) for test in node.tests)

    def evaluate(scope: Scope) -> bool | None:
        return _any(tests, scope.names[INPUT], scope)

    def negated(scope: Scope) -> bool | None:
        answer = evaluate(scope)
        return None if answer is None else not answer

    return negated if node.negated else evaluate


def _any(tests: tuple[_Test, ...], value: Any, scope: Scope) -> bool | None:
    answer: bool | None = False
    for test in tests:
        holds = test(value, scope)
        if holds is True:
            return True
        if holds is None:
            answer = None
    return answer


def _compile_test(builder: Builder, node: ast.Node) -> _Test:
    if isinstance(node, ast.OneSided):
        return _one_sided(builder, node)
    code, place = builder.compile(node), builder.place(node)
    asks = mentions(node, INPUT)

    def test(value: Any, scope: Scope) -> bool | None:
        wanted = code(Scope({INPUT: value}, scope, scope.run) if asks else scope)
        if isinstance(wanted, bool) and (asks or (wanted and not isinstance(value, bool))):
            return wanted
        if asks and wanted is None:
            return None
        scope.run.place = place
        return matches(value, wanted, scope.run)

    return test


def _one_sided(builder: Builder, node: ast.OneSided) -> _Test:
    operation, operand, place = COMPARISONS[node.operator], builder.compile(node.operand), builder.place(node)
    asks = mentions(node, INPUT)

    def test(value: Any, scope: Scope) -> bool | None:
        other = operand(Scope({INPUT: value}, scope, scope.run) if asks else scope)
        scope.run.place = place
        answer: bool | None = compare(operation, value, other, scope.run)
        return answer

    return test


def matches(value: Any, wanted: Any, run: Run) -> bool | None:
    """Tell whether ``value`` lies in the range, is in the list, or equals the value ``wanted``."""
    if isinstance(wanted, Range):
        return _within(value, wanted, run, run.report)
    if isinstance(wanted, list):
        return _among(value, wanted, run)
    return equal_paid(value, wanted, run, run.report)


def _within(value: Any, wanted: Range, run: Run, report: op.Report) -> bool | None:
    if isinstance(value, Range) and equal_paid(value, wanted, run, report) is True:
        return True
    if type(value) is str:
        run.pay_for(value)
    return op.contains(wanted, value, report)


def _among(value: Any, wanted: list[Any], run: Run) -> bool | None:
    """A list matches as a whole, or when one of its items does."""
    if isinstance(value, list) and equal_paid(value, wanted, run, _ignore) is True:
        return True
    run.spend(len(wanted))
    return any(_holds(value, item, run) for item in wanted)


def _holds(value: Any, item: Any, run: Run) -> bool:
    if isinstance(item, Range):
        return _within(value, item, run, _ignore) is True
    return equal_paid(value, item, run, _ignore) is True


def _ignore(code: str, vi: str, en: str) -> None:
    """Take the reason why an item does not match; that the next may match is what a list is for."""
