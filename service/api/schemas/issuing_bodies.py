"""Issuing bodies, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, Schema, note


class IssuingBodyInput(Schema):
    """A body that issues documents in its own name."""

    code = fields.String(required=True, validate=Length(min=1, max=40), metadata=note("lower-case word"))
    name = fields.String(
        required=True, validate=Length(min=1, max=200), metadata=note("as it stands in the heading")
    )
    notation = fields.String(
        required=True, validate=Length(min=1, max=40), metadata=note("in the symbol of its documents")
    )
    side = fields.String(required=True, validate=OneOf(["party", "state"]))
    place = fields.String(load_default="", validate=Length(max=100), metadata=note("named before the date"))
    superior_name = fields.String(
        load_default="", validate=Length(max=200), metadata=note("the body named above it in the heading")
    )
    term = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(min=1, max=40),
        metadata=note("of a Party body, such as `2025-2030`"),
    )
    term_from_on = fields.Date(load_default=None, allow_none=True, metadata=note("the term's first day"))
    organ_id = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(min=1, max=35),
        metadata=note("its own identifier on the exchange; null = the agency's"),
    )


class IssuingBodyChange(Schema):
    """What to change; what is not named stays."""

    name = fields.String(validate=Length(min=1, max=200))
    notation = fields.String(validate=Length(min=1, max=40))
    place = fields.String(validate=Length(max=100))
    superior_name = fields.String(validate=Length(max=200))
    organ_id = fields.String(
        allow_none=True,
        validate=Length(min=1, max=35),
        metadata=note("its own identifier on the exchange; null = the agency's"),
    )


class TermInput(Schema):
    """A new term of a Party body."""

    term = fields.String(required=True, validate=Length(min=1, max=40))
    from_on = fields.Date(required=True, metadata=note("its first day, not in the future"))


class IssuingBodyQuery(Schema):
    """Which bodies to list."""

    with_closed = fields.Boolean(data_key="closed", load_default=False, metadata=note("closed ones too"))


class Term(Output):
    """A term; no last day while it runs."""

    term = fields.String()
    from_on = fields.Date()
    to_on = fields.Date(allow_none=True)


class IssuingBody(Output):
    """A body that issues documents; a State body numbers by year and has no terms."""

    id = fields.UUID()
    code = fields.String()
    name = fields.String()
    notation = fields.String()
    side = fields.String(metadata=note("party or state"))
    place = fields.String()
    superior_name = fields.String()
    term = fields.String(allow_none=True)
    term_from_on = fields.Date(allow_none=True)
    closed_at = Instant(allow_none=True)
    organ_id = fields.String(
        allow_none=True, metadata=note("its own identifier on the exchange; null = the agency's")
    )
    terms = fields.List(fields.Nested(Term), metadata=note("oldest first"))


class IssuingBodyList(Output):
    """Issuing bodies by code."""

    items = fields.List(fields.Nested(IssuingBody))
