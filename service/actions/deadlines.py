"""What happens to a task's deadline: recomputed, paused, extended, urged; each a line of its ledger.

Old values stay in the ledger with who moved the deadline and why. Timers of the instance that wait for the
old due time move with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from service.actions.reminders import notify, plan_anew, recipients
from service.domain.clock import OFFICE_ZONE
from service.domain.deadline_texts import clock, day_en, day_vi
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput
from service.domain.ids import new_id
from service.domain.permissions import is_allowed, require
from service.engine.engine import ProcessEngine
from service.engine.instances import LockedTask, lock_task
from service.engine.spiff.execution import Execution
from service.engine.view import Cause
from service.queries.deadlines import Moved, as_json, computed_again, moved_by, pauses_of
from service.queries.user_tasks import read_view, task_not_found
from service.storage.calendars import read_calendar
from service.storage.models import DeadlineEntry, Timer, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_TASK = table_of(UserTask)
_TIMER = table_of(Timer)
_ENTRY = table_of(DeadlineEntry)

WATCH: Final = "user_task.supervise"
"""Who watches over tasks decides on extensions and urges (S0-11g4, S4-7b)."""

MAX_REASON_CHARACTERS: Final = 1000


def recompute(engine: ProcessEngine, unit: UnitOfWork, reason: str) -> list[Moved]:
    """Move every open deadline to where the calendar, as it is now, has it; return what moved.

    Raises:
        Forbidden: the actor does not keep the calendar.
        InvalidInput: no reason.
    """
    require(unit.actor, "calendar.keep")
    why = _reason(reason)
    unit.flush_writes()
    moved = moved_by(unit)
    for change in moved:
        locked = lock_task(unit, change.task_id)
        if locked is not None and locked.task["is_open"] and locked.task["due_at"] == change.old_due_at:
            _move(engine, unit, locked, change.new_due_at, change.deadline, kind="recomputed", reason=why)
    return moved


def pause(unit: UnitOfWork, task_id: UUID, reason: str) -> None:
    """Stop the clock of a task, for example while the sender is asked; reminders and its timers wait.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who watches over tasks.
        Conflict: it has no deadline, is done, or its clock stands already.
        InvalidInput: no reason.
    """
    locked, why = _lock_own(unit, task_id), _reason(reason)
    kept = locked.task["deadline"] or {}
    if kept.get("paused_at"):
        raise Conflict("deadline.paused", "Thời hạn đang tạm dừng.", "The deadline is paused already.")
    deadline = {**kept, "paused_at": unit.now.isoformat()}
    _write_task(unit, locked, locked.task["due_at"], deadline)
    _hold_timers(unit, locked, held=True)
    _enter(unit, locked, "paused", why, None)
    plan_anew(unit, task_id)


def resume(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID, reason: str) -> datetime:
    """Let the clock of a task go on and return its new due time: the pauses do not count.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who watches over tasks.
        Conflict: its clock does not stand.
        InvalidInput: no reason.
    """
    locked, why = _lock_own(unit, task_id), _reason(reason)
    kept = dict(locked.task["deadline"] or {})
    if not kept.pop("paused_at", None):
        raise Conflict("deadline.running", "Thời hạn không tạm dừng.", "The deadline is not paused.")
    _hold_timers(unit, locked, held=False)
    _enter(unit, locked, "resumed", why, None)
    unit.flush_writes()
    found = computed_again(kept, read_calendar(unit), pauses_of(unit, task_id))
    due_at = locked.task["due_at"] if found is None else found.due_at
    deadline = kept if found is None else as_json(found)
    _move(engine, unit, locked, due_at, deadline, kind="recomputed", reason=why)
    return due_at


def ask_extension(unit: UnitOfWork, task_id: UUID, due_at: datetime, reason: str) -> UUID:
    """Ask for a later due time and return the request's id; who watches over the task decides.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: neither its owner nor who watches over tasks.
        InvalidInput: no reason, or not later than the present due time.
    """
    locked, why = _lock_own(unit, task_id), _reason(reason)
    if due_at <= max(locked.task["due_at"], unit.now):
        vi, en = "Thời hạn mới phải sau thời hạn hiện tại.", "The new due time must be later."
        raise InvalidInput("deadline.not_later", vi, en, [Finding("deadline.not_later", vi, en, "/due_at")])
    return _enter(unit, locked, "extension_asked", why, due_at)


def decide_extension(
    engine: ProcessEngine, unit: UnitOfWork, request_id: UUID, reason: str, *, approve: bool
) -> None:
    """Grant or refuse an extension; the old due time stays in the ledger.

    Raises:
        Forbidden: the actor does not watch over tasks, or asked for it.
        NotFound: no such request.
        Conflict: it was decided on already, or the deadline has moved since.
        InvalidInput: no reason.
    """
    require(unit.actor, WATCH)
    why = _reason(reason)
    request = _request(unit, request_id)
    locked = lock_task(unit, request.task_id)
    if locked is None:
        raise task_not_found()
    if request.actor_id == unit.actor.account_id:
        vi, en = "Không thể tự duyệt đề nghị của mình.", "You cannot decide on your own request."
        raise Forbidden("deadline.own_request", vi, en)
    if _later_entries(unit, request) or locked.task["due_at"] != request.old_due_at:
        vi, en = "Đề nghị này đã được giải quyết.", "The request has been dealt with."
        raise Conflict("deadline.decided", vi, en)
    if not approve:
        _enter(unit, locked, "extension_refused", why, request.new_due_at)
        return
    kept = locked.task["deadline"] or {}
    deadline = _extended(kept, request.new_due_at, unit)
    _move(engine, unit, locked, request.new_due_at, deadline, kind="extended", reason=why)


def urge(unit: UnitOfWork, task_id: UUID, reason: str = "") -> list[str]:
    """Urge those who have a task to do (đôn đốc) and return whom; logged in the ledger and audited.

    Raises:
        Forbidden: the actor does not watch over tasks.
        NotFound: no such task for the actor.
        Conflict: it is done.
    """
    require(unit.actor, WATCH)
    locked = _lock_open(unit, task_id)
    people = recipients(unit, locked.task, locked.owner_login, ("assignee",))
    entry = _enter(unit, locked, "urged", reason.strip()[:MAX_REASON_CHARACTERS], None)
    facts = {"kind": "urging", "by": unit.actor.full_name, "note": reason}
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


def _move(
    engine: ProcessEngine,
    unit: UnitOfWork,
    locked: LockedTask,
    due_at: datetime,
    deadline: Mapping[str, Any],
    *,
    kind: str,
    reason: str,
) -> None:
    """Write the new due time, keep the old one, and move the timers that waited for it."""
    _write_task(unit, locked, due_at, deadline)
    _enter(unit, locked, kind, reason, due_at)
    old = locked.task["due_at"]
    tokens = list(
        unit.session.execute(
            select(_TIMER.c.token_id).where(
                _TIMER.c.instance_id == locked.instance.row.id, _TIMER.c.due_at == old
            )
        ).scalars()
    )

    def act(execution: Execution) -> bool:
        return sum(execution.move_timer(token, old, due_at) for token in tokens) > 0

    if tokens and due_at != old:
        engine.change_locked(unit, locked.instance, act, Cause("move_deadline", reason=reason))
    unit.flush_writes()
    plan_anew(unit, locked.task["id"])


def _write_task(unit: UnitOfWork, locked: LockedTask, due_at: datetime, deadline: Mapping[str, Any]) -> None:
    values = {"due_at": due_at, "deadline": dict(deadline), "version": locked.task["version"] + 1}
    unit.session.execute(update(_TASK).where(_TASK.c.id == locked.task["id"]).values(values))


def _hold_timers(unit: UnitOfWork, locked: LockedTask, *, held: bool) -> None:
    unit.session.execute(
        update(_TIMER)
        .where(_TIMER.c.instance_id == locked.instance.row.id, _TIMER.c.due_at == locked.task["due_at"])
        .values(held=held)
    )


def _enter(unit: UnitOfWork, locked: LockedTask, kind: str, reason: str, due_at: datetime | None) -> UUID:
    """Write a line of the ledger and its audit event; return its id."""
    entry_id = new_id(unit.now)
    row = {
        "id": entry_id,
        "agency_id": unit.actor.agency_id,
        "task_id": locked.task["id"],
        "at": unit.now,
        "kind": kind,
        "actor_id": unit.actor.account_id,
        "reason": reason,
        "old_due_at": locked.task["due_at"],
        "new_due_at": due_at,
        "old_deadline": locked.task["deadline"],
    }
    unit.session.execute(insert(_ENTRY), [row])
    facts = {"entry": str(entry_id), "old": _text(locked.task["due_at"]), "new": _text(due_at)}
    unit.audit(AuditRecord(f"deadline.{kind}", "user_task", locked.task["id"], facts))
    return entry_id


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _lock_open(unit: UnitOfWork, task_id: UUID) -> LockedTask:
    read_view(unit, task_id)
    locked = lock_task(unit, task_id)
    if locked is None:
        raise task_not_found()
    if not locked.task["is_open"]:
        raise Conflict("deadline.done", "Việc này đã xong.", "The task is done.")
    return locked


def _lock_own(unit: UnitOfWork, task_id: UUID) -> LockedTask:
    locked = _lock_open(unit, task_id)
    is_own = locked.task["owner_id"] == unit.actor.account_id
    if not (is_own or is_allowed(unit.actor, WATCH)):
        vi, en = "Chỉ người đang giữ việc mới làm được.", "Only the one who has the task may do this."
        raise Forbidden("deadline.not_owner", vi, en)
    if locked.task["due_at"] is None:
        raise Conflict("deadline.none", "Việc này không có thời hạn.", "The task has no deadline.")
    return locked


def _request(unit: UnitOfWork, request_id: UUID) -> Any:
    statement = select(_ENTRY).where(_ENTRY.c.id == request_id, _ENTRY.c.kind == "extension_asked")
    found = unit.session.execute(statement).one_or_none()
    if found is None:
        raise task_not_found()
    return found


def _later_entries(unit: UnitOfWork, request: Any) -> bool:
    decided = ("extended", "extension_refused")
    statement = select(_ENTRY.c.id).where(
        _ENTRY.c.task_id == request.task_id, _ENTRY.c.kind.in_(decided), _ENTRY.c.id > request.id
    )
    return unit.session.execute(statement.limit(1)).scalar_one_or_none() is not None


def _reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= MAX_REASON_CHARACTERS:
        vi = f"Lý do phải có từ 1 đến {MAX_REASON_CHARACTERS} ký tự."
        en = f"A reason has 1 to {MAX_REASON_CHARACTERS} characters."
        raise InvalidInput("deadline.reason", vi, en, [Finding("deadline.reason", vi, en, "/reason")])
    return reason
