"""Work dossiers: opened, listed, closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from service.actions import dossiers as actions
from service.api.resource import Resource
from service.api.schemas import documents as schemas
from service.http.context import unit
from service.queries import documents as queries

dossiers = Resource("dossiers", "dossiers", "Work dossiers: related documents on one matter.")


@dossiers.get("")
@dossiers.filters(schemas.DossierQuery)
@dossiers.gives(schemas.DossierList)
def list_dossiers(query: dict[str, Any]) -> object:
    """List the dossiers by year and notation."""
    return {"items": queries.list_dossiers(unit(), **query)}


@dossiers.post("")
@dossiers.takes(
    schemas.NewDossier, example={"year": 2026, "notation": "01-TH", "title": "…", "retention": "10 năm"}
)
@dossiers.gives(schemas.Dossier, 201)
def open_dossier(body: dict[str, Any]) -> object:
    """Open a dossier."""
    return actions.open_dossier(unit(), actions.NewDossier(**body))


@dossiers.get("/<uuid:dossier_id>")
@dossiers.gives(schemas.Dossier)
def read_dossier(dossier_id: UUID) -> object:
    """Read one dossier."""
    return queries.read_dossier(unit(), dossier_id)


@dossiers.post("/<uuid:dossier_id>/close")
@dossiers.gives(schemas.Dossier)
def close_dossier(dossier_id: UUID) -> object:
    """Close a dossier: nothing is added any more."""
    return actions.close_dossier(unit(), dossier_id)
