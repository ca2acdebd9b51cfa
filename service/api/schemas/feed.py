"""The feed of metadata, going out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Output, note


class _Change(Output):
    """A row that changed."""

    id = fields.UUID()
    is_withdrawn = fields.Boolean(metadata=note("not to be told any more: drop it; no other member is there"))


class DocumentChange(_Change):
    """A document as it is now."""

    direction = fields.String()
    status = fields.String()
    channel = fields.String()
    type_name = fields.String()
    code_number = fields.String()
    code_notation = fields.String()
    issued_on = fields.Date(allow_none=True)
    organ_id = fields.String(allow_none=True)
    organ_name = fields.String()
    subject = fields.String()
    language = fields.String()
    page_amount = fields.Integer(allow_none=True)
    signer_position = fields.String()
    signer_name = fields.String()
    urgency = fields.String()
    category = fields.String()
    received_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    arrival_number = fields.Integer(allow_none=True)
    arrival_on = fields.Date(allow_none=True)
    created_at = Instant()
    version = fields.Integer()


class EntryChange(_Change):
    """A line of a register as it is now."""

    document_id = fields.UUID()
    issuing_body = fields.String()
    book = fields.String()
    period = fields.String()
    number = fields.Integer()
    registered_at = Instant()
    state = fields.String()
    voided_at = Instant(allow_none=True)
    void_reason = fields.String(allow_none=True)


class _Feed(Output):
    """Changes in order."""

    cursor = fields.String(metadata=note("leads on from here, also when nothing changed yet"))
    has_more = fields.Boolean()


class DocumentFeed(_Feed):
    """Documents, oldest change first."""

    items = fields.List(fields.Nested(DocumentChange))


class EntryFeed(_Feed):
    """Lines of registers, oldest change first."""

    items = fields.List(fields.Nested(EntryChange))
