"""Operators: arithmetic, comparison, three-valued logic, ``instance of``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from service.feel import ast
from service.feel.compiler.builder import Builder, Code
from service.feel.compiler.literals import constant
from service.feel.errors import Place
from service.feel.runtime import Run
from service.feel.scope import Scope
from service.feel.types import instance_of
from service.feel.values import CONTEXT, Comparison, Range
from service.feel.values import operations as op

_WALKED: Final = frozenset({str, list, dict, Range, Comparison})
"""Kinds whose comparison may take long."""

_Operation = Callable[[Any, Any, op.Report], Any]


def not_equal(left: Any, right: Any, report: op.Report) -> bool | None:
    """Return ``left != right``; null where ``left = right`` is null."""
    same = op.equal(left, right, report)
    return None if same is None else not same


COMPARISONS: Final[dict[str, _Operation]] = {
    "=": op.equal,
    "!=": not_equal,
    "<": op.less,
    "<=": op.less_equal,
    ">": op.greater,
    ">=": op.greater_equal,
}
_ARITHMETIC: Final[dict[str, _Operation]] = {
    "+": op.add,
    "-": op.subtract,
    "*": op.multiply,
    "/": op.divide,
    "**": op.power,
}


def equal_paid(left: Any, right: Any, run: Run, report: op.Report) -> bool | None:
    """Return ``left = right`` after paying for the walk through what is compared."""
    if type(left) in _WALKED and left is not right and type(left) is type(right):
        run.pay_for(left)
    return op.equal(left, right, report)


def compare(operation: _Operation, left: Any, right: Any, run: Run) -> Any:
    """Return the answer of a comparison after paying for the walk through what is compared."""
    if type(left) in _WALKED and left is not right and type(left) is type(right):
        run.pay_for(left)
    return operation(left, right, run.report)


def _comparison(operation: _Operation, left: Code, right: Code, place: Place) -> Code:
    def evaluate(scope: Scope) -> Any:
        first = left(scope)
        second = right(scope)
        run = scope.run
        run.place = place
        if type(first) in _WALKED and type(second) is type(first):
            return compare(operation, first, second, run)
        return operation(first, second, run.report)

    return evaluate


def _binary(operation: _Operation, left: Code, right: Code, place: Place) -> Code:
    def evaluate(scope: Scope) -> Any:
        first = left(scope)
        second = right(scope)
        run = scope.run
        run.place = place
        return operation(first, second, run.report)

    return evaluate


def compile_comparison(builder: Builder, node: ast.Comparison) -> Code:
    """``= != < <= > >=``: true, false, or null for values that cannot be compared."""
    operation = COMPARISONS[node.operator]
    return _comparison(
        operation, builder.compile(node.left), builder.compile(node.right), builder.place(node)
    )


def compile_arithmetic(builder: Builder, node: ast.Arithmetic) -> Code:
    """``+ - * / **``, left to right."""
    first = builder.compile(node.first)
    steps = tuple(
        (_ARITHMETIC[step.operator], builder.compile(step.operand), builder.place(step))
        for step in node.steps
    )
    if len(steps) == 1:
        operation, operand, place = steps[0]
        code = _binary(operation, first, operand, place)
        return _checked_sum(code) if node.steps[0].operator == "+" else code

    def evaluate(scope: Scope) -> Any:
        value = first(scope)
        run = scope.run
        for operation, operand, place in steps:
            second = operand(scope)
            run.place = place
            value = operation(value, second, run.report)
            if type(value) is str:
                run.check_string(len(value))
        return value

    return evaluate


def _checked_sum(code: Code) -> Code:
    def evaluate(scope: Scope) -> Any:
        value = code(scope)
        if type(value) is str:
            scope.run.check_string(len(value))
        return value

    return evaluate


def compile_negation(builder: Builder, node: ast.Negation) -> Code:
    """``-x`` of a number or a duration."""
    if isinstance(node.operand, ast.Number):
        return constant(CONTEXT.minus(node.operand.value))
    operand, place = builder.compile(node.operand), builder.place(node)

    def evaluate(scope: Scope) -> Any:
        value = operand(scope)
        scope.run.place = place
        return op.negate(value, scope.run.report)

    return evaluate


def compile_conjunction(builder: Builder, node: ast.Conjunction) -> Code:
    """``and``: false as soon as one is false, null when one is neither true nor false."""
    operands, place = builder.compile_all(node.operands), builder.place(node)

    def evaluate(scope: Scope) -> bool | None:
        unknown: list[Any] | None = None
        for operand in operands:
            value = operand(scope)
            if value is False:
                return False
            if value is not True:
                unknown = [value]
        if unknown is None:
            return True
        scope.run.place = place
        return op.conjunction(True, unknown[0], scope.run.report)

    return evaluate


def compile_disjunction(builder: Builder, node: ast.Disjunction) -> Code:
    """``or``: true as soon as one is true, null when one is neither true nor false."""
    operands, place = builder.compile_all(node.operands), builder.place(node)

    def evaluate(scope: Scope) -> bool | None:
        unknown: list[Any] | None = None
        for operand in operands:
            value = operand(scope)
            if value is True:
                return True
            if value is not False:
                unknown = [value]
        if unknown is None:
            return False
        scope.run.place = place
        return op.disjunction(False, unknown[0], scope.run.report)

    return evaluate


def compile_between(builder: Builder, node: ast.Between) -> Code:
    """``x between a and b`` is ``x >= a and x <= b``."""
    value, low, high = (builder.compile(part) for part in (node.value, node.low, node.high))
    place = builder.place(node)

    def evaluate(scope: Scope) -> bool | None:
        tested, first, last = value(scope), low(scope), high(scope)
        run = scope.run
        run.place = place
        if type(tested) is str:
            run.pay_for(tested)
        above = op.greater_equal(tested, first, run.report)
        below = op.less_equal(tested, last, run.report)
        if above is False or below is False:
            return False
        return None if above is None or below is None else True

    return evaluate


def compile_instance_of(builder: Builder, node: ast.InstanceOf) -> Code:
    """``x instance of T``; null with a reason when no such type is known."""
    value, wanted, place = builder.compile(node.value), builder.resolve(node.type), builder.place(node)
    if wanted is None:
        return _unknown_type(place)

    def evaluate(scope: Scope) -> bool:
        tested = value(scope)
        if type(tested) in _WALKED:
            scope.run.place = place
            scope.run.pay_for(tested)
        return instance_of(tested, wanted)

    return evaluate


def _unknown_type(place: Place) -> Code:
    def evaluate(scope: Scope) -> None:
        scope.run.place = place
        scope.run.report("feel.unknown_type", "Kiểu dữ liệu không có.", "There is no such type.")

    return evaluate
