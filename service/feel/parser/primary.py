"""Literals, names, lists, contexts, loops, conditionals and function definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel import ast
from service.feel.parser import ranges
from service.feel.parser.cursor import Cursor
from service.feel.parser.type_names import parse_type
from service.feel.scanner import KEYWORDS
from service.feel.values import parse_number


def parse_primary(cursor: Cursor) -> ast.Node:
    """Read an operand without what clings to it.

    Raises:
        FeelSyntaxError: no operand stands here.
    """
    token = cursor.token
    reader = _BY_TEXT.get(token.text) if token.kind in ("symbol", "word") else _BY_KIND.get(token.kind)
    if reader is not None:
        return reader(cursor)
    if token.kind == "word" and token.text not in KEYWORDS:
        return _name(cursor)
    raise cursor.expected("một giá trị", "a value")


def _name(cursor: Cursor) -> ast.Node:
    token = cursor.advance()
    return ast.Name(token.start, token.text)


def _number(cursor: Cursor) -> ast.Node:
    value = parse_number(cursor.token.text)
    if value is None:
        raise cursor.expected("một số trong phạm vi của FEEL", "a number within the range of FEEL")
    return ast.Number(cursor.advance().start, value)


def _string(cursor: Cursor) -> ast.Node:
    token = cursor.advance()
    return ast.Text(token.start, token.text)


def _temporal(cursor: Cursor) -> ast.Node:
    at = cursor.advance().start
    if cursor.token.kind != "string":
        raise cursor.expected("chuỗi ngày giờ sau '@'", "the text of a date or time after '@'")
    return ast.Temporal(at, cursor.advance().text)


def _true(cursor: Cursor) -> ast.Node:
    return ast.Boolean(cursor.advance().start, value=True)


def _false(cursor: Cursor) -> ast.Node:
    return ast.Boolean(cursor.advance().start, value=False)


def _null(cursor: Cursor) -> ast.Node:
    return ast.Null(cursor.advance().start)


def _group(cursor: Cursor) -> ast.Node:
    node = ranges.parse_parenthesised(cursor)
    assert isinstance(node, ast.Node)
    return node


def _context(cursor: Cursor) -> ast.Node:
    """Read a boxed context; each key is in scope from there on (rules 59, 60)."""
    at = cursor.advance().start
    outer, cursor.filters = cursor.filters, True
    entries: list[ast.Entry] = []
    while not cursor.is_symbol("}"):
        key_at = cursor.token.start
        key = _key(cursor)
        cursor.expect_symbol(":")
        entries.append(ast.Entry(key_at, key, cursor.expression(cursor)))
        if not cursor.is_symbol("}"):
            cursor.expect_symbol(",")
            if cursor.is_symbol("}"):
                raise cursor.expected("tên thành phần", "the name of an entry")
    cursor.filters = outer
    cursor.advance()
    return ast.ContextLiteral(at, tuple(entries))


def _key(cursor: Cursor) -> str:
    if cursor.token.kind == "string":
        key = cursor.token.text
        cursor.learn(key)
        cursor.advance()
        return key
    name = cursor.raw_name_before(":")
    if name is None:
        raise cursor.expected("tên thành phần rồi ':'", "the name of an entry and then ':'")
    cursor.learn(name)
    return name


def _if(cursor: Cursor) -> ast.Node:
    at = cursor.token.start
    branches: list[tuple[ast.Node, ast.Node]] = []
    while cursor.is_word("if"):
        cursor.advance()
        condition = cursor.expression(cursor)
        cursor.expect_word("then")
        branches.append((condition, cursor.expression(cursor)))
        cursor.expect_word("else")
    return ast.If(at, tuple(branches), cursor.expression(cursor))


def _for(cursor: Cursor) -> ast.Node:
    at = cursor.advance().start
    iterators = _iterators(cursor)
    cursor.expect_word("return")
    return ast.For(at, iterators, cursor.expression(cursor))


def _quantified(cursor: Cursor) -> ast.Node:
    word = cursor.advance()
    iterators = _iterators(cursor)
    cursor.expect_word("satisfies")
    return ast.Quantified(word.start, word.text == "every", iterators, cursor.expression(cursor))


def _iterators(cursor: Cursor) -> tuple[ast.Iterator, ...]:
    iterators = [_iterator(cursor)]
    while cursor.take_symbol(","):
        iterators.append(_iterator(cursor))
    return tuple(iterators)


def _iterator(cursor: Cursor) -> ast.Iterator:
    at = cursor.token.start
    name = cursor.loop_variable()
    cursor.expect_word("in")
    domain = cursor.expression(cursor)
    end = cursor.expression(cursor) if cursor.take_symbol("..") else None
    return ast.Iterator(at, name, domain, end)


def _function(cursor: Cursor) -> ast.Node:
    at = cursor.advance().start
    cursor.expect_symbol("(")
    parameters: list[ast.FormalParameter] = []
    while not cursor.is_symbol(")"):
        parameter = _formal_parameter(cursor)
        if any(other.name == parameter.name for other in parameters):
            raise cursor.repeated(parameter.at, parameter.name)
        parameters.append(parameter)
        if not cursor.is_symbol(")"):
            cursor.expect_symbol(",")
    cursor.advance()
    external = cursor.is_word("external") and cursor.source.text[cursor.token.end :].lstrip().startswith("{")
    if external:
        cursor.advance()
    return ast.FunctionDefinition(at, tuple(parameters), cursor.expression(cursor), external)


def _formal_parameter(cursor: Cursor) -> ast.FormalParameter:
    at = cursor.token.start
    name = cursor.raw_name_before(":", ",", ")")
    if name is None:
        raise cursor.expected("tên tham số", "the name of a parameter")
    cursor.learn(name)
    return ast.FormalParameter(at, name, parse_type(cursor) if cursor.take_symbol(":") else None)


_BY_TEXT: Final[dict[str, Callable[[Cursor], ast.Node]]] = {
    "(": _group,
    "[": ranges.parse_bracketed,
    "]": ranges.parse_open_range,
    "{": _context,
    "@": _temporal,
    "true": _true,
    "false": _false,
    "null": _null,
    "if": _if,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "function": _function,
}
_BY_KIND: Final[dict[str, Callable[[Cursor], ast.Node]]] = {
    "number": _number,
    "string": _string,
    "name": _name,
}
