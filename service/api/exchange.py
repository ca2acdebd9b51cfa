"""The door of the exchange: packages of partner offices, the log of what passed, and its connections."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from service.actions import exchange_links as links
from service.actions.exchange import receive_package
from service.actions.intake import receive_packet
from service.api.resource import Resource
from service.api.schemas import documents as document_schemas
from service.api.schemas import exchange as schemas
from service.http.context import runtime, unit
from service.queries import deliveries as queries

_SIDES = {"sender": "from", "receiver": "to"}

exchange = Resource("exchange", "exchange", "Packages from partner offices, their log, the connections.")


@exchange.post("/packets")
@exchange.takes(document_schemas.Packet)
@exchange.gives(document_schemas.Received)
def take_packet(body: dict[str, Any]) -> object:
    """Take a packet; the same packet again has no further effect.

    `kind` is `new` (with `document`, whose `exchange_id` names it at the sender, and `files` in base64) or
    `recall` (with `exchange_id` and `reason`). `from.organ_id` must be in the directory of contact points,
    and its connection must not demand signed packages. `to.organ_id` may name one of the agency's bodies.
    """
    packet = {_SIDES.get(name, name): value for name, value in body.items()}
    return receive_packet(runtime().engine, unit(), packet)


@exchange.post("/edxml")
@exchange.describes(
    requestBody={
        "required": True,
        "content": {"application/edxml+xml": {"schema": {"type": "string", "format": "binary"}}},
    }
)
@exchange.gives(schemas.Taken)
def take_edxml() -> object:
    """Take an edXML package (QCVN 102:2016): a document, a recall, a replacement, or a status.

    A partner's program shows the token of its connection; a clerk may bring a package by hand. The same
    package again has no further effect. Findings carry the regulation's codes (`N.`, `R.`, `M.` and path).
    """
    via = "http" if unit().actor.login.startswith("peer:") else "upload"
    return receive_package(runtime().engine, unit(), request.stream, via)


@exchange.get("/packets")
@exchange.filters(schemas.PacketQuery)
@exchange.gives(schemas.PacketPage)
def list_packets(query: dict[str, Any]) -> object:
    """List what passed the door, newest first; `outcome=unknown` shows statuses of no document of ours."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_packets(unit(), queries.PacketFilter(**query), cursor, limit)


@exchange.get("/statistics")
@exchange.filters(schemas.StatisticsQuery)
@exchange.gives(schemas.Statistics)
def read_statistics(query: dict[str, Any]) -> object:
    """Count what was exchanged with each office in each month, in all or under one of our identifiers."""
    return {"items": queries.exchange_statistics(unit(), **query)}


@exchange.get("/links/<organ_id>")
@exchange.gives(schemas.Link)
def read_link(organ_id: str) -> object:
    """Return how a partner office is connected."""
    return links.read_link(unit(), organ_id)


@exchange.put("/links/<organ_id>")
@exchange.takes(schemas.LinkChange, example={"channel": "http", "accepts_unsigned": False})
@exchange.gives(schemas.Link)
def keep_link(body: dict[str, Any], organ_id: str) -> object:
    """Register or change how a partner office is connected; what is not named stays."""
    return links.keep_link(unit(), runtime().sealer, organ_id, body)


@exchange.post("/links/<organ_id>/token")
@exchange.gives(schemas.LinkToken, 201)
def give_token(organ_id: str) -> object:
    """Make a new token for the partner's program; it is told this once, an earlier one ends."""
    return {"token": links.give_token(unit(), organ_id)}


@exchange.get("/axis")
@exchange.gives(schemas.AxisAccount)
def read_axis() -> object:
    """Return the agency's account on the exchange axis."""
    return {"account": links.read_axis(unit())}


@exchange.put("/axis")
@exchange.takes(schemas.AxisChange)
@exchange.gives(None, 204)
def keep_axis(body: dict[str, Any]) -> Response:
    """Register the agency's account on the exchange axis."""
    links.keep_axis(unit(), runtime().sealer, **body)
    return Response(status=204)


@exchange.delete("/axis")
@exchange.gives(None, 204)
def drop_axis() -> Response:
    """End the agency's account on the exchange axis."""
    links.drop_axis(unit())
    return Response(status=204)
