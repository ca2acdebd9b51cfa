"""Passkeys: asked for, registered, named."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.second_factors import RecoveryCodes
from service.api.schemas.shared import Length, Output, Schema, Values, note


class PasskeyOptions(Output):
    """What `navigator.credentials` is given."""

    public_key = Values("for `PublicKeyCredential.parseCreationOptionsFromJSON` or `…RequestOptionsFromJSON`")


class PasskeyInput(Schema):
    """A passkey that a device has just made."""

    name = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("such as the device"))
    credential = Values("registration response (`PublicKeyCredential.toJSON()`)", required=True)


class PasskeyName(Schema):
    """Another name."""

    name = fields.String(required=True, validate=Length(min=1, max=100))


class Passkey(Output):
    """One of one's own passkeys."""

    id = fields.UUID()
    name = fields.String()
    transports = fields.List(fields.String(), metadata=note("`internal`, `usb`, `nfc`, `ble`, `hybrid` …"))
    aaguid = fields.String(metadata=note("the kind of authenticator"))
    is_backed_up = fields.Boolean(metadata=note("whether the device's maker keeps a copy for other devices"))
    created_at = Instant()
    last_used_at = Instant(allow_none=True)


class NewPasskey(RecoveryCodes):
    """A passkey that counts from now on; the first factor gives recovery codes."""

    passkey = fields.Nested(Passkey)


class PasskeyList(Output):
    """One's own passkeys, oldest first."""

    items = fields.List(fields.Nested(Passkey))
