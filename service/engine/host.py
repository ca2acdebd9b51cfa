"""What a running instance may call: its handlers, its decisions and the clock, in one unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handlers.contract import HandlerContext, RetryLater
from service.domain.clock import Clock
from service.domain.errors import Finding, InvalidInput, Unavailable
from service.engine.loaded import LoadedDefinition
from service.engine.resources import EngineResources
from service.engine.spiff.activities import ActivityRef, HandlerMode, Json
from service.feel import Runtime
from service.feel.dmn import DecisionResult
from service.storage.unit_of_work import UnitOfWork


class InstanceHost:
    """Implements :class:`service.engine.spiff.Host` for one instance and one unit of work."""

    def __init__(
        self,
        resources: EngineResources,
        unit: UnitOfWork,
        loaded: LoadedDefinition,
        instance_id: UUID,
        business_key: str | None,
    ) -> None:
        self._resources = resources
        self._unit = unit
        self._loaded = loaded
        self._instance_id = instance_id
        self._business_key = business_key
        self._functions: Mapping[str, Any] | None = None

    @property
    def clock(self) -> Clock:
        """The source of time."""
        return self._unit.clock

    @property
    def functions(self) -> Mapping[str, Any]:
        """Our FEEL functions, made when first needed."""
        if self._functions is None:
            self._functions = self._resources.functions(self._unit)
        return self._functions

    def handler_runs(self, operation: str) -> HandlerMode:
        """Return how the handler of ``operation`` runs.

        Raises:
            NotFound: no such operation.
        """
        return self._resources.handler(operation).runs

    def call_inline(self, operation: str, params: Json, activity: ActivityRef) -> Json:
        """Run an inline handler in the open unit of work and return its result.

        Raises:
            BpmnError: a business error that the diagram may catch.
            CongVanError: anything else.
        """
        context = HandlerContext(
            unit=self._unit,
            instance_id=self._instance_id,
            element_id=activity.element_id,
            business_key=self._business_key,
            idempotency_key=activity.token_id,
            resources=self._resources.handler_resources,
        )
        try:
            with self._unit.nested():
                return self._resources.handler(operation)(params, context)
        except RetryLater as error:  # nobody could wait: the handler should have been a job
            raise Unavailable("handler.not_now", error.reason, error.reason) from error

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, Json]:
        """Evaluate a decision of the bundle; return its value and its explanation."""
        runtime = Runtime(clock=self._unit.clock, functions=self.functions)
        result = self._loaded.decisions.decide(decision_id, variables, runtime, strict=True)
        if result.value is None:
            raise _undecided(decision_id, result)
        return result.value, result.explanation


def _undecided(decision_id: str, result: DecisionResult) -> InvalidInput:
    findings = [Finding(warning.code, warning.vi, warning.en) for warning in result.warnings]
    return InvalidInput(
        "decision.no_result",
        f"Bảng quyết định “{decision_id}” không cho kết quả.",
        f"The decision '{decision_id}' gives no result.",
        findings,
    )
