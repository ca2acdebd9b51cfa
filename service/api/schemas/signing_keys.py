"""Signing keys, in and out; never a key itself."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, Schema, note

KINDS = ("pkcs12", "pkcs11", "csc", "client_token")
_MOST_CERTIFICATE = 20_000
_MOST_IMAGE = 700_000


class SigningKey(Output):
    """A registered key: whose, which certificate, until when."""

    id = fields.UUID()
    owner = fields.String(allow_none=True, metadata=note("login; null for a seal"))
    owner_name = fields.String(allow_none=True)
    issuing_body = fields.String(allow_none=True, metadata=note("code of the body whose seal it is"))
    issuing_body_name = fields.String(allow_none=True)
    kind = fields.String(metadata=note("pkcs12, pkcs11, csc or client_token"))
    reference = fields.String()
    subject = fields.String()
    issuer = fields.String()
    fingerprint = fields.String(metadata=note("SHA-256 of the certificate"))
    not_before = Instant()
    not_after = Instant()
    is_test = fields.Boolean(metadata=note("of the demonstration authority: no legal value"))
    has_image = fields.Boolean()
    state = fields.String(metadata=note("usable, expiring (30 days or less), expired or disabled"))
    created_at = Instant()
    disabled_at = Instant(allow_none=True)
    disable_reason = fields.String(allow_none=True)


class SigningKeyList(Output):
    """The keys that concern the caller."""

    items = fields.List(fields.Nested(SigningKey))


class SigningKeyInput(Schema):
    """A key to be registered."""

    kind = fields.String(required=True, validate=OneOf(KINDS))
    owner = fields.String(
        load_default="", validate=Length(max=100), metadata=note("login; empty = the caller")
    )
    issuing_body = fields.String(
        load_default="", validate=Length(max=40), metadata=note("code of the body whose seal it is")
    )
    reference = fields.String(
        load_default="",
        validate=Length(max=200),
        metadata=note("the key's name on this machine, `token/label` of a device, or the credential's id"),
    )
    certificate = fields.String(
        load_default="",
        validate=Length(max=_MOST_CERTIFICATE),
        metadata=note("PEM or base64 of DER; keys of this machine hold their own"),
    )
    chain = fields.List(
        fields.String(validate=Length(max=_MOST_CERTIFICATE)),
        load_default=list,
        validate=Length(max=5),
        metadata=note("intermediates, the signer's issuer first"),
    )
    image = fields.String(
        load_default="",
        validate=Length(max=_MOST_IMAGE),
        metadata=note("transparent PNG in base64: the blue signature, or the red seal at its real size"),
    )


class KeyImage(Schema):
    """Another image for a key."""

    image = fields.String(
        required=True, validate=Length(min=1, max=_MOST_IMAGE), metadata=note("transparent PNG in base64")
    )


class DisableQuery(Schema):
    """Why a key is disabled."""

    reason = fields.String(load_default="", validate=Length(max=500))
