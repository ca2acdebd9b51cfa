"""Numbers of outgoing documents: reserved, voided, and by which scheme."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import numbers as actions
from service.api.resource import Resource
from service.api.schemas import numbers as schemas
from service.api.schemas.shared import Reason
from service.http.context import unit
from service.queries import numbers as queries

numbers = Resource("numbers", "", "Numbers of outgoing documents: reserved, voided, by which scheme.")


@numbers.post("/documents/<uuid:document_id>/number-reservation")
@numbers.gives(schemas.NumberGiven, 201)
def reserve_number(document_id: UUID) -> object:
    """Take the next number for a document before it is issued; asked again, the same number is given."""
    return actions.reserve(unit(), document_id)


@numbers.post("/registry-entries/<uuid:entry_id>/void")
@numbers.takes(Reason)
@numbers.gives(schemas.VoidedNumber)
def void_number(body: dict[str, Any], entry_id: UUID) -> object:
    """Void a number: it stays taken and is shown in the register with the reason."""
    return actions.void(unit(), entry_id, body["reason"])


@numbers.get("/issuing-bodies/<body_code>/number-scheme")
@numbers.gives(schemas.NumberScheme)
def read_scheme(body_code: str) -> object:
    """Read by which scheme a body numbers."""
    return queries.read_scheme(unit(), body_code)


@numbers.put("/issuing-bodies/<body_code>/number-scheme")
@numbers.takes(schemas.NumberSchemeInput)
@numbers.gives(schemas.NumberScheme)
def choose_scheme(body: dict[str, Any], body_code: str) -> object:
    """Let a State body number each type of administrative document apart, or all in one series."""
    return actions.choose_scheme(unit(), body_code, **body)
