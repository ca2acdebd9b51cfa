"""One evaluation of a decision under way: the core's run, plus the record from which it is explained.

Recording keeps references only; turning them into an explanation is left to the one who asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from service.feel.dmn.hit_policy import Choice
from service.feel.dmn.model import BusinessKnowledgeModel, Decision, DecisionService, DecisionTable
from service.feel.errors import FeelWarning
from service.feel.runtime import Run, Runtime, Value


class TableTrace(NamedTuple):
    """One evaluation of one table: input values, indexes of matching rules, what was made of them."""

    table: DecisionTable
    inputs: tuple[Value, ...]
    hits: tuple[int, ...]
    choice: Choice
    is_default: bool


@dataclass(frozen=True, slots=True)
class DecisionWarning(FeelWarning):
    """Why a part of a decision became null; ``where`` names file, element and cell."""

    where: str = ""


@dataclass(slots=True)
class StepTrace:
    """One evaluation of one element of the graph.

    Attributes:
        element: what was evaluated.
        inputs: the values it was given, by name.
        tables: the tables inside it, in order of evaluation.
        value: its result, once it is there.
    """

    element: Decision | DecisionService | BusinessKnowledgeModel
    inputs: Mapping[str, Value]
    tables: list[TableTrace] = field(default_factory=list)
    value: Value = None


class DecisionRun(Run):
    """A run that knows which element is being evaluated.

    Attributes:
        steps: elements whose evaluation has ended, in that order: what an element needs comes before it.
    """

    __slots__ = ("_open", "steps")

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.steps: list[StepTrace] = []
        self._open: list[StepTrace] = []

    def warnings(self) -> tuple[DecisionWarning, ...]:
        """Return what was reported so far, in order."""
        plain = super().warnings()
        places = [entry[3] for entry in self._warnings or ()]
        return tuple(
            DecisionWarning(
                code=warning.code,
                vi=warning.vi,
                en=warning.en,
                line=warning.line,
                column=warning.column,
                text=warning.text,
                where="" if place is None else place.source.name or "",
            )
            for warning, place in zip(plain, places, strict=True)
        )

    def warning_count(self) -> int:
        """Return how many reasons were reported so far."""
        return len(self._warnings or ())

    def forget_warnings(self, since: int) -> None:
        """Drop what was reported after there were ``since`` reasons: it explains no null of the result."""
        if self._warnings is not None:
            del self._warnings[since:]

    def open_step(self, step: StepTrace) -> None:
        """Begin an element; tables belong to it until it is closed."""
        self._open.append(step)

    def close_step(self, value: Value) -> None:
        """End the element that was begun last, with its result."""
        step = self._open.pop()
        step.value = value
        self.steps.append(step)

    def table_done(self, trace: TableTrace) -> None:
        """Record the evaluation of a table of the current element."""
        if self._open:
            self._open[-1].tables.append(trace)
