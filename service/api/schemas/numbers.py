"""Numbers of outgoing documents."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.shared import Length, Output, Schema, note


class NumberGiven(Output):
    """A number that belongs to one document."""

    entry_id = fields.UUID()
    number = fields.Integer()
    code = fields.String(attribute="code.text", metadata=note("as written: 05/TB-UBND, 05-TB/TU"))
    code_number = fields.String(attribute="code.number")
    code_notation = fields.String(attribute="code.notation")
    issuing_body = fields.String(attribute="series.issuing_body")
    book = fields.String(attribute="series.book")
    period = fields.String(attribute="series.period", metadata=note("the year, or a Party body's term"))
    state = fields.String(metadata=note("reserved or registered"))


class VoidedNumber(Output):
    """A number that stays taken without a document."""

    entry_id = fields.UUID()
    number = fields.Integer()
    state = fields.String()
    void_reason = fields.String()


class NumberScheme(Output):
    """How a body numbers its administrative documents."""

    body = fields.String()
    side = fields.String(metadata=note("party or state"))
    is_per_type = fields.Boolean(metadata=note("a series for each type, or one for all"))
    basis = fields.String()


class NumberSchemeInput(Schema):
    """What the head of the body decided."""

    is_per_type = fields.Boolean(required=True)
    basis = fields.String(
        load_default="", validate=Length(max=200), metadata=note("the decision that it stands on")
    )
