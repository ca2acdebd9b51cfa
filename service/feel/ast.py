"""The abstract syntax of FEEL (DMN 1.5 §10.3.1.2), immutable; every node knows its offset in the text.

Chains of operators of one precedence level are one flat node, so that five thousand ``+`` are as deep as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of an expression; ``at`` is the 0-based offset of its most telling character.

    Nodes that differ in nothing but their places are equal.
    """

    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """``1.5``."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """``"a string"``, escapes resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class Temporal(Node):
    """``@"2026-03-05"``: a date, time, date and time, or duration."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, a function's name, ``item``, ``partial`` or ``?``."""

    name: str


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """``key: value`` of a context, or a named argument."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """``{a: 1, "b c": 2}``."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """``[low..high)``; each end is included or not."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class OneSided(Node):
    """``< 5``, ``>= x``, ``= "a"``, ``!= null``: a test, or in parentheses a value."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type as written."""


@dataclass(frozen=True, slots=True)
class NamedType(TypeNode):
    """``number``, ``date and time``, ``tPerson``, ``types.tPerson``, or a bare ``list``."""

    name: str


@dataclass(frozen=True, slots=True)
class ListTypeNode(TypeNode):
    """``list<element>``."""

    element: TypeNode


@dataclass(frozen=True, slots=True)
class RangeTypeNode(TypeNode):
    """``range<element>``."""

    element: TypeNode


@dataclass(frozen=True, slots=True)
class ContextTypeNode(TypeNode):
    """``context<name: type>``."""

    entries: tuple[tuple[str, TypeNode], ...]


@dataclass(frozen=True, slots=True)
class FunctionTypeNode(TypeNode):
    """``function<a, b> -> c``."""

    parameters: tuple[TypeNode, ...]
    result: TypeNode


@dataclass(frozen=True, slots=True)
class FormalParameter(Node):
    """``name`` or ``name: type`` in a function definition."""

    name: str
    type: TypeNode | None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """``function(a, b: number) body``; ``external`` bodies name Java or PMML and are never run."""

    parameters: tuple[FormalParameter, ...]
    body: Node
    external: bool


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if a then b else if c then d else e``: branches in order, then the last ``else``."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """``name in domain`` or ``name in domain..end``."""

    name: str
    domain: Node
    end: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for x in xs, y in ys return body``."""

    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some x in xs satisfies c``; ``every`` when ``every`` is true."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Disjunction(Node):
    """``a or b or c``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conjunction(Node):
    """``a and b and c``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``left operator right`` with one of ``= != < <= > >=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``value between low and high``, ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One more operator and operand of a chain; ``at`` is the operator."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``first`` and then operators of one precedence level (``+ -``, ``* /`` or ``**``), left to right."""

    first: Node
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``base.name``."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``base[condition]`` or ``base[index]``."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(a, b)``."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NamedCall(Node):
    """``function(name: a, other name: b)``."""

    function: Node
    arguments: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A table cell: any of ``tests`` holds, or none when ``negated``; no tests at all is ``-``."""

    negated: bool
    tests: tuple[Node, ...]
