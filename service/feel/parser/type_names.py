"""Types as written behind ``instance of`` and in formal parameters (DMN 1.5 §10.3.1.2, rules 53-57)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.feel import ast
from service.feel.parser.cursor import Cursor
from service.feel.scanner import next_token

_MULTI_WORD: Final = (
    ("days", "and", "time", "duration"),
    ("years", "and", "months", "duration"),
    ("date", "and", "time"),
)


def parse_type(cursor: Cursor) -> ast.TypeNode:
    """Read one type.

    Raises:
        FeelSyntaxError: no type stands here.
        FeelLimitError: types are nested too deep.
    """
    cursor.deeper()
    node = _type(cursor)
    cursor.shallower()
    return node


def _type(cursor: Cursor) -> ast.TypeNode:
    if cursor.token.kind not in ("word", "name"):
        raise cursor.expected("tên kiểu dữ liệu", "the name of a type")
    start = cursor.token
    generic = _GENERIC.get(start.text)
    if generic is None:
        return ast.NamedType(start.start, _type_name(cursor))
    cursor.advance()
    if not cursor.take_symbol("<"):
        return ast.NamedType(start.start, start.text)
    return generic(cursor, start.start)


def _type_name(cursor: Cursor) -> str:
    """Read ``date and time``, or a name that may be qualified by an import's name."""
    words = [cursor.advance().text]
    for known in _MULTI_WORD:
        if words == [known[0]]:
            return _finish_known(cursor, known)
    while cursor.take_symbol("."):
        words.append(cursor.property_name())
    return ".".join(words)


def _finish_known(cursor: Cursor, known: tuple[str, ...]) -> str:
    if not cursor.is_word(known[1]) or (known[0] == "date" and not _follows(cursor, known[2])):
        return known[0]
    for word in known[1:]:
        cursor.expect_word(word)
    return " ".join(known)


def _follows(cursor: Cursor, word: str) -> bool:
    """Tell whether ``word`` stands behind the current token, which may be a conjunction's ``and``."""
    following = next_token(cursor.source, cursor.token.end, cursor.names)
    return following.kind == "word" and following.text == word


def _list(cursor: Cursor, at: int) -> ast.TypeNode:
    element = parse_type(cursor)
    cursor.expect_symbol(">")
    return ast.ListTypeNode(at, element)


def _range(cursor: Cursor, at: int) -> ast.TypeNode:
    element = parse_type(cursor)
    cursor.expect_symbol(">")
    return ast.RangeTypeNode(at, element)


def _context(cursor: Cursor, at: int) -> ast.TypeNode:
    entries: list[tuple[str, ast.TypeNode]] = []
    while not cursor.is_symbol(">"):
        name = cursor.raw_name_before(":")
        if name is None:
            raise cursor.expected("tên thành phần rồi ':'", "the name of an entry and then ':'")
        cursor.learn(name)
        cursor.expect_symbol(":")
        entries.append((name, parse_type(cursor)))
        if not cursor.take_symbol(","):
            break
    cursor.expect_symbol(">")
    return ast.ContextTypeNode(at, tuple(entries))


def _function(cursor: Cursor, at: int) -> ast.TypeNode:
    parameters: list[ast.TypeNode] = []
    while not cursor.is_symbol(">"):
        parameters.append(parse_type(cursor))
        if not cursor.take_symbol(","):
            break
    cursor.expect_symbol(">")
    cursor.expect_symbol("->")
    return ast.FunctionTypeNode(at, tuple(parameters), parse_type(cursor))


_GENERIC: Final[dict[str, Callable[[Cursor, int], ast.TypeNode]]] = {
    "list": _list,
    "range": _range,
    "context": _context,
    "function": _function,
}
