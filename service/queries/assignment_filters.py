"""Which assignments a list, a count or a file is about: those that exist for the actor and are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from handlers.assignments.assignment_row import ASSIGNMENT
from handlers.slips.slip_row import SLIP
from service.domain.assignments import OPEN_STATES, PART_NAMES
from service.domain.clock import OFFICE_ZONE
from service.queries.assignment_access import (
    Sight,
    are_named,
    have_part,
    is_held_today,
    may_see,
    sights_of,
)
from service.queries.document_access import DOCUMENT
from service.queries.document_access import may_see as may_see_document
from service.queries.slips import may_see as may_see_slip
from service.storage.models import Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)

PARTS: Final = ("any", *PART_NAMES)
SORTS: Final = ("newest", "due")

_BEHIND_PART: Final[dict[str, tuple[str, ...]]] = {
    **{part: (part,) for part in PART_NAMES},
    "lead": ("lead", "handler"),
    "any": (),
}


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    """Which assignments; None = any.

    Attributes:
        part: which part the actor has in them: one of :data:`PARTS`; ``lead`` = who is to do it, named by the
            assigner or chosen by their unit.
        states: of these.
        is_open: not yet completed or cancelled.
        is_overdue: open and past the deadline.
        is_late: completed after the deadline, or before it.
        is_waiting: waiting for somebody or something.
        unit: code of the unit that carries them out, or whose people do.
        document_id: of this source document, if the actor may see it.
        slip_id: that follow this slip, if the actor may see it.
        parent_id: parts of this assignment.
        text: part of the content.
        due_from: due on this day or later.
        due_to: due on this day or earlier.
        given_from: given on this day or later.
        given_to: given on this day or earlier.
        sort: ``newest`` first, or by when they are ``due``, those without a deadline last.
    """

    part: str | None = None
    states: tuple[str, ...] = ()
    is_open: bool | None = None
    is_overdue: bool | None = None
    is_late: bool | None = None
    is_waiting: bool | None = None
    unit: str | None = None
    document_id: UUID | None = None
    slip_id: UUID | None = None
    parent_id: UUID | None = None
    text: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    given_from: date | None = None
    given_to: date | None = None
    sort: Literal["newest", "due"] = "newest"


def matching(unit: UnitOfWork, wanted: AssignmentFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on ``assignment``; one that names whose few they are comes first."""
    found = sights_of(unit)
    return [*_of_whom(unit, wanted, found), may_see(found), *_facts(unit, wanted), *_links(unit, wanted)]


def overdue(now: datetime) -> ColumnElement[bool]:
    """Return in SQL what :func:`service.domain.assignments.is_overdue` says."""
    done = func.coalesce(ASSIGNMENT.c.reported_at, now)
    late = ASSIGNMENT.c.due_at < case((ASSIGNMENT.c.state == "reported", done), else_=now)
    return and_(is_open(), func.coalesce(late, False))


def is_open() -> ColumnElement[bool]:
    """Return the condition: neither completed nor cancelled."""
    return ASSIGNMENT.c.state.in_(sorted(OPEN_STATES))


def _of_whom(unit: UnitOfWork, wanted: AssignmentFilter, found: Sequence[Sight]) -> list[ColumnElement[bool]]:
    if wanted.part is not None:
        parts, me = _BEHIND_PART[wanted.part], unit.actor.references
        return [are_named(unit, me, parts), have_part(me, parts)]
    if unit.actor.is_system or any(sight.sees_all or sight.oversees for sight in found):
        return []
    return [are_named(unit, {name for sight in found for name in sight.references | sight.watched})]


def _facts(unit: UnitOfWork, wanted: AssignmentFilter) -> list[ColumnElement[bool]]:
    flags = (
        (wanted.is_open, is_open()),
        (wanted.is_overdue, overdue(unit.now)),
        (wanted.is_waiting, ASSIGNMENT.c.state == "waiting"),
    )
    found = [one if flag else ~one for flag, one in flags if flag is not None]
    if wanted.states:
        found.append(ASSIGNMENT.c.state.in_(wanted.states))
    if wanted.is_late is not None:
        found.append(ASSIGNMENT.c.is_late.is_(wanted.is_late))
    if wanted.unit is not None:
        found.append(_carried_out_by(unit, wanted.unit))
    if wanted.parent_id is not None:
        found.append(ASSIGNMENT.c.parent_id == wanted.parent_id)
    if wanted.text:
        found.append(ASSIGNMENT.c.content.icontains(wanted.text, autoescape=True))
    days = (
        (ASSIGNMENT.c.due_at, wanted.due_from, wanted.due_to),
        (ASSIGNMENT.c.assigned_at, wanted.given_from, wanted.given_to),
    )
    for column, first, last in days:
        if first is not None:
            found.append(column >= _morning_of(first))
        if last is not None:
            found.append(column < _morning_of(last + timedelta(days=1)))
    return found


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)


def _carried_out_by(unit: UnitOfWork, code: str) -> ColumnElement[bool]:
    of_code = select(_UNIT.c.id).where(_UNIT.c.code == code)
    people = select(_MEMBERSHIP.c.account_id).where(_MEMBERSHIP.c.unit_id.in_(of_code), is_held_today(unit))
    return or_(ASSIGNMENT.c.lead_unit_id.in_(of_code), ASSIGNMENT.c.lead_id.in_(people))


def _links(unit: UnitOfWork, wanted: AssignmentFilter) -> list[ColumnElement[bool]]:
    """Return what is asked by a document or a slip; of one that the actor may not see, there are none."""
    found: list[ColumnElement[bool]] = []
    if wanted.document_id is not None:
        seen = exists().where(DOCUMENT.c.id == wanted.document_id, may_see_document(unit))
        found += [ASSIGNMENT.c.document_id == wanted.document_id, seen]
    if wanted.slip_id is not None:
        seen = exists().where(SLIP.c.id == wanted.slip_id, may_see_slip(unit.actor))
        found += [ASSIGNMENT.c.slip_id == wanted.slip_id, seen]
    return found
