"""Dispatches, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, note
from service.queries.outbox import DISPATCH_STATES


class DispatchQuery(PageQuery):
    """Which dispatches to list; filters add up."""

    state = fields.String(validate=OneOf(DISPATCH_STATES))
    channel = fields.String(validate=Length(min=1, max=40), metadata=note("such as `exchange`"))
    destination = fields.String(validate=Length(min=1, max=100), metadata=note("such as an organ id"))


class DispatchFault(Output):
    """Why the last attempt failed."""

    code = fields.String(metadata=note("stable, `noun.reason`"))
    vi = fields.String()
    en = fields.String()
    detail = fields.String(metadata=note("what the receiver or the network said, for the operator"))


class Dispatch(Output):
    """A message on its way out; what it says in full is not told."""

    id = fields.UUID()
    channel = fields.String()
    destination = fields.String(metadata=note("organ id, owner reference, …"))
    receiver = fields.String(allow_none=True, metadata=note("name in the directory of contact points"))
    kind = fields.String(allow_none=True)
    status_code = fields.String(allow_none=True, metadata=note("of a status message: 01–06, 15, 16"))
    document_code = fields.String(allow_none=True)
    state = fields.String(metadata=note("pending, sent or failed"))
    attempts = fields.Integer()
    due_at = Instant(metadata=note("when a pending one is tried next"))
    created_at = Instant()
    sent_at = Instant(allow_none=True)
    fault = fields.Nested(DispatchFault, allow_none=True)


class DispatchPage(PageOutput):
    """A page of dispatches, newest first."""

    items = fields.List(fields.Nested(Dispatch))
