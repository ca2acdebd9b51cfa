"""The common ground of the compile functions: what they are given and what they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from service.feel import ast
from service.feel.errors import Place, Source
from service.feel.scope import Scope
from service.feel.types import (
    BUILT_IN,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
)
from service.feel.values import FeelFunction

Code: TypeAlias = Callable[[Scope], Any]
"""A compiled node: takes the scope, gives the FEEL value."""

CompileFunction: TypeAlias = Callable[["Builder", Any], Code]

NODES_PER_STEP: Final = 16
"""Parts of an expression that one step pays for: a long body of a loop costs more than a short one."""

NO_TYPES: Final[Mapping[str, FeelType]] = {}


class Builder:
    """Compiles the nodes of one text.

    Args:
        source: the text, for the places in warnings.
        table: the compile function of each kind of node.
        library: the built-in functions by name.
        types: named types beside the built-in ones.
    """

    __slots__ = ("_source", "_table", "_types", "compiled", "library")

    def __init__(
        self,
        source: Source,
        table: Mapping[type[ast.Node], CompileFunction],
        library: Mapping[str, FeelFunction],
        types: Mapping[str, FeelType] = NO_TYPES,
    ) -> None:
        self._source = source
        self._table = table
        self._types = types
        self.library = library
        self.compiled = 0

    def compile(self, node: ast.Node) -> Code:
        """Return the code of ``node``."""
        self.compiled += 1
        return self._table[type(node)](self, node)

    def compile_body(self, node: ast.Node) -> tuple[Code, int]:
        """Return the code of what is evaluated many times, and the steps that each time costs."""
        before = self.compiled
        code = self.compile(node)
        return code, 1 + (self.compiled - before) // NODES_PER_STEP

    def compile_all(self, nodes: tuple[ast.Node, ...]) -> tuple[Code, ...]:
        """Return the code of each node."""
        return tuple(self.compile(node) for node in nodes)

    def place(self, node: ast.Node) -> Place:
        """Return where ``node`` stands."""
        return Place(self._source, node.at)

    def resolve(self, node: ast.TypeNode) -> FeelType | None:
        """Return the type that is written as ``node``; None when a name in it is unknown."""
        match node:
            case ast.NamedType(name=name):
                return BUILT_IN.get(name) or self._types.get(name)
            case ast.ListTypeNode(element=element):
                inner = self.resolve(element)
                return inner and ListType(inner)
            case ast.RangeTypeNode(element=element):
                inner = self.resolve(element)
                return inner and RangeType(inner)
            case ast.ContextTypeNode(entries=entries):
                return self._context_type(entries)
            case ast.FunctionTypeNode(parameters=parameters, result=result):
                return self._function_type(parameters, result)
        return None

    def _context_type(self, entries: tuple[tuple[str, ast.TypeNode], ...]) -> FeelType | None:
        parts: list[tuple[str, FeelType]] = []
        for name, node in entries:
            part = self.resolve(node)
            if part is None:
                return None
            parts.append((name, part))
        return ContextType(tuple(parts))

    def _function_type(self, parameters: tuple[ast.TypeNode, ...], result: ast.TypeNode) -> FeelType | None:
        taken = [self.resolve(parameter) for parameter in parameters]
        given = self.resolve(result)
        known = tuple(part for part in taken if part is not None)
        return FunctionType(known, given) if given is not None and len(known) == len(taken) else None
