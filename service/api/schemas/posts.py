"""Posts and who holds them, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from service.api.schemas.shared import Length, OneOf, Output, Schema, note
from service.domain.permissions import ROLES


def _roles(*, is_required: bool) -> fields.List[Any]:
    return fields.List(
        fields.String(validate=OneOf(list(ROLES))),
        required=is_required,
        validate=Length(max=len(ROLES)),
        metadata=note("what the post lets its holder act as, in its unit"),
    )


class PostInput(Schema):
    """A post."""

    code = fields.String(required=True, validate=Length(min=1, max=40), metadata=note("lower-case word"))
    title = fields.String(required=True, validate=Length(min=1, max=200))
    roles = _roles(is_required=True)
    unit_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=40),
        metadata=note("null = of the agency as a whole"),
    )


class PostChange(Schema):
    """What to change of a post; what is not named stays."""

    title = fields.String(validate=Length(min=1, max=200))
    roles = _roles(is_required=False)


class PostQuery(Schema):
    """Which posts to list."""

    unit_code = fields.String(validate=Length(max=40))
    with_closed = fields.Boolean(data_key="closed", load_default=False, metadata=note("closed ones too"))


class TakingInput(Schema):
    """Who takes the post, and when."""

    login = fields.String(required=True, validate=Length(min=2, max=64))
    from_on = fields.Date(required=True)
    to_on = fields.Date(load_default=None, allow_none=True, metadata=note("the last day"))
    basis = fields.String(load_default="", validate=Length(max=200), metadata=note("such as `12-QĐ/TU`"))
    ends_others = fields.Boolean(
        load_default=False, metadata=note("whether the person leaves their other posts on the day before")
    )


class RightsQuery(Schema):
    """On which day, and whether other posts are left."""

    on = fields.Date(required=True)
    ends_others = fields.Boolean(load_default=False)


class LastDay(Schema):
    """The last day of something."""

    last_on = fields.Date(required=True)


class Holding(Output):
    """A person in a post on its days, inclusive; no last day = until further notice."""

    id = fields.UUID()
    post = fields.String(metadata=note("code of the post"))
    title = fields.String()
    unit_code = fields.String(allow_none=True)
    login = fields.String()
    full_name = fields.String()
    from_on = fields.Date()
    to_on = fields.Date(allow_none=True)
    basis = fields.String()


class Post(Output):
    """A post with those who hold it today or later."""

    id = fields.UUID()
    code = fields.String()
    title = fields.String()
    unit_code = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    is_closed = fields.Boolean()
    holders = fields.List(fields.Nested(Holding))


class PostList(Output):
    """Posts by code."""

    items = fields.List(fields.Nested(Post))


class Right(Output):
    """A role in a unit; no unit = in the whole agency."""

    role = fields.String()
    unit_code = fields.String(allow_none=True)
    vi = fields.String()
    en = fields.String()


class RightsChange(Output):
    """What a person gains, loses and keeps."""

    login = fields.String()
    full_name = fields.String()
    on = fields.Date()
    gains = fields.List(fields.Nested(Right))
    loses = fields.List(fields.Nested(Right))
    keeps = fields.List(fields.Nested(Right))


class RightsLine(Output):
    """A person, a role, its days, and where it comes from."""

    login = fields.String()
    full_name = fields.String()
    position = fields.String()
    unit_code = fields.String(allow_none=True)
    unit_name = fields.String(allow_none=True)
    role = fields.String()
    vi = fields.String()
    en = fields.String()
    from_on = fields.Date(allow_none=True)
    to_on = fields.Date(allow_none=True)
    post = fields.String(allow_none=True, metadata=note("the post that brings it"))
    basis = fields.String(allow_none=True, metadata=note("the decision that the holding stands on"))


class RightsReview(Output):
    """Who may act as what."""

    items = fields.List(fields.Nested(RightsLine))
