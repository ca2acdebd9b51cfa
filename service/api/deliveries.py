"""Deliveries: the board of a document, sending again, cancelling, settling a recall, asking for one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import deliveries as actions
from service.actions.recalls import RecallWish, ask_recall
from service.api.resource import Resource
from service.api.schemas import deliveries as schemas
from service.http.context import runtime, unit
from service.queries import deliveries as queries

deliveries = Resource("deliveries", "", "Documents on their way to their receivers.")


@deliveries.get("/documents/<uuid:document_id>/deliveries")
@deliveries.gives(schemas.DeliveryList)
def list_deliveries(document_id: UUID) -> object:
    """Return the board of a document: one line for each receiver and channel."""
    return {"items": queries.list_deliveries(unit(), document_id)}


@deliveries.post("/documents/<uuid:document_id>/recall-requests")
@deliveries.takes(schemas.RecallInput, example={"reason": "Ban hành nhầm phụ lục"})
@deliveries.gives(schemas.RecallStarted, 201)
def request_recall(body: dict[str, Any], document_id: UUID) -> object:
    """Ask for an issued document to be recalled or replaced; who decides is asked by a task."""
    return ask_recall(runtime().engine, unit(), document_id, RecallWish(**body))


@deliveries.post("/deliveries/<uuid:delivery_id>/retry")
@deliveries.takes(schemas.Retry, example={})
@deliveries.gives(schemas.Delivery)
def retry_delivery(body: dict[str, Any], delivery_id: UUID) -> object:
    """Send a failed or refused delivery again, by another channel if one is given."""
    return actions.retry(unit(), delivery_id, body["channel"])


@deliveries.post("/deliveries/<uuid:delivery_id>/cancel")
@deliveries.gives(schemas.Delivery)
def cancel_delivery(delivery_id: UUID) -> object:
    """Let a delivery that has not left not leave at all."""
    return actions.cancel(unit(), delivery_id)


@deliveries.post("/deliveries/<uuid:delivery_id>/settlement")
@deliveries.takes(schemas.Settlement, example={"note": "Đã thu lại bản giấy"})
@deliveries.gives(schemas.Delivery)
def settle_delivery(body: dict[str, Any], delivery_id: UUID) -> object:
    """Note that a recall which the receiver has not agreed to was followed up by hand."""
    return actions.settle(unit(), delivery_id, body["note"])
