"""The directory of receiving contact points, kept: offices are entered, their addresses changed."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions.partners import add_partner as add
from service.actions.partners import change_partner as change
from service.api.resource import Resource
from service.api.schemas import partners as schemas
from service.api.schemas.accounts import Created
from service.http.context import unit

partners = Resource("partners", "partners", "Offices that documents are exchanged with: entered, changed.")


@partners.post("")
@partners.takes(schemas.PartnerInput, example={"organ_id": "A01.02.00", "name": "Ban Tổ chức Tỉnh ủy"})
@partners.gives(Created, 201)
def add_partner(body: dict[str, Any]) -> object:
    """Enter an office into the directory of receiving contact points."""
    return {"id": add(unit(), **body)}


@partners.patch("/<organ_id>")
@partners.takes(schemas.PartnerChange, example={"endpoint": "https://lienthong.example.vn/congvan"})
@partners.gives(None, 204)
def change_partner(body: dict[str, Any], organ_id: str) -> Response:
    """Change name, addresses or contact point of an office; `endpoint: null` stops sending to it."""
    change(unit(), organ_id, body)
    return Response(status=204)
