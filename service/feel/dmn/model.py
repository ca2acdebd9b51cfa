"""The DMN model as data: what the standard's metamodel says (DMN 1.5 §6-§10), typed and immutable.

The reader fills it from XML of any DMN version, the compiler turns it into functions. Expressions are kept
as text; nothing here knows FEEL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element stands.

    Attributes:
        file: name of the file within the set that was loaded.
        element: the nearest element id, ``None`` where the file gives none.
        line: 1-based line of the element's start tag.
        cell: what a person calls the place within the element: ``rule 3, input 2``; empty for the whole.
    """

    file: str
    element: str | None = None
    line: int | None = None
    cell: str = ""


@dataclass(frozen=True, slots=True)
class InformationItem:
    """A named variable or parameter (§7.3.4).

    Attributes:
        name: with single spaces, NFC.
        type_ref: qualified type name, ``None`` where any value is allowed.
    """

    name: str
    type_ref: str | None
    place: Place


class HitPolicy(Enum):
    """How the rules of a table that match become one result (§8.2.8)."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(Enum):
    """What a COLLECT table makes of its hits (§8.2.8)."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class FeelText:
    """A piece of FEEL in the file; ``line`` of its place is where the text begins."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """A FEEL expression (§7.3.2)."""

    text: FeelText
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class InputClause:
    """One input column (§8.3.2).

    Attributes:
        label: what the column is called in explanations.
        expression: FEEL whose value the cells test.
        type_ref: type that the value must have.
        allowed: unary tests that each value must pass, ``None`` for no restriction.
    """

    label: str
    expression: FeelText
    type_ref: str | None
    allowed: FeelText | None
    place: Place


@dataclass(frozen=True, slots=True)
class OutputClause:
    """One output column (§8.3.3).

    Attributes:
        name: key of the output in the result, empty for the only output of a table.
        allowed: unary tests that list the allowed values, most important first.
        default: FEEL for the result when no rule matches.
    """

    name: str
    label: str
    type_ref: str | None
    allowed: FeelText | None
    default: FeelText | None
    place: Place


@dataclass(frozen=True, slots=True)
class Rule:
    """One row (§8.3.4); ``number`` counts from 1, ``annotations`` are the texts of its annotation cells."""

    number: int
    inputs: tuple[FeelText, ...]
    outputs: tuple[FeelText, ...]
    annotations: tuple[str, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table (§8)."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    annotations: tuple[str, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One entry of a boxed context; without a variable it is the context's result (§10.2.1.4)."""

    variable: InformationItem | None
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class BoxedContext:
    """A boxed context."""

    entries: tuple[ContextEntry, ...]
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Binding:
    """The value for one parameter of an invocation."""

    parameter: InformationItem
    value: Expression


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation (§10.2.1.3)."""

    function: Expression
    bindings: tuple[Binding, ...]
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class BoxedList:
    """A boxed list (§10.2.1.5)."""

    items: tuple[Expression, ...]
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation: a list of contexts with the same keys (§10.2.1.6)."""

    columns: tuple[InformationItem, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A boxed function (§10.2.1.7).

    Attributes:
        kind: ``FEEL``; ``Java`` and ``PMML`` are read so that they can be refused by name.
        body: ``None`` for a function without logic.
    """

    parameters: tuple[InformationItem, ...]
    body: Expression | None
    kind: str
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed conditional (§10.2.1.8)."""

    condition: Expression
    then: Expression
    otherwise: Expression
    type_ref: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class BoxedFilter:
    """A boxed filter (§10.2.1.9)."""

    source: Expression
    match: Expression
    type_ref: str | None
    place: Place


class IteratorKind(Enum):
    """Which boxed iterator (§10.2.1.10)."""

    FOR = "for"
    SOME = "some"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class BoxedIterator:
    """A boxed ``for``, ``some`` or ``every``; ``item_type_ref`` types the iteration variable."""

    kind: IteratorKind
    variable: str
    item_type_ref: str | None
    source: Expression
    body: Expression
    type_ref: str | None
    place: Place


Expression: TypeAlias = (
    LiteralExpression
    | DecisionTable
    | BoxedContext
    | Invocation
    | BoxedList
    | Relation
    | FunctionDefinition
    | Conditional
    | BoxedFilter
    | BoxedIterator
)


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The signature of a function type (§7.3.3)."""

    parameters: tuple[InformationItem, ...]
    output_type_ref: str | None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A user type (§7.3.3).

    Attributes:
        type_ref: the type it narrows or repeats, ``None`` for a structure or a function.
        components: the members of a structure, in order.
        function: the signature, for a function type.
        allowed: unary tests on each value, or on each element of a collection.
        constraint: unary tests on the whole value (``typeConstraint``, DMN 1.5).
        is_collection: whether values are lists of what the rest describes.
    """

    name: str
    type_ref: str | None
    components: tuple[ItemDefinition, ...]
    function: FunctionItem | None
    allowed: FeelText | None
    constraint: FeelText | None
    is_collection: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to another DRG element.

    Attributes:
        namespace: of the model that holds it, empty for the same model.
        element: the id there.
    """

    namespace: str
    element: str
    place: Place


@dataclass(frozen=True, slots=True)
class InputData:
    """A value that the caller gives (§6.3.11)."""

    id: str
    name: str
    variable: InformationItem
    place: Place


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision (§6.3.7).

    Attributes:
        requires: decisions and input data it needs, in the order of the file.
        knowledge: business knowledge models and decision services it may call.
        logic: ``None`` for a decision that only people can take.
    """

    id: str
    name: str
    variable: InformationItem
    question: str
    requires: tuple[Reference, ...]
    knowledge: tuple[Reference, ...]
    logic: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class BusinessKnowledgeModel:
    """A named function (§6.3.9)."""

    id: str
    name: str
    variable: InformationItem
    knowledge: tuple[Reference, ...]
    logic: FunctionDefinition | None
    place: Place


@dataclass(frozen=True, slots=True)
class DecisionService:
    """A part of the graph that can be called like a function (§6.3.10)."""

    id: str
    name: str
    variable: InformationItem
    output_decisions: tuple[Reference, ...]
    encapsulated_decisions: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    input_data: tuple[Reference, ...]
    place: Place


DrgElement: TypeAlias = InputData | Decision | BusinessKnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements are seen under ``name`` (§6.3.3)."""

    name: str
    namespace: str
    place: Place


@dataclass(frozen=True, slots=True)
class Definitions:
    """One DMN file.

    Attributes:
        elements: decisions, input data, knowledge models and services by id, in the order of the file.
    """

    name: str
    namespace: str
    imports: tuple[Import, ...]
    item_definitions: tuple[ItemDefinition, ...]
    elements: Mapping[str, DrgElement] = field(default_factory=dict)
    place: Place = Place("")
