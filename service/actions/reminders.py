"""Reminding of deadlines: each rung of a process's ladder once, by notices through the outbox.

A notice names the task, its due time and the reasoning, never the subject: what is secret stays in the house.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Finding, InvalidInput
from service.domain.permissions import require
from service.domain.reminders import (
    LadderError,
    Party,
    Span,
    calls_until,
    next_call,
    read_ladder,
    write_ladder,
)
from service.queries.reminders import (
    AGENCY_KEY,
    LADDER,
    LadderView,
    check_process,
    ladder_of,
    read_ladder_of,
)
from service.storage.calendars import read_calendar
from service.storage.models import Account, Membership, TaskReminder, Unit, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_TASK = table_of(UserTask)
_REMINDER = table_of(TaskReminder)
_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)

HEAD_OF_OFFICE: Final = "role:head_of_office"
_AFTER_FAULT: Final = timedelta(hours=1)


def set_ladder(unit: UnitOfWork, process_key: str | None, rungs: Sequence[Mapping[str, Any]]) -> LadderView:
    """Set when and whom a process reminds; None for all without a ladder, no rungs for no reminders.

    Raises:
        Forbidden: the actor does not keep the ladders.
        NotFound: the agency has no such process.
        InvalidInput: a rung is malformed.
    """
    require(unit.actor, "reminder.keep")
    check_process(unit, process_key)
    try:
        ladder = read_ladder(rungs)
    except LadderError as error:
        vi, en = "Bậc nhắc việc không hợp lệ.", f"The ladder is malformed: {error}."
        raise InvalidInput(
            "reminder.ladder", vi, en, [Finding("reminder.ladder", vi, en, "/rungs")]
        ) from error
    key = process_key or AGENCY_KEY
    row = {"agency_id": unit.actor.agency_id, "process_key": key, "rungs": write_ladder(ladder)}
    statement = insert(LADDER).values(row)
    keys = ["agency_id", "process_key"]
    statement = statement.on_conflict_do_update(index_elements=keys, set_={"rungs": row["rungs"]})
    unit.session.execute(statement)
    facts = {"process": key, "rungs": row["rungs"]}
    unit.audit(AuditRecord("reminder.set_ladder", "reminder_ladder", None, facts))
    return read_ladder_of(unit, process_key)


def reset_ladder(unit: UnitOfWork, process_key: str | None) -> LadderView:
    """Let a process remind as the agency's ladder does, or with None the agency as every house begins.

    Raises:
        Forbidden: the actor does not keep the ladders.
        NotFound: the agency has no such process.
    """
    require(unit.actor, "reminder.keep")
    check_process(unit, process_key)
    key = process_key or AGENCY_KEY
    unit.session.execute(delete(LADDER).where(LADDER.c.process_key == key))
    unit.audit(AuditRecord("reminder.reset_ladder", "reminder_ladder", None, {"process": key}))
    return read_ladder_of(unit, process_key)


def remind(unit: UnitOfWork, task_id: UUID) -> str | None:
    """Send the reminder of a task that is due and plan the next; return the rung's key, None if none was.

    Of several that were missed only the last is sent. A task that somebody else holds is left for later.
    """
    statement = select(_TASK, _ACCOUNT.c.login.label("owner_login"))
    statement = statement.outerjoin(_ACCOUNT, _ACCOUNT.c.id == _TASK.c.owner_id).where(_TASK.c.id == task_id)
    row = unit.session.execute(statement.with_for_update(of=_TASK, skip_locked=True)).one_or_none()
    found = {} if row is None else row._asdict()
    if not found.get("is_open") or found["due_at"] is None:
        return None
    deadline = found["deadline"] or {}
    if deadline.get("paused_at"):
        _plan(unit, found, [], None)
        return None
    plan = unit.session.execute(select(_REMINDER).where(_REMINDER.c.task_id == task_id)).one_or_none()
    sent = plan.sent if plan is not None and plan.due_at == found["due_at"] else []
    after = datetime.fromisoformat(sent[-1][1]) if sent else None
    ladder, calendar = ladder_of(unit, found["process_key"]), read_calendar(unit)
    span = Span(_start(found), found["due_at"], str(deadline.get("rule") or ""))
    calls = calls_until(ladder, span, after, unit.now, calendar)
    sent = [*sent, *([call.key, call.at.isoformat()] for call in calls)]
    following = next_call(ladder, span, calls[-1].at if calls else after, calendar)
    _plan(unit, found, sent, following.at if following else None)
    if not calls:
        return None
    last = calls[-1]
    people = recipients(unit, found, found["owner_login"], last.rung.to)
    key = f"reminder:{task_id}:{found['due_at'].isoformat()}:{last.key}"
    notify(unit, found, people, key, {"kind": "deadline_reminder", "rung": last.key})
    unit.audit(AuditRecord("reminder.send", "user_task", task_id, {"rung": last.key, "to": people}))
    return last.key


def postpone(unit: UnitOfWork, task_id: UUID, _error: str) -> None:
    """Let a task whose reminder failed unexpectedly wait an hour: the others must not wait for it."""
    task = unit.session.execute(select(_TASK).where(_TASK.c.id == task_id)).one()._asdict()
    if task["due_at"] is not None:
        plan = unit.session.execute(select(_REMINDER).where(_REMINDER.c.task_id == task_id)).one_or_none()
        sent = plan.sent if plan is not None and plan.due_at == task["due_at"] else []
        _plan(unit, task, sent, unit.now + _AFTER_FAULT)


def plan_anew(unit: UnitOfWork, task_id: UUID) -> None:
    """Let the next round look at a task's reminders again; what was sent is not sent twice."""
    unit.session.execute(update(_REMINDER).where(_REMINDER.c.task_id == task_id).values(next_at=unit.now))


def notify(
    unit: UnitOfWork,
    task: Mapping[str, Any],
    people: Sequence[str],
    key: str,
    details: Mapping[str, Any],
) -> None:
    """Put a notice about a task into the outbox for each of the owner references."""
    deadline = task["deadline"] or {}
    payload = {
        "task_id": str(task["id"]),
        "instance_id": str(task["instance_id"]),
        "name": task["name"],
        "urgency": task["urgency"],
        "due_at": task["due_at"].isoformat() if task["due_at"] else None,
        "clause": deadline.get("clause"),
        "derivation_vi": deadline.get("derivation_vi") or deadline.get("derivation"),
        "derivation_en": deadline.get("derivation_en"),
    }
    kept = {name: value for name, value in (payload | dict(details)).items() if value is not None}
    for person in people:
        unit.send("notice", person, kept, f"{key}:{person}")


def recipients(
    unit: UnitOfWork, task: Mapping[str, Any], owner_login: str | None, parties: Sequence[Party]
) -> list[str]:
    """Return the owner references of those whom a rung tells, each once."""
    assignees = [f"user:{owner_login}"] if owner_login else list(task["owners"])
    found: list[str] = []
    if "assignee" in parties:
        found += assignees
    if "head" in parties:
        found += [head for assignee in assignees for head in _heads(unit, assignee)]
    return list(dict.fromkeys(found))


def _heads(unit: UnitOfWork, reference: str) -> list[str]:
    kind, _, login = reference.partition(":")
    return (_heads_of_person(unit, login) if kind == "user" else []) or [_head_of(reference)]


def _heads_of_person(unit: UnitOfWork, login: str) -> list[str]:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    rows = unit.session.execute(
        select(_MEMBERSHIP.c.role, _UNIT.c.code)
        .join(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
        .where(
            _ACCOUNT.c.login == login,
            or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
            or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
        )
        .order_by(_UNIT.c.code)
    ).all()
    return [_head_of(f"role:{row.role}@unit:{row.code}") for row in rows]


def _head_of(reference: str) -> str:
    _, _, unit_code = reference.rpartition("unit:") if "unit:" in reference else ("", "", "")
    head = f"role:unit_head@unit:{unit_code}"
    return HEAD_OF_OFFICE if not unit_code or reference == head else head


def _start(task: Mapping[str, Any]) -> datetime:
    created, due = cast("datetime", task["created_at"]), cast("datetime", task["due_at"])
    try:
        start = datetime.fromisoformat(str((task["deadline"] or {}).get("start")))
    except ValueError:
        start = created
    return min(start if start.tzinfo else created, due)


def _plan(unit: UnitOfWork, task: Mapping[str, Any], sent: list[Any], next_at: datetime | None) -> None:
    row = {"task_id": task["id"], "agency_id": task["agency_id"], "due_at": task["due_at"]}
    values = {"due_at": task["due_at"], "next_at": next_at}
    if not (task["deadline"] or {}).get("paused_at"):
        values["sent"] = sent
    statement = insert(_REMINDER).values(row | {"sent": sent, "next_at": next_at})
    unit.session.execute(statement.on_conflict_do_update(index_elements=["task_id"], set_=values))
