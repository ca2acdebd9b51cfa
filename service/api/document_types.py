"""Types of documents and their forms, as they hold on a day."""

from __future__ import annotations

from typing import Any

from service.actions.draft_facts import office_today
from service.api.resource import Resource
from service.api.schemas import drafts as schemas
from service.http.context import unit
from service.queries import drafts as queries

document_types = Resource(
    "document_types", "document-types", "Types of documents and their forms, dated by regulation."
)


@document_types.get("")
@document_types.filters(schemas.TypeQuery)
@document_types.gives(schemas.DocumentFormList)
def list_types(query: dict[str, Any]) -> object:
    """List the forms that hold on a day, each with its types, capacities and what is not known for sure."""
    on = query.get("on") or office_today(unit())
    items = [
        {
            "profile": form.name,
            "from_on": form.from_on,
            "to_on": form.to_on,
            "regulation": form.regulation,
            "types": types,
            "capacities": list(form.capacities.values()),
            "unknown_facts": list(form.unknown),
        }
        for form, types in queries.list_types(query.get("profile"), on)
    ]
    return {"items": items}
