"""Partner offices, coming in."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.shared import Length, Schema, note
from service.domain.endpoints import ADDRESS_CHARACTERS

_NAME_CHARACTERS = 200
_EMAIL_CHARACTERS = 254


class PartnerInput(Schema):
    """An office for the directory of receiving contact points."""

    organ_id = fields.String(
        required=True, validate=Length(min=1, max=35), metadata=note("identifier on the exchange axis")
    )
    name = fields.String(required=True, validate=Length(min=1, max=_NAME_CHARACTERS))
    endpoint = fields.String(
        allow_none=True,
        load_default=None,
        validate=Length(min=1, max=ADDRESS_CHARACTERS),
        metadata=note("http or https address that takes packets and status messages"),
    )
    email = fields.String(allow_none=True, load_default=None, validate=Length(min=3, max=_EMAIL_CHARACTERS))
    contact_point = fields.String(
        allow_none=True,
        load_default=None,
        validate=Length(min=1, max=35),
        metadata=note("identifier of the office through which it is reached and speaks; null = itself"),
    )


class PartnerChange(Schema):
    """What changes; what is not named stays."""

    name = fields.String(validate=Length(min=1, max=_NAME_CHARACTERS))
    endpoint = fields.String(allow_none=True, validate=Length(min=1, max=ADDRESS_CHARACTERS))
    email = fields.String(allow_none=True, validate=Length(min=3, max=_EMAIL_CHARACTERS))
    contact_point = fields.String(
        allow_none=True,
        validate=Length(min=1, max=35),
        metadata=note("identifier of the office through which it is reached and speaks; null = itself"),
    )
