"""Runs a model; the instance is dumped, and loaded into a new one, around every single step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from service.domain.clock import ManualClock
from service.domain.errors import NotFound
from service.engine.spiff.activities import ActivityRef, Failure, SubscriptionWait, TimerWait, UserTaskWait
from service.engine.spiff.definition import Definition
from service.engine.spiff.execution import Execution

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


class BenchHost:
    """A host with inline handlers and decisions given as functions."""

    def __init__(
        self,
        handlers: Mapping[str, Callable[..., Any]] | None = None,
        jobs: tuple[str, ...] = (),
        decisions: Mapping[str, Callable[..., Any]] | None = None,
        at: datetime = NOON,
    ) -> None:
        self.clock = ManualClock(at)
        self.functions: dict[str, Any] = {}
        self.handlers = dict(handlers or {})
        self.jobs = jobs
        self.decisions = dict(decisions or {})
        self.calls: list[tuple[str, dict[str, Any], ActivityRef]] = []

    def handler_runs(self, operation: str) -> Any:
        if operation in self.jobs:
            return "job"
        if operation not in self.handlers:
            raise NotFound("handler.unknown", "Không có thao tác.", f"There is no handler {operation}.")
        return "inline"

    def call_inline(self, operation: str, params: dict[str, Any], activity: ActivityRef) -> dict[str, Any]:
        self.calls.append((operation, params, activity))
        return self.handlers[operation](**params)

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        return self.decisions[decision_id](variables), {"decision": decision_id, "matched": [1]}


class Bench:
    """One instance under test."""

    def __init__(
        self,
        bpmn: bytes | Mapping[str, bytes],
        *,
        process_id: str = "p",
        host: BenchHost | None = None,
        reload: bool = True,
        start_event: str | None = None,
        message: str | None = None,
        **variables: Any,
    ) -> None:
        files = {"p.bpmn": bpmn} if isinstance(bpmn, bytes) else bpmn
        self.definition = Definition.parse(files, process_id)
        self.host = host or BenchHost()
        self.reloads = reload
        self.steps: list[Any] = []
        self.thrown: list[Any] = []
        self.execution = Execution.start(
            self.definition, self.host, variables, start_event=start_event, message=message
        )
        self._after()

    def _after(self) -> None:
        self.steps += self.execution.steps
        self.thrown += self.execution.thrown
        if self.reloads:
            self.state = self.execution.dump()
            self.execution = Execution.load(self.definition, self.host, self.state)
        else:
            self.execution.steps.clear()
            self.execution.thrown.clear()

    # --- moving ---

    def act(self, what: Callable[[Execution], Any]) -> Any:
        result = what(self.execution)
        self._after()
        return result

    def complete(self, element_id: str, /, *, nth: int = 0, **data: Any) -> None:
        self.act(lambda run: run.complete(self.tasks(element_id)[nth].token_id, data))

    def fire(self, element_id: str, nth: int = 0) -> bool:
        """Move the clock to a timer's due time, if it is still ahead, and fire it."""
        wait = self.timers(element_id)[nth]
        if wait.due_at > self.host.clock.now():
            self.host.clock.set(wait.due_at)
        return bool(self.act(lambda run: run.fire_timer(wait.token_id, wait.due_at)))

    def deliver(self, element_id: str, /, *, nth: int = 0, **payload: Any) -> None:
        wait = self.subscriptions(element_id)[nth]
        self.act(lambda run: run.deliver(wait.token_id, payload))

    def retry(self, nth: int = 0, **variables: Any) -> None:
        self.act(lambda run: run.retry(self.failures[nth].token_id, variables))

    # --- seeing ---

    def tasks(self, element_id: str) -> list[UserTaskWait]:
        found = [task for task in self.execution.waiting.user_tasks if task.element_id == element_id]
        assert found, f"{element_id} is not waiting; open: {self.open}, failures: {self.failures}"
        return found

    def timers(self, element_id: str) -> list[TimerWait]:
        found = [wait for wait in self.execution.waiting.timers if wait.element_id == element_id]
        assert found, f"no timer {element_id}: {self.execution.waiting}"
        return found

    def subscriptions(self, element_id: str) -> list[SubscriptionWait]:
        found = [wait for wait in self.execution.waiting.subscriptions if wait.element_id == element_id]
        assert found, f"no subscription {element_id}: {self.execution.waiting}"
        return found

    @property
    def failures(self) -> list[Failure]:
        return self.execution.waiting.failures

    @property
    def open(self) -> list[str]:
        """Ids of the open user tasks, sorted."""
        return sorted(task.element_id for task in self.execution.waiting.user_tasks)

    @property
    def done(self) -> bool:
        return self.execution.status == "completed"

    @property
    def variables(self) -> dict[str, Any]:
        return self.execution.variables

    def taken(self, kind: str = "completed") -> list[str]:
        return [step.element_id for step in self.steps if step.kind == kind]

    def advance(self, **step: float) -> None:
        self.host.clock.advance(timedelta(**step))

    def token(self, element_id: str) -> UUID:
        return next(token.token_id for token in self.execution.tokens if token.element_id == element_id)
