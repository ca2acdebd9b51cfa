"""The parts that somebody who leaves has in open assignments, handed over with the tasks (S4-12.3, S0-9.3g3).

The steps that they took keep their name; what is still to be done, confirmed or watched goes to the heir.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from handlers.assignments.assignment_row import ASSIGNMENT, PARTY, Step, lock_assignment, take_step
from service.domain.assignments import OPEN_STATES
from service.domain.ids import new_id
from service.storage.unit_of_work import UnitOfWork

_COLUMN_OF_PART: Final = {"assigner": "assigner_id", "lead": "lead_id"}


def open_parts(unit: UnitOfWork, login: str) -> list[tuple[UUID, str]]:
    """Return id and content of the open assignments in which a person has a part, by their ids."""
    held = select(PARTY.c.assignment_id).where(PARTY.c.reference == f"user:{login}")
    statement = (
        select(ASSIGNMENT.c.id, ASSIGNMENT.c.content)
        .where(ASSIGNMENT.c.id.in_(held), ASSIGNMENT.c.state.in_(OPEN_STATES))
        .order_by(ASSIGNMENT.c.id)
    )
    return [(row.id, row.content) for row in unit.session.execute(statement)]


def hand_over_parts(
    unit: UnitOfWork, person: tuple[UUID, str], heir: tuple[UUID, str], assignment_ids: Collection[UUID]
) -> int:
    """Give a person's parts in assignments to another; return in how many.

    Args:
        unit: the open unit of work.
        person: account and login of who leaves.
        heir: account and login of who takes over.
        assignment_ids: of open ones.
    """
    for assignment_id in sorted(assignment_ids):
        row = lock_assignment(unit, assignment_id)
        mine = PARTY.c.assignment_id == assignment_id, PARTY.c.account_id == person[0]
        parts = list(unit.session.execute(select(PARTY.c.part).where(*mine)).scalars())
        _give_parts(unit, row, parts, heir)
        unit.session.execute(delete(PARTY).where(*mine))
        columns = {_COLUMN_OF_PART[part]: heir[0] for part in parts if part in _COLUMN_OF_PART}
        details = {"parts": sorted(parts), "from_login": person[1], "to_login": heir[1]}
        words = "Bàn giao phần việc"
        step = Step("amend", new_id(unit.now), words=words, details=details, by_id=unit.actor.account_id)
        take_step(unit, row, step, columns)
    return len(assignment_ids)


def _give_parts(unit: UnitOfWork, row: Row[Any], parts: Collection[str], heir: tuple[UUID, str]) -> None:
    rows = [
        {
            "agency_id": row.agency_id,
            "assignment_id": row.id,
            "part": part,
            "reference": f"user:{heir[1]}",
            "account_id": heir[0],
            "unit_id": None,
        }
        for part in parts
    ]
    unit.session.execute(insert(PARTY).on_conflict_do_nothing(), rows)


__all__ = ["hand_over_parts", "open_parts"]
