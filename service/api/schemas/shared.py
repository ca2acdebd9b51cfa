"""Parts that several resources share: pages, problems, people's words."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import fields

from service.api.schemas.base import Length, OneOf, Output, Range, Schema

URGENCIES: Final = ("normal", "urgent", "very_urgent", "flash")


def note(text: str, **members: Any) -> dict[str, Any]:
    """Return a field's metadata: its description for the reader of the API's document."""
    return {"description": text, **members}


class PageQuery(Schema):
    """Where a list goes on, and how much of it to give."""

    cursor = fields.String(
        validate=Length(min=1, max=500),
        metadata=note("`next_cursor` of the page before"),
    )
    limit = fields.Integer(validate=Range(min=1, max=200), load_default=50)


class PageOutput(Output):
    """What every page has beside its items."""

    next_cursor = fields.String(allow_none=True, metadata=note("null on the last page"))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class Reason(Schema):
    """Why something is done, in the actor's words; it goes to the history and the audit."""

    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class FindingOutput(Output):
    """One thing that is wrong with an input."""

    code = fields.String(required=True, metadata=note("stable, `noun.reason`"))
    detail = fields.String(required=True)
    pointer = fields.String(metadata=note("RFC 6901 pointer into the input, empty for the whole"))
    file = fields.String()
    element = fields.String(metadata=note("BPMN or DMN element id"))
    line = fields.Integer()
    column = fields.Integer()


class Problem(Output):
    """Problem details (RFC 9457) in the language of `Accept-Language`, Vietnamese by default."""

    type = fields.String(required=True, metadata=note("`urn:congvan:problem:` and the code"))
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata=note("stable, `noun.reason`"))
    request_id = fields.String(required=True, metadata=note("also in `X-Request-Id` and in the log"))
    errors = fields.List(fields.Nested(FindingOutput))


class Values(fields.Dict):
    """A JSON object of any members: variables, a submission, a payload."""

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(keys=fields.String(), metadata=note(description), **options)


__all__ = [
    "URGENCIES",
    "FindingOutput",
    "Length",
    "OneOf",
    "Output",
    "PageOutput",
    "PageQuery",
    "Problem",
    "Range",
    "Reason",
    "Schema",
    "Values",
    "note",
]
