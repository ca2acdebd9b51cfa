"""Requests to read outside one's duty, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note

STATES = ("asked", "granted", "refused", "withdrawn", "ended", "lapsed")


class AccessRequestInput(Schema):
    """What is asked for: documents by their codes, or one dossier."""

    reason = fields.String(required=True, validate=Length(min=1, max=1000))
    from_on = fields.Date(required=True, metadata=note("the first day"))
    until_on = fields.Date(required=True, metadata=note("the last day"))
    codes = fields.List(
        fields.String(validate=Length(min=1, max=45)),
        load_default=list,
        validate=Length(max=50),
        metadata=note("number and notation as they stand on the document, such as `05-TB/TU`"),
    )
    dossier_id = fields.UUID(load_default=None, allow_none=True)
    may_download = fields.Boolean(load_default=False, metadata=note("to download and print too"))


class AccessRequestQuery(PageQuery):
    """Which requests to list."""

    state = fields.String(validate=OneOf(STATES))


class Grant(Output):
    """One document or dossier that a request opened."""

    id = fields.UUID()
    document_id = fields.UUID(allow_none=True)
    dossier_id = fields.UUID(allow_none=True)
    from_at = Instant()
    until_at = Instant()
    may_download = fields.Boolean()
    ended_at = Instant(allow_none=True)


class AccessRequest(Output):
    """A request with what was said of it."""

    id = fields.UUID()
    login = fields.String()
    full_name = fields.String()
    reason = fields.String()
    scope = fields.String(metadata=note("documents or dossier"))
    codes = fields.List(fields.String())
    dossier_id = fields.UUID(allow_none=True)
    from_at = Instant()
    until_at = Instant()
    may_download = fields.Boolean()
    state = fields.String(metadata=note(", ".join(STATES)))
    approvals = fields.List(fields.Dict(), metadata=note("who said what, oldest first"))
    created_at = Instant()
    ended_at = Instant(allow_none=True)
    end_reason = fields.String(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    grants = fields.List(fields.Nested(Grant), metadata=note("only when read alone"))


class AccessRequestPage(PageOutput):
    """A page of requests, newest first."""

    items = fields.List(fields.Nested(AccessRequest))
