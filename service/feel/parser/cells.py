"""Unary tests, the language of decision table cells (DMN 1.5 §10.3.1.2, rules 8, 15-17)."""

from __future__ import annotations

from service.feel import ast
from service.feel.errors import FeelSyntaxError
from service.feel.parser.cursor import Cursor
from service.feel.parser.ranges import parse_test
from service.feel.scanner import next_token


def parse_cell(cursor: Cursor) -> ast.UnaryTests:
    """Read ``-``, ``not(tests)`` or tests separated by commas."""
    at = cursor.token.start
    if cursor.is_symbol("-") and _next_is_end(cursor):
        cursor.advance()
        return ast.UnaryTests(at, negated=False, tests=())
    if not cursor.is_word("not"):
        return ast.UnaryTests(at, negated=False, tests=_tests(cursor))
    return _negated_or_call(cursor, at)


def _negated_or_call(cursor: Cursor, at: int) -> ast.UnaryTests:
    """Read ``not(tests)``; otherwise ``not`` was the function after all."""
    start = cursor.mark()
    try:
        return ast.UnaryTests(at, negated=True, tests=_negated(cursor))
    except FeelSyntaxError as refused:
        cursor.go_back(start)
        try:
            return ast.UnaryTests(at, negated=False, tests=_tests(cursor))
        except FeelSyntaxError:
            raise refused from None


def _negated(cursor: Cursor) -> tuple[ast.Node, ...]:
    cursor.advance()
    cursor.expect_symbol("(")
    tests = _tests(cursor)
    cursor.expect_symbol(")")
    cursor.expect_end()
    return tests


def _tests(cursor: Cursor) -> tuple[ast.Node, ...]:
    tests = [parse_test(cursor, lambda: cursor.expression(cursor))]
    while cursor.take_symbol(","):
        tests.append(parse_test(cursor, lambda: cursor.expression(cursor)))
    return tuple(tests)


def _next_is_end(cursor: Cursor) -> bool:
    return next_token(cursor.source, cursor.token.end, cursor.names).kind == "end"
