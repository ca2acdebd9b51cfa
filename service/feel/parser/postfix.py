"""Operands and what clings to them: paths, filters and calls (DMN 1.5 §10.3.1.2, rules 18, 38-41, 43)."""

from __future__ import annotations

from collections.abc import Callable

from service.feel import ast
from service.feel.parser import primary
from service.feel.parser.cursor import Cursor


def parse_postfix(cursor: Cursor) -> ast.Node:
    """Read an operand with its paths, filters and calls."""
    return continue_postfix(cursor, primary.parse_primary(cursor))


def continue_postfix(cursor: Cursor, node: ast.Node) -> ast.Node:
    """Read the paths, filters and calls that follow ``node``.

    Raises:
        FeelLimitError: too many of them in a row.
    """
    chained = 0
    while cursor.token.kind == "symbol":
        symbol = cursor.token.text
        following: Callable[[Cursor, ast.Node], ast.Node]
        if symbol == "(":
            following = _call
        elif symbol == ".":
            following = _path
        elif symbol == "[" and cursor.filters:
            following = _filter
        else:
            break
        chained += 1
        cursor.deeper()
        node = following(cursor, node)
    cursor.shallower(chained)
    return node


def _path(cursor: Cursor, base: ast.Node) -> ast.Node:
    at = cursor.advance().start
    return ast.Path(at, base, cursor.property_name())


def _filter(cursor: Cursor, base: ast.Node) -> ast.Node:
    at = cursor.advance().start
    condition = cursor.expression(cursor)
    cursor.expect_symbol("]")
    return ast.Filter(at, base, condition)


def _call(cursor: Cursor, function: ast.Node) -> ast.Node:
    at = cursor.advance().start
    outer, cursor.filters = cursor.filters, True
    node = _arguments(cursor, at, function)
    cursor.filters = outer
    cursor.expect_symbol(")")
    return node


def _arguments(cursor: Cursor, at: int, function: ast.Node) -> ast.Node:
    if cursor.is_symbol(")"):
        return ast.Call(at, function, ())
    named_at = cursor.token.start
    name = cursor.raw_name_before(":")
    if name is None:
        positional = [cursor.expression(cursor)]
        while cursor.take_symbol(","):
            positional.append(cursor.expression(cursor))
        return ast.Call(at, function, tuple(positional))
    named: list[ast.Entry] = []
    while name is not None:
        cursor.expect_symbol(":")
        if any(entry.key == name for entry in named):
            raise cursor.repeated(named_at, name)
        named.append(ast.Entry(named_at, name, cursor.expression(cursor)))
        if not cursor.take_symbol(","):
            return ast.NamedCall(at, function, tuple(named))
        named_at = cursor.token.start
        name = cursor.raw_name_before(":")
    raise cursor.expected("tên tham số rồi ':'", "the name of a parameter and then ':'")
