"""The bodies in whose name the caller's office issues documents."""

from __future__ import annotations

from typing import Any

from service.actions import issuing_bodies as actions
from service.api.resource import Resource
from service.api.schemas import issuing_bodies as schemas
from service.http.context import unit
from service.queries import issuing_bodies as queries

issuing_bodies = Resource(
    "issuing_bodies", "issuing-bodies", "Bodies in whose name the office issues documents."
)

_EXAMPLE = {
    "code": "tinhuy",
    "name": "Tỉnh ủy (mẫu)",
    "notation": "TU",
    "side": "party",
    "place": "Hưng Yên",
    "superior_name": "Đảng Cộng sản Việt Nam",
    "term": "2025-2030",
    "term_from_on": "2025-10-01",
}


@issuing_bodies.get("")
@issuing_bodies.filters(schemas.IssuingBodyQuery)
@issuing_bodies.gives(schemas.IssuingBodyList)
def list_bodies(query: dict[str, Any]) -> object:
    """List the issuing bodies by code, with their terms."""
    return {"items": queries.list_issuing_bodies(unit(), **query)}


@issuing_bodies.post("")
@issuing_bodies.takes(schemas.IssuingBodyInput, example=_EXAMPLE)
@issuing_bodies.gives(schemas.IssuingBody, 201)
def add_body(body: dict[str, Any]) -> object:
    """Enter an issuing body."""
    actions.add_issuing_body(unit(), actions.NewBody(**body))
    return queries.read_issuing_body(unit(), body["code"])


@issuing_bodies.get("/<code>")
@issuing_bodies.gives(schemas.IssuingBody)
def read_body(code: str) -> object:
    """Read one issuing body, a closed one too."""
    return queries.read_issuing_body(unit(), code)


@issuing_bodies.patch("/<code>")
@issuing_bodies.takes(schemas.IssuingBodyChange, example={"place": "Hưng Yên"})
@issuing_bodies.gives(schemas.IssuingBody)
def change_body(body: dict[str, Any], code: str) -> object:
    """Change name, notation, place, superior body or exchange identifier; what was issued stays as it is."""
    return actions.change_issuing_body(unit(), code, body)


@issuing_bodies.post("/<code>/terms")
@issuing_bodies.takes(schemas.TermInput, example={"term": "2030-2035", "from_on": "2030-10-01"})
@issuing_bodies.gives(schemas.IssuingBody, 201)
def start_term(body: dict[str, Any], code: str) -> object:
    """Begin a new term of a Party body: its numbers begin again."""
    return actions.start_term(unit(), code, body["term"], body["from_on"])


@issuing_bodies.post("/<code>/close")
@issuing_bodies.gives(schemas.IssuingBody)
def close_body(code: str) -> object:
    """Close a body: it issues nothing any more."""
    return actions.close_issuing_body(unit(), code)
