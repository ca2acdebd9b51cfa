"""The decision requirements graph, compiled: what each element needs and the code that gives its value.

Nothing here changes after loading; evaluations keep their state in sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from service.feel.compiler import Code
from service.feel.dmn.model import BusinessKnowledgeModel, Decision, DecisionService, InputData
from service.feel.signature import Signature
from service.feel.types import FeelType


class Key(NamedTuple):
    """An element of a set of models: namespace of its model and id within."""

    namespace: str
    id: str


@dataclass(frozen=True, slots=True)
class Need:
    """What an element sees of another.

    Attributes:
        key: the other element.
        alias: name of the import under which it is seen, empty for the same model.
        name: the name of its variable.
    """

    key: Key
    alias: str
    name: str


@dataclass(frozen=True, slots=True)
class InputNode:
    """Input data and the type that its values must have."""

    element: InputData
    type: FeelType


@dataclass(frozen=True, slots=True)
class DecisionNode:
    """A decision; ``code`` includes the check of its type and is ``None`` without logic."""

    element: Decision
    needs: tuple[Need, ...]
    code: Code | None


@dataclass(frozen=True, slots=True)
class KnowledgeNode:
    """A business knowledge model; ``body`` includes the check of its result."""

    element: BusinessKnowledgeModel
    needs: tuple[Need, ...]
    signature: Signature
    body: Code | None


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A decision service.

    Attributes:
        parameters: input data, then input decisions, in the order of positional arguments.
        signature: the parameters' names and types, and the type of the result.
        outputs: the decisions whose values are the result.
    """

    element: DecisionService
    parameters: tuple[Need, ...]
    signature: Signature
    outputs: tuple[Need, ...]


GraphNode: TypeAlias = InputNode | DecisionNode | KnowledgeNode | ServiceNode


@dataclass(frozen=True, slots=True)
class Graph:
    """All elements of a set of models; those of the main model come first."""

    nodes: Mapping[Key, GraphNode]
    main: str
    files: Mapping[str, str] = field(default_factory=dict)
