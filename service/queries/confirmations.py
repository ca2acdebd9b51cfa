"""What leaders said of the words that aides entered for them (S0-10.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.storage.models import Account, TaskConfirmation, table_of
from service.storage.unit_of_work import UnitOfWork

CONFIRMATION = table_of(TaskConfirmation)
_LEADER = table_of(Account).alias("leader")


@dataclass(frozen=True, slots=True)
class ConfirmationView:
    """A leader's word on what was entered: ``outcome`` confirmed, or corrected with the right ``words``."""

    outcome: str
    words: str
    by: str
    by_name: str
    at: datetime


def confirmations_of(unit: UnitOfWork, task_ids: Iterable[UUID]) -> dict[UUID, ConfirmationView]:
    """Return the leaders' words by task, of those tasks that have them."""
    wanted = set(task_ids)
    if not wanted:
        return {}
    names = ("task_id", "outcome", "words", "at")
    statement = (
        select(
            *(CONFIRMATION.c[name] for name in names),
            _LEADER.c.login.label("by"),
            _LEADER.c.full_name.label("by_name"),
        )
        .join(_LEADER, _LEADER.c.id == CONFIRMATION.c.account_id)
        .where(CONFIRMATION.c.task_id.in_(wanted))
    )
    found = {}
    for row in unit.session.execute(statement).mappings():
        shown = {name: row[name] for name in ("outcome", "words", "by", "by_name", "at")}
        found[row["task_id"]] = ConfirmationView(**shown)
    return found
