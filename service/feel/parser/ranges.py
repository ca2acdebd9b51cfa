"""What parentheses and square brackets open: groups, lists, ranges (rules 7, 8, 50) and one-sided tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel import ast
from service.feel.parser.cursor import Cursor

COMPARATORS: Final = ("<", "<=", ">", ">=", "=", "!=")


def parse_test(cursor: Cursor, operand: Callable[[], ast.Node]) -> ast.Node:
    """Read one positive test: ``< 5``, or whatever ``operand`` reads."""
    if _is_comparator(cursor):
        operator = cursor.advance()
        return ast.OneSided(operator.start, operator.text, operand())
    return operand()


def _is_comparator(cursor: Cursor) -> bool:
    return cursor.token.kind == "symbol" and cursor.token.text in COMPARATORS


def parse_parenthesised(cursor: Cursor, *, several: bool = False) -> ast.Node | tuple[ast.Node, ...]:
    """Read a group ``(a)``, a range ``(a..b]`` or a one-sided test ``(< 5)``.

    With ``several``, which is right of ``in``, also a list of tests ``(1, < 5)``, given back as a tuple.
    """
    opening = cursor.advance()
    outer, cursor.filters = cursor.filters, True
    is_test = _is_comparator(cursor)
    first = parse_test(cursor, lambda: cursor.expression(cursor))
    if cursor.is_symbol("..") and not is_test:
        node = _range(cursor, opening.start, first, low_included=False)
        cursor.filters = outer
        return node
    tests = [first]
    while several and cursor.take_symbol(","):
        tests.append(parse_test(cursor, lambda: cursor.expression(cursor)))
    cursor.filters = outer
    cursor.expect_symbol(")")
    return first if len(tests) == 1 else tuple(tests)


def parse_bracketed(cursor: Cursor) -> ast.Node:
    """Read a list ``[a, b]`` or a range ``[a..b)``."""
    opening = cursor.advance()
    outer, cursor.filters = cursor.filters, True
    if cursor.is_symbol("]"):
        cursor.filters = outer
        cursor.advance()
        return ast.ListLiteral(opening.start, ())
    items = [cursor.expression(cursor)]
    if cursor.is_symbol(".."):
        node: ast.Node = _range(cursor, opening.start, items[0], low_included=True)
        cursor.filters = outer
        return node
    while cursor.take_symbol(","):
        items.append(cursor.expression(cursor))
    cursor.filters = outer
    cursor.expect_symbol("]")
    return ast.ListLiteral(opening.start, tuple(items))


def parse_open_range(cursor: Cursor) -> ast.Node:
    """Read a range that begins with an outward bracket, ``]a..b[``."""
    opening = cursor.advance()
    outer, cursor.filters = cursor.filters, True
    low = cursor.expression(cursor)
    if not cursor.is_symbol(".."):
        raise cursor.expected("'..' của khoảng ]a..b[", "'..' of a range ]a..b[")
    node = _range(cursor, opening.start, low, low_included=False)
    cursor.filters = outer
    return node


def _range(cursor: Cursor, at: int, low: ast.Node, *, low_included: bool) -> ast.Node:
    """Read the rest of a range from its ``..``; the caller restores ``cursor.filters``."""
    cursor.advance()
    cursor.filters = False
    high = cursor.expression(cursor)
    if cursor.token.kind != "symbol" or cursor.token.text not in ("]", "[", ")"):
        raise cursor.expected("']', ')' hoặc '[' để đóng khoảng", "']', ')' or '[' that closes the range")
    closing = cursor.advance()
    return ast.RangeLiteral(at, low, high, low_included, closing.text == "]")
