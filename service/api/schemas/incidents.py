"""Incidents, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Output, PageOutput, PageQuery, Schema, Values, note


class IncidentQuery(PageQuery):
    """Which incidents to list."""

    is_open = fields.Boolean(load_default=True, data_key="open")
    instance_id = fields.UUID()


class Incident(Output):
    """Something that needs an operator: a failed job, a null condition, a missing handler."""

    id = fields.UUID()
    instance_id = fields.UUID()
    process_key = fields.String()
    business_key = fields.String(allow_none=True)
    element_id = fields.String()
    job_id = fields.UUID(allow_none=True)
    code = fields.String()
    vi = fields.String()
    en = fields.String()
    details = fields.Dict()
    created_at = Instant()
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)
    resolution = fields.String(allow_none=True, metadata=note("retried, skipped or cancelled"))


class IncidentPage(PageOutput):
    """A page of incidents, newest first."""

    items = fields.List(fields.Nested(Incident))


class Correction(Schema):
    """Variables that the operator corrects before the step goes on."""

    variables = Values("names and new values", load_default=dict)


class Skip(Correction):
    """What the step should have given, and where a gateway goes on."""

    outgoing = fields.String(metadata=note("id of the sequence flow to take, where the step is a gateway"))
