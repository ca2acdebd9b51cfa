"""The door of the exchange: packets of partner offices, with a new document or the recall of one."""

from __future__ import annotations

from typing import Any

from service.actions.intake import receive_packet
from service.api.resource import Resource
from service.api.schemas import documents as schemas
from service.http.context import runtime, unit

exchange = Resource("exchange", "exchange", "Packets from partner offices.")


@exchange.post("/packets")
@exchange.takes(schemas.Packet)
@exchange.gives(schemas.Received)
def take_packet(body: dict[str, Any]) -> object:
    """Take a packet; the same packet again has no further effect.

    `kind` is `new` (with `document`, whose `exchange_id` names it at the sender, and `files` in base64) or
    `recall` (with `exchange_id` and `reason`). `from.organ_id` must be in the directory of contact points.
    """
    packet = {"from" if name == "sender" else name: value for name, value in body.items()}
    return receive_packet(runtime().engine, unit(), packet)
