"""Assignments: given, listed, read, noted, urged, cancelled, counted (S0-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from service.actions import assignments as actions
from service.api.files import FILE_POLICY, download_as
from service.api.resource import Resource
from service.api.schemas import assignments as schemas
from service.api.schemas.accounts import Created
from service.domain.spreadsheets import MEDIA_TYPES
from service.http.context import runtime, unit
from service.http.exports import count_exported
from service.queries import assignment_summary
from service.queries import assignments as queries
from service.queries.assignment_export import export_assignments
from service.queries.assignment_filters import AssignmentFilter

assignments = Resource("assignments", "assignments", "Assignments: work that was given, and how it stands.")

_EXAMPLE = {
    "content": "Chuẩn bị báo cáo sơ kết quý I",
    "lead": "unit:tong_hop",
    "coordinators": ["unit:hanh_chinh"],
    "monitor": "phochanhvp",
    "due_on": "2026-03-20",
}


def _filter(query: dict[str, Any]) -> AssignmentFilter:
    return AssignmentFilter(**{**query, "states": tuple(query.get("states", ()))})


@assignments.get("")
@assignments.filters(schemas.AssignmentQuery)
@assignments.gives(schemas.AssignmentPage)
def list_assignments(query: dict[str, Any]) -> object:
    """List the assignments that the caller may see: newest first, or by when they are due."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_assignments(unit(), _filter(query), cursor, limit)


@assignments.post("")
@assignments.takes(schemas.NewAssignment, example=_EXAMPLE)
@assignments.gives(Created, 201)
def give_assignment(body: dict[str, Any]) -> object:
    """Give an assignment; the one who carries it out takes it up in a user task."""
    on_behalf_of = body.pop("on_behalf_of", None)
    given = {name: _plain(value) for name, value in body.items()}
    return {"id": actions.give(runtime().engine, unit(), given, on_behalf_of)}


@assignments.get("/summary")
@assignments.filters(schemas.AssignmentConditions)
@assignments.gives(schemas.AssignmentSummary)
def summarise_assignments(query: dict[str, Any]) -> object:
    """Count the assignments that the caller may see, by state and by unit."""
    return assignment_summary.summarise(unit(), _filter(query))


@assignments.get("/export")
@assignments.filters(schemas.AssignmentFileQuery)
@assignments.gives(None, description="the file's bytes")
def export_list(query: dict[str, Any]) -> Response:
    """Give the list as a file."""
    form = query.pop("form")
    made = export_assignments(unit(), _filter(query), form)
    count_exported(made.lines)
    answer = Response(made.content, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = download_as(f"nhiem-vu.{form}")
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


@assignments.get("/<uuid:assignment_id>")
@assignments.gives(schemas.AssignmentDetail)
def read_assignment(assignment_id: UUID) -> object:
    """Read one assignment with its parts and every step of its life; the reading is recorded."""
    return actions.read_assignment(unit(), assignment_id)


@assignments.post("/<uuid:assignment_id>/notes")
@assignments.takes(schemas.AssignmentNote)
@assignments.gives(schemas.AssignmentDetail, 201)
def add_note(body: dict[str, Any], assignment_id: UUID) -> object:
    """Add a contribution or a note; for whoever has a part in it."""
    return actions.add_note(unit(), assignment_id, body["words"])


@assignments.post("/<uuid:assignment_id>/urging")
@assignments.takes(schemas.AssignmentUrging)
@assignments.gives(schemas.AssignmentUrged)
def urge_assignment(body: dict[str, Any], assignment_id: UUID) -> object:
    """Urge those who have it to do; logged, and they get a notice."""
    return actions.urge(unit(), assignment_id, body["words"])


@assignments.post("/<uuid:assignment_id>/cancellation")
@assignments.takes(schemas.AssignmentCancellation)
@assignments.gives(schemas.AssignmentDetail)
def cancel_assignment(body: dict[str, Any], assignment_id: UUID) -> object:
    """Cancel an open assignment, and its open parts with it."""
    return actions.cancel(runtime().engine, unit(), assignment_id, body["reason"])


def _plain(value: Any) -> Any:
    """Return a value as process variables hold it."""
    return value if isinstance(value, str | list) else str(value)
