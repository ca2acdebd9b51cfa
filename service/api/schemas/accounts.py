"""Accounts, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.posts import Holding
from service.api.schemas.shared import Length, OneOf, Output, PageQuery, Schema, note
from service.domain.permissions import ROLES


class AccountInput(Schema):
    """A person."""

    login = fields.String(required=True, validate=Length(min=2, max=64))
    full_name = fields.String(required=True, validate=Length(min=1, max=100))
    position = fields.String(load_default="", validate=Length(max=200), metadata=note("official title"))
    staff_code = fields.String(
        load_default=None,
        allow_none=True,
        validate=Length(min=1, max=40),
        metadata=note("in the staff list; nobody else of the agency has it"),
    )


class AccountChange(Schema):
    """What to change of a person; what is not named stays."""

    full_name = fields.String(validate=Length(min=1, max=100))
    position = fields.String(validate=Length(max=200), metadata=note("official title"))
    staff_code = fields.String(validate=Length(max=40), metadata=note("empty = none"))


class LoginInput(Schema):
    """The login of a new account."""

    login = fields.String(required=True, validate=Length(min=2, max=64))


class AccountQuery(PageQuery):
    """Which accounts to list."""

    text = fields.String(validate=Length(min=1, max=100), metadata=note("part of the name or login"))


class Role(Output):
    """A role that a person holds on its days, inclusive; no unit = in the whole agency."""

    id = fields.UUID()
    role = fields.String()
    unit_code = fields.String(allow_none=True)
    is_from_post = fields.Boolean(metadata=note("a post brings it, and it ends with the post"))
    from_on = fields.Date(allow_none=True)
    to_on = fields.Date(allow_none=True)


class Keeper(Output):
    """A clerk who answers for the agency's account, or did; alone they work with it."""

    login = fields.String()
    full_name = fields.String()
    basis = fields.String(metadata=note("the decision that it stands on"))
    from_at = Instant()
    until_at = Instant(allow_none=True, metadata=note("null = until further notice"))
    is_present = fields.Boolean(metadata=note("answers for it now, and may work with it"))


class KeeperInput(Schema):
    """Who is to answer for the agency's account from now on."""

    keeper = fields.String(required=True, validate=Length(min=2, max=64), metadata=note("login of a clerk"))
    to_on = fields.Date(load_default=None, allow_none=True, metadata=note("the last day"))
    basis = fields.String(load_default="", validate=Length(max=200))


class Account(Output):
    """An account with all its roles, past and future ones too."""

    id = fields.UUID()
    login = fields.String()
    full_name = fields.String()
    position = fields.String()
    created_at = Instant()
    disabled_at = Instant(allow_none=True)
    must_change_password = fields.Boolean()
    kind = fields.String(metadata=note("person, agency or guest"))
    staff_code = fields.String(allow_none=True)
    meeting = fields.String(allow_none=True, metadata=note("of a guest"))
    guest_until = Instant(allow_none=True)
    locked_at = Instant(allow_none=True, metadata=note("when its own person shut it"))
    roles = fields.List(fields.Nested(Role))
    posts = fields.List(fields.Nested(Holding), metadata=note("newest first"))
    assists = fields.List(fields.String(), metadata=note("logins of the leaders assisted"))
    keepers = fields.List(fields.Nested(Keeper), metadata=note("of the agency's account, newest first"))


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
