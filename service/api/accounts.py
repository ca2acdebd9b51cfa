"""Accounts and what people may act as: kept by the administrator; accounts are disabled, never deleted."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions import accounts as actions
from service.actions import agency_accounts
from service.actions.memberships import grant_role as grant
from service.api.resource import Resource
from service.api.schemas import accounts as schemas
from service.api.schemas.organisation import PersonPage
from service.http.context import unit
from service.queries import organisation as queries

accounts = Resource("accounts", "accounts", "People's accounts: disabled when they leave, never deleted.")


@accounts.get("")
@accounts.filters(schemas.AccountQuery)
@accounts.gives(PersonPage)
def list_accounts(query: dict[str, Any]) -> object:
    """List every account by name, disabled ones too."""
    return queries.list_accounts(unit(), query.pop("cursor", None), query.pop("limit"), **query)


@accounts.get("/<login>")
@accounts.gives(schemas.Account)
def read_account(login: str) -> object:
    """Read one account with its roles and the leaders whom it assists."""
    return queries.read_account(unit(), login)


@accounts.post("")
@accounts.takes(schemas.AccountInput, example={"login": "lan", "full_name": "Nguyễn Thị Lan"})
@accounts.gives(schemas.FirstPassword, 201)
def create_account(body: dict[str, Any]) -> object:
    """Add an account; its first password is shown once and must be changed at the first login."""
    return actions.create_account(unit(), **body)


@accounts.patch("/<login>")
@accounts.takes(schemas.AccountChange, example={"full_name": "Nguyễn Thị Lan Anh"})
@accounts.gives(schemas.Account)
def change_account(body: dict[str, Any], login: str) -> object:
    """Change a person's name, position or staff code; history keeps what was done under the login."""
    actions.change_account(unit(), login, **body)
    return queries.read_account(unit(), login)


@accounts.post("/of-agency")
@accounts.takes(schemas.LoginInput, example={"login": "vptu"})
@accounts.gives(schemas.FirstPassword, 201)
def create_agency_account(body: dict[str, Any]) -> object:
    """Add the one account of the agency itself."""
    return actions.create_agency_account(unit(), body["login"])


@accounts.post("/<login>/disable")
@accounts.gives(None, 204)
def disable_account(login: str) -> Response:
    """Disable an account: its sessions end at once, its history stays."""
    actions.disable_account(unit(), login)
    return Response(status=204)


@accounts.post("/<login>/enable")
@accounts.gives(None, 204)
def enable_account(login: str) -> Response:
    """Enable a disabled account again."""
    actions.enable_account(unit(), login)
    return Response(status=204)


@accounts.post("/<login>/password")
@accounts.gives(schemas.FirstPassword, 201)
def reset_password(login: str) -> object:
    """Give an account a new first password; its sessions end."""
    return actions.reset_password(unit(), login)


@accounts.post("/<login>/roles")
@accounts.takes(schemas.RoleInput, example={"role": "specialist", "unit": "vp"})
@accounts.gives(schemas.Created, 201)
def grant_role(body: dict[str, Any], login: str) -> object:
    """Let a person act in a role, in a unit or in the whole agency, on those days."""
    role_id = grant(unit(), login, body["role"], body["unit"], from_on=body["from_on"], to_on=body["to_on"])
    return {"id": role_id}


@accounts.put("/<login>/keeper")
@accounts.takes(schemas.KeeperInput, example={"keeper": "vanthu", "basis": "12-QĐ/VP"})
@accounts.gives(schemas.Account)
def set_keeper(body: dict[str, Any], login: str) -> object:
    """Let a clerk answer for the agency's account from now on: they alone work with it.

    Whatever the clerk before could open it with goes: sessions, tokens, factors, the password.
    """
    agency_accounts.set_keeper(unit(), login, **body)
    return queries.read_account(unit(), login)


@accounts.delete("/<login>/keeper")
@accounts.gives(None, 204)
def end_keeping(login: str) -> Response:
    """End who answers for the agency's account: nobody works with it until somebody is named again."""
    agency_accounts.end_keeping(unit(), login)
    return Response(status=204)


@accounts.post("/own/kept/password")
@accounts.gives(schemas.FirstPassword, 201)
def renew_kept_password() -> object:
    """Give the agency's account a new first password, for the clerk who answers for it alone."""
    return agency_accounts.renew_kept_password(unit())


@accounts.post("/own/lock")
@accounts.gives(None, 204)
def lock_own_account() -> Response:
    """Lock one's own account, lost or leaked: every session ends at once and the administrators are told."""
    actions.lock_own_account(unit())
    return Response(status=204)
