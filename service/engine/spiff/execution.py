"""One loaded instance: every way to move it, and everything to read from it.

Each method takes what happened outside, moves tokens until every one waits, and returns. Nothing is stored
here: the caller keeps :meth:`Execution.dump` under its lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain.errors import InvalidInput
from service.engine.spiff import catching
from service.engine.spiff.activities import Host
from service.engine.spiff.definition import Definition
from service.engine.spiff.expressions import FeelScriptEngine
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.instance import Instance
from service.engine.spiff.reading import NotWaiting, not_waiting
from service.engine.spiff.repairing import ExecutionRepairs
from service.engine.spiff.state import dump_instance, load_instance
from service.engine.spiff.subprocesses import start_scope
from service.engine.spiff.tasks import HumanTask, ServiceTask
from service.engine.spiff.timers import Timer
from service.engine.spiff.token import READY, STARTED, WAITING, Token
from service.engine.spiff.values import admit


class Execution(ExecutionRepairs):
    """One instance in memory, with every way to move it."""

    # --- making ---

    @classmethod
    def start(
        cls,
        definition: Definition,
        host: Host,
        variables: Mapping[str, Any],
        *,
        start_event: str | None = None,
        message: str | None = None,
    ) -> Execution:
        """Start an instance at a start event, by default the one without a trigger.

        Args:
            definition: the process version.
            host: what is needed from outside.
            variables: the first variables.
            start_event: id of the start event.
            message: name of the message that starts the process; its start event is taken.

        Raises:
            InvalidInput: there is no such start event, or a value that no variable can hold.
        """
        node_id = _start_node(definition, start_event, message)
        instance = Instance(definition.root, definition.processes, FeelScriptEngine(host), host)
        instance.data.update(admit(variables))
        start_scope(instance, node_id)
        instance.run()
        return cls(instance)

    @classmethod
    def load(cls, definition: Definition, host: Host, state: bytes) -> Execution:
        """Load an instance of the definition from its stored state.

        Raises:
            InvalidInput: the state is damaged, of an unknown version, or of another process.
        """
        return cls(load_instance(definition, host, FeelScriptEngine(host), state))

    def dump(self) -> bytes:
        """Return the state to store."""
        return dump_instance(self._instance)

    # --- what happened outside ---

    def complete(self, token_id: UUID, data: Mapping[str, Any]) -> None:
        """Complete a user, manual or untyped task with a submission.

        Raises:
            NotWaiting: the task is not ready; running it twice is impossible.
            InvalidInput: a value that no variable can hold.
        """
        token = self._token(token_id, READY)
        if not isinstance(token.task_spec, HumanTask):
            raise not_waiting(token_id)
        admit(data)
        token.task_spec.submit(token, data)
        self._instance.run_token(token)
        self._instance.run()

    def finish_job(self, token_id: UUID, result: Mapping[str, Any] | None) -> None:
        """Go on after the job of a service task, with its result.

        Raises:
            NotWaiting: no job of this token is open.
            InvalidInput: a value that no variable can hold.
        """
        token = self._job(token_id)
        admit(result or {})
        assert isinstance(token.task_spec, ServiceTask)
        token.task_spec.take_result(token, result)
        self._instance.finish(token)
        self._instance.run()

    def fail_job_with_bpmn_error(self, token_id: UUID, code: str, message: str = "") -> None:
        """Hand a job's business error to the diagram; uncaught it becomes a failure.

        Raises:
            NotWaiting: no job of this token is open.
        """
        token = self._job(token_id)
        token.internal_data.pop("params", None)
        catching.throw_error(self._instance, token, code, message)
        self._instance.run()

    def fail_job(self, token_id: UUID, failure: StepFailure) -> None:
        """Let a service task stand still after its job was given up; a retry asks for a new job.

        Raises:
            NotWaiting: no job of this token is open.
        """
        token = self._job(token_id)
        token.internal_data.pop("params", None)
        self._instance.fail(token, failure)

    def fire_timer(self, token_id: UUID, due_at: datetime) -> bool:
        """Fire a timer at its due time; return False if it no longer waits for that time.

        Whether the time has come is the caller's to know: a suspended instance fires late, once.
        """
        self._refresh()
        token = self._instance.find(token_id)
        row = None if token is None or token.state != WAITING else token.internal_data.get("timer")
        if token is None or row is None or Timer.from_row(row).due_at != due_at:
            return False
        self._trigger(token, None)
        return True

    def move_timer(self, token_id: UUID, due_at: datetime, to: datetime) -> bool:
        """Let a timer fire at another time; False if it no longer waits for ``due_at``, or is a cycle."""
        token = self._instance.find(token_id)
        row = None if token is None or token.state != WAITING else token.internal_data.get("timer")
        timer = None if row is None else Timer.from_row(row)
        if token is None or timer is None or timer.due_at != due_at or timer.cycle is not None:
            return False
        timer.due_at = to
        token.internal_data["timer"] = timer.row()
        return True

    def deliver(self, token_id: UUID, payload: Mapping[str, Any]) -> None:
        """Deliver a message (or a signal for this one token) to a subscription.

        Raises:
            NotWaiting: the token waits for no message.
            InvalidInput: a value that no variable can hold.
        """
        token = self._token(token_id, WAITING)
        if token.task_spec.event.kind not in {"message", "signal"}:
            raise not_waiting(token_id)
        self._trigger(token, admit(payload))

    def signal(self, name: str, payload: Mapping[str, Any]) -> int:
        """Deliver a signal to every token that waits for it; return how many did.

        Raises:
            InvalidInput: a value that no variable can hold.
        """
        self._refresh()
        admitted = admit(payload)
        waits = [
            token
            for scope in self._instance.scopes()
            for token in scope.tasks.values()
            if catching.waits_for_signal(token, name)
        ]
        catching.broadcast_signal(self._instance, name, admitted)
        self._instance.run()
        return len(waits)

    def terminate(self, reason: str) -> None:
        """End the instance; nothing in it goes on.

        Raises:
            NotWaiting: it has already ended.
        """
        self._refresh()
        if self._instance.completed:
            raise _ended()
        self._instance.clear()
        self._instance.terminated = reason
        self._instance.completed = True

    # --- inside ---

    def _job(self, token_id: UUID) -> Token:
        token = self._token(token_id, STARTED)
        if "params" not in token.internal_data:
            raise not_waiting(token_id)
        return token

    def _trigger(self, token: Token, payload: dict[str, Any] | None) -> None:
        try:
            token.task_spec.catch(token, payload)
        except StepFailure as failure:
            self._instance.fail(token, failure)
        self._instance.run()


def _start_node(definition: Definition, start_event: str | None, message: str | None) -> str:
    events = definition.start_events
    if start_event is not None:
        matching = [event for event in events if event.element_id == start_event]
    elif message is not None:
        matching = [event for event in events if event.kind == "message" and event.name == message]
    else:
        matching = [event for event in events if event.kind == "none"]
    if not matching:
        wanted = start_event or message or "none"
        raise InvalidInput(
            "start.unknown",
            f"Quy trình không bắt đầu được bằng “{wanted}”.",
            f"The process has no start event for '{wanted}'.",
        )
    return matching[0].element_id


def _ended() -> NotWaiting:
    return NotWaiting("instance.ended", "Quy trình đã kết thúc.", "The instance has already ended.")
