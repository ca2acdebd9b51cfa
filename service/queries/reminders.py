"""Ladders of reminders: the process's own, else the agency's, else the one that every house begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select

from service.domain.errors import NotFound
from service.domain.permissions import require
from service.domain.reminders import DEFAULT_LADDER, Rung, read_ladder, write_ladder
from service.storage.models import ProcessDefinition, ReminderLadder, table_of
from service.storage.unit_of_work import UnitOfWork

LADDER = table_of(ReminderLadder)
_DEFINITION = table_of(ProcessDefinition)

AGENCY_KEY: Final = ""
"""The key of the ladder for every process without one of its own."""


@dataclass(frozen=True, slots=True)
class LadderView:
    """A ladder in force; ``process_key`` None = for every process without one of its own.

    ``origin`` says whose it is: ``process``, ``agency``, or ``built_in``.
    """

    process_key: str | None
    origin: Literal["process", "agency", "built_in"]
    rungs: Sequence[dict[str, Any]]


def ladder_of(unit: UnitOfWork, process_key: str) -> tuple[Rung, ...]:
    """Return the ladder by which a process reminds."""
    found = _kept(unit)
    rungs = found.get(process_key, found.get(AGENCY_KEY))
    return DEFAULT_LADDER if rungs is None else read_ladder(rungs)


def list_ladders(unit: UnitOfWork) -> list[LadderView]:
    """Return the ladder for all, then that of each process of the agency, by key.

    Raises:
        Forbidden: the actor has no role in the agency.
    """
    require(unit.actor, "reminder.read")
    kept = _kept(unit)
    keys = unit.session.execute(select(_DEFINITION.c.key).distinct().order_by(_DEFINITION.c.key)).scalars()
    return [_view(kept, None), *(_view(kept, key) for key in keys)]


def read_ladder_of(unit: UnitOfWork, process_key: str | None) -> LadderView:
    """Return the ladder in force for a process, None = for all without one of their own.

    Raises:
        Forbidden: the actor has no role in the agency.
        NotFound: the agency has no such process.
    """
    require(unit.actor, "reminder.read")
    check_process(unit, process_key)
    return _view(_kept(unit), process_key)


def check_process(unit: UnitOfWork, process_key: str | None) -> None:
    """Refuse a key that no process of the agency has.

    Raises:
        NotFound: the agency has no such process.
    """
    if process_key is not None:
        statement = select(_DEFINITION.c.id).where(_DEFINITION.c.key == process_key).limit(1)
        if unit.session.execute(statement).first() is None:
            raise NotFound("process.not_found", "Không có quy trình này.", "There is no such process.")


def _kept(unit: UnitOfWork) -> dict[str, list[Any]]:
    rows = unit.session.execute(select(LADDER.c.process_key, LADDER.c.rungs))
    return {row.process_key: row.rungs for row in rows}


def _view(kept: dict[str, list[Any]], process_key: str | None) -> LadderView:
    if process_key is not None and process_key in kept:
        return LadderView(process_key, "process", kept[process_key])
    if AGENCY_KEY in kept:
        return LadderView(process_key, "agency", kept[AGENCY_KEY])
    return LadderView(process_key, "built_in", write_ladder(DEFAULT_LADDER))
