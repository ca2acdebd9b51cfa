"""The abstract syntax of FEEL (DMN 1.5 §10.3.1.2), immutable; every node knows its offset in the text.

Chains of operators of one precedence level are one flat node, so that five thousand ``+`` are as deep as one.
"""

from __future__ import annotations

from decimal import Decimal
from inspect import get_annotations
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class _Declared:
    """Makes frozen records of classes that are declared like dataclasses.

    By hand, because generating thirty dataclasses takes a third of the package's import time.
    """

    part_names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.part_names = (*cls.part_names, *get_annotations(cls))

    def __init__(self, *parts: Any, **named: Any) -> None:
        given = self.__dict__
        given.update(zip(self.part_names, parts, strict=False))
        given.update(named)
        if len(parts) + len(named) != len(self.part_names) or len(given) != len(self.part_names):
            message = f"{type(self).__name__} takes {', '.join(self.part_names)}"
            raise TypeError(message)

    @property
    def parts(self) -> tuple[Any, ...]:
        """What the node consists of beside its place, in order."""
        return tuple(self.__dict__.values())[1:]

    def __setattr__(self, name: str, value: object) -> None:
        message = f"{type(self).__name__} is immutable"
        raise AttributeError(message)

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((type(self), self.parts))

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={part!r}" for name, part in self.__dict__.items())
        return f"{type(self).__name__}({parts})"


class Node(_Declared):
    """A piece of an expression; ``at`` is the 0-based offset of its most telling character.

    Nodes that differ in nothing but their places are equal.
    """

    at: int


class Number(Node):
    """``1.5``."""

    value: Decimal


class Text(Node):
    """``"a string"``, escapes resolved."""

    value: str


class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


class Null(Node):
    """``null``."""


class Temporal(Node):
    """``@"2026-03-05"``: a date, time, date and time, or duration."""

    text: str


class Name(Node):
    """A variable, a function's name, ``item``, ``partial`` or ``?``."""

    name: str


class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


class Entry(Node):
    """``key: value`` of a context, or a named argument."""

    key: str
    value: Node


class ContextLiteral(Node):
    """``{a: 1, "b c": 2}``."""

    entries: tuple[Entry, ...]


class RangeLiteral(Node):
    """``[low..high)``; each end is included or not."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


class OneSided(Node):
    """``< 5``, ``>= x``, ``= "a"``, ``!= null``: a test, or in parentheses a value."""

    operator: str
    operand: Node


class TypeNode(Node):
    """A type as written."""


class NamedType(TypeNode):
    """``number``, ``date and time``, ``tPerson``, ``types.tPerson``, or a bare ``list``."""

    name: str


class ListTypeNode(TypeNode):
    """``list<element>``."""

    element: TypeNode


class RangeTypeNode(TypeNode):
    """``range<element>``."""

    element: TypeNode


class ContextTypeNode(TypeNode):
    """``context<name: type>``."""

    entries: tuple[tuple[str, TypeNode], ...]


class FunctionTypeNode(TypeNode):
    """``function<a, b> -> c``."""

    parameters: tuple[TypeNode, ...]
    result: TypeNode


class FormalParameter(Node):
    """``name`` or ``name: type`` in a function definition."""

    name: str
    type: TypeNode | None


class FunctionDefinition(Node):
    """``function(a, b: number) body``; ``external`` bodies name Java or PMML and are never run."""

    parameters: tuple[FormalParameter, ...]
    body: Node
    external: bool


class If(Node):
    """``if a then b else if c then d else e``: branches in order, then the last ``else``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


class Iterator(Node):
    """``name in domain`` or ``name in domain..end``."""

    name: str
    domain: Node
    end: Node | None


class For(Node):
    """``for x in xs, y in ys return body``."""

    iterators: tuple[Iterator, ...]
    body: Node


class Quantified(Node):
    """``some x in xs satisfies c``; ``every`` when ``every`` is true."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


class Disjunction(Node):
    """``a or b or c``."""

    operands: tuple[Node, ...]


class Conjunction(Node):
    """``a and b and c``."""

    operands: tuple[Node, ...]


class Comparison(Node):
    """``left operator right`` with one of ``= != < <= > >=``."""

    operator: str
    left: Node
    right: Node


class Between(Node):
    """``value between low and high``, ends included."""

    value: Node
    low: Node
    high: Node


class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


class Step(Node):
    """One more operator and operand of a chain; ``at`` is the operator."""

    operator: str
    operand: Node


class Arithmetic(Node):
    """``first`` and then operators of one precedence level (``+ -``, ``* /`` or ``**``), left to right."""

    first: Node
    steps: tuple[Step, ...]


class Negation(Node):
    """``-operand``."""

    operand: Node


class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: TypeNode


class Path(Node):
    """``base.name``."""

    base: Node
    name: str


class Filter(Node):
    """``base[condition]`` or ``base[index]``."""

    base: Node
    condition: Node


class Call(Node):
    """``function(a, b)``."""

    function: Node
    arguments: tuple[Node, ...]


class NamedCall(Node):
    """``function(name: a, other name: b)``."""

    function: Node
    arguments: tuple[Entry, ...]


class UnaryTests(Node):
    """A table cell: any of ``tests`` holds, or none when ``negated``; no tests at all is ``-``."""

    negated: bool
    tests: tuple[Node, ...]
