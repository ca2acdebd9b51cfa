"""Logging in and out, and one's own account."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, Schema, note


class Credentials(Schema):
    """What a person logs in with."""

    login = fields.String(required=True, validate=Length(min=1, max=100))
    password = fields.String(required=True, validate=Length(min=1, max=1000), load_only=True)
    carrier = fields.String(
        load_default="bearer",
        validate=OneOf(["bearer", "cookie"]),
        metadata=note("`cookie` sets `__Host-congvan` and gives the token for `X-CSRF-Token`"),
    )


class Session(Output):
    """A login that holds."""

    token = fields.String(metadata=note("bearer token; only with carrier `bearer`"))
    csrf_token = fields.String(metadata=note("only with carrier `cookie`"))
    login = fields.String()
    full_name = fields.String()
    expires_at = Instant()
    must_change_password = fields.Boolean()


class Me(Output):
    """The one who asks."""

    login = fields.String()
    full_name = fields.String()
    agency_code = fields.String()
    roles = fields.List(fields.String())
    references = fields.List(fields.String(), metadata=note("owner references that match"))
    assists = fields.List(fields.String(), metadata=note("logins of the leaders assisted"))
    must_change_password = fields.Boolean()
    csrf_token = fields.String(
        allow_none=True, metadata=note("for `X-CSRF-Token`; null for those who came with a bearer token")
    )


class PasswordChange(Schema):
    """The old and the new password."""

    current_password = fields.String(required=True, validate=Length(min=1, max=1000), load_only=True)
    new_password = fields.String(required=True, validate=Length(min=1, max=1000), load_only=True)


class OwnSession(Output):
    """One of one's own live sessions."""

    id = fields.UUID()
    carrier = fields.String()
    address = fields.String()
    device = fields.String()
    created_at = Instant()
    last_seen_at = Instant()
    expires_at = Instant()
    is_current = fields.Boolean()


class SessionList(Output):
    """One's own live sessions, newest first."""

    items = fields.List(fields.Nested(OwnSession))
