"""Signing keys of people and seals of issuing bodies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import signing_keys as actions
from service.api.resource import Resource
from service.api.schemas import signing_keys as schemas
from service.http.context import runtime, unit
from service.queries import signing_keys as queries

signing_keys = Resource("signing_keys", "signing-keys", "Signing keys of people and seals of issuing bodies.")

_EXAMPLE = {"kind": "pkcs12", "reference": "chanhvp"}


@signing_keys.get("")
@signing_keys.gives(schemas.SigningKeyList)
def list_keys() -> object:
    """List the caller's own keys; clerks see seals too, those who keep keys see all."""
    return {"items": queries.list_signing_keys(unit())}


@signing_keys.post("")
@signing_keys.takes(schemas.SigningKeyInput, example=_EXAMPLE)
@signing_keys.gives(schemas.SigningKey, 201)
def register_key(body: dict[str, Any]) -> object:
    """Register a key; the certificate must be trusted and be of the person or the body. Needs step-up."""
    new = actions.NewKey(**{**body, "chain": tuple(body["chain"])})
    return actions.register_key(unit(), runtime().engine.resources.handler_resources, new)


@signing_keys.get("/<uuid:key_id>")
@signing_keys.gives(schemas.SigningKey)
def read_key(key_id: UUID) -> object:
    """Read one key."""
    return queries.read_signing_key(unit(), key_id)


@signing_keys.put("/<uuid:key_id>/image")
@signing_keys.takes(schemas.KeyImage)
@signing_keys.gives(schemas.SigningKey)
def change_image(body: dict[str, Any], key_id: UUID) -> object:
    """Give a key another image. Needs step-up."""
    return actions.change_image(unit(), runtime().engine.resources.handler_resources, key_id, body["image"])


@signing_keys.delete("/<uuid:key_id>")
@signing_keys.filters(schemas.DisableQuery)
@signing_keys.gives(schemas.SigningKey)
def disable_key(query: dict[str, Any], key_id: UUID) -> object:
    """Disable a key at once; what it signed stays."""
    return actions.disable_key(unit(), key_id, query["reason"])
