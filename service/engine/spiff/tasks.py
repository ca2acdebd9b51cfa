"""Tasks: people's work, FEEL scripts, handlers, decisions, and messages sent and received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from SpiffWorkflow.bpmn.specs.mixins.manual_task import ManualTask as ManualTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.none_task import NoneTask as NoneTaskMixin
from SpiffWorkflow.bpmn.specs.mixins.user_task import UserTask as UserTaskMixin

from service.domain.errors import CongVanError
from service.engine.spiff import catching, human
from service.engine.spiff.activities import ActivityRef, Thrown
from service.engine.spiff.expressions import feel_text
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.nodes import FlowNode
from service.engine.spiff.values import admit
from service.feel import to_json

if TYPE_CHECKING:
    from service.engine.spiff.token import Token

FEEL_PROPERTIES: Final = (
    "potential_owners",
    "excluded_owners",
    "assigner",
    "due",
    "deadline_rule",
    "urgency",
    "subject",
)


class HumanTask(FlowNode):
    """A task that a person carries out."""

    is_activity = True

    def open(self, token: Token) -> bool:
        """Evaluate who may do it and until when."""
        token.internal_data["task"] = human.describe(token)
        return True

    def submit(self, token: Token, data: Mapping[str, Any]) -> None:
        """Take a person's submission.

        Raises:
            StepFailure: no variable can hold a value of it.
        """
        token.workflow.instance.assign_result(token, dict(data))

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        named = [(name, self.properties[name]) for name in FEEL_PROPERTIES if self.properties.get(name)]
        if self.options.get("lane_owners"):
            named.append(("lane potential_owners", self.options["lane_owners"]))
        return super().expressions() + named


class UserTask(UserTaskMixin, HumanTask):
    """bpmn:userTask."""


class ManualTask(ManualTaskMixin, HumanTask):
    """bpmn:manualTask."""


class NoneTask(NoneTaskMixin, HumanTask):
    """bpmn:task without a type: done by hand, like a manual task."""


class ScriptTask(FlowNode):
    """bpmn:scriptTask holding one FEEL expression; ``options``: ``script``."""

    is_activity = True

    def perform(self, token: Token) -> bool:
        """Evaluate the expression and keep its value."""
        instance = token.workflow.instance
        result = instance.engine.evaluate_text(token.workflow.view(token), self.options["script"], "script")
        instance.assign_result(token, result)
        return True

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        return [*super().expressions(), ("script", self.options["script"])]


class ServiceTask(FlowNode):
    """bpmn:serviceTask calling a handler; ``options``: ``operation``, ``params``, ``result``."""

    is_activity = True

    def perform(self, token: Token) -> bool:
        """Call an inline handler, or leave a job."""
        instance = token.workflow.instance
        view = token.workflow.view(token)
        params = {
            name: to_json(instance.engine.evaluate_text(view, text, f"parameter {name}"))
            for name, text in self.options["params"].items()
        }
        operation = self.options["operation"]
        reference = ActivityRef(token.id, self.name, self.bpmn_name or "", token.workflow.path)
        try:
            if instance.host.handler_runs(operation) == "job":
                token.internal_data["params"] = params
                return False
            result = instance.host.call_inline(operation, params, reference)
        except CongVanError as error:
            raise StepFailure.from_error(error) from error
        self.take_result(token, result)
        return True

    def take_result(self, token: Token, result: Mapping[str, Any] | None) -> None:
        """Keep what the handler gave; without a result variable nothing is kept.

        Raises:
            StepFailure: no variable can hold it.
        """
        token.internal_data.pop("params", None)
        name = self.options.get("result") or self.properties.get("result_variable")
        if name and result is not None:
            token.workflow.instance.assign(token, {name: result})

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        params = [(f"parameter {name}", text) for name, text in self.options["params"].items()]
        return super().expressions() + params


class BusinessRuleTask(FlowNode):
    """bpmn:businessRuleTask asking a decision; ``options``: ``decision``."""

    is_activity = True

    def perform(self, token: Token) -> bool:
        """Evaluate the decision, keep its value, and its explanation for the history."""
        instance = token.workflow.instance
        decision = self.options["decision"]
        try:
            value, explanation = instance.host.decide(decision, token.workflow.view(token))
        except CongVanError as error:
            raise StepFailure.from_error(error) from error
        instance.assign_result(token, value, decision)
        token.internal_data["explanation"] = explanation
        return True


class MessageThrow(FlowNode):
    """A message leaving the instance, for send tasks and throwing message events."""

    payload_places: ClassVar = ("payload", "correlation_key")

    def perform(self, token: Token) -> bool:
        """Put the message among what leaves the instance."""
        instance = token.workflow.instance
        key = catching.correlation_key(instance, token)
        name = self.event.name or ""
        instance.thrown.append(Thrown("message", name, self.name, token.id, key, self.payload(token)))
        return True

    def payload(self, token: Token) -> dict[str, Any]:
        """Return what the message or signal carries.

        Raises:
            StepFailure: the property ``payload`` gives no context.
        """
        text = self.properties.get("payload")
        if not text:
            return {}
        value = token.workflow.instance.engine.evaluate_text(token.workflow.view(token), text, "payload")
        if not isinstance(value, Mapping):
            raise StepFailure(
                "message.no_payload",
                "Nội dung thông điệp không phải là nhóm có tên.",
                "The message's payload is not a context.",
                {"expression": feel_text(text)},
            )
        return admit(value)

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        named = [(name, self.properties[name]) for name in self.payload_places if self.properties.get(name)]
        return super().expressions() + named


class SendTask(MessageThrow):
    """bpmn:sendTask."""

    is_activity = True


class ReceiveTask(FlowNode):
    """bpmn:receiveTask: waits for its message."""

    is_activity = True

    def open(self, token: Token) -> bool:
        """Wait for the message."""
        catching.wait_for_event(token.workflow.instance, token)
        return False

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element."""
        key = self.properties.get("correlation_key")
        return super().expressions() + ([("correlation_key", key)] if key else [])
