"""Accounts, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageQuery, Schema, note
from service.domain.permissions import ROLES


class AccountInput(Schema):
    """A person."""

    login = fields.String(required=True, validate=Length(min=2, max=64))
    full_name = fields.String(required=True, validate=Length(min=1, max=100))
    position = fields.String(load_default="", validate=Length(max=200), metadata=note("official title"))


class AccountQuery(PageQuery):
    """Which accounts to list."""

    text = fields.String(validate=Length(min=1, max=100), metadata=note("part of the name or login"))


class Role(Output):
    """A role that a person holds on its days, inclusive; no unit = in the whole agency."""

    id = fields.UUID()
    role = fields.String()
    unit_code = fields.String(allow_none=True)
    from_on = fields.Date(allow_none=True)
    to_on = fields.Date(allow_none=True)


class Account(Output):
    """An account with all its roles, past and future ones too."""

    id = fields.UUID()
    login = fields.String()
    full_name = fields.String()
    position = fields.String()
    created_at = Instant()
    disabled_at = Instant(allow_none=True)
    must_change_password = fields.Boolean()
    roles = fields.List(fields.Nested(Role))
    assists = fields.List(fields.String(), metadata=note("logins of the leaders assisted"))


class FirstPassword(Output):
    """A password that is shown once and must be changed at the first login."""

    account_id = fields.UUID()
    login = fields.String()
    password = fields.String()


class RoleInput(Schema):
    """A role, where and when."""

    role = fields.String(required=True, validate=OneOf(list(ROLES)))
    unit = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(max=40),
        metadata=note("unit code; null = in the whole agency"),
    )
    from_on = fields.Date(load_default=None, allow_none=True)
    to_on = fields.Date(load_default=None, allow_none=True, metadata=note("the last day"))


class Created(Output):
    """What was made."""

    id = fields.UUID()
