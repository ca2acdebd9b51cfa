"""Deployed process versions, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import FindingOutput, Length, Output, Schema, note


class DefinitionQuery(Schema):
    """Which versions to list."""

    key = fields.String(validate=Length(min=1, max=100))
    active_only = fields.Boolean(load_default=False)


class Definition(Output):
    """An immutable version of a process."""

    id = fields.UUID()
    key = fields.String()
    version = fields.Integer()
    content_hash = fields.String(metadata=note("SHA-256 of the bundle, hex"))
    active = fields.Boolean()
    info = fields.Dict(metadata=note("titles, owner, who may start, clauses, starts"))
    deployed_by = fields.String(allow_none=True)
    deployed_at = Instant()


class DefinitionList(Output):
    """Versions by key, newest first."""

    items = fields.List(fields.Nested(Definition))


class File(Output):
    """A file of a version."""

    path = fields.String()
    size_bytes = fields.Integer()


class FileList(Output):
    """The files of a version as they were deployed."""

    items = fields.List(fields.Nested(File))


class FindingList(Output):
    """What is wrong with a bundle; empty = it could be deployed."""

    items = fields.List(fields.Nested(FindingOutput))
