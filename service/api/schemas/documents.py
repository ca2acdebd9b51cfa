"""Documents and dossiers, in and out; lengths as in NĐ 30/2020 Phụ lục VI."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import (
    URGENCIES,
    Length,
    OneOf,
    Output,
    PageOutput,
    PageQuery,
    Range,
    Schema,
    Values,
    note,
)
from service.domain import delivery, outgoing

CHANNELS = ("paper", "upload", "email", "exchange")
STATUSES = tuple(dict.fromkeys([*delivery.STATUS_NAMES, *outgoing.STATUS_NAMES]))


class DocumentQuery(PageQuery):
    """Which documents to list; filters add up."""

    direction = fields.String(validate=OneOf(["incoming", "outgoing", "internal"]), load_default="incoming")
    text = fields.String(
        validate=Length(min=1, max=200),
        metadata=note("part of the abstract, the code or the issuing body"),
    )
    status = fields.String(validate=OneOf(STATUSES))
    channel = fields.String(validate=OneOf(CHANNELS))
    urgency = fields.String(validate=OneOf(URGENCIES))
    arrived_from = fields.Date(metadata=note("arrival date, included"))
    arrived_to = fields.Date(metadata=note("arrival date, included"))
    dossier_id = fields.UUID()
    is_overdue = fields.Boolean(data_key="overdue")


class DocumentFile(Output):
    """The newest version of one file of a document."""

    id = fields.UUID()
    ordinal = fields.Integer()
    version = fields.Integer()
    role = fields.String(metadata=note("main or attachment"))
    file_name = fields.String()
    size_bytes = fields.Integer()
    media_type = fields.String(metadata=note("told from the content, not the name"))
    sha256 = fields.String()
    signature_report = fields.Dict(allow_none=True)
    scan_state = fields.String(metadata=note("not_scanned, waiting, clean, infected or refused"))


class Dossier(Output):
    """A work dossier."""

    id = fields.UUID()
    year = fields.Integer()
    notation = fields.String()
    title = fields.String()
    retention = fields.String()
    unit_code = fields.String(allow_none=True)
    opened_on = fields.Date()
    closed_on = fields.Date(allow_none=True)
    document_count = fields.Integer()


class Document(Output):
    """A document's metadata as its reader sees it."""

    id = fields.UUID()
    direction = fields.String()
    status = fields.String(metadata=note("of S3-12.4f; of a document that goes out, where it stands"))
    channel = fields.String()
    type_name = fields.String()
    code = fields.String(metadata=note("number and notation as people write them"))
    code_number = fields.String()
    code_notation = fields.String()
    issued_on = fields.Date(allow_none=True)
    organ_id = fields.String(allow_none=True)
    organ_name = fields.String()
    subject = fields.String(metadata=note("trích yếu"))
    urgency = fields.String()
    secrecy = fields.String()
    category = fields.String()
    signer_position = fields.String()
    signer_name = fields.String()
    to_places = fields.String()
    page_amount = fields.Integer(allow_none=True)
    description = fields.String()
    arrival_number = fields.Integer(allow_none=True)
    arrival_code = fields.String(allow_none=True)
    arrival_on = fields.Date(allow_none=True)
    received_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True)
    is_overdue = fields.Boolean()
    legal_value = fields.String(allow_none=True)
    is_public = fields.Boolean()
    attested_at = Instant(allow_none=True)
    instance_id = fields.UUID(allow_none=True)
    version = fields.Integer()
    created_at = Instant()
    addressed_organ_id = fields.String(
        allow_none=True, metadata=note("which of the agency and its bodies an exchanged document was sent to")
    )
    addressed_name = fields.String(allow_none=True)
    is_abstract_hidden = fields.Boolean(metadata=note("the reader may not know what it is about"))


class DocumentPage(PageOutput):
    """A page of documents, newest first."""

    items = fields.List(fields.Nested(Document))


class DocumentDetail(Document):
    """A document with its trace, its files and its dossiers."""

    rights = fields.List(
        fields.String(),
        metadata=note("of `document.view_pages`, `document.download`, `document.print_copy`"),
    )

    trace = fields.List(fields.Dict(), metadata=note("who did what to it, oldest first"))
    files = fields.List(fields.Nested(DocumentFile))
    dossiers = fields.List(fields.Nested(Dossier))


class Pages(Output):
    """How many pages there are to look at."""

    page_count = fields.Integer()


class DossierQuery(Schema):
    """Which dossiers to list."""

    year = fields.Integer(validate=Range(min=1900, max=2999))
    text = fields.String(validate=Length(min=1, max=200), metadata=note("part of the title or notation"))
    is_open = fields.Boolean(data_key="open")


class DossierList(Output):
    """Dossiers by year and notation."""

    items = fields.List(fields.Nested(Dossier))


class Entered(Output):
    """What came of entering a document."""

    document_id = fields.UUID()
    instance_id = fields.UUID()


class NewDossier(Schema):
    """A dossier to open."""

    year = fields.Integer(required=True, validate=Range(min=1900, max=2999))
    notation = fields.String(required=True, validate=Length(min=1, max=20))
    title = fields.String(required=True, validate=Length(min=1, max=500))
    retention = fields.String(required=True, validate=Length(min=1, max=30))
    unit_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=40),
        metadata=note("null = of the whole agency"),
    )


class Packet(Schema):
    """A packet of the exchange; what is inside is checked by the one who takes it."""

    kind = fields.String(required=True, metadata=note("new or recall"))
    sender = Values("`organ_id` of the sender", required=True, data_key="from")
    receiver = Values("`organ_id` of the agency or one of its bodies; without it the agency's", data_key="to")
    document = Values("metadata, with `exchange_id`")
    files = fields.List(fields.Dict(), metadata=note("`file_name` and `content` in base64"))
    exchange_id = fields.String(metadata=note("for a recall"))
    reason = fields.String(metadata=note("for a recall"))


class Received(Output):
    """What came of a packet."""

    outcome = fields.String(metadata=note("started, recalled or repeated"))
    document_id = fields.UUID()
    instance_id = fields.UUID(allow_none=True)
