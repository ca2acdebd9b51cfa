"""Packages and connections of the exchange, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note
from service.domain.delivery import DELIVERY_CHANNELS
from service.domain.edxml import ATTACHMENT_ENCODINGS
from service.domain.endpoints import ADDRESS_CHARACTERS
from service.queries.deliveries import PACKET_OUTCOMES

_TOKEN_CHARACTERS = 500


class Taken(Output):
    """What came of a package."""

    packet_id = fields.UUID()
    outcome = fields.String(
        metadata=note("started, recalled, replaced, noted (a status), unknown (of no document), repeated")
    )
    exchange_id = fields.String(metadata=note("the document's identifier at its sender"))
    document_id = fields.UUID(allow_none=True)


class PacketQuery(PageQuery):
    """Which packages to list; filters add up."""

    direction = fields.String(validate=OneOf(("in", "out")))
    kind = fields.String(validate=OneOf(("edoc", "status")))
    organ_id = fields.String(validate=Length(min=1, max=35), metadata=note("the other office"))
    own_organ_id = fields.String(validate=Length(min=1, max=35), metadata=note("of the agency or its bodies"))
    outcome = fields.String(validate=OneOf(PACKET_OUTCOMES))


class PacketOutput(Output):
    """A package or status that passed the door of the exchange."""

    id = fields.UUID()
    direction = fields.String(metadata=note("in or out"))
    kind = fields.String(metadata=note("edoc or status"))
    via = fields.String(metadata=note("http, exchange, internal, email, folder, upload"))
    organ_id = fields.String(metadata=note("the other office"))
    organ_name = fields.String()
    exchange_id = fields.String()
    document_code = fields.String()
    business_type = fields.Integer(allow_none=True, metadata=note("0 new, 1 recall, 2 update, 3 replacement"))
    status_code = fields.String(allow_none=True)
    description = fields.String()
    outcome = fields.String(metadata=note("sent, taken, noted, or unknown: a status of no document of ours"))
    size_bytes = fields.Integer(allow_none=True)
    signature = fields.Dict(allow_none=True, metadata=note("the verdict on the package's signature"))
    document_id = fields.UUID(allow_none=True)
    delivery_id = fields.UUID(allow_none=True)
    stated_at = Instant(allow_none=True, metadata=note("when the other office says it happened"))
    at = Instant()
    own_organ_id = fields.String(
        allow_none=True, metadata=note("which of our identifiers it was for or left from")
    )


class PacketPage(PageOutput):
    """A page of packages, newest first."""

    items = fields.List(fields.Nested(PacketOutput))


class StatisticsQuery(Schema):
    """The days to count, included."""

    from_on = fields.Date(required=True)
    to_on = fields.Date(required=True)
    own_organ_id = fields.String(
        validate=Length(min=1, max=35), metadata=note("only what went under this identifier of ours")
    )


class ExchangeCount(Output):
    """What was exchanged with one office in one month."""

    organ_id = fields.String()
    organ_name = fields.String()
    month = fields.Date(metadata=note("its first day"))
    sent = fields.Integer(metadata=note("documents that left for it"))
    arrived = fields.Integer(metadata=note("of these, those that it has"))
    accepted = fields.Integer(metadata=note("of these, those that it registered"))
    refused = fields.Integer(metadata=note("of these, those that it returned"))
    failed = fields.Integer(metadata=note("those that could not be sent"))
    recalled = fields.Integer(metadata=note("those that it gave back"))
    received = fields.Integer(metadata=note("documents that came from it"))


class Statistics(Output):
    """Counts by month and office."""

    items = fields.List(fields.Nested(ExchangeCount))


class Link(Output):
    """How a partner office is connected; of secrets only whether they are there."""

    organ_id = fields.String()
    name = fields.String()
    contact_point = fields.String(metadata=note("the office through which it is reached; empty = itself"))
    channel = fields.String(metadata=note("empty where none is registered"))
    endpoint = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    folder = fields.String(allow_none=True)
    accepts_unsigned = fields.Boolean(metadata=note("whether unsigned packages of this office are taken"))
    may_refuse_recall = fields.Boolean()
    pinned_certificate = fields.String(allow_none=True)
    attachment_encoding = fields.String(metadata=note("base64, or zip: each file in an archive of its own"))
    has_inbound_token = fields.Boolean()
    has_outbound_token = fields.Boolean()
    is_locked = fields.Boolean()
    changed_at = Instant(allow_none=True)


class LinkChange(Schema):
    """What changes of a connection; what is not named stays."""

    channel = fields.String(
        validate=OneOf((*DELIVERY_CHANNELS, "")), metadata=note("empty: as the directory's addresses allow")
    )
    folder = fields.String(allow_none=True, validate=Length(min=1, max=80))
    accepts_unsigned = fields.Boolean()
    may_refuse_recall = fields.Boolean()
    pinned_certificate = fields.String(
        allow_none=True, validate=Length(min=64, max=64), metadata=note("SHA-256, hexadecimal")
    )
    attachment_encoding = fields.String(
        validate=OneOf(ATTACHMENT_ENCODINGS),
        metadata=note("of the files in packages to it: base64, or zip: each in an archive of its own"),
    )
    outbound_token = fields.String(
        allow_none=True,
        validate=Length(min=1, max=_TOKEN_CHARACTERS),
        metadata=note("what that office gave us to show; never told again"),
    )
    is_locked = fields.Boolean()


class LinkToken(Output):
    """A token for a partner's program."""

    token = fields.String(metadata=note("told this once"))


class AxisState(Output):
    """The account on the axis."""

    endpoint = fields.String()
    system_id = fields.String()
    is_enabled = fields.Boolean()
    polled_at = Instant(allow_none=True)
    last_error = fields.String(allow_none=True)


class AxisAccount(Output):
    """The agency's account, null without one."""

    account = fields.Nested(AxisState, allow_none=True)


class AxisChange(Schema):
    """An account on the exchange axis."""

    endpoint = fields.String(required=True, validate=Length(min=1, max=ADDRESS_CHARACTERS))
    system_id = fields.String(required=True, validate=Length(min=1, max=100))
    token = fields.String(required=True, validate=Length(min=1, max=_TOKEN_CHARACTERS))
    is_enabled = fields.Boolean(load_default=True)
