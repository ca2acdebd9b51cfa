"""What a person does with a user task, from claiming to completing it.

Each verb locks the task's instance, then the task, checks the table of
:mod:`service.domain.user_tasks`, writes one update and one audit event. The caller's unit of work commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import func, insert, select

from service.actions.behalf import Behalf, behalf_of, by_order
from service.actions.deadline_stops import settle_clock
from service.actions.task_locks import lock_visible
from service.domain.crashpoints import crashpoint
from service.domain.errors import Finding, InvalidInput, TooLarge, VersionMismatch
from service.domain.ids import new_id
from service.domain.step_up import require_step_up
from service.domain.user_tasks import check_verb, is_excluded, mandate_for
from service.engine.engine import ProcessEngine
from service.engine.instances import LockedTask
from service.engine.view import Cause, check_active
from service.queries.organisation import reference_exists
from service.queries.task_visibility import claimable
from service.queries.user_tasks import TaskView, next_tasks, task_view
from service.storage.models import Account, TaskNote, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

TASK = table_of(UserTask)
ACCOUNT = table_of(Account)
NOTE = table_of(TaskNote)

MAX_DRAFT_BYTES: Final = 256 * 1024
MAX_COMMENT_CHARACTERS: Final = 4000


def claim(unit: UnitOfWork, task_id: UUID, expected_version: int | None) -> TaskView:
    """Make the actor the actual owner of a ready task.

    Raises:
        NotFound: absent or hidden.
        Conflict: somebody else has it, or its state does not allow it.
        VersionMismatch: it changed since the caller saw it.
    """
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "claim")
    owner = {"state": state, "owner_id": unit.actor.account_id}
    return _write(unit, locked, "claim", owner, owner_login=unit.actor.login)


def release(unit: UnitOfWork, task_id: UUID, expected_version: int | None) -> TaskView:
    """Give a claimed task back to its potential owners, without its draft; a supervisor may for another."""
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "release")
    return _write(
        unit, locked, "release", {"state": state, "owner_id": None, "delegator_id": None, "draft": None}
    )


def delegate(
    unit: UnitOfWork,
    task_id: UUID,
    expected_version: int | None,
    to_login: str,
) -> TaskView:
    """Let another person do the task for the actor, who gets it back with ``give_back``.

    Raises:
        InvalidInput: no such person, a disabled account, the actor, or an excluded owner.
    """
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "delegate")
    person_id, login = _find_person(unit, to_login, "/to")
    if person_id == unit.actor.account_id or is_excluded(claimable(locked.task), {f"user:{login}"}):
        raise _bad_person("user_task.person_excluded", "/to")
    changes = {"state": state, "owner_id": person_id, "delegator_id": unit.actor.account_id, "draft": None}
    return _write(unit, locked, "delegate", changes, owner_login=login, details={"to": login})


def give_back(unit: UnitOfWork, task_id: UUID, expected_version: int | None) -> TaskView:
    """Return a delegated task to the one who delegated it."""
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "give_back")
    delegator = locked.task["delegator_id"]
    login = unit.session.execute(select(ACCOUNT.c.login).where(ACCOUNT.c.id == delegator)).scalar_one()
    changes = {"state": state, "owner_id": delegator, "delegator_id": None, "draft": None}
    return _write(unit, locked, "give_back", changes, owner_login=login, details={"to": login})


def forward(
    unit: UnitOfWork,
    task_id: UUID,
    expected_version: int | None,
    to: str,
) -> TaskView:
    """Hand the task to other potential owners, for good.

    Args:
        unit: the open unit of work.
        task_id: the task.
        expected_version: If-Match, or None.
        to: an owner reference: ``user:<login>``, ``unit:<code>``, ``role:<role>`` or
            ``role:<role>@unit:<code>``.
    """
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "forward")
    reference = _check_reference(unit, to)
    if is_excluded(claimable(locked.task), {reference}):
        raise _bad_person("user_task.person_excluded", "/to")
    changes = {"state": state, "owner_id": None, "delegator_id": None, "owners": [reference], "draft": None}
    return _write(unit, locked, "forward", changes, details={"to": reference})


def save_draft(
    unit: UnitOfWork,
    task_id: UUID,
    expected_version: int | None,
    draft: Mapping[str, Any],
) -> TaskView:
    """Keep what was typed so far, unchecked; completing or leaving the task drops it.

    Raises:
        TooLarge: over :data:`MAX_DRAFT_BYTES`.
    """
    locked = _lock(unit, task_id, expected_version)
    state = check_verb(claimable(locked.task), unit.actor, "save_draft")
    if len(orjson.dumps(dict(draft), default=str)) > MAX_DRAFT_BYTES:
        raise TooLarge(
            "user_task.draft_too_large",
            f"Bản nháp vượt quá {MAX_DRAFT_BYTES // 1024} KB.",
            f"The draft is over {MAX_DRAFT_BYTES // 1024} kB.",
        )
    return _write(unit, locked, "save_draft", {"state": state, "draft": dict(draft)})


def complete(
    engine: ProcessEngine,
    unit: UnitOfWork,
    task_id: UUID,
    expected_version: int | None,
    data: Mapping[str, Any],
    *,
    on_behalf_of: str | None = None,
) -> TaskView:
    """Check the submission against the task's form, complete the task and run the process on.

    Args:
        engine: the process engine.
        unit: the open unit of work.
        task_id: the task.
        expected_version: If-Match, or None.
        data: the form's fields.
        on_behalf_of: login of the leader whose words an aide enters (S0-10.2), or of the one who gave the
            actor an order (S4-7c); found by itself where the task is that person's alone.

    Raises:
        NotFound: absent or hidden.
        InvalidInput: the form's findings, with JSON pointers.
        Forbidden: a ticked field asks for a second factor proved a moment ago, and it was not (S0-5.3).
        Conflict: already completed, obsolete, suspended or owned by another.
        VersionMismatch: it changed since the caller saw it.
    """
    locked = _lock(unit, task_id, expected_version)
    check_active(locked.instance.row)
    state = check_verb(claimable(locked.task), unit.actor, "complete")
    behalf = behalf_of(locked.task, unit.actor, on_behalf_of)
    values = _checked_submission(engine, unit, locked, data)
    kept = locked.task["deadline"] or {}
    if kept.get("stops") or kept.get("paused_at"):
        settle_clock(engine, unit, task_id)
        locked = _lock(unit, task_id, None)
    view = _write_completion(unit, locked, state, behalf)
    progress = engine.change_locked(
        unit,
        locked.instance,
        lambda execution: execution.complete(task_id, values),
        Cause("complete", behalf.account_id, task_id, values, delegation=behalf.details),
    )
    return replace(view, next_tasks=next_tasks(progress.created_tasks, unit.actor))


def _write_completion(unit: UnitOfWork, locked: LockedTask, state: str, behalf: Behalf) -> TaskView:
    on_behalf_of_id = behalf.account_id
    changes = {
        "state": state,
        "is_open": False,
        "owner_id": on_behalf_of_id or unit.actor.account_id,
        "completed_at": unit.now,
        "completed_by_id": unit.actor.account_id,
        "on_behalf_of_id": on_behalf_of_id,
        "order_id": behalf.mandate.order_id if behalf.mandate else None,
        "draft": None,
    }
    login = behalf.person.login if behalf.person else unit.actor.login
    return _write(unit, locked, "complete", changes, owner_login=login, behalf=behalf)


def comment(unit: UnitOfWork, task_id: UUID, body: str) -> TaskView:
    """Add a remark to the task's file; it stays, with its author (S0-3.3).

    Raises:
        InvalidInput: empty, or over :data:`MAX_COMMENT_CHARACTERS`.
    """
    locked = _lock(unit, task_id, None)
    check_verb(claimable(locked.task), unit.actor, "comment")
    text = body.strip()
    if not text or len(text) > MAX_COMMENT_CHARACTERS:
        vi = f"Ý kiến phải có từ 1 đến {MAX_COMMENT_CHARACTERS} ký tự."
        en = f"A comment has 1 to {MAX_COMMENT_CHARACTERS} characters."
        raise InvalidInput("comment.length", vi, en, [Finding("comment.length", vi, en, "/body")])
    _add_note(unit, locked, text, None)
    return _view(unit, locked.task, locked, locked.owner_login)


def attach(unit: UnitOfWork, task_id: UUID, file: Mapping[str, Any]) -> TaskView:
    """Attach a stored file to the task: ``sha256``, ``file_name``, ``media_type``, ``size_bytes``."""
    locked = _lock(unit, task_id, None)
    check_verb(claimable(locked.task), unit.actor, "comment")
    _add_note(unit, locked, "", file)
    return _view(unit, locked.task, locked, locked.owner_login)


def _add_note(unit: UnitOfWork, locked: LockedTask, body: str, file: Mapping[str, Any] | None) -> None:
    note_id = new_id(unit.now)
    acts_for = by_order(mandate_for(claimable(locked.task), unit.actor, "comment"))
    row = {
        "id": note_id,
        "agency_id": unit.actor.agency_id,
        "instance_id": locked.instance.row.id,
        "task_id": locked.task["id"],
        "author_id": unit.actor.account_id,
        "on_behalf_of_id": acts_for.account_id,
        "at": unit.now,
        "body": body,
        "blob_sha256": file["sha256"] if file else None,
        "file_name": file["file_name"] if file else None,
        "media_type": file["media_type"] if file else None,
    }
    unit.session.execute(insert(NOTE), [row])
    action = "user_task.attach" if file else "user_task.comment"
    details = {"note": str(note_id)} | acts_for.details
    unit.audit(
        AuditRecord(action, "user_task", locked.task["id"], details, on_behalf_of_id=acts_for.account_id)
    )


def _lock(unit: UnitOfWork, task_id: UUID, expected_version: int | None) -> LockedTask:
    locked = lock_visible(unit, task_id)
    current = locked.task["version"]
    if expected_version is not None and current != expected_version:
        raise VersionMismatch(
            "user_task.version_mismatch",
            "Việc này đã được thay đổi từ khi anh/chị mở. Hãy tải lại.",
            "The task has changed since you opened it. Load it again.",
            extra={
                "expected": expected_version,
                "current": locked.task["version"],
                "state": locked.task["state"],
            },
        )
    return locked


def _checked_submission(
    engine: ProcessEngine,
    unit: UnitOfWork,
    locked: LockedTask,
    data: Mapping[str, Any],
) -> dict[str, Any]:
    loaded = engine.definitions.get(unit.session, locked.instance.row.definition_id)
    form = loaded.forms.get(locked.task["form_key"])
    if form is None:
        raise InvalidInput(
            "form.missing",
            "Không tìm thấy biểu mẫu của việc này.",
            "The form of this task is missing.",
            [
                Finding(
                    "form.missing", "Thiếu biểu mẫu.", "Missing form.", "", element=locked.task["element_id"]
                )
            ],
        )
    values = form.validate(data)
    if form.asks_step_up(values):
        require_step_up(unit.actor, unit.now)
    return values


def _write(
    unit: UnitOfWork,
    locked: LockedTask,
    verb: str,
    changes: dict[str, Any],
    *,
    owner_login: str | None = None,
    details: Mapping[str, Any] | None = None,
    behalf: Behalf | None = None,
) -> TaskView:
    """Write the changed columns, count the version up, leave an audit event and return the new view.

    ``owner_login`` belongs to ``changes["owner_id"]``; without the one the other does not change.
    """
    task = locked.task | changes | {"version": locked.task["version"] + 1}
    values = changes | {"version": task["version"]}
    unit.update(TASK, {"id": locked.task["id"]}, values)
    crashpoint("task.written")
    acts_for = behalf or by_order(mandate_for(claimable(locked.task), unit.actor, verb))
    facts = {"element": locked.task["element_id"], "from": locked.task["state"], "to_state": task["state"]}
    unit.audit(
        AuditRecord(
            f"user_task.{verb}",
            "user_task",
            locked.task["id"],
            facts | dict(details or {}) | acts_for.details,
            on_behalf_of_id=acts_for.account_id,
        ),
    )
    return _view(unit, task, locked, owner_login if "owner_id" in changes else locked.owner_login)


def _view(unit: UnitOfWork, task: Mapping[str, Any], locked: LockedTask, owner: str | None) -> TaskView:
    row = {**task, "business_key": locked.instance.row.business_key, "owner_login": owner}
    return task_view(row, unit.actor, unit.now)


def _bad_person(code: str, pointer: str) -> InvalidInput:
    vi = "Không thể giao việc cho người hoặc đơn vị này."
    en = "The task cannot be given to this person or unit."
    return InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])


def _find_person(unit: UnitOfWork, login: str, pointer: str) -> tuple[UUID, str]:
    row = unit.session.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.login).where(
            func.lower(ACCOUNT.c.login) == login.strip().lower(),
            ACCOUNT.c.disabled_at.is_(None),
        ),
    ).one_or_none()
    if row is None:
        raise _bad_person("account.not_found", pointer)
    return row.id, row.login


def _check_reference(unit: UnitOfWork, to: str) -> str:
    """Return the reference if it names somebody in the agency."""
    if not reference_exists(unit, to):
        raise _bad_person("owner_reference.unknown", "/to")
    return to
