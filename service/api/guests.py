"""Guests of a meeting: accounts that end with it."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions import guests as actions
from service.api.resource import Resource
from service.api.schemas import guests as schemas
from service.api.schemas.accounts import FirstPassword
from service.http.context import unit
from service.queries import guests as queries

guests = Resource("guests", "guests", "Guests of a meeting: accounts without roles that end with it.")

_EXAMPLE = {
    "full_name": "Lê Văn Khách",
    "meeting": "Hội nghị Ban Thường vụ 05/3",
    "until": "2026-03-05T17:00:00+07:00",
}


@guests.get("")
@guests.filters(schemas.GuestQuery)
@guests.gives(schemas.GuestList)
def list_guests(query: dict[str, Any]) -> object:
    """List the guests by meeting and name."""
    return {"items": queries.list_guests(unit(), **query)}


@guests.post("")
@guests.takes(schemas.GuestInput, example=_EXAMPLE)
@guests.gives(FirstPassword, 201)
def admit_guest(body: dict[str, Any]) -> object:
    """Make an account for a guest; its first password is shown once."""
    return actions.admit_guest(unit(), actions.NewGuest(**body))


@guests.patch("/<login>")
@guests.takes(schemas.GuestEnd, example={"until": "2026-03-05T18:00:00+07:00"})
@guests.gives(None, 204)
def move_end(body: dict[str, Any], login: str) -> Response:
    """Let the meeting of a guest end earlier or later; open sessions follow."""
    actions.move_end(unit(), login, body["until"])
    return Response(status=204)


@guests.post("/<login>/password")
@guests.gives(FirstPassword, 201)
def issue_password(login: str) -> object:
    """Give a guest a first password, shown once; open sessions end."""
    return actions.issue_password(unit(), login)


@guests.post("/<login>/end")
@guests.gives(None, 204)
def end_guest(login: str) -> Response:
    """End a guest's account now: the meeting is over."""
    actions.end_guest(unit(), login)
    return Response(status=204)
