"""Decision tables: cells compiled once, rules tried in order, one choice by hit policy (DMN 1.5 §8).

Equal cells of a column are one test, evaluated at most once per evaluation of the table, and a rule is left
at its first cell that does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from service.feel.compiler import Code
from service.feel.compiler.builder import NODES_PER_STEP
from service.feel.dmn.checks import fitted, report_mismatch
from service.feel.dmn.hit_policy import Choice, choose, nothing_matched
from service.feel.dmn.model import Aggregation, DecisionTable, HitPolicy
from service.feel.dmn.run import DecisionRun, TableTrace
from service.feel.dmn.texts import INPUT, marker
from service.feel.errors import Place
from service.feel.functions import BUILTINS
from service.feel.runtime import Run, Value
from service.feel.scope import Scope
from service.feel.types import ANY, MISMATCH, FeelType
from service.feel.values import Range
from service.feel.values.operations import contains, equal

_UNTRIED: Final = object()
_WALKED: Final = frozenset({str, list, dict})


@dataclass(frozen=True, slots=True)
class Column:
    """A compiled input column: its value, the type it must have, the tests of its allowed values."""

    code: Code
    type: FeelType
    allowed: Code | None
    place: Place


class Output(NamedTuple):
    """A compiled output column.

    Attributes:
        name: key in the result.
        type: what its values must be.
        allowed: the tests of its own allowed values.
        priorities: the allowed values in order, as code that gives a list.
        default: code of the value when nothing matches.
    """

    name: str
    type: FeelType
    allowed: Code | None
    priorities: Code | None
    default: Code | None


class CompiledRule(NamedTuple):
    """Cells that can fail, as (column, test) indexes, and the codes of the outputs."""

    cells: tuple[tuple[int, int], ...]
    outputs: tuple[Code, ...]


class CompiledTable:
    """A decision table ready to be evaluated by any thread.

    Attributes:
        model: the table as read, for explanations.
    """

    def __init__(
        self,
        model: DecisionTable,
        columns: Sequence[Column],
        tests: Sequence[Code],
        rules: Sequence[CompiledRule],
        outputs: Sequence[Output],
    ) -> None:
        self.model = model
        self._columns = tuple(columns)
        self._tests = tuple(tests)
        self._rules = tuple(rules)
        self._outputs = tuple(outputs)
        self._place = marker(model.place)
        self._steps_per_rule = 1 + (len(self._columns) + len(self._outputs)) // NODES_PER_STEP

    def evaluate(self, scope: Scope) -> Value:
        """Return the table's result in ``scope``; a decision run is also told which rules matched."""
        run = scope.run
        run.spend(len(self._rules) * self._steps_per_rule)
        frames: list[Scope] = []
        for column in self._columns:
            value = column.code(scope)
            if value is not None:
                value = self._input_value(column, value, scope)
                if value is MISMATCH:
                    self._trace(run, frames, [], Choice(None, ()), is_default=False)
                    return None
            frames.append(Scope({INPUT: value}, scope, run))
        hits = self._hits(frames, run)
        choice = self._choose(hits, scope) if hits else Choice(self._nothing(scope), ())
        if choice.conflict is not None:
            run.place = self._place
            run.report("dmn.rules_overlap", *choice.conflict)
        self._trace(run, frames, hits, choice, is_default=not hits)
        return choice.value

    def _input_value(self, column: Column, value: Value, scope: Scope) -> Value:
        """Return the value as the column's type, or ``MISMATCH`` with the reason reported."""
        run = scope.run
        if type(value) in _WALKED:
            run.pay_for(value)
        result = fitted(value, column.type) if column.type is not ANY else value
        if result is MISMATCH:
            run.place = column.place
            report_mismatch(run, value, column.type)
            return MISMATCH
        if column.allowed is not None and column.allowed(Scope({INPUT: result}, scope, run)) is not True:
            run.place = column.place
            run.report(
                "dmn.not_allowed",
                "Giá trị đầu vào không nằm trong các giá trị cho phép của cột.",
                "The input value is not among the allowed values of the column.",
            )
            return MISMATCH
        return result

    def _hits(self, frames: Sequence[Scope], run: Run) -> list[int]:
        """Return the indexes of the rules that match.

        Why cells could not be told (a null compared with a number) matters only when no rule matches.
        """
        if type(run) is not DecisionRun:
            return self._matching(frames)
        reasons = run.warning_count()
        hits = self._matching(frames)
        if hits:
            run.forget_warnings(reasons)
        return hits

    def _matching(self, frames: Sequence[Scope]) -> list[int]:
        tests = self._tests
        answers: list[Any] = [_UNTRIED] * len(tests)
        first_only = self.model.hit_policy is HitPolicy.FIRST
        hits: list[int] = []
        for index, rule in enumerate(self._rules):
            for column, test in rule.cells:
                answer = answers[test]
                if answer is _UNTRIED:
                    answer = answers[test] = tests[test](frames[column])
                if answer is not True:
                    break
            else:
                hits.append(index)
                if first_only:
                    break
        return hits

    def _choose(self, hits: Sequence[int], scope: Scope) -> Choice:
        def output_of(index: int) -> Value:
            return self._output(self._rules[index].outputs, scope)

        aggregation = self.model.aggregation if self.model.hit_policy is HitPolicy.COLLECT else None
        if aggregation is not None:
            values = [output_of(index) for index in hits]
            return Choice(_aggregate(aggregation, values, scope.run), tuple(hits))
        return choose(self.model.hit_policy, hits, output_of, self._ranking(scope))

    def _output(self, codes: Sequence[Code], scope: Scope) -> Value:
        if len(codes) == 1 and len(self._outputs) == 1:
            return codes[0](scope)
        return {output.name: code(scope) for output, code in zip(self._outputs, codes, strict=False)}

    def _ranking(self, scope: Scope) -> Any:
        """Return the function that ranks outputs by the allowed values of each column."""
        if self.model.hit_policy not in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}:
            return None
        orders = [None if output.priorities is None else output.priorities(scope) for output in self._outputs]
        names = [output.name for output in self._outputs]

        def rank(value: Value) -> tuple[int, ...]:
            parts = [value] if len(names) == 1 else [value.get(name) for name in names]
            return tuple(_place_in(order, part) for order, part in zip(orders, parts, strict=True))

        return rank

    def _nothing(self, scope: Scope) -> Value:
        defaults = [output.default for output in self._outputs]
        if any(code is not None for code in defaults):
            return self._output([code or _null for code in defaults], scope)
        return nothing_matched(self.model.hit_policy, self.model.aggregation)

    def _trace(
        self, run: Run, frames: Sequence[Scope], hits: Sequence[int], choice: Choice, *, is_default: bool
    ) -> None:
        if type(run) is DecisionRun:
            inputs = tuple(frame.names[INPUT] for frame in frames)
            run.table_done(TableTrace(self.model, inputs, tuple(hits), choice, is_default))


def _place_in(order: Any, value: Value) -> int:
    """Return the index of the first entry that is ``value`` or a range around it; behind all for none."""
    entries = order if isinstance(order, list) else []
    for index, entry in enumerate(entries):
        if isinstance(entry, Range):
            if contains(entry, value, _ignore) is True:
                return index
        elif equal(entry, value, _ignore) is True:
            return index
    return len(entries)


def _ignore(code: str, vi: str, en: str) -> None:
    """Take the reason of a null comparison: a value of another kind is not the entry."""


_AGGREGATE_FUNCTIONS: Final = {
    Aggregation.SUM: "sum",
    Aggregation.COUNT: "count",
    Aggregation.MIN: "min",
    Aggregation.MAX: "max",
}


def _aggregate(aggregation: Aggregation, values: list[Value], run: Run) -> Value:
    """Return what FEEL's own function of that name makes of the outputs (§8.2.8)."""
    return BUILTINS[_AGGREGATE_FUNCTIONS[aggregation]].invoke((values,), run)


def _null(_: Scope) -> None:
    """Give null for an output without a default beside one that has one."""
