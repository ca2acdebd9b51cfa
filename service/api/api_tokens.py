"""One's own tokens for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response

from service.actions import api_tokens as actions
from service.api.resource import Resource
from service.api.schemas import api_tokens as schemas
from service.http.context import unit
from service.queries import api_tokens as queries

api_tokens = Resource("api_tokens", "me/api-tokens", "One's own tokens for programs, with what they reach.")

_EXAMPLE = {
    "name": "Đồng bộ lịch công tác",
    "grants": ["document.read", "user_task.list"],
    "expires_at": "2026-09-01T00:00:00+07:00",
}


@api_tokens.get("")
@api_tokens.gives(schemas.ApiTokenList)
def list_tokens() -> object:
    """List one's own live tokens; the tokens themselves are kept nowhere."""
    return {"items": queries.my_tokens(unit())}


@api_tokens.post("")
@api_tokens.takes(schemas.ApiTokenInput, example=_EXAMPLE)
@api_tokens.gives(schemas.NewApiToken, 201)
def create_token(body: dict[str, Any]) -> object:
    """Make a token for a program, shown once; needs the step-up.

    It reaches what its grants name and its person may do at that time. It never makes tokens, changes
    factors or signs.
    """
    made = actions.create_token(unit(), body["name"], body["grants"], body["expires_at"])
    return {**asdict(made.view), "token": made.token}


@api_tokens.delete("/<uuid:token_id>")
@api_tokens.gives(None, 204)
def revoke_token(token_id: UUID) -> Response:
    """Revoke a token: it ends at once."""
    actions.revoke_token(unit(), token_id)
    return Response(status=204)
