"""An assignment that was split: which of its parts are open, how far they are, and when the last one closes.

A part is an assignment of its own, in a process of its own, that the message ``assignment_given`` begins. So
the whole counts what it announced: a part whose process has not begun yet is open too.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Row, cast, func, select, update

from handlers.assignments.assignment_row import ASSIGNMENT, ENTRY, lock_assignment
from handlers.contract import HandlerContext
from service.domain.assignments import OPEN_STATES, share_of
from service.storage.unit_of_work import UnitOfWork

PARTS_CLOSED: Final = "assignment_parts_closed"
"""The hint to a whole's process that its last open part has closed; its key is the whole's id."""


def parts_of(unit: UnitOfWork, whole_id: UUID) -> list[Row[Any]]:
    """Return the parts that have begun, in the order in which they were given."""
    statement = (
        select(ASSIGNMENT)
        .where(ASSIGNMENT.c.parent_id == whole_id)
        .order_by(ASSIGNMENT.c.assigned_at, ASSIGNMENT.c.id)
    )
    return list(unit.session.execute(statement))


def count_open_parts(unit: UnitOfWork, whole_id: UUID) -> int:
    """Return how many parts are open: those at work, and those announced whose process has not begun."""
    begun = select(func.count()).where(
        ASSIGNMENT.c.parent_id == whole_id,
        ENTRY.c.assignment_id == ASSIGNMENT.c.id,
        ENTRY.c.verb == "give",
        ENTRY.c.details["is_announced"].astext == "true",
    )
    # What was announced, less what was dropped again before it began.
    balance = select(func.coalesce(func.sum(cast(ENTRY.c.details["announced"].astext, Integer)), 0)).where(
        ENTRY.c.assignment_id == whole_id, ENTRY.c.details.has_key("announced")
    )
    at_work = select(func.count()).where(
        ASSIGNMENT.c.parent_id == whole_id, ASSIGNMENT.c.state.in_(OPEN_STATES)
    )
    announced, arrived, open_now = (
        unit.session.execute(one).scalar_one() for one in (balance, begun, at_work)
    )
    return int(max(announced - arrived, 0) + open_now)


def follow_parts(unit: UnitOfWork, whole_id: UUID | None) -> None:
    """Let the progress of a whole follow that of its parts; cancelled ones do not count."""
    if whole_id is None:
        return
    whole = lock_assignment(unit, whole_id)
    percents = [one.percent for one in parts_of(unit, whole_id) if one.state != "cancelled"]
    values = {"percent": share_of(percents), "version": whole.version + 1}
    if percents and whole.state in OPEN_STATES and whole.percent != values["percent"]:
        unit.session.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.id == whole_id).values(values))


def settle_whole(context: HandlerContext, whole_id: UUID | None) -> None:
    """Tell a whole's process when a part has closed that was its last open one, and one was completed.

    The whole's row is locked first, so that of two parts that close at once the later one sees both.
    """
    if whole_id is None:
        return
    unit = context.unit
    follow_parts(unit, whole_id)
    is_done = any(one.state == "completed" for one in parts_of(unit, whole_id))
    if is_done and count_open_parts(unit, whole_id) == 0:
        body = {"name": PARTS_CLOSED, "correlation_key": str(whole_id), "payload": {}, "is_hint": True}
        unit.send("message", PARTS_CLOSED, body, f"{PARTS_CLOSED}:{context.idempotency_key}")


__all__ = ["PARTS_CLOSED", "count_open_parts", "follow_parts", "parts_of", "settle_whole"]
