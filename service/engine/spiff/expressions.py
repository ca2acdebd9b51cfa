"""FEEL as SpiffWorkflow's only script engine.

SpiffWorkflow asks the engine in most places and the engine's environment in some, and gives every workflow
that was not told otherwise an engine that runs Python. So FEEL sits in the environment, the engine inherits
nothing from the Python one, and the library's default is replaced when this package is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

import SpiffWorkflow.bpmn.workflow
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from service.domain.errors import CongVanError
from service.engine.spiff.activities import Host
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.token import Token
from service.feel import Evaluation, Expression, Runtime, compile_expression

_CACHED_TEXTS: Final = 4_096


def feel_text(text: str) -> str:
    """Return the FEEL in a property or condition: a leading ``=`` is allowed and dropped."""
    stripped = text.strip()
    return stripped[1:].strip() if stripped.startswith("=") else stripped


@lru_cache(maxsize=_CACHED_TEXTS)
def compiled(text: str) -> Expression:
    """Return the compiled expression of a text with or without a leading ``=``.

    Raises:
        InvalidInput: the text is not FEEL.
    """
    return compile_expression(feel_text(text))


class FeelEnvironment(BasePythonScriptEngineEnvironment):
    """Where SpiffWorkflow's own code looks for an evaluator; it knows FEEL and runs nothing else.

    Args:
        host: gives clock and functions; None for a workflow that nobody runs yet.
    """

    def __init__(self, host: Host | None = None) -> None:
        super().__init__()
        self._host = host

    @cached_property
    def runtime(self) -> Runtime:
        """Clock, zone and functions of the evaluations, asked of the host when the first one comes."""
        host = self._host
        return Runtime() if host is None else Runtime(clock=host.clock, functions=host.functions)

    def evaluate(
        self,
        expression: str,
        context: Mapping[str, Any],
        external_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the FEEL value of an expression."""
        names = {**(external_context or {}), **context} if external_context else context
        return self.explain(expression, names).value

    def explain(self, expression: str, variables: Mapping[str, Any]) -> Evaluation:
        """Return the value of an expression with FEEL's warnings.

        Raises:
            StepFailure: the text is not FEEL, or the evaluation went over a limit.
        """
        try:
            return compiled(expression).evaluate(variables, self.runtime)
        except CongVanError as error:
            failure = StepFailure.from_error(error)
            failure.details["expression"] = feel_text(expression)
            raise failure from error

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:  # noqa: ARG002
        """Refuse: scripts are FEEL expressions, run by our own script task.

        Raises:
            StepFailure: always.
        """
        raise _refused(script)

    def call_service(self, context: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        """Refuse: services are handlers, called by our own service task.

        Raises:
            StepFailure: always.
        """
        raise _refused("call_service")


class FeelScriptEngine:
    """SpiffWorkflow's script engine, with nothing of the one that runs Python.

    Args:
        host: gives clock and functions; None for a workflow that nobody runs yet.
    """

    def __init__(self, host: Host | None = None) -> None:
        self.environment = FeelEnvironment(host)

    def validate(self, expression: str) -> None:
        """Check that a text is FEEL.

        Raises:
            InvalidInput: it is not.
        """
        compiled(expression)

    def evaluate(
        self, task: Token, expression: str, external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value of an expression as the element of ``task`` sees the variables."""
        return self.environment.evaluate(expression, task.workflow.view(task), external_context)

    def execute(self, task: Token, script: str, external_context: Any = None) -> bool:
        """Refuse, as :meth:`FeelEnvironment.execute`."""
        return self.environment.execute(script, task.data, external_context)

    def call_service(self, task: Token, **kwargs: Any) -> Any:
        """Refuse, as :meth:`FeelEnvironment.call_service`."""
        return self.environment.call_service(task.data, **kwargs)

    def evaluate_text(self, variables: Mapping[str, Any], expression: str, place: str) -> Any:
        """Return the value of an expression; ``place`` names it in a failure."""
        try:
            return self.environment.explain(expression, variables).value
        except StepFailure as failure:
            failure.details["place"] = place
            raise

    def decide_condition(self, variables: Mapping[str, Any], expression: str, place: str) -> bool:
        """Return whether a condition is true.

        Raises:
            StepFailure: it is neither true nor false; the details carry FEEL's reasons.
        """
        evaluation = self.environment.explain(expression, variables)
        if isinstance(evaluation.value, bool):
            return evaluation.value
        raise _not_boolean(evaluation, expression, place)

    def is_fulfilled(self, variables: Mapping[str, Any], expression: str) -> bool:
        """Return whether a conditional event's condition is true; null is not yet.

        Raises:
            StepFailure: it gives something that is neither true, false nor null.
        """
        evaluation = self.environment.explain(expression, variables)
        if evaluation.value is None:
            return False
        if isinstance(evaluation.value, bool):
            return evaluation.value
        raise _not_boolean(evaluation, expression, "condition")


def _not_boolean(evaluation: Evaluation, expression: str, place: str) -> StepFailure:
    reasons = [{"vi": warning.vi, "en": warning.en} for warning in evaluation.warnings]
    kind = "null" if evaluation.value is None else type(evaluation.value).__name__
    text = feel_text(expression)
    because_vi = "; ".join(reason["vi"] for reason in reasons)
    because_en = "; ".join(reason["en"] for reason in reasons)
    return StepFailure(
        "condition.not_boolean",
        f"Điều kiện “{text}” không cho kết quả đúng hay sai. {because_vi}".strip(),
        f"The condition '{text}' gives neither true nor false but {kind}. {because_en}".strip(),
        {"expression": text, "place": place, "kind": kind, "warnings": reasons},
    )


def _refused(script: str) -> StepFailure:
    return StepFailure(
        "script.refused",
        "Quy trình không được chạy mã nào ngoài FEEL.",
        "A process may run nothing but FEEL.",
        {"script": script},
    )


# A workflow that nobody gave an engine gets this one, never the one that runs Python.
SpiffWorkflow.bpmn.workflow.PythonScriptEngine = FeelScriptEngine
