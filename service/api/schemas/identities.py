"""Logging in at another provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, Output, Schema, note


class Provider(Output):
    """The provider where people may log in instead of here."""

    name = fields.String()
    issuer = fields.String()


class Departure(Output):
    """Where the browser goes to log in; the answer sets a cookie for its way back."""

    authorization_url = fields.String()


class ReturnQuery(Schema):
    """What the provider sends back with the browser (RFC 6749, RFC 9207)."""

    state = fields.String(required=True, validate=Length(min=1, max=500))
    code = fields.String(load_default="", validate=Length(max=4000))
    iss = fields.String(load_default=None, validate=Length(max=500))
    error = fields.String(load_default="", validate=Length(max=200))

    @pre_load
    def _drop_the_rest(self, data: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        """A provider may send more than we ask for."""
        return {name: data[name] for name in self.fields if name in data}


class Identity(Output):
    """Who one is at the provider."""

    id = fields.UUID()
    issuer = fields.String()
    subject = fields.String()
    created_at = Instant()
    last_used_at = Instant(allow_none=True)


class IdentityList(Output):
    """One's own identities."""

    items = fields.List(fields.Nested(Identity))


class Logout(Output):
    """Where the browser ends its login at the provider too."""

    logout_url = fields.String(allow_none=True, metadata=note("null = nothing more to do"))
