"""Who signs a document, and how far they are."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Output, note


class SignerTurn(Output):
    """One who signs a document, in the order of signing."""

    ordinal = fields.Integer(metadata=note("from 1"))
    signer = fields.String(metadata=note("login"))
    name = fields.String()
    position = fields.String()
    capacity = fields.String()
    issuing_body = fields.String(metadata=note("code of the body that they sign for"))
    issuing_body_name = fields.String()
    field = fields.String(metadata=note("of the file that they sign into"))
    signed_at = Instant(allow_none=True, metadata=note("null = still to sign"))
    is_next = fields.Boolean(metadata=note("whose turn it is"))
    seals = fields.Boolean(metadata=note("the body's seal stands over this signature"))
    sealed_at = Instant(allow_none=True, metadata=note("of that seal"))
