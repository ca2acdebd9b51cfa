"""A list of assignments as a file for a spreadsheet; what it holds is what the list shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import select

from handlers.assignments.assignment_row import ASSIGNMENT
from service.domain.assignments import STATE_NAMES
from service.domain.clock import OFFICE_ZONE
from service.domain.spreadsheets import MOST_ROWS, Format, write_table
from service.queries.assignment_filters import AssignmentFilter, matching
from service.queries.assignment_links import PartyView
from service.queries.assignments import AssignmentView, views_of
from service.queries.people_export import ListFile
from service.storage.unit_of_work import UnitOfWork

_HEADER: Final = (
    "Nội dung",
    "Văn bản nguồn",
    "Người giao",
    "Chủ trì",
    "Người thực hiện",
    "Phối hợp",
    "Người theo dõi",
    "Ngày giao",
    "Thời hạn",
    "Trạng thái",
    "Tiến độ (%)",
    "Đánh giá thời hạn",
)


def export_assignments(unit: UnitOfWork, wanted: AssignmentFilter, form: Format) -> ListFile:
    """Return the assignments that exist for the actor and are asked for, 5,000 at most, as a table."""
    key = ASSIGNMENT.c.assigned_at.desc() if wanted.sort == "newest" else ASSIGNMENT.c.due_at.nulls_last()
    statement = select(ASSIGNMENT).where(*matching(unit, wanted)).order_by(key, ASSIGNMENT.c.id)
    rows = unit.session.execute(statement.limit(MOST_ROWS)).all()
    lines = [_line(view) for view in views_of(unit, rows)]
    return ListFile(write_table([_HEADER, *lines], form), len(lines))


def _line(view: AssignmentView) -> tuple[str, ...]:
    return (
        view.content,
        view.document.code if view.document else "",
        _names([view.assigner]),
        _names([view.lead]),
        _names(view.handlers),
        _names(view.coordinators),
        _names([view.monitor]),
        _day(view.assigned_at),
        _day(view.due_at),
        STATE_NAMES[view.state][0],
        str(view.percent),
        _judged(view),
    )


def _names(parties: Iterable[PartyView | None]) -> str:
    return ", ".join(one.name for one in parties if one is not None)


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%d/%m/%Y}" if at else ""


def _judged(view: AssignmentView) -> str:
    if view.is_late is not None:
        return "Trễ hạn" if view.is_late else "Đúng hạn"
    return "Quá hạn" if view.is_overdue else ""
