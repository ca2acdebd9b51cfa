"""Changes of rights, out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Output, PageOutput, PageQuery, note


class ChangeQuery(PageQuery):
    """Which changes to list."""

    is_open = fields.Boolean(data_key="open", metadata=note("only those that wait, or only others"))


class Change(Output):
    """A change of rights, warned about until an authority confirms it."""

    id = fields.UUID()
    kind = fields.String(
        metadata=note("membership.grant, membership.end, assistance.grant or assistance.end")
    )
    login = fields.String(metadata=note("whose rights changed"))
    full_name = fields.String()
    facts = fields.Dict(metadata=note("role and unit, or the leader; days; of an end, the last day before"))
    at = Instant()
    by = fields.String(allow_none=True, metadata=note("who made it"))
    by_name = fields.String(allow_none=True)
    undoes_id = fields.UUID(allow_none=True)
    state = fields.String(metadata=note("open, confirmed or undone"))
    decided_by = fields.String(allow_none=True)
    decided_at = Instant(allow_none=True)
    reason = fields.String(allow_none=True)
    may_decide = fields.Boolean(metadata=note("whether the reader may confirm or undo it"))


class ChangePage(PageOutput):
    """A page of changes of rights, newest first."""

    items = fields.List(fields.Nested(Change))
