"""The list of people, coming in and going out as a file."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.accounts import FirstPassword
from service.api.schemas.shared import OneOf, Output, Schema, note
from service.domain.spreadsheets import FORMATS


class ImportOptions(Schema):
    """How to take the file."""

    is_dry_run = fields.Boolean(
        data_key="dry_run", load_default=True, metadata=note("look only; false = apply, whole or not at all")
    )
    is_whole = fields.Boolean(
        data_key="whole",
        load_default=False,
        metadata=note("the file is the whole list: whoever is not in it leaves"),
    )


class FormatQuery(Schema):
    """Which kind of file."""

    form = fields.String(data_key="format", load_default="xlsx", validate=OneOf(list(FORMATS)))


class RowProblem(Output):
    """Something that is wrong with a row, told with its row and column in both languages."""

    code = fields.String()
    vi = fields.String()
    en = fields.String()
    row = fields.Integer(attribute="line", allow_none=True)
    column = fields.Integer(allow_none=True)
    pointer = fields.String(metadata=note("row and name of the column"))


class WantedRole(Output):
    """A role in a unit; no unit = in the whole agency."""

    role = fields.String()
    unit = fields.String(allow_none=True)


class PersonChange(Output):
    """What a row does to its person."""

    row = fields.Integer(allow_none=True, metadata=note("null = not in the file"))
    login = fields.String()
    full_name = fields.String()
    kind = fields.String(metadata=note("new, changed, unchanged or leaving"))
    changes = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata=note("field → what it was, what it becomes"),
    )
    gains = fields.List(fields.Nested(WantedRole))
    loses = fields.List(fields.Nested(WantedRole))


class PeopleReport(Output):
    """What the file does, or did."""

    rows = fields.Integer()
    is_applied = fields.Boolean()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    problems = fields.List(fields.Nested(RowProblem))
    changes = fields.List(fields.Nested(PersonChange))
    passwords = fields.List(
        fields.Nested(FirstPassword),
        metadata=note("of new accounts, shown this once; to be changed at login"),
    )
