"""Reads FEEL text into the abstract syntax: expressions, and the tests of table cells."""

from __future__ import annotations

from collections.abc import Iterable

from service.feel import ast
from service.feel.errors import Place, Source, limit_error
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.names import KnownNames
from service.feel.parser.cells import parse_cell
from service.feel.parser.cursor import Cursor
from service.feel.parser.expressions import parse_expression as _expression

__all__ = ["parse_expression", "parse_unary_tests"]


def parse_expression(
    source: Source, names: Iterable[str] = (), base: KnownNames | None = None, limits: Limits = DEFAULT_LIMITS
) -> ast.Node:
    """Read a whole text as one expression.

    Args:
        source: the text.
        names: the names in scope; only those of several words matter.
        base: names that are always known, those of the function library.
        limits: length of the text and depth of nesting.

    Raises:
        FeelSyntaxError: it is not FEEL.
        FeelLimitError: it is too long or nested too deep.
    """
    cursor = _cursor(source, names, base, limits)
    node = cursor.expression(cursor)
    cursor.expect_end()
    return node


def parse_unary_tests(
    source: Source, names: Iterable[str] = (), base: KnownNames | None = None, limits: Limits = DEFAULT_LIMITS
) -> ast.UnaryTests:
    """Read a whole text as the tests of a table cell; otherwise like :func:`parse_expression`."""
    cursor = _cursor(source, names, base, limits)
    tests = parse_cell(cursor)
    cursor.expect_end()
    return tests


def _cursor(source: Source, names: Iterable[str], base: KnownNames | None, limits: Limits) -> Cursor:
    if len(source.text) > limits.text_characters:
        most = limits.text_characters
        raise limit_error(
            Place(source, most),
            "text_characters",
            f"Biểu thức dài quá {most} ký tự.",
            f"The expression has more than {most} characters.",
        )
    return Cursor(source, KnownNames(names, base), limits, _expression)
