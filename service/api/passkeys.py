"""One's own passkeys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import passkeys as actions
from service.api.proving import client_address, counting_refusals, relying_party
from service.api.resource import Resource
from service.api.schemas import passkeys as schemas
from service.api.schemas.second_factors import Password
from service.http.context import unit
from service.queries import passkeys as queries

passkeys = Resource("passkeys", "me/passkeys", "One's own passkeys (WebAuthn), for login and step-up.")


@passkeys.get("")
@passkeys.gives(schemas.PasskeyList)
def list_passkeys() -> object:
    """List one's own passkeys."""
    return {"items": queries.my_passkeys(unit())}


@passkeys.post("/options")
@passkeys.takes(Password)
@passkeys.gives(schemas.PasskeyOptions)
def begin_registration(body: dict[str, Any]) -> object:
    """Give the browser what it needs to make a passkey.

    The first factor is enrolled with the password; with one enrolled, the step-up is needed instead.
    """
    with counting_refusals():
        options = actions.begin_registration(unit(), relying_party(), client_address(), body["password"])
    return {"public_key": options}


@passkeys.post("")
@passkeys.takes(schemas.PasskeyInput)
@passkeys.gives(schemas.NewPasskey, 201)
def finish_registration(body: dict[str, Any]) -> object:
    """Keep the passkey that the device has made; the device must have verified the person."""
    passkey, codes = actions.finish_registration(unit(), relying_party(), body["name"], body["credential"])
    return {"passkey": passkey, "recovery_codes": codes}


@passkeys.patch("/<uuid:passkey_id>")
@passkeys.takes(schemas.PasskeyName, example={"name": "Điện thoại cơ quan"})
@passkeys.gives(schemas.Passkey)
def rename_passkey(body: dict[str, Any], passkey_id: UUID) -> object:
    """Give a passkey another name."""
    return actions.rename_passkey(unit(), passkey_id, body["name"])


@passkeys.delete("/<uuid:passkey_id>")
@passkeys.gives(None, 204)
def remove_passkey(passkey_id: UUID) -> Response:
    """Remove a passkey: it counts no more; needs the step-up."""
    actions.remove_passkey(unit(), passkey_id)
    return Response(status=204)
