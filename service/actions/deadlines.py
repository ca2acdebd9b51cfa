"""What people do to a task's deadline: recomputed, paused, extended, urged; each a line of its ledger.

Old values stay in the ledger with who moved the deadline and why. Who may, says the permission table: who has
the task may pause it and ask for more time; who watches over it decides, and urges (S0-11g4, S1-4.2a, S4-7b).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.actions.behalf import Behalf
from service.actions.deadline_ledger import (
    ENTRY,
    MAX_REASON_CHARACTERS,
    check_reason,
    enter,
    move,
    start_clock,
    stop_clock,
)
from service.actions.reminders import notify, recipients
from service.actions.task_locks import lock_visible, require_on_task
from service.domain.clock import OFFICE_ZONE
from service.domain.deadline_texts import clock, day_en, day_vi
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput, NotFound
from service.domain.permissions import require
from service.engine.engine import ProcessEngine
from service.engine.instances import LockedTask, lock_task
from service.queries.deadlines import Moved, moved_by
from service.storage.unit_of_work import UnitOfWork


def recompute(engine: ProcessEngine, unit: UnitOfWork, reason: str) -> list[Moved]:
    """Move every open deadline to where the calendar, as it is now, has it; return what moved.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: no reason.
    """
    require(unit.actor, "calendar.keep")
    why = check_reason(reason)
    unit.flush_writes()
    moved = moved_by(unit)
    for change in moved:
        locked = lock_task(unit, change.task_id)
        if locked is not None and locked.task["is_open"] and locked.task["due_at"] == change.old_due_at:
            move(engine, unit, locked, change.new_due_at, change.deadline, kind="recomputed", reason=why)
    return moved


def pause(unit: UnitOfWork, task_id: UUID, reason: str) -> None:
    """Stop the clock of a task, for example while the sender is asked; reminders and its timers wait.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who supervises tasks.
        Conflict: it has no deadline, is not open, or its clock stands already.
        InvalidInput: no reason.
    """
    locked, behalf = _lock(unit, task_id, "deadline.pause")
    why = check_reason(reason)
    _check_has_deadline(locked)
    if _is_paused(locked):
        raise Conflict("deadline.paused", "Thời hạn đang tạm dừng.", "The deadline is paused already.")
    stop_clock(unit, locked, why, behalf=behalf)


def resume(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID, reason: str) -> datetime:
    """Let the clock of a task go on and return its new due time: the pauses do not count.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who supervises tasks.
        Conflict: its clock does not stand, or the task is not open.
        InvalidInput: no reason.
    """
    locked, behalf = _lock(unit, task_id, "deadline.pause")
    why = check_reason(reason)
    if not _is_paused(locked):
        raise Conflict("deadline.running", "Thời hạn không tạm dừng.", "The deadline is not paused.")
    return start_clock(engine, unit, locked, why, behalf=behalf)


def ask_extension(unit: UnitOfWork, task_id: UUID, due_at: datetime, reason: str) -> UUID:
    """Ask for a later due time and return the request's id; who watches over the task decides.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who supervises tasks.
        Conflict: it has no deadline, or is not open.
        InvalidInput: no reason, or not later than the present due time.
    """
    locked, behalf = _lock(unit, task_id, "deadline.ask_extension")
    why = check_reason(reason)
    _check_has_deadline(locked)
    if due_at <= max(locked.task["due_at"], unit.now):
        vi, en = "Thời hạn mới phải sau thời hạn hiện tại.", "The new due time must be later."
        raise InvalidInput("deadline.not_later", vi, en, [Finding("deadline.not_later", vi, en, "/due_at")])
    return enter(unit, locked, "extension_asked", why, due_at=due_at, behalf=behalf)


def decide_extension(
    engine: ProcessEngine, unit: UnitOfWork, request_id: UUID, reason: str, *, approve: bool
) -> None:
    """Grant or refuse an extension; the old due time stays in the ledger.

    An extension that is granted while the clock stands lets it go on first, with a line of its own: the new
    day is one that a person set, and a pause does not move it.

    Raises:
        Forbidden: the actor does not watch over the task, asked for it, or has the task.
        NotFound: no such request for the actor.
        Conflict: it was decided on already, or the deadline has moved since.
        InvalidInput: no reason.
    """
    request = _request(unit, request_id)
    locked, behalf = _lock(unit, request.task_id, "deadline.extend")
    why = check_reason(reason)
    if unit.actor.account_id in {request.actor_id, locked.task["owner_id"]}:
        vi, en = "Không thể tự duyệt đề nghị của mình.", "You cannot decide on your own request."
        raise Forbidden("deadline.own_request", vi, en)
    if _later_entries(unit, request) or locked.task["due_at"] != request.old_due_at:
        vi, en = "Đề nghị này đã được giải quyết.", "The request has been dealt with."
        raise Conflict("deadline.decided", vi, en)
    if not approve:
        enter(unit, locked, "extension_refused", why, due_at=request.new_due_at, behalf=behalf)
        return
    if _is_paused(locked):
        start_clock(engine, unit, locked, why, behalf=behalf)
        locked, _ = _lock(unit, request.task_id, "deadline.extend")
    deadline = _extended(locked.task["deadline"] or {}, request.new_due_at, unit)
    move(engine, unit, locked, request.new_due_at, deadline, kind="extended", reason=why, behalf=behalf)


def urge(unit: UnitOfWork, task_id: UUID, reason: str = "") -> list[str]:
    """Urge those who have a task to do (đôn đốc) and return whom; logged in the ledger and audited.

    Raises:
        Forbidden: the actor does not watch over the task.
        NotFound: no such task for the actor.
        Conflict: it is not open.
    """
    locked, behalf = _lock(unit, task_id, "deadline.urge")
    return urge_holders(unit, locked, reason, behalf)


def urge_holders(unit: UnitOfWork, locked: LockedTask, reason: str, behalf: Behalf) -> list[str]:
    """Urge those who have a locked task, without asking who may; return whom."""
    people = recipients(unit, locked.task, locked.owner_login, ("assignee",))
    entry = enter(unit, locked, "urged", reason.strip()[:MAX_REASON_CHARACTERS], behalf=behalf)
    by = f"{unit.actor.full_name} thay {behalf.person.full_name}" if behalf.person else unit.actor.full_name
    facts = {"kind": "urging", "by": by, "note": reason}
    notify(unit, locked.task, people, f"urging:{entry}", facts)
    return people


def _extended(kept: Mapping[str, Any], due_at: datetime, unit: UnitOfWork) -> dict[str, Any]:
    local = due_at.astimezone(OFFICE_ZONE)
    clause = f" ({kept['clause']})" if kept.get("clause") else ""
    vi = f"gia hạn đến {clock(local)} {day_vi(local)}, {unit.actor.full_name} duyệt{clause}"
    en = f"extended to {clock(local)} {day_en(local)}, approved by {unit.actor.full_name}{clause}"
    return {
        "rule": "fixed",
        "on": local.date().isoformat(),
        "at": local.time().isoformat("minutes"),
        "clause": kept.get("clause") or "",
        "start": kept.get("start") or unit.now.isoformat(),
        "calendar": kept.get("calendar") or "",
        "due_at": due_at.isoformat(),
        "warn_at": due_at.isoformat(),
        "derivation": vi,
        "derivation_vi": vi,
        "derivation_en": en,
    }


def _lock(unit: UnitOfWork, task_id: UUID, action: str) -> tuple[LockedTask, Behalf]:
    locked = lock_visible(unit, task_id)
    if locked.task["completed_at"] is not None:
        raise Conflict("deadline.done", "Việc này đã xong.", "The task is done.")
    return locked, require_on_task(unit, locked, action)


def _check_has_deadline(locked: LockedTask) -> None:
    if locked.task["due_at"] is None:
        raise Conflict("deadline.none", "Việc này không có thời hạn.", "The task has no deadline.")


def _is_paused(locked: LockedTask) -> bool:
    return bool((locked.task["deadline"] or {}).get("paused_at"))


def _request(unit: UnitOfWork, request_id: UUID) -> Any:
    statement = select(ENTRY).where(ENTRY.c.id == request_id, ENTRY.c.kind == "extension_asked")
    found = unit.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("user_task.not_found", "Không tìm thấy việc này.", "There is no such task.")
    return found


def _later_entries(unit: UnitOfWork, request: Any) -> bool:
    decided = ("extended", "extension_refused")
    statement = select(ENTRY.c.id).where(
        ENTRY.c.task_id == request.task_id, ENTRY.c.kind.in_(decided), ENTRY.c.id > request.id
    )
    return unit.session.execute(statement.limit(1)).scalar_one_or_none() is not None
