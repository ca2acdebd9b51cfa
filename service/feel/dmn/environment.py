"""What an expression of a model may see while it is compiled: names, types, and where findings go.

An environment is immutable in its names: going into a context, a function or an iterator makes a new one.
Findings are collected over the whole set of models, so that one deployment shows all that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from service.domain.errors import Finding
from service.feel.dmn.item_types import TypeTable
from service.feel.dmn.model import Place
from service.feel.dmn.source import finding_at
from service.feel.dmn.texts import Vocabulary
from service.feel.runtime import Run
from service.feel.types import FeelType


@dataclass(frozen=True, slots=True)
class Environment:
    """The static surroundings of an expression.

    Attributes:
        vocabulary: names that steer reading, and the functions that may be called.
        names: variables and functions in scope.
        types_of: types of the variables that declare one.
        is_open: whether further names may be in scope that cannot be known, as inside a filter.
        types: item definitions.
        findings: what is wrong so far; appended to.
        probe: the run, with a small budget, in which constants are tested while the models are loaded.
    """

    vocabulary: Vocabulary
    names: frozenset[str]
    types: TypeTable
    findings: list[Finding]
    probe: Run
    types_of: Mapping[str, FeelType] = field(default_factory=dict)
    is_open: bool = False

    def with_names(self, names: Iterable[str]) -> Environment:
        """Return the surroundings of an inner expression that sees ``names`` too, of any type."""
        new = frozenset(names)
        types_of = {name: known for name, known in self.types_of.items() if name not in new}
        return replace(self, names=self.names | new, types_of=types_of)

    def opened(self) -> Environment:
        """Return the surroundings of an inner expression that sees names nobody can know yet."""
        return replace(self, is_open=True)

    def report(self, place: Place, code: str, vi: str, en: str) -> None:
        """Note that something at ``place`` is wrong."""
        self.findings.append(finding_at(place, code, vi, en))
