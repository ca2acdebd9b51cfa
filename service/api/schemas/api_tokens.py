"""Tokens of programs."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, Output, Schema, note


class ApiTokenInput(Schema):
    """A token for a program."""

    name = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("what the program is"))
    grants = fields.List(
        fields.String(validate=Length(min=3, max=80)),
        required=True,
        validate=Length(min=1, max=100),
        metadata=note("actions of the permission table, such as `document.read`, or `document.*`"),
    )
    expires_at = Instant(required=True, metadata=note("within a year"))


class ApiToken(Output):
    """One of one's own tokens."""

    id = fields.UUID()
    name = fields.String()
    grants = fields.List(fields.String())
    created_at = Instant()
    last_seen_at = Instant(metadata=note("last use, to the minute"))
    expires_at = Instant()


class NewApiToken(ApiToken):
    """A token, shown once."""

    token = fields.String(metadata=note("goes into `Authorization: Bearer`"))


class ApiTokenList(Output):
    """One's own live tokens, oldest first."""

    items = fields.List(fields.Nested(ApiToken))
