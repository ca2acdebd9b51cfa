"""Documents shared between agencies, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, Output, PageOutput, Schema, note


class ShareInput(Schema):
    """Whom to share a document with, and until when."""

    receiver = fields.String(required=True, validate=Length(min=1, max=40), metadata=note("an agency's code"))
    until_at = Instant(required=True, metadata=note("a year away at most"))
    reason = fields.String(required=True, validate=Length(min=1, max=500))
    may_download = fields.Boolean(
        load_default=False, metadata=note("to take the files along; else to look at their pages only")
    )


class Share(Output):
    """A share as its giver sees it."""

    id = fields.UUID()
    receiver = fields.String()
    reason = fields.String()
    may_download = fields.Boolean()
    from_at = Instant()
    until_at = Instant()
    given_by = fields.String(allow_none=True)
    ended_at = Instant(allow_none=True, metadata=note("when it was taken back"))
    end_reason = fields.String(allow_none=True)


class ShareList(Output):
    """Shares of a document, oldest first."""

    items = fields.List(fields.Nested(Share))


class Shared(Output):
    """A document of another agency, shared with one's own; read-only."""

    id = fields.UUID(metadata=note("of the share"))
    giver_code = fields.String()
    giver_name = fields.String()
    reason = fields.String()
    may_download = fields.Boolean()
    from_at = Instant()
    until_at = Instant()
    type_name = fields.String()
    code_number = fields.String()
    code_notation = fields.String()
    issued_on = fields.Date(allow_none=True)
    organ_name = fields.String()
    subject = fields.String()
    signer_position = fields.String()
    signer_name = fields.String()
    page_amount = fields.Integer(allow_none=True)
    urgency = fields.String()


class SharedPage(PageOutput):
    """Shared documents, newest share first."""

    items = fields.List(fields.Nested(Shared))


class SharedFile(Output):
    """A file of a shared document."""

    id = fields.UUID()
    file_name = fields.String()
    media_type = fields.String()
    size_bytes = fields.Integer()
    role = fields.String()


class SharedDetail(Output):
    """A shared document with its files."""

    document = fields.Nested(Shared)
    files = fields.List(fields.Nested(SharedFile))
