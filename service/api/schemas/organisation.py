"""The agency, its units, people and partners, and its audit log, going out."""

from __future__ import annotations

from marshmallow import fields

from service.actions.exports import EXPORT_RULES
from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note
from service.domain.permissions import ROLES


class Agency(Output):
    """An office."""

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    side = fields.String(metadata=note("party or state"))
    organ_id = fields.String(allow_none=True, metadata=note("identifier on the exchange axis"))
    export_rule = fields.String(metadata=note("what happens when data is taken out: warn, or confirm first"))


class AgencyInput(Schema):
    """An agency under one's own."""

    code = fields.String(required=True, validate=Length(min=1, max=40), metadata=note("lower-case word"))
    name = fields.String(required=True, validate=Length(min=1, max=200))
    side = fields.String(required=True, validate=OneOf(["party", "state"]))
    organ_id = fields.String(load_default=None, allow_none=True, validate=Length(min=1, max=35))


class AgencyChange(Schema):
    """What to change of one's agency; what is not named stays."""

    name = fields.String(validate=Length(min=1, max=200))
    organ_id = fields.String(validate=Length(min=1, max=35), metadata=note("on the exchange axis"))
    export_rule = fields.String(
        validate=OneOf(EXPORT_RULES),
        metadata=note("when data is taken out as a file: warn beside it, or have the rule confirmed first"),
    )


class Escalation(Output):
    """The agency above, whose administrators were told."""

    agency_code = fields.String()
    agency_name = fields.String()


class AgencyBelow(Output):
    """An agency below one's own: its name and place in the tree."""

    depth = fields.Integer(metadata=note("1 = directly below"))
    code = fields.String()
    name = fields.String()
    side = fields.String()
    parent_code = fields.String()


class AgencyTree(Output):
    """Agencies by depth and code."""

    items = fields.List(fields.Nested(AgencyBelow))


class UnitInput(Schema):
    """A unit."""

    code = fields.String(required=True, validate=Length(min=1, max=40), metadata=note("lower-case word"))
    name = fields.String(required=True, validate=Length(min=1, max=200))
    parent_code = fields.String(load_default=None, allow_none=True, validate=Length(max=40))


class UnitChange(Schema):
    """What to change of a unit; what is not named stays."""

    name = fields.String(validate=Length(min=1, max=200))
    parent_code = fields.String(allow_none=True, validate=Length(max=40), metadata=note("null = at the top"))


class UnitQuery(Schema):
    """Which units to list."""

    with_closed = fields.Boolean(data_key="closed", load_default=False, metadata=note("closed ones too"))


class Unit(Output):
    """A unit of the agency."""

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    parent_code = fields.String(allow_none=True)
    closed_at = Instant(allow_none=True)


class UnitList(Output):
    """Units by code."""

    items = fields.List(fields.Nested(Unit))


class PeopleQuery(PageQuery):
    """Which people to list."""

    text = fields.String(validate=Length(min=1, max=100), metadata=note("part of the name or login"))
    unit_code = fields.String(validate=Length(max=40), metadata=note("who works there today"))
    role = fields.String(validate=OneOf(list(ROLES)), metadata=note("who holds it today"))


class Person(Output):
    """A person as lists show them."""

    id = fields.UUID()
    login = fields.String()
    full_name = fields.String()
    position = fields.String()
    is_disabled = fields.Boolean()


class PersonPage(PageOutput):
    """A page of people by name."""

    items = fields.List(fields.Nested(Person))


class Partner(Output):
    """An office in the directory of receiving contact points."""

    id = fields.UUID()
    organ_id = fields.String()
    name = fields.String()
    endpoint = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    contact_point = fields.String(
        allow_none=True, metadata=note("identifier of the office through which it is reached; null = itself")
    )


class PartnerList(Output):
    """Partners by name."""

    items = fields.List(fields.Nested(Partner))


class AuditQuery(PageQuery):
    """Which events to list; filters add up."""

    action = fields.String(validate=Length(max=100), metadata=note("such as `user_task.complete`"))
    object_id = fields.UUID()
    actor = fields.String(validate=Length(max=64), metadata=note("login"))
    since = Instant()
    until = Instant(metadata=note("before this instant"))


class AuditEvent(Output):
    """Who did what to which object, and on whose behalf; no login = the system."""

    id = fields.Integer()
    at = Instant()
    actor = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    action = fields.String()
    object_kind = fields.String()
    object_id = fields.UUID(allow_none=True)
    request_id = fields.String(allow_none=True)
    details = fields.Dict(allow_none=True)


class AuditPage(PageOutput):
    """A page of audit events, newest first."""

    items = fields.List(fields.Nested(AuditEvent))
