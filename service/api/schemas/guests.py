"""Guests of a meeting, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, Output, Schema, note


class GuestInput(Schema):
    """Somebody who is asked to a meeting."""

    full_name = fields.String(required=True, validate=Length(min=1, max=100))
    meeting = fields.String(
        required=True, validate=Length(min=1, max=200), metadata=note("what the meeting is called")
    )
    until = Instant(required=True, metadata=note("when the meeting ends, and the account with it"))
    position = fields.String(load_default="", validate=Length(max=200), metadata=note("title and office"))
    login = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(min=2, max=64),
        metadata=note("null = one is made up"),
    )


class GuestEnd(Schema):
    """When the meeting ends."""

    until = Instant(required=True)


class GuestQuery(Schema):
    """Which guests to list."""

    meeting = fields.String(validate=Length(min=1, max=200))
    with_ended = fields.Boolean(data_key="ended", load_default=False)


class Guest(Output):
    """A guest's account; it holds no roles and ends with the meeting."""

    login = fields.String()
    full_name = fields.String()
    position = fields.String()
    meeting = fields.String()
    until = Instant()
    ended_at = Instant(allow_none=True)


class GuestList(Output):
    """Guests by meeting and name."""

    items = fields.List(fields.Nested(Guest))
