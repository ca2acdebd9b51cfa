"""A running process instance: the queue of tokens that can move, and what moving them leaves behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from handlers.contract import BpmnError
from service.domain.errors import CongVanError
from service.domain.ids import new_id
from service.engine.spiff import catching, loops, waking
from service.engine.spiff.activities import Host, Step, StepKind, Thrown
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.scopes import Scope, SubScope
from service.engine.spiff.token import ERROR, FUTURE, READY, WAITING, Token
from service.engine.spiff.values import admit

if TYPE_CHECKING:
    from service.engine.spiff.expressions import FeelScriptEngine
    from service.engine.spiff.nodes import Flow, FlowNode
    from service.engine.spiff.processes import ProcessSpec

STEP_BUDGET: Final = 20_000
"""Automatic steps that one command may take; a model that loops without waiting ends as a failure."""

MAX_DEPTH: Final = 100
"""Deepest nesting of sub-processes and calls; a process that calls itself without end becomes a failure."""


class Instance(Scope, BpmnWorkflow):
    """The root scope, with the queue and the record of one command.

    Args:
        spec: the process.
        processes: every process and sub-process of the definition by id.
        engine: evaluates FEEL.
        host: what is needed from outside.

    Attributes:
        queue: tokens that are ready to run, in order.
        steps: what happened since the instance was started or loaded.
        thrown: events that leave the instance.
        is_dirty: whether variables changed since conditions were last looked at.
        terminated: the reason, if the instance was terminated.
    """

    subprocesses: dict[UUID, SubScope]

    def __init__(
        self, spec: ProcessSpec, processes: Mapping[str, ProcessSpec], engine: FeelScriptEngine, host: Host
    ) -> None:
        self.instance = self
        self.holder = None
        self.is_call = False
        self.is_taken_over = False
        self.inputs = {}
        self.path = ()
        super().__init__(spec, processes, script_engine=engine, deserializing=True)
        self.host = host
        self.engine = engine
        self.now: datetime = host.clock.now()
        self.queue: deque[Token] = deque()
        self.steps: list[Step] = []
        self.thrown: list[Thrown] = []
        self.is_dirty = False
        self.terminated: str | None = None

    @property
    def parent_workflow(self) -> None:
        """Nothing encloses an instance."""
        return

    def is_completed(self) -> bool:
        """Return whether the instance has come to its end."""
        return bool(self.completed)

    def new_id(self) -> UUID:
        """Return an id for a token."""
        return new_id(self.now)

    def scopes(self) -> list[Scope]:
        """Return every running scope, the instance first."""
        return [self, *self.subprocesses.values()]

    def find(self, token_id: UUID) -> Token | None:
        """Return the living token with this id."""
        for scope in self.scopes():
            token = scope.tasks.get(token_id)
            if token is not None:
                return token
        return None

    # --- stepping ---

    def run(self) -> None:
        """Move tokens until every one waits, failed or is gone."""
        budget = STEP_BUDGET
        while True:
            while self.queue:
                token = self.queue.popleft()
                if not token.is_alive or token.state != READY:
                    continue
                if budget == 0:
                    self.fail(token, _runaway())
                    continue
                budget -= 1
                self.run_token(token)
            if self.completed or not waking.wake(self):
                return

    def run_token(self, token: Token) -> None:
        """Run a ready token's element once."""
        try:
            token.run()
        except StepFailure as failure:
            self.fail(token, failure)
        except BpmnError as error:
            catching.throw_error(self, token, error.code, error.message)

    def take(self, scope: Scope, flow: Flow, source: Token) -> None:
        """Send a token along a sequence flow."""
        self.record("flow", source, element_id=flow.id)
        scope.spec.task_specs[flow.target].arrive(scope, flow.id)

    def finish(self, token: Token) -> None:
        """Let an activity whose inner or outer work is done go on."""
        token.internal_data["done"] = True
        token._set_state(READY)  # noqa: SLF001 - Token is this package's own
        self.queue.append(token)

    def start_loop(self, token: Token) -> None:
        """Begin a looped activity."""
        loops.start(self, token)

    def finish_loop_instance(self, token: Token) -> None:
        """Go on with a looped activity after one of its instances."""
        loops.finish_instance(self, token)

    def open_boundary(self, token: Token) -> None:
        """Begin to watch for the events attached to an activity."""
        catching.open_boundary(self, token)

    # --- scopes ---

    def open_scope(self, token: Token, spec_id: str, *, is_call: bool = False) -> SubScope:
        """Create the scope that runs inside an activity, without starting it.

        Raises:
            StepFailure: sub-processes and calls are nested too deeply.
        """
        if len(token.workflow.path) >= MAX_DEPTH:
            raise StepFailure(
                "process.too_deep",
                f"Quy trình gọi lồng nhau quá {MAX_DEPTH} cấp.",
                f"Processes call one another more than {MAX_DEPTH} levels deep.",
            )
        return SubScope(cast("ProcessSpec", self.subprocess_specs[spec_id]), token, is_call=is_call)

    def complete_scope(self, scope: Scope) -> None:
        """End a scope in which nothing lives any more; its activity goes on."""
        scope.clear()
        holder = scope.holder
        if holder is None:
            self.completed = True
            return
        self.subprocesses.pop(holder.id, None)
        if scope.is_call:
            self.assign(holder, call_results(scope))
        self.finish(holder)

    # --- variables ---

    def assign(self, token: Token, patch: Mapping[str, Any]) -> None:
        """Write variables as the element of ``token`` does.

        Raises:
            StepFailure: a value that no variable can hold.
        """
        try:
            admitted = admit(patch)
        except CongVanError as error:
            raise StepFailure.from_error(error) from error
        for name, value in admitted.items():
            token.workflow.home_of(name, token)[name] = value
        self.is_dirty = True

    def assign_result(self, token: Token, result: Any, default_name: str | None = None) -> None:
        """Write the result of an element: under its ``result_variable``, or entry by entry.

        Raises:
            StepFailure: there is no name for a result that is not a context, or no variable can hold it.
        """
        name = token.task_spec.properties.get("result_variable") or default_name
        if name:
            self.assign(token, {name: result})
        elif isinstance(result, Mapping):
            self.assign(token, result)
        else:
            raise StepFailure(
                "result.no_name",
                "Kết quả không phải là nhóm có tên và phần tử không khai báo result_variable.",
                "The result is not a context and the element declares no result_variable.",
            )

    def holds(self, token: Token, condition: str, place: str) -> bool:
        """Return whether a condition is true.

        Raises:
            StepFailure: it is neither true nor false, with FEEL's reasons.
        """
        return self.engine.decide_condition(token.workflow.view(token), condition, place)

    # --- the record ---

    def record(self, kind: StepKind, token: Token, *, element_id: str | None = None, **extra: Any) -> None:
        """Note a step for the history."""
        node: FlowNode = token.task_spec
        if kind == "flow":
            element_type, name = "sequenceFlow", ""
        else:
            element_type, name = node.bpmn_type, node.bpmn_name or ""
            if token.parent_id is not None and "index" in token.internal_data:
                extra["index"] = token.internal_data["index"]
            if kind == "completed" and "explanation" in token.internal_data:
                extra["explanation"] = token.internal_data["explanation"]
        scope_path = token.workflow.path
        self.steps.append(
            Step(element_id or node.name, element_type, name, kind, token.id, scope_path, self.now, extra)
        )

    def fail(self, token: Token, failure: StepFailure) -> None:
        """Let a token stand still as a failure, to be retried or skipped."""
        token.internal_data["failure"] = {
            "code": failure.code,
            "vi": failure.vi,
            "en": failure.en,
            "details": failure.details,
            "at": self.now,
            "phase": _phase(token),
        }
        token._set_state(ERROR)  # noqa: SLF001 - Token is this package's own
        self.record("failed", token, code=failure.code, vi=failure.vi, en=failure.en)


def call_results(scope: Scope) -> dict[str, Any]:
    """Return what a called process gives back: its declared outputs, else everything it wrote."""
    if scope.spec.outputs is None:
        return scope.data
    seen = scope.view()
    return {name: seen[name] for name in scope.spec.outputs if name in seen}


def _phase(token: Token) -> str:
    """Return where a retry sets in: ``begin`` the work, ``wait`` again, or ``run`` once more."""
    if token.state == WAITING:
        return "wait"
    is_loop = token.task_spec.loop is not None and not token.is_instance
    is_unfinished_loop = is_loop and not token.internal_data.get("done")
    return "begin" if token.state == FUTURE or is_unfinished_loop else "run"


def _runaway() -> StepFailure:
    return StepFailure(
        "process.runaway",
        f"Quy trình chạy quá {STEP_BUDGET} bước tự động mà không dừng ở việc nào.",
        f"The process took more than {STEP_BUDGET} automatic steps without waiting for anything.",
    )
