"""Assignments, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant, Length, OneOf, Schema
from service.api.schemas.shared import URGENCIES, Output, PageOutput, PageQuery, note
from service.domain.assignments import MAX_PARTS, PART_NAMES, STATE_NAMES, VERB_NAMES
from service.domain.spreadsheets import FORMATS
from service.queries.assignment_filters import PARTS, SORTS

_STATES = ", ".join(STATE_NAMES)


class NewAssignment(Schema):
    """Work to give."""

    content = fields.String(
        required=True, validate=Length(min=1, max=500), metadata=note("what is to be done")
    )
    description = fields.String(validate=Length(max=8000))
    expected_product = fields.String(validate=Length(max=1000))
    lead = fields.String(
        required=True,
        validate=Length(min=1, max=200),
        metadata=note("who carries it out: user:<login> or unit:<code>"),
    )
    coordinators = fields.List(
        fields.String(validate=Length(min=1, max=200)),
        validate=Length(max=MAX_PARTS),
        metadata=note("user:<login> or unit:<code>"),
    )
    monitor = fields.String(validate=Length(min=1, max=100), metadata=note("login of who watches over it"))
    urgency = fields.String(validate=OneOf(URGENCIES))
    due_on = fields.Date(metadata=note("due at the end of this working day"))
    document_id = fields.UUID(metadata=note("the source document"))
    slip_id = fields.UUID(metadata=note("the slip that it follows"))
    parent_id = fields.UUID(metadata=note("the assignment that it is a part of"))
    on_behalf_of = fields.String(
        validate=Length(min=1, max=100),
        metadata=note("login of the leader whom the caller assists, or whose order to assign they hold"),
    )


class AssignmentNote(Schema):
    """What a party has to say."""

    words = fields.String(required=True, validate=Length(min=1, max=2000))


class AssignmentUrging(Schema):
    """Urging, with or without words."""

    words = fields.String(load_default="", validate=Length(max=2000))


class AssignmentCancellation(Schema):
    """Why an assignment is cancelled."""

    reason = fields.String(required=True, validate=Length(min=1, max=2000))


class AssignmentConditions(Schema):
    """Which assignments."""

    part = fields.String(
        validate=OneOf(PARTS),
        metadata=note("only those in which the caller has this part; lead = who is to do it"),
    )
    states = fields.List(
        fields.String(validate=OneOf(list(STATE_NAMES))),
        data_key="state",
        metadata=note("several may be named"),
    )
    is_open = fields.Boolean(data_key="open", metadata=note("neither completed nor cancelled"))
    is_overdue = fields.Boolean(data_key="overdue", metadata=note("open and past the deadline"))
    is_late = fields.Boolean(data_key="late", metadata=note("completed after the deadline"))
    is_waiting = fields.Boolean(data_key="waiting", metadata=note("waiting for somebody or something"))
    unit = fields.String(
        validate=Length(min=1, max=100), metadata=note("code of the unit that carries it out")
    )
    document_id = fields.UUID(metadata=note("of this source document"))
    slip_id = fields.UUID(metadata=note("that follow this slip"))
    parent_id = fields.UUID(metadata=note("parts of this assignment"))
    text = fields.String(data_key="q", validate=Length(min=1, max=200), metadata=note("part of the content"))
    due_from = fields.Date()
    due_to = fields.Date()
    given_from = fields.Date(metadata=note("given on this day or later"))
    given_to = fields.Date(metadata=note("given on this day or earlier"))


class AssignmentQuery(AssignmentConditions, PageQuery):
    """Which assignments to list, and in which order."""

    sort = fields.String(validate=OneOf(SORTS), load_default="newest")


class AssignmentFileQuery(AssignmentConditions):
    """Which assignments to take out as a file."""

    sort = fields.String(validate=OneOf(SORTS), load_default="newest")
    form = fields.String(data_key="format", validate=OneOf(FORMATS), load_default="xlsx")


class AssignmentParty(Output):
    """Who has a part: a person or a unit."""

    part = fields.String(metadata=note(", ".join(PART_NAMES)))
    login = fields.String(allow_none=True)
    unit_code = fields.String(allow_none=True)
    name = fields.String()
    position = fields.String()


class AssignmentDocument(Output):
    """A document; only for those who may see it."""

    id = fields.UUID()
    direction = fields.String()
    type_name = fields.String()
    code = fields.String()
    issued_on = fields.Date(allow_none=True)
    organ_name = fields.String()
    subject = fields.String(allow_none=True, metadata=note("null without the right to read it"))


class AssignmentSlip(Output):
    """A slip; only for those who may see it."""

    id = fields.UUID()
    matter = fields.String()
    result = fields.String(allow_none=True)


class Assignment(Output):
    """An assignment."""

    id = fields.UUID()
    instance_id = fields.UUID()
    parent_id = fields.UUID(allow_none=True)
    state = fields.String(metadata=note(_STATES))
    state_name = fields.Function(lambda one: STATE_NAMES[one.state][0], metadata=note("in Vietnamese"))
    percent = fields.Integer()
    content = fields.String()
    urgency = fields.String()
    assigner = fields.Nested(AssignmentParty, allow_none=True)
    lead = fields.Nested(AssignmentParty, allow_none=True)
    handlers = fields.List(fields.Nested(AssignmentParty), metadata=note("whom the unit chose to do it"))
    coordinators = fields.List(fields.Nested(AssignmentParty))
    monitor = fields.Nested(AssignmentParty, allow_none=True)
    assigned_at = Instant()
    first_due_at = Instant(allow_none=True, metadata=note("the deadline as it was first set"))
    due_at = Instant(allow_none=True, metadata=note("with every extension"))
    is_overdue = fields.Boolean(metadata=note("a flag of open ones, not a state"))
    waiting_for = fields.String(allow_none=True)
    reported_at = Instant(allow_none=True)
    closed_at = Instant(allow_none=True)
    is_late = fields.Boolean(allow_none=True, metadata=note("null until the result was accepted"))
    document = fields.Nested(AssignmentDocument, allow_none=True)
    slip = fields.Nested(AssignmentSlip, allow_none=True)
    version = fields.Integer()


class AssignmentPage(PageOutput):
    """A page of assignments."""

    items = fields.List(fields.Nested(Assignment))


class AssignmentEntry(Output):
    """One step of its life; both names where one person took it in another's place."""

    ordinal = fields.Integer()
    verb = fields.String(metadata=note(", ".join(VERB_NAMES)))
    verb_name = fields.String(metadata=note("in Vietnamese"))
    at = Instant()
    by = fields.String(allow_none=True, metadata=note("login; null = the system"))
    by_name = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    on_behalf_of_name = fields.String(allow_none=True)
    words = fields.String()
    percent = fields.Integer(allow_none=True)
    details = fields.Dict(keys=fields.String())
    task_id = fields.UUID(allow_none=True)


class AssignmentPart(Output):
    """A part of an assignment, or the whole that it is a part of."""

    id = fields.UUID()
    state = fields.String(metadata=note(_STATES))
    percent = fields.Integer()
    content = fields.String()
    lead = fields.Nested(AssignmentParty, allow_none=True)
    due_at = Instant(allow_none=True)
    is_overdue = fields.Boolean()
    is_late = fields.Boolean(allow_none=True)
    may_read = fields.Boolean(metadata=note("whether the caller may read it by itself"))


class AssignmentTask(Output):
    """An open user task that waits for the caller."""

    id = fields.UUID()
    element_id = fields.String()
    name = fields.String()
    due_at = Instant(allow_none=True)


class AssignmentStand(Output):
    """In whose place the caller acts, and by which document."""

    login = fields.String()
    full_name = fields.String()
    basis = fields.String()


class AssignmentDeadline(Output):
    """Why it is due then."""

    clause = fields.String()
    derivation_vi = fields.String()
    derivation_en = fields.String()


class AssignmentProduct(Output):
    """What was made of it: a document that the caller may see, or what else was named."""

    text = fields.String(allow_none=True)
    document = fields.Nested(AssignmentDocument, allow_none=True)


class AssignmentDetail(Assignment):
    """An assignment with everything that was said and done about it."""

    description = fields.String()
    expected_product = fields.String()
    deadline = fields.Nested(AssignmentDeadline, allow_none=True)
    accepted_at = Instant(allow_none=True)
    overdue_at = Instant(allow_none=True, metadata=note("when it was told to be overdue"))
    result = fields.String(allow_none=True)
    products = fields.List(fields.Nested(AssignmentProduct))
    parties = fields.List(fields.Nested(AssignmentParty))
    parent = fields.Nested(AssignmentPart, allow_none=True)
    parts = fields.List(fields.Nested(AssignmentPart))
    entries = fields.List(fields.Nested(AssignmentEntry))
    tasks = fields.List(fields.Nested(AssignmentTask))
    verbs = fields.List(fields.String(), metadata=note("of note, urge, cancel: what the caller may do here"))
    acting_for = fields.Nested(AssignmentStand, allow_none=True)


class AssignmentUrged(Output):
    """Whom an urging reached."""

    to = fields.List(fields.String(), metadata=note("owner references"))


class AssignmentCount(Output):
    """How many assignments there are."""

    total = fields.Integer()
    by_state = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata=note(_STATES))
    open = fields.Integer()
    overdue = fields.Integer()
    on_time = fields.Integer()
    late = fields.Integer()


class AssignmentUnitCount(AssignmentCount):
    """Those that one unit or its people carry out."""

    unit_code = fields.String(allow_none=True, metadata=note("null = people who belong to no unit"))
    unit_name = fields.String()


class AssignmentSummary(Output):
    """How assignments stand."""

    total = fields.Nested(AssignmentCount)
    units = fields.List(fields.Nested(AssignmentUnitCount))
