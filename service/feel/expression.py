"""Compiled texts: expressions and table cells, ready to be evaluated any number of times by any thread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from service.feel import ast
from service.feel.analysis import Usage, usage
from service.feel.compiler import Code
from service.feel.errors import FeelLimitError, FeelWarning, Place, Source, limit_error
from service.feel.runtime import Run, Runtime, Value
from service.feel.scope import Scope
from service.feel.values import FeelFunction

_INPUT: Final = "?"


class Evaluation(NamedTuple):
    """What an evaluation gave.

    Attributes:
        value: the FEEL value.
        warnings: why parts of it are null, in the order they were met.
    """

    value: Value
    warnings: tuple[FeelWarning, ...]


class CompiledText:
    """What expressions and cells have in common."""

    def __init__(
        self, source: Source, tree: ast.Node, code: Code, functions: Mapping[str, FeelFunction] | None = None
    ) -> None:
        self.source = source
        self.tree = tree
        self._code = code
        self._functions = functions

    @property
    def text(self) -> str:
        """The text as written."""
        return self.source.text

    @cached_property
    def _usage(self) -> Usage:
        return usage(self.tree)

    @property
    def free_names(self) -> frozenset[str]:
        """The variables that must come from outside."""
        return self._usage.names

    @property
    def item_names(self) -> frozenset[str]:
        """Names inside filters: keys of the items, or variables from outside."""
        return self._usage.item_names

    @property
    def calls(self) -> frozenset[str]:
        """The names that are called as functions, built-in ones too."""
        return self._usage.calls

    def _evaluate(self, scope: Scope) -> Value:
        try:
            return self._code(scope)
        except RecursionError:
            raise too_deep(Place(self.source, 0)) from None


class Expression(CompiledText):
    """A compiled expression."""

    def evaluate(self, variables: Mapping[str, Any], runtime: Runtime) -> Evaluation:
        """Evaluate with ``variables``, which may be FEEL values or plain Python data.

        Raises:
            FeelLimitError: it is over a limit; nothing else is raised, other trouble is null with a warning.
        """
        run = Run(runtime, self._functions)
        value = self._evaluate(Scope(variables, None, run, raw=True))
        return Evaluation(value, run.warnings())

    def evaluate_within(self, variables: Mapping[str, Any], run: Run) -> Value:
        """Evaluate as a part of the evaluation ``run``: its budget, clock and warnings are shared.

        Raises:
            FeelLimitError: the evaluation is over a limit.
        """
        return self._evaluate(Scope(variables, None, run, raw=True))


class UnaryTests(CompiledText):
    """A compiled table cell."""

    def evaluate(self, input_value: Any, variables: Mapping[str, Any], runtime: Runtime) -> Evaluation:
        """Test ``input_value``; the value is true, false, or null when that cannot be told.

        Raises:
            FeelLimitError: it is over a limit; nothing else is raised.
        """
        run = Run(runtime, self._functions)
        return Evaluation(self.evaluate_within(input_value, variables, run), run.warnings())

    def evaluate_within(self, input_value: Any, variables: Mapping[str, Any], run: Run) -> Value:
        """Test ``input_value`` as a part of the evaluation ``run``.

        Raises:
            FeelLimitError: the evaluation is over a limit.
        """
        outer = Scope(variables, None, run, raw=True)
        return self._evaluate(Scope({_INPUT: run.convert(input_value)}, outer, run))


def too_deep(place: Place) -> FeelLimitError:
    """Build the error for what exhausts the interpreter's stack."""
    return limit_error(
        place,
        "stack",
        "Biểu thức lồng nhau quá sâu để tính.",
        "The expression is nested too deep to be evaluated.",
    )
