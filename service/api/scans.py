"""What the malware scanner has said of stored contents, and scanning them again."""

from __future__ import annotations

from typing import Any

from service.actions import scans as actions
from service.api.resource import Resource
from service.api.schemas import protection as schemas
from service.http.context import unit
from service.queries import scans as queries

scans = Resource("scans", "scans", "Malware scans of stored contents.")


@scans.get("")
@scans.filters(schemas.ScanQuery)
@scans.gives(schemas.ScanPage)
def list_scans(query: dict[str, Any]) -> object:
    """List the contents of the agency with their verdicts, without names."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_scans(unit(), cursor, limit, **query)


@scans.post("/repeat")
@scans.takes(schemas.Repeat)
@scans.gives(schemas.Repeated, 202)
def repeat_scans(body: dict[str, Any]) -> object:
    """Have contents scanned again, all or those in one state; what is locked stays so until then."""
    return {"count": actions.ask_rescan(unit(), body["state"])}, 202
