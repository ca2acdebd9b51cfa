"""Notices: what the caller has been told, and how mail is to tell of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import notices as actions
from service.api.resource import Resource
from service.api.schemas import notices as schemas
from service.http.context import runtime, unit
from service.queries import notices as queries

notices = Resource("notices", "notices", "What the caller has been told.")


@notices.get("")
@notices.filters(schemas.NoticeQuery)
@notices.gives(schemas.NoticePage)
def list_notices(query: dict[str, Any]) -> object:
    """List the caller's notices, unread first, newest first; `counts.unread` tells how many are unread."""
    return queries.list_notices(unit(), query.pop("cursor", None), query.pop("limit"), **query)


@notices.post("/<uuid:notice_id>/read")
@notices.gives(schemas.Notice)
def read_notice(notice_id: UUID) -> object:
    """Mark one notice as read."""
    return actions.mark_read(unit(), notice_id)


@notices.post("/read-all")
@notices.gives(schemas.Marked)
def read_all() -> object:
    """Mark all notices as read."""
    return {"marked": actions.mark_all_read(unit())}


@notices.get("/preference")
@notices.gives(schemas.Preference)
def read_preference() -> object:
    """Read how the caller wants mail."""
    return queries.read_preference(unit())


@notices.put("/preference")
@notices.takes(schemas.PreferenceInput, example={"mail": "digest", "address": "lan@tinhuy.example.vn"})
@notices.gives(schemas.Preference)
def change_preference(body: dict[str, Any]) -> object:
    """Set how the caller wants mail: none, each notice, or a daily digest; quiet hours hold it back."""
    mail = runtime().settings.mail
    return actions.change_preference(unit(), body, mail.domains if mail else ())
