"""Orders of delegation, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, Schema, note
from service.domain.permissions import AUTHORITIES


class DelegationInput(Schema):
    """An order."""

    delegate = fields.String(required=True, validate=Length(min=1, max=100), metadata=note("login"))
    authorities = fields.List(
        fields.String(validate=OneOf(list(AUTHORITIES))),
        required=True,
        validate=Length(min=1, max=len(AUTHORITIES)),
        metadata=note("what is handed over; signing never is"),
    )
    from_on = fields.Date(required=True, metadata=note("the first day"))
    to_on = fields.Date(required=True, metadata=note("the last day"))
    basis = fields.String(load_default="", validate=Length(max=200), metadata=note("such as `12-QĐ/VP`"))
    process_keys = fields.List(
        fields.String(validate=Length(min=1, max=100)),
        load_default=list,
        validate=Length(max=100),
        metadata=note("only in these processes; empty = in all"),
    )
    document_types = fields.List(
        fields.String(validate=Length(min=1, max=100)),
        load_default=list,
        validate=Length(max=100),
        metadata=note("only for these kinds of document; empty = for all"),
    )
    allows_onward = fields.Boolean(load_default=False, metadata=note("whether it may be passed on"))
    parent_id = fields.UUID(
        load_default=None, allow_none=True, metadata=note("the order that this one passes on")
    )


class DelegationQuery(Schema):
    """Which orders to list."""

    is_ended = fields.Boolean(data_key="ended")


class Delegation(Output):
    """An order by which one person acts for another; both names are shown with every act."""

    id = fields.UUID()
    delegator = fields.String(metadata=note("login of the one acted for"))
    delegator_name = fields.String()
    delegate = fields.String(metadata=note("login of the one who acts"))
    delegate_name = fields.String()
    issuer = fields.String(metadata=note("login of the one who gave it"))
    parent_id = fields.UUID(allow_none=True)
    authorities = fields.List(fields.String())
    process_keys = fields.List(fields.String())
    document_types = fields.List(fields.String())
    basis = fields.String()
    from_on = fields.Date()
    to_on = fields.Date()
    allows_onward = fields.Boolean()
    state = fields.String(metadata=note("waiting, effective or ended"))
    created_at = Instant()
    ended_at = Instant(allow_none=True)
    end_reason = fields.String(allow_none=True)


class DelegationList(Output):
    """Orders, newest first."""

    items = fields.List(fields.Nested(Delegation))
