"""Deliveries, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.dispatches import DispatchFault
from service.api.schemas.shared import Length, OneOf, Output, Schema, note
from service.domain.delivery import DELIVERY_CHANNELS

_REASON_CHARACTERS = 500


class Delivery(Output):
    """One document on its way to one receiver by one channel."""

    id = fields.UUID()
    document_id = fields.UUID()
    receiver_kind = fields.String(metadata=note("partner, unit, person or place"))
    receiver_name = fields.String()
    organ_id = fields.String(allow_none=True)
    purpose = fields.String(metadata=note("to or copy"))
    channel = fields.String(metadata=note("internal, http, exchange, email, folder or paper"))
    business_type = fields.Integer(metadata=note("0 new, 2 update, 3 replacement"))
    exchange_id = fields.String()
    state = fields.String()
    state_vi = fields.String()
    state_en = fields.String()
    attempts = fields.Integer()
    fault = fields.Nested(DispatchFault, allow_none=True)
    last_status = fields.String(allow_none=True, metadata=note("01–06, 15, 16"))
    last_status_at = Instant(allow_none=True)
    last_note = fields.String()
    created_at = Instant()
    sent_at = Instant(allow_none=True)
    arrived_at = Instant(allow_none=True)
    received_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    is_silent = fields.Boolean(metadata=note("it should have been answered by now"))
    recall_state = fields.String(allow_none=True, metadata=note("asked, agreed, refused or settled"))
    recall_vi = fields.String(allow_none=True)
    recall_en = fields.String(allow_none=True)
    recall_reason = fields.String(allow_none=True)
    recall_asked_at = Instant(allow_none=True)
    recall_answered_at = Instant(allow_none=True)


class DeliveryList(Output):
    """The board of a document."""

    items = fields.List(fields.Nested(Delivery))


class Retry(Schema):
    """How to send again."""

    channel = fields.String(
        load_default=None,
        allow_none=True,
        validate=OneOf(tuple(sorted(DELIVERY_CHANNELS.keys() - {"internal"}))),
        metadata=note("null = as the office is connected now; `paper` registers the paper version"),
    )


class Settlement(Schema):
    """What the clerk did about a recall."""

    note = fields.String(required=True, validate=Length(min=1, max=_REASON_CHARACTERS))


class RecallInput(Schema):
    """Why a document is to come back, and what replaces it."""

    reason = fields.String(required=True, validate=Length(min=1, max=_REASON_CHARACTERS))
    replacement_id = fields.UUID(
        load_default=None, allow_none=True, metadata=note("the issued document that replaces it")
    )


class RecallStarted(Output):
    """The process that decides about a recall."""

    instance_id = fields.UUID()
