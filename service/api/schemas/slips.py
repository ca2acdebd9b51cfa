"""Submission slips, out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant, Length, OneOf
from service.api.schemas.shared import Output, PageOutput, PageQuery, note
from service.domain.slips import FOLLOW_UP_NAMES, RESULT_NAMES


class SlipQuery(PageQuery):
    """Which slips to list."""

    document_id = fields.UUID(metadata=note("of this draft"))
    instance_id = fields.UUID(metadata=note("of this process instance"))
    result = fields.String(validate=OneOf(list(RESULT_NAMES)))
    is_mine = fields.Boolean(data_key="mine", metadata=note("only those that the caller submitted"))
    is_open = fields.Boolean(data_key="open", metadata=note("only undecided ones"))
    text = fields.String(validate=Length(min=1, max=200), metadata=note("part of the matter"))


class Slip(Output):
    """A submission slip."""

    id = fields.UUID()
    instance_id = fields.UUID()
    document_id = fields.UUID(
        allow_none=True, metadata=note("the draft that it is about, or that followed it")
    )
    state = fields.String(metadata=note("submitted, returned or decided"))
    result = fields.String(allow_none=True, metadata=note(", ".join(RESULT_NAMES)))
    submission_number = fields.Integer(metadata=note("how often it was submitted (lần trình)"))
    matter = fields.String()
    urgency = fields.String()
    is_for_signature = fields.Boolean()
    mode = fields.String(metadata=note("sequential, parallel or ad_hoc"))
    leaders = fields.List(fields.String(), metadata=note("logins, in order"))
    consulted = fields.List(fields.String(), metadata=note("owner references"))
    submitter = fields.String(metadata=note("login"))
    submitter_name = fields.String()
    unit_code = fields.String(allow_none=True)
    created_at = Instant()
    submitted_at = Instant()
    opened_at = Instant(allow_none=True, metadata=note("when another person first opened it"))
    decided_at = Instant(allow_none=True)
    has_file = fields.Boolean(metadata=note("whether the frozen PDF is there"))
    follow_up = fields.String(metadata=note("what its agreement leads to: " + ", ".join(FOLLOW_UP_NAMES)))
    version = fields.Integer()


class SlipOpinion(Output):
    """One opinion; both names where an aide entered it."""

    id = fields.UUID()
    ordinal = fields.Integer()
    submission_number = fields.Integer()
    step = fields.String(metadata=note("submitter, head, consulted, aide or leader"))
    asked = fields.String(metadata=note("owner reference of who was asked"))
    asked_name = fields.String()
    view = fields.String()
    view_name = fields.String()
    words = fields.String()
    given_by = fields.String(allow_none=True, metadata=note("login; null = nobody answered in time"))
    given_by_name = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    on_behalf_of_name = fields.String(allow_none=True)
    given_at = Instant()
    due_at = Instant(allow_none=True)
    is_late = fields.Boolean()
    clause = fields.String()
    leader_outcome = fields.String(allow_none=True, metadata=note("confirmed or corrected by the leader"))
    leader_words = fields.String(allow_none=True)


class SlipDetail(Slip):
    """A submission slip with its words and every opinion."""

    content = fields.Dict(
        keys=fields.String(),
        metadata=note("summary, legal_basis, options, …; follow_up_fault: why nothing was begun"),
    )
    earlier = fields.List(fields.Dict(keys=fields.String()), metadata=note("earlier submissions"))
    opinions = fields.List(fields.Nested(SlipOpinion))
    assignment_id = fields.UUID(allow_none=True, metadata=note("the assignment that followed it"))


class SlipPage(PageOutput):
    """A page of slips, newest first."""

    items = fields.List(fields.Nested(Slip))
