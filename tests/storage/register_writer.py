"""A writer of its own process: registers until it is killed, printing what was committed."""

from __future__ import annotations

import sys
from uuid import UUID

from service.domain.actors import system_actor
from service.domain.clock import SystemClock
from service.domain.numbering import SeriesKey
from service.storage import register
from service.storage.database import Database, open_engine


def write_for_ever(conninfo: str, agency_id: UUID, document_id: UUID) -> None:
    """Register the document again and again; every third time change one's mind and roll back."""
    database = Database(open_engine(conninfo, pool_connections=1), SystemClock())
    actor = system_actor(agency_id, "vptu")
    turn = 0
    while True:
        turn += 1
        try:
            with database.unit_of_work(actor) as unit:
                entered = register.enter(unit, SeriesKey("vptu", "incoming", "2026"), document_id, {})
                _change_mind(is_due=turn % 3 == 0)
        except InterruptedError:
            continue
        sys.stdout.write(f"{entered.number}\n")
        sys.stdout.flush()


def _change_mind(*, is_due: bool) -> None:
    if is_due:
        raise InterruptedError


if __name__ == "__main__":
    write_for_ever(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3]))
