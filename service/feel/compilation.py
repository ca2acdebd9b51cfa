"""From text to compiled text, with a cache: the same text under the same names is parsed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeVar

from service.feel import ast
from service.feel.compiler import Code, compile_tree
from service.feel.compiler.builder import NO_TYPES
from service.feel.errors import Place, Source
from service.feel.expression import Expression, UnaryTests, too_deep
from service.feel.functions import BUILTINS
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.names import KnownNames, is_plain
from service.feel.parser import parse_expression, parse_unary_tests
from service.feel.types import FeelType
from service.feel.values import FeelFunction

_Key = tuple[str, frozenset[str], Limits | None]
_Built = tuple[Source, ast.Node, Code]
_Text = TypeVar("_Text", Expression, UnaryTests)

LIBRARY_NAMES: Final = KnownNames(BUILTINS)
"""The built-in functions with names of several words, such as ``date and time``."""

CACHE_SIZE: Final = 4096
"""Compiled texts that are kept; about 5 kB each."""


class _Cache:
    """The most recently used compiled texts; safe to share between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._entries: OrderedDict[_Key, Any] = OrderedDict()

    def get(self, key: _Key) -> Any:
        """Return what is kept for ``key``, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: _Key, value: Any) -> None:
        """Keep ``value`` for ``key`` and let the least recently used one go."""
        with self._lock:
            self._entries[key] = value
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Let everything go."""
        with self._lock:
            self._entries.clear()


EXPRESSIONS: Final = _Cache(CACHE_SIZE)
UNARY_TESTS: Final = _Cache(CACHE_SIZE)


@dataclass(slots=True)
class _Request:
    """What is to be compiled; see :func:`compile_expression`."""

    text: str
    names: Iterable[str]
    functions: Mapping[str, FeelFunction] | None
    types: Mapping[str, FeelType]
    limits: Limits
    file: str | None


def compile_expression(
    text: str,
    *,
    names: Iterable[str] = (),
    functions: Mapping[str, FeelFunction] | None = None,
    types: Mapping[str, FeelType] = NO_TYPES,
    limits: Limits = DEFAULT_LIMITS,
    file: str | None = None,
) -> Expression:
    """Compile one expression.

    Args:
        text: the expression.
        names: the variables in scope; only names that are not plain words influence how the text is read.
        functions: functions beside the built-in ones; when not given, those of the runtime are used.
        types: named types that ``instance of`` and parameters may use.
        limits: length and nesting of the text.
        file: where the text comes from, for error messages.

    Raises:
        FeelSyntaxError: the text is not FEEL.
        FeelLimitError: the text is too long or nested too deep.
    """
    request = _Request(text, names, functions, types, limits, file)
    return _compile(Expression, parse_expression, EXPRESSIONS, request)


def compile_unary_tests(
    text: str,
    *,
    names: Iterable[str] = (),
    functions: Mapping[str, FeelFunction] | None = None,
    types: Mapping[str, FeelType] = NO_TYPES,
    limits: Limits = DEFAULT_LIMITS,
    file: str | None = None,
) -> UnaryTests:
    """Compile the tests of one table cell; arguments and errors as for :func:`compile_expression`."""
    request = _Request(text, names, functions, types, limits, file)
    return _compile(UnaryTests, parse_unary_tests, UNARY_TESTS, request)


def _compile(make: type[_Text], parse: Callable[..., ast.Node], kept: _Cache, request: _Request) -> _Text:
    special = frozenset(name for name in (*request.names, *(request.functions or ())) if not is_plain(name))
    if request.functions or request.types or request.file:
        return make(*_build(parse, request, special), request.functions)
    key = (request.text, special, None if request.limits is DEFAULT_LIMITS else request.limits)
    found: _Text | None = kept.get(key)
    if found is None:
        found = make(*_build(parse, request, special))
        kept.put(key, found)
    return found


def _build(parse: Callable[..., ast.Node], request: _Request, names: frozenset[str]) -> _Built:
    source = Source(request.text, request.file)
    try:
        tree = parse(source, names, LIBRARY_NAMES, request.limits)
        return source, tree, compile_tree(source, tree, BUILTINS, request.types)
    except RecursionError:
        raise too_deep(Place(source, 0)) from None
