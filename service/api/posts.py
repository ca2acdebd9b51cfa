"""Posts of the office and who holds them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import posts as actions
from service.api.resource import Resource
from service.api.schemas import posts as schemas
from service.api.schemas.accounts import Created
from service.http.context import unit
from service.queries import posts as queries
from service.queries import rights

posts = Resource("posts", "posts", "Posts: titles with the roles that they bring to whoever holds them.")

_EXAMPLE = {
    "code": "tp_tong_hop",
    "title": "Trưởng phòng Tổng hợp",
    "roles": ["unit_head"],
    "unit_code": "tong_hop",
}


@posts.get("")
@posts.filters(schemas.PostQuery)
@posts.gives(schemas.PostList)
def list_posts(query: dict[str, Any]) -> object:
    """List the posts by code, with those who hold them today or later."""
    return {"items": queries.list_posts(unit(), **query)}


@posts.post("")
@posts.takes(schemas.PostInput, example=_EXAMPLE)
@posts.gives(schemas.Post, 201)
def create_post(body: dict[str, Any]) -> object:
    """Add a post."""
    actions.create_post(unit(), **body)
    return queries.read_post(unit(), body["code"])


@posts.get("/<code>")
@posts.gives(schemas.Post)
def read_post(code: str) -> object:
    """Read one post, a closed one too."""
    return queries.read_post(unit(), code)


@posts.patch("/<code>")
@posts.takes(schemas.PostChange, example={"roles": ["unit_head", "specialist"]})
@posts.gives(schemas.Post)
def change_post(body: dict[str, Any], code: str) -> object:
    """Change title or roles; who holds the post gains and loses roles from today on."""
    actions.change_post(unit(), code, **body)
    return queries.read_post(unit(), code)


@posts.post("/<code>/close")
@posts.gives(None, 204)
def close_post(code: str) -> Response:
    """Close a post that nobody holds."""
    actions.close_post(unit(), code)
    return Response(status=204)


@posts.post("/<code>/holders")
@posts.takes(
    schemas.TakingInput, example={"login": "cv.tonghop1", "from_on": "2026-03-09", "ends_others": True}
)
@posts.gives(Created, 201)
def take_post(body: dict[str, Any], code: str) -> object:
    """Put a person into the post: they get its roles on those days, and its title."""
    return {"id": actions.take_post(unit(), actions.Taking(post=code, **body))}


@posts.get("/<code>/holders/<login>/rights")
@posts.filters(schemas.RightsQuery)
@posts.gives(schemas.RightsChange)
def preview_rights(query: dict[str, Any], code: str, login: str) -> object:
    """Tell what a person would gain and lose by taking the post, before it is done."""
    return rights.rights_after(unit(), login, code, query["on"], ends_others=query["ends_others"])


@posts.post("/holdings/<uuid:holding_id>/end")
@posts.takes(schemas.LastDay, example={"last_on": "2026-03-31"})
@posts.gives(None, 204)
def leave_post(body: dict[str, Any], holding_id: UUID) -> Response:
    """Let a person leave a post after a last day, and with it the roles that it brought."""
    actions.leave_post(unit(), holding_id, body["last_on"])
    return Response(status=204)
