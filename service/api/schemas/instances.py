"""Process instances, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import (
    Length,
    OneOf,
    Output,
    PageOutput,
    PageQuery,
    Reason,
    Schema,
    Values,
    note,
)
from service.api.schemas.tasks import Confirmation, NextTask


class InstanceQuery(PageQuery):
    """Which instances to list."""

    process = fields.String(validate=Length(max=100))
    state = fields.String(validate=OneOf(["active", "suspended", "completed", "terminated"]))
    business_key = fields.String(validate=Length(max=200))
    has_incident = fields.Boolean()


class Start(Schema):
    """What starts an instance of a process."""

    process = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("process key"))
    variables = Values("start variables", load_default=dict)
    business_key = fields.String(validate=Length(min=1, max=200))


class Progress(Output):
    """What a change of an instance gave."""

    instance_id = fields.UUID()
    state = fields.String()
    rev = fields.Integer()
    is_changed = fields.Boolean()


class Started(Output):
    """A new instance, with the tasks that the starter may take at once."""

    instance_id = fields.UUID()
    state = fields.String()
    rev = fields.Integer()
    next_tasks = fields.List(fields.Nested(NextTask))


class Instance(Output):
    """An instance as a list shows it."""

    id = fields.UUID()
    definition_id = fields.UUID()
    key = fields.String()
    version = fields.Integer(metadata=note("of the process definition"))
    business_key = fields.String(allow_none=True)
    state = fields.String()
    rev = fields.Integer(metadata=note("counts the instance's changes"))
    has_incident = fields.Boolean()
    initiator = fields.String(allow_none=True)
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    end_reason = fields.String(allow_none=True)


class InstancePage(PageOutput):
    """A page of instances, newest first; counts by state."""

    items = fields.List(fields.Nested(Instance))


class Token(Output):
    """A living token, for the diagram."""

    token_id = fields.UUID()
    element_id = fields.String()
    state = fields.String(metadata=note("ready, waiting, started or failed"))
    scope = fields.List(fields.UUID(), metadata=note("the activities that enclose it, outermost first"))
    index = fields.Integer(allow_none=True, metadata=note("among the instances of a multi-instance activity"))


class TaskWait(Output):
    """A user task that waits for a person."""

    token_id = fields.UUID(metadata=note("the id of the task"))
    element_id = fields.String()
    name = fields.String()
    potential_owners = fields.List(fields.String())
    due_at = Instant(allow_none=True)


class TimerWait(Output):
    """A timer that waits for its time."""

    token_id = fields.UUID()
    element_id = fields.String()
    due_at = Instant()


class SubscriptionWait(Output):
    """A message or signal that is waited for."""

    token_id = fields.UUID()
    element_id = fields.String()
    kind = fields.String()
    name = fields.String()
    correlation_key = fields.String(allow_none=True)


class JobWait(Output):
    """A service task that waits for its job."""

    token_id = fields.UUID()
    element_id = fields.String()
    operation = fields.String()


class FailureWait(Output):
    """A step that stands still and waits for an operator."""

    token_id = fields.UUID()
    element_id = fields.String()
    code = fields.String()
    vi = fields.String()
    en = fields.String()
    at = Instant()


class Waiting(Output):
    """Everything that an instance waits for."""

    user_tasks = fields.List(fields.Nested(TaskWait))
    timers = fields.List(fields.Nested(TimerWait))
    subscriptions = fields.List(fields.Nested(SubscriptionWait))
    jobs = fields.List(fields.Nested(JobWait))
    failures = fields.List(fields.Nested(FailureWait))


class InstanceDetail(Output):
    """An instance with its variables, its tokens and what it waits for."""

    view = fields.Nested(Instance)
    variables = fields.Dict()
    tokens = fields.List(fields.Nested(Token))
    waiting = fields.Nested(Waiting)


class Step(Output):
    """One step; names, types and clauses come from the diagram."""

    kind = fields.String(metadata=note("entered, completed, cancelled, failed or flow"))
    element_id = fields.String()
    element_type = fields.String()
    name = fields.String()
    clauses = fields.List(fields.String())
    extra = fields.Dict()


class TimelineEntry(Output):
    """One change: who did what, when, on whose behalf, and the steps that followed."""

    rev = fields.Integer()
    at = Instant()
    action = fields.String()
    actor = fields.String(allow_none=True)
    actor_name = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    on_behalf_of_name = fields.String(allow_none=True)
    delegation = fields.Dict(
        allow_none=True, metadata=note("by which order: its id (`delegation`) and its `basis` (S4-7c)")
    )
    reason = fields.String(allow_none=True)
    data = fields.Dict(allow_none=True)
    confirmation = fields.Nested(Confirmation, allow_none=True)
    steps = fields.List(fields.Nested(Step))


class TimelinePage(PageOutput):
    """A page of the timeline, oldest first."""

    items = fields.List(fields.Nested(TimelineEntry))


class VariablesPatch(Reason):
    """Variables to correct, and why."""

    variables = Values("names and new values", required=True)


class MessageInput(Schema):
    """A message for the one instance that waits for it, or that starts a process."""

    name = fields.String(required=True, validate=Length(min=1, max=200))
    correlation_key = fields.String(load_default=None, allow_none=True, validate=Length(max=200))
    payload = Values("what the message carries", load_default=dict)
    business_key = fields.String(load_default=None, allow_none=True, validate=Length(min=1, max=200))


class SignalInput(Schema):
    """A signal for every instance that waits for it."""

    name = fields.String(required=True, validate=Length(min=1, max=200))
    payload = Values("what the signal carries", load_default=dict)


class SignalOutput(Output):
    """How many instances will receive the signal, each once."""

    receivers = fields.Integer()
