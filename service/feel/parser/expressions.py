"""Operators and their precedence (DMN 1.5 §10.3.1.2, rule 2), by precedence climbing.

From loose to tight: ``or``; ``and``; comparisons, ``between``, ``in``; ``+ -``; ``* /``; ``**``; unary minus;
``instance of``; paths, filters, calls. ``**`` is left-associative and unary minus binds tighter than it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel import ast
from service.feel.parser import postfix, ranges
from service.feel.parser.cursor import Cursor
from service.feel.parser.type_names import parse_type

DISJUNCTION: Final = 1
CONJUNCTION: Final = 2
COMPARISON: Final = 3
ADDITIVE: Final = 4
MULTIPLICATIVE: Final = 5
POWER: Final = 6

_SYMBOL_LEVELS: Final = {
    "=": COMPARISON,
    "!=": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "+": ADDITIVE,
    "-": ADDITIVE,
    "*": MULTIPLICATIVE,
    "/": MULTIPLICATIVE,
    "**": POWER,
}
_WORD_LEVELS: Final = {"or": DISJUNCTION, "and": CONJUNCTION, "between": COMPARISON, "in": COMPARISON}


def parse_expression(cursor: Cursor) -> ast.Node:
    """Read one whole expression.

    Raises:
        FeelSyntaxError: it is not FEEL.
        FeelLimitError: it is nested too deep.
    """
    cursor.deeper()
    node = parse_operation(cursor, DISJUNCTION)
    cursor.shallower()
    return node


def parse_operation(cursor: Cursor, loosest: int) -> ast.Node:
    """Read operands joined by operators that bind at least as tight as the level ``loosest``."""
    return continue_operation(cursor, _operand(cursor), loosest)


def continue_operation(cursor: Cursor, left: ast.Node, loosest: int) -> ast.Node:
    """Read the operators and operands that follow ``left``."""
    chained = 0
    while (level := _level(cursor)) >= loosest:
        if level == COMPARISON:
            chained += 1
            cursor.deeper()
        left = _READERS[level](cursor, left)
    cursor.shallower(chained)
    return left


def _level(cursor: Cursor) -> int:
    token = cursor.token
    if token.kind == "symbol":
        return _SYMBOL_LEVELS.get(token.text, 0)
    if token.kind == "word":
        return _WORD_LEVELS.get(token.text, 0)
    return 0


def _operand(cursor: Cursor) -> ast.Node:
    """Read signs, an operand with its paths, filters and calls, and what it is an instance of."""
    if not cursor.is_symbol("-"):
        return continue_operand(cursor, postfix.parse_postfix(cursor))
    signs: list[int] = []
    while cursor.is_symbol("-"):
        cursor.deeper()
        signs.append(cursor.advance().start)
    node = continue_operand(cursor, postfix.parse_postfix(cursor))
    for at in reversed(signs):
        node = ast.Negation(at, node)
    cursor.shallower(len(signs))
    return node


def continue_operand(cursor: Cursor, node: ast.Node) -> ast.Node:
    """Read the ``instance of`` that follow ``node``."""
    chained = 0
    while cursor.is_word("instance"):
        chained += 1
        cursor.deeper()
        at = cursor.advance().start
        cursor.expect_word("of")
        node = ast.InstanceOf(at, node, parse_type(cursor))
    cursor.shallower(chained)
    return node


def _arithmetic(level: int) -> Callable[[Cursor, ast.Node], ast.Node]:
    def read(cursor: Cursor, first: ast.Node) -> ast.Node:
        steps: list[ast.Step] = []
        while _level(cursor) == level:
            operator = cursor.advance()
            steps.append(ast.Step(operator.start, operator.text, parse_operation(cursor, level + 1)))
        return ast.Arithmetic(steps[0].at, first, tuple(steps))

    return read


def _disjunction(cursor: Cursor, first: ast.Node) -> ast.Node:
    at = cursor.token.start
    return ast.Disjunction(at, _joined(cursor, first, DISJUNCTION))


def _conjunction(cursor: Cursor, first: ast.Node) -> ast.Node:
    at = cursor.token.start
    return ast.Conjunction(at, _joined(cursor, first, CONJUNCTION))


def _joined(cursor: Cursor, first: ast.Node, level: int) -> tuple[ast.Node, ...]:
    operands = [first]
    while _level(cursor) == level:
        cursor.advance()
        operands.append(parse_operation(cursor, level + 1))
    return tuple(operands)


def _comparison(cursor: Cursor, left: ast.Node) -> ast.Node:
    operator = cursor.advance()
    if operator.text == "between":
        return _between(cursor, left, operator.start)
    if operator.text == "in":
        return ast.In(operator.start, left, _tests(cursor))
    if operator.text == "=" and cursor.is_symbol("="):
        raise cursor.expected(
            "một giá trị (so sánh bằng chỉ viết một dấu '=')", "a value (equality is a single '=')"
        )
    return ast.Comparison(operator.start, operator.text, left, parse_operation(cursor, ADDITIVE))


def _between(cursor: Cursor, value: ast.Node, at: int) -> ast.Node:
    low = parse_operation(cursor, ADDITIVE)
    cursor.expect_word("and")
    return ast.Between(at, value, low, parse_operation(cursor, ADDITIVE))


def _tests(cursor: Cursor) -> tuple[ast.Node, ...]:
    """Read what stands right of ``in``: one test, or several in parentheses."""
    if cursor.is_symbol("("):
        opened = ranges.parse_parenthesised(cursor, several=True)
        if isinstance(opened, tuple):
            return opened
        operand = continue_operand(cursor, postfix.continue_postfix(cursor, opened))
        return (continue_operation(cursor, operand, ADDITIVE),)
    return (ranges.parse_test(cursor, lambda: parse_operation(cursor, ADDITIVE)),)


_READERS: Final[dict[int, Callable[[Cursor, ast.Node], ast.Node]]] = {
    DISJUNCTION: _disjunction,
    CONJUNCTION: _conjunction,
    COMPARISON: _comparison,
    ADDITIVE: _arithmetic(ADDITIVE),
    MULTIPLICATIVE: _arithmetic(MULTIPLICATIVE),
    POWER: _arithmetic(POWER),
}
