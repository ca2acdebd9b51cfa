"""User tasks, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import (
    URGENCIES,
    Length,
    OneOf,
    Output,
    PageOutput,
    PageQuery,
    Schema,
    Values,
    note,
)


class TaskQuery(PageQuery):
    """Which tasks to list; filters add up."""

    scope = fields.String(
        validate=OneOf(["mine", "groups", "assisted", "delegated", "watched", "to_confirm", "all"]),
        load_default="all",
        metadata=note(
            "claimed by me; mine to take; of leaders I assist; of those who gave me an order; that I watch"
            " over; that an aide entered for me, not yet confirmed; all but what I merely watch over"
        ),
    )
    process = fields.String(validate=Length(max=100))
    state = fields.String(validate=OneOf(["ready", "reserved", "suspended", "completed", "obsolete"]))
    due_before = Instant()
    is_overdue = fields.Boolean(data_key="overdue")
    urgency = fields.String(validate=OneOf(URGENCIES))
    text = fields.String(
        validate=Length(min=1, max=200),
        metadata=note("part of the name, the subject or the business key"),
    )
    business_key = fields.String(validate=Length(max=200))
    instance_id = fields.UUID()


class Standing(Output):
    """One person in another's place, both named: “B thay A theo …”."""

    by = fields.String(allow_none=True, metadata=note("full name; null where the reader may act"))
    for_login = fields.String()
    for_name = fields.String()
    is_by_order = fields.Boolean(metadata=note("false where an aide enters a leader's words"))
    basis = fields.String(metadata=note("the document that the order stands on; may be empty"))


class Task(Output):
    """A user task as its reader sees it."""

    id = fields.UUID()
    instance_id = fields.UUID()
    process_key = fields.String()
    element_id = fields.String()
    name = fields.String()
    subject = fields.String()
    form_key = fields.String()
    state = fields.String()
    version = fields.Integer(metadata=note("for `If-Match`"))
    urgency = fields.String()
    due_at = Instant(allow_none=True)
    is_overdue = fields.Boolean()
    deadline = fields.Dict(
        allow_none=True, metadata=note("the rule behind the due time: rule, clause, derivation")
    )
    owner = fields.String(allow_none=True, metadata=note("login of the actual owner"))
    owners = fields.List(fields.String(), metadata=note("potential owners, as owner references"))
    business_key = fields.String(allow_none=True)
    created_at = Instant()
    completed_at = Instant(allow_none=True)
    authority = fields.String(metadata=note("what an order must hand over to do it in the owner's place"))
    assigner = fields.String(allow_none=True, metadata=note("who gave the work, as a user reference"))
    acting_for = fields.Nested(Standing, allow_none=True, metadata=note("in whose place the reader may act"))
    done_for = fields.Nested(Standing, allow_none=True, metadata=note("in whose place it was done"))
    verbs = fields.List(fields.String(), metadata=note("what the reader may do now"))


class NextTask(Output):
    """A task that a completion made ready and that the same person may take."""

    id = fields.UUID()
    element_id = fields.String()
    name = fields.String()
    subject = fields.String()


class CompletedTask(Task):
    """A completed task with what comes next for the same person."""

    next_tasks = fields.List(fields.Nested(NextTask))


class TaskPage(PageOutput):
    """A page of user tasks by due time, with counts of what else there is."""

    items = fields.List(fields.Nested(Task))


class Note(Output):
    """A comment or an attached file."""

    id = fields.UUID()
    task_id = fields.UUID(allow_none=True)
    author = fields.String()
    author_name = fields.String()
    at = Instant()
    body = fields.String()
    file_name = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)


class ConfirmationInput(Schema):
    """The leader's word on what an aide entered."""

    outcome = fields.String(required=True, validate=OneOf(["confirmed", "corrected"]))
    words = fields.String(
        load_default="", validate=Length(max=4000), metadata=note("the right words, for a correction")
    )


class Confirmation(Output):
    """A leader's word on what an aide entered; what was entered stays beside it."""

    outcome = fields.String(metadata=note("confirmed or corrected"))
    words = fields.String()
    by = fields.String()
    by_name = fields.String()
    at = Instant()


class TaskDetail(Task):
    """A user task with its form, the data that the form may show, the draft and the notes."""

    form = fields.Dict(metadata=note("JSON Schema 2020-12 of the submission, with `x-` hints for drawing"))
    data = fields.Dict(metadata=note("what the form shows"))
    draft = fields.Dict(allow_none=True)
    submission = fields.Dict(allow_none=True, metadata=note("of a completed task: what was entered"))
    confirmation = fields.Nested(Confirmation, allow_none=True)
    notes = fields.List(fields.Nested(Note))
    context = fields.Dict(metadata=note("the instance behind the task"))


class Login(Schema):
    """Another person."""

    to = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("login"))


class OwnerReference(Schema):
    """Other potential owners."""

    to = fields.String(
        required=True,
        validate=Length(min=1, max=200),
        metadata=note("`user:<login>`, `unit:<code>`, `role:<role>` or `role:<role>@unit:<code>`"),
    )


class Draft(Schema):
    """What was typed so far."""

    data = Values("the form's fields, unchecked", required=True)


class Submission(Schema):
    """What completes the task."""

    data = Values("the form's fields", required=True)
    on_behalf_of = fields.String(
        validate=Length(min=1, max=100),
        metadata=note(
            "login of the leader whose words an aide enters, or of who gave an order; both names are shown"
        ),
    )


class Comment(Schema):
    """A remark; it stays, with its author (S0-3.3)."""

    body = fields.String(required=True, validate=Length(min=1, max=4000))
