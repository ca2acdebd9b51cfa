"""Submission slips: listed, read with every opinion, taken as PDF, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import slips as actions
from service.api.files import file_answer
from service.api.resource import Resource
from service.api.schemas import slips as schemas
from service.api.schemas.shared import Reason
from service.http.context import runtime, unit
from service.queries import slips as queries

slips = Resource("slips", "slips", "Submission slips: matters put to leaders, with every opinion on them.")


@slips.get("")
@slips.filters(schemas.SlipQuery)
@slips.gives(schemas.SlipPage)
def list_slips(query: dict[str, Any]) -> object:
    """List the slips that the caller may see, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_slips(unit(), queries.SlipFilter(**query), cursor, limit)


@slips.get("/<uuid:slip_id>")
@slips.gives(schemas.SlipDetail)
def read_slip(slip_id: UUID) -> object:
    """Read one slip with every opinion; the reading is recorded."""
    return actions.read_slip(unit(), slip_id)


@slips.get("/<uuid:slip_id>/file")
@slips.gives(None, description="the PDF")
def read_file(slip_id: UUID) -> Response:
    """Read the PDF that was frozen when the slip was decided."""
    file = actions.open_file(unit(), slip_id)
    return file_answer(runtime().blobs, unit(), file.sha256, file.file_name, file.media_type)


@slips.post("/<uuid:slip_id>/withdrawal")
@slips.takes(Reason)
@slips.gives(schemas.SlipDetail)
def withdraw_slip(body: dict[str, Any], slip_id: UUID) -> object:
    """Withdraw the caller's own slip, as long as nobody else has opened it."""
    return actions.withdraw(runtime().engine, unit(), slip_id, body["reason"])
