"""What stepping hands out and what it needs: the plain values between the engine and its host.

Nothing here knows SpiffWorkflow, so the host (rows, jobs, API) can be written against these types alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from handlers.contract import BpmnError
from service.domain.clock import Clock

__all__ = [
    "ActivityRef",
    "BpmnError",
    "DecisionEvaluator",
    "Element",
    "Failure",
    "HandlerMode",
    "Host",
    "JobWait",
    "Json",
    "StartEvent",
    "Status",
    "Step",
    "StepKind",
    "SubscriptionKind",
    "SubscriptionWait",
    "Thrown",
    "ThrownKind",
    "TimerKind",
    "TimerWait",
    "TokenView",
    "UserTaskWait",
    "Waiting",
]

Json = dict[str, Any]
"""A mapping of names to values that a process may hold: JSON values, Decimal, dates, times, durations."""

HandlerMode = Literal["inline", "job"]
TimerKind = Literal["date", "duration", "cycle"]
SubscriptionKind = Literal["message", "signal", "conditional"]
ThrownKind = Literal["message", "signal", "error", "escalation"]
Status = Literal["running", "completed", "terminated"]
StepKind = Literal["entered", "completed", "cancelled", "failed", "flow"]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a deployed process, with everything that the dialect puts on it.

    Attributes:
        id: the BPMN id, unique in a bundle's process.
        type: the BPMN name, such as ``userTask``.
        name: the label in the diagram, ``""`` if none.
        lane: name of the lane, or None.
        process_id: id of the process or sub-process that directly holds the element.
        properties: the dialect's extension properties.
        documentation: text of ``bpmn:documentation``, or None.
        line: line in its file, 0 if unknown.
    """

    id: str
    type: str
    name: str
    lane: str | None
    process_id: str
    properties: Mapping[str, str]
    documentation: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class StartEvent:
    """One way to start a process.

    Attributes:
        element_id: id of the start event.
        kind: ``none``, ``message``, ``signal``, ``timer`` or ``conditional``.
        name: message or signal name; the timer's text; the condition; ``""`` for none.
        timer_kind: for timers, which of the three timer forms ``name`` is.
    """

    element_id: str
    kind: Literal["none", "message", "signal", "timer", "conditional"]
    name: str = ""
    timer_kind: TimerKind | None = None


@dataclass(frozen=True, slots=True)
class ActivityRef:
    """The running activity that asks for a service."""

    token_id: UUID
    element_id: str
    element_name: str
    scope: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class UserTaskWait:
    """A user, manual or untyped task that waits for a person.

    The FEEL properties were evaluated once, when the task became ready.

    Attributes:
        token_id: the token to complete.
        element_id: the BPMN id.
        element_type: ``userTask``, ``manualTask`` or ``task``.
        name: the label in the diagram.
        potential_owners: owner references; empty if neither task nor lane names any.
        excluded_owners: user references.
        subject: the line in a list, or None.
        due_at: aware UTC, or None.
        urgency: ``normal``, ``urgent``, ``very_urgent`` or ``flash``.
        deadline_rule: ``{rule, clause, derivation}`` or None.
        form: form key.
        result_variable: the variable that takes the submission, or None for one variable per field.
        scope: ids of the activities that enclose the task, outermost first.
        index: 0-based index among the instances of a multi-instance activity (the nearest), or None.
        created_at: when it became ready, aware UTC.
        authority: what an order must hand over for its holder to do the task in the owner's place.
        assigner: user reference of who gave the work, or None.
    """

    token_id: UUID
    element_id: str
    element_type: str
    name: str
    potential_owners: tuple[str, ...]
    excluded_owners: tuple[str, ...]
    subject: str | None
    due_at: datetime | None
    urgency: str
    deadline_rule: Json | None
    form: str
    result_variable: str | None
    scope: tuple[UUID, ...]
    index: int | None
    created_at: datetime
    authority: str = "assign"
    assigner: str | None = None


@dataclass(frozen=True, slots=True)
class TimerWait:
    """A timer that runs: fire it with this ``token_id`` and this ``due_at``.

    ``remaining`` counts the firings that are left with this one, None for a cycle without end and for
    ``date`` and ``duration``.
    """

    token_id: UUID
    element_id: str
    due_at: datetime
    kind: TimerKind
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionWait:
    """A token that waits for a message, a signal or a condition on the variables."""

    token_id: UUID
    element_id: str
    kind: SubscriptionKind
    name: str
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True)
class JobWait:
    """A service task whose handler runs outside the transaction."""

    token_id: UUID
    element_id: str
    operation: str
    params: Json


@dataclass(frozen=True, slots=True)
class Failure:
    """An automatic step that could not go on; it stays until retried or skipped.

    Attributes:
        token_id: the token that stands still.
        element_id: where.
        code: stable, ``noun.reason``.
        vi: what is wrong, Vietnamese.
        en: the same in English.
        details: expression, FEEL's warnings, handler's words; JSON values only.
        at: aware UTC.
    """

    token_id: UUID
    element_id: str
    code: str
    vi: str
    en: str
    details: Json
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that an instance waits for, as of now."""

    user_tasks: list[UserTaskWait] = field(default_factory=list)
    timers: list[TimerWait] = field(default_factory=list)
    subscriptions: list[SubscriptionWait] = field(default_factory=list)
    jobs: list[JobWait] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, for the history.

    Attributes:
        element_id: BPMN id; for ``flow`` the sequence flow's id.
        element_type: the BPMN name.
        name: the label in the diagram.
        kind: ``entered``, ``completed``, ``cancelled``, ``failed`` or ``flow`` (a sequence flow taken).
        token_id: the token it happened to.
        scope: ids of the enclosing activities, outermost first; empty in the process itself.
        at: aware UTC.
        extra: a decision's explanation, a failure's code, an index; JSON values only.
    """

    element_id: str
    element_type: str
    name: str
    kind: StepKind
    token_id: UUID
    scope: tuple[UUID, ...]
    at: datetime
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thrown:
    """An event that leaves the instance.

    A signal was already delivered inside its own instance: the host broadcasts it to the others only. A
    message was not: the host finds its subscription, which may be in the same instance.
    """

    kind: ThrownKind
    name: str
    element_id: str
    token_id: UUID
    correlation_key: str | None = None
    payload: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenView:
    """One living token, for the diagram."""

    token_id: UUID
    element_id: str
    state: Literal["ready", "waiting", "started", "failed"]
    scope: tuple[UUID, ...]
    index: int | None = None


class DecisionEvaluator(Protocol):
    """Evaluates the decisions of a bundle; used at deployment to check that a decision exists."""

    def has_decision(self, decision_id: str) -> bool:
        """Return whether a decision or decision service has this id."""
        ...


class Host(Protocol):
    """What stepping needs from outside."""

    @property
    def clock(self) -> Clock:
        """The source of time."""
        ...

    @property
    def functions(self) -> Mapping[str, Any]:
        """Further FEEL functions by name (working calendar and the like)."""
        ...

    def handler_runs(self, operation: str) -> HandlerMode:
        """Return how the handler of ``operation`` runs.

        Raises:
            NotFound: there is no such handler; the step becomes a failure.
        """
        ...

    def call_inline(self, operation: str, params: Json, activity: ActivityRef) -> Json:
        """Run an inline handler and return its result.

        Raises:
            BpmnError: a business error that the diagram may catch.
            CongVanError: anything else that went wrong; the step becomes a failure.
        """
        ...

    def decide(self, decision_id: str, variables: Mapping[str, Any]) -> tuple[Any, Json]:
        """Evaluate a decision and return its value and its explanation.

        Raises:
            CongVanError: the decision failed; the step becomes a failure.
        """
        ...
