"""How the assignments of a period stand: by state, overdue, in time or late, for each unit that does them.

Of what exists for the reader, and of nothing else (S1-4.2a, S4-7b): a leader counts the agency's, the head of
a unit the unit's, everybody their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from handlers.assignments.assignment_row import ASSIGNMENT
from service.domain.assignments import OPEN_STATES, STATE_NAMES
from service.queries.assignment_access import is_held_today
from service.queries.assignment_filters import AssignmentFilter, matching, overdue
from service.storage.models import Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class Count:
    """How many assignments there are.

    Attributes:
        total: all of them.
        by_state: state → how many; every state is there.
        open: neither completed nor cancelled.
        overdue: open ones past their deadline.
        on_time: completed by their deadline, or without one.
        late: completed after it.
    """

    total: int
    by_state: Mapping[str, int]
    open: int
    overdue: int
    on_time: int
    late: int


@dataclass(frozen=True, slots=True)
class UnitCount(Count):
    """Those of one unit; ``unit_code`` None = of people who belong to no unit."""

    unit_code: str | None = None
    unit_name: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All that the filter names, and the same for each unit by name."""

    total: Count
    units: Sequence[UnitCount]


@dataclass(slots=True)
class _Tally:
    by_state: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATE_NAMES, 0))
    overdue: int = 0
    on_time: int = 0
    late: int = 0

    def add(self, row: Row[Any]) -> None:
        self.by_state[row.state] += row.amount
        self.overdue += row.overdue
        self.on_time += row.on_time
        self.late += row.late

    def numbers(self) -> dict[str, Any]:
        return {
            "total": sum(self.by_state.values()),
            "by_state": self.by_state,
            "open": sum(self.by_state[state] for state in OPEN_STATES),
            "overdue": self.overdue,
            "on_time": self.on_time,
            "late": self.late,
        }


def summarise(unit: UnitOfWork, wanted: AssignmentFilter) -> Summary:
    """Return how those that the filter names stand."""
    rows = unit.session.execute(_counted(unit, wanted)).all()
    units = _units_of(unit, {row.lead_id for row in rows if row.lead_id and not row.lead_unit_id})
    names = {row.id: row for row in unit.session.execute(select(_UNIT))}
    total, tallies = _Tally(), dict[UUID | None, _Tally]()
    for row in rows:
        total.add(row)
        tallies.setdefault(row.lead_unit_id or units.get(row.lead_id), _Tally()).add(row)
    lines = [
        UnitCount(
            **tally.numbers(),
            unit_code=names[unit_id].code if unit_id else None,
            unit_name=names[unit_id].name if unit_id else "",
        )
        for unit_id, tally in tallies.items()
    ]
    lines.sort(key=lambda line: (line.unit_code is None, line.unit_name, line.unit_code))
    return Summary(Count(**total.numbers()), lines)


def _counted(unit: UnitOfWork, wanted: AssignmentFilter) -> Any:
    who = (ASSIGNMENT.c.lead_id, ASSIGNMENT.c.lead_unit_id, ASSIGNMENT.c.state)
    amounts = {
        "amount": func.count(),
        "overdue": func.count().filter(overdue(unit.now)),
        "on_time": func.count().filter(ASSIGNMENT.c.is_late.is_(False)),
        "late": func.count().filter(ASSIGNMENT.c.is_late.is_(True)),
    }
    columns = [amount.label(name) for name, amount in amounts.items()]
    return select(*who, *columns).where(*matching(unit, wanted)).group_by(*who)


def _units_of(unit: UnitOfWork, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the unit that each person belongs to today; of several, the first by code."""
    statement = (
        select(_MEMBERSHIP.c.account_id, _UNIT.c.id)
        .join(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        .where(_MEMBERSHIP.c.account_id.in_(list(people)), is_held_today(unit))
        .order_by(_UNIT.c.code.desc())
    )
    return {row.account_id: row.id for row in unit.session.execute(statement)}
