"""Rules that stop in a state of the work: the clock follows the state of the document (S4-6.2b).

A rule's ``stops`` names document states, such as ``waiting``. The document's history says when the state
began and ended, so the line of the ledger has that instant, not the one at which the round came by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.actions.deadline_ledger import start_clock, stop_clock
from service.domain.delivery import STATUS_NAMES
from service.engine.engine import ProcessEngine
from service.engine.instances import LockedTask, lock_task
from service.storage.models import Document, table_of
from service.storage.unit_of_work import UnitOfWork

_DOCUMENT = table_of(Document)


def follow_state(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID) -> str | None:
    """Stop or start a task's clock as the state of its document has it; return what was done, or None."""
    locked = lock_task(unit, task_id)
    if locked is None or not locked.task["is_open"] or locked.task["due_at"] is None:
        return None
    kept = locked.task["deadline"] or {}
    found = _state_in(unit, locked, kept.get("stops") or ())
    if found is not None and not kept.get("paused_at"):
        state, since = found
        name = STATUS_NAMES[state][0] if state in STATUS_NAMES else state
        at = max(since, locked.task["created_at"])
        stop_clock(unit, locked, f"Văn bản ở trạng thái “{name}”", at=at, by_state=state)
        return "stopped"
    if found is None and kept.get("paused_in"):
        left = _left_at(unit, locked, kept)
        start_clock(engine, unit, locked, "Văn bản đã rời trạng thái dừng thời hạn", at=left)
        return "started"
    return None


def settle_clock(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID) -> None:
    """Let a standing clock go on whose task is being done: what follows is under the moved deadline."""
    follow_state(engine, unit, task_id)
    locked = lock_task(unit, task_id)
    if locked is not None and (locked.task["deadline"] or {}).get("paused_at"):
        start_clock(engine, unit, locked, "Việc đã xong, thời hạn chạy tiếp")


def _documents(unit: UnitOfWork, locked: LockedTask) -> Any:
    columns = (_DOCUMENT.c.status, _DOCUMENT.c.trace)
    return unit.session.execute(select(*columns).where(_DOCUMENT.c.instance_id == locked.instance.row.id))


def _state_in(unit: UnitOfWork, locked: LockedTask, stops: Any) -> tuple[str, datetime] | None:
    """Return the stopping state that a document of the instance is in, and since when."""
    for row in _documents(unit, locked):
        if row.status in stops:
            return row.status, _began(row.trace, row.status) or unit.now
    return None


def _began(trace: list[Mapping[str, Any]], status: str) -> datetime | None:
    """Return since when the document has had its present status."""
    began = None
    for told, at in reversed(list(_changes(trace))):
        if told != status:
            break
        began = at
    return began


def _left_at(unit: UnitOfWork, locked: LockedTask, kept: Mapping[str, Any]) -> datetime:
    """Return when the document left the state in which the clock stood."""
    stopped = datetime.fromisoformat(str(kept["paused_at"]))
    for row in _documents(unit, locked):
        later = [at for told, at in _changes(row.trace) if at >= stopped and told != kept["paused_in"]]
        if later:
            return min(later)
    return unit.now


def _changes(trace: list[Mapping[str, Any]]) -> Iterator[tuple[str, datetime]]:
    for line in trace:
        if line.get("status") and line.get("at"):
            yield str(line["status"]), datetime.fromisoformat(str(line["at"]))
