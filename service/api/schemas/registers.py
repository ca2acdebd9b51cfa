"""Registers, their lines and prints (NĐ 30/2020 Phụ lục IV)."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note

FORMS = ("incoming", "outgoing", "handling")
STATES = ("registered", "reserved", "voided")
_FORM = "incoming: sổ đăng ký văn bản đến; outgoing: văn bản đi; handling: theo dõi giải quyết"


class RegisterQuery(Schema):
    """Which books to list."""

    book = fields.String(validate=Length(min=1, max=100))
    period = fields.String(validate=Length(min=1, max=40), metadata=note("a year, or a term"))


class Register(Output):
    """A book of numbers of one issuing body and period."""

    id = fields.UUID()
    issuing_body = fields.String(metadata=note("its code"))
    issuing_body_name = fields.String(allow_none=True)
    book = fields.String()
    period = fields.String()
    forms = fields.List(fields.String(), metadata=note("what it is printed as"))
    last_number = fields.Integer()
    voided_count = fields.Integer()
    printed_to = fields.Date(allow_none=True, metadata=note("the last day that is printed and frozen"))
    closed_at = Instant(allow_none=True)


class RegisterList(Output):
    """Books, the newest period first."""

    items = fields.List(fields.Nested(Register))


class LineQuery(PageQuery):
    """Which lines of a book; filters add up."""

    form = fields.String(validate=OneOf(FORMS), metadata=note("columns of which form; default the first"))
    text = fields.String(
        validate=Length(min=1, max=200), metadata=note("part of the abstract, code, author or recipient")
    )
    from_on = fields.Date(metadata=note("registered on, included"), data_key="from")
    to_on = fields.Date(metadata=note("registered on, included"), data_key="to")
    state = fields.String(validate=OneOf(STATES))


class Addendum(Output):
    """What was added under a printed line."""

    at = fields.String()
    by_name = fields.String(allow_none=True)
    columns = fields.Dict()
    reason = fields.String()


class Line(Output):
    """A line of a register."""

    entry_id = fields.UUID()
    document_id = fields.UUID()
    number = fields.Integer()
    registered_on = fields.Date()
    state = fields.String(metadata=note("registered, reserved or voided"))
    void_reason = fields.String(allow_none=True)
    columns = fields.Dict(metadata=note("by column of the form"))
    addenda = fields.List(fields.Nested(Addendum))


class LinePage(PageOutput):
    """Lines by number."""

    items = fields.List(fields.Nested(Line))


class PrintOrder(Schema):
    """What to print: whole days that are over, at most a year."""

    form = fields.String(required=True, validate=OneOf(FORMS), metadata=note(_FORM))
    from_on = fields.Date(required=True, data_key="from")
    to_on = fields.Date(required=True, data_key="to")


class Print(Output):
    """A range as printed: its lines never change again."""

    id = fields.UUID()
    register_id = fields.UUID()
    form = fields.String()
    label = fields.String(metadata=note("such as `Quý I năm 2026`"))
    from_on = fields.Date(data_key="from")
    to_on = fields.Date(data_key="to")
    first_number = fields.Integer(allow_none=True)
    last_number = fields.Integer(allow_none=True)
    line_count = fields.Integer()
    page_count = fields.Integer()
    made_at = Instant()
    made_by = fields.String(allow_none=True)
    printed_on = fields.Date(allow_none=True)
    signed_by = fields.String(allow_none=True)
    volume = fields.String(allow_none=True)


class PrintList(Output):
    """Prints of a book, the newest range first."""

    items = fields.List(fields.Nested(Print))


class Bound(Schema):
    """What is written down once a print was signed and bound."""

    printed_on = fields.Date(required=True)
    signed_by = fields.String(required=True, validate=Length(min=1, max=200))
    volume = fields.String(load_default="", validate=Length(max=100))


class LineCorrection(Schema):
    """How a line is mended, and why."""

    columns = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata=note("new text by column; null = empty"),
    )
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class FileQuery(Schema):
    """Which file of a print."""

    format = fields.String(validate=OneOf(["pdf", "xlsx"]), load_default="pdf")
