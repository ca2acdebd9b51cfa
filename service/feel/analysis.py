"""What a tree says without being evaluated: the names it needs, the functions it calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.feel import ast

_SPECIAL: Final = frozenset({"?", "item", "partial"})


@dataclass(frozen=True, slots=True)
class Usage:
    """The names that an expression uses.

    Attributes:
        names: variables that must come from outside.
        item_names: names inside a filter, which are keys of the items or variables from outside.
        calls: names that are called as functions, built-in ones too.
    """

    names: frozenset[str]
    item_names: frozenset[str]
    calls: frozenset[str]


def children(node: ast.Node) -> Iterator[ast.Node]:
    """Yield the nodes directly inside ``node``, in order."""
    for part in node.parts:
        yield from _nodes(part)


def _nodes(value: object) -> Iterator[ast.Node]:
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)


def mentions(node: ast.Node, name: str) -> bool:
    """Tell whether ``node`` uses the variable ``name`` anywhere."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.Name) and current.name == name:
            return True
        waiting.extend(children(current))
    return False


def repeated_keys(node: ast.Node) -> Iterator[str]:
    """Yield the keys that are given twice in one context of ``node``."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, ast.ContextLiteral):
            keys = [entry.key for entry in current.entries]
            if len(set(keys)) < len(keys):
                yield from sorted({key for key in keys if keys.count(key) > 1})
        waiting.extend(children(current))


def usage(node: ast.Node) -> Usage:
    """Return the names that ``node`` uses and does not bind itself."""
    collector = _Collector()
    collector.visit(node, _SPECIAL, in_filter=False)
    return Usage(
        frozenset(collector.names),
        frozenset(collector.item_names - collector.names),
        frozenset(collector.calls),
    )


class _Collector:
    """Walks a tree with the names that are bound at each point."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.item_names: set[str] = set()
        self.calls: set[str] = set()

    def visit(self, node: ast.Node, bound: frozenset[str], *, in_filter: bool) -> None:
        """Collect the names of ``node``; those in ``bound`` are its surroundings' own."""
        match node:
            case ast.Name(name=name):
                if name not in bound:
                    (self.item_names if in_filter else self.names).add(name)
            case ast.Call() | ast.NamedCall():
                self._visit_call(node, bound, in_filter=in_filter)
            case ast.Filter(base=base, condition=condition):
                self.visit(base, bound, in_filter=in_filter)
                self.visit(condition, bound, in_filter=True)
            case ast.ContextLiteral(entries=entries):
                for entry in entries:
                    self.visit(entry.value, bound, in_filter=in_filter)
                    bound |= {entry.key}
            case ast.FunctionDefinition(parameters=parameters, body=body):
                inner = bound | {parameter.name for parameter in parameters}
                self.visit(body, inner, in_filter=in_filter)
            case ast.For() | ast.Quantified():
                self._visit_loop(node, bound, in_filter=in_filter)
            case _:
                self._visit_children(node, bound, in_filter=in_filter)

    def _visit_children(self, node: ast.Node, bound: frozenset[str], *, in_filter: bool) -> None:
        for child in children(node):
            self.visit(child, bound, in_filter=in_filter)

    def _visit_call(self, node: ast.Call | ast.NamedCall, bound: frozenset[str], *, in_filter: bool) -> None:
        function = node.function
        if not isinstance(function, ast.Name):
            self.visit(function, bound, in_filter=in_filter)
        elif function.name not in bound:
            self.calls.add(function.name)
        for argument in node.arguments:
            self.visit(argument, bound, in_filter=in_filter)

    def _visit_loop(self, node: ast.For | ast.Quantified, bound: frozenset[str], *, in_filter: bool) -> None:
        for iterator in node.iterators:
            for part in (iterator.domain, iterator.end):
                if part is not None:
                    self.visit(part, bound, in_filter=in_filter)
            bound |= {iterator.name}
        self.visit(node.body if isinstance(node, ast.For) else node.condition, bound, in_filter=in_filter)
