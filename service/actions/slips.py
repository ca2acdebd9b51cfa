"""What people do with a submission slip outside its tasks: read it, take its PDF, withdraw it.

"Opened" means that somebody other than the submitter claimed, completed or read a task of the submission, or
read the slip: until then the submitter may withdraw it (domain flow D3). Every reading is an audit event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, or_, select, update

from handlers.slips.slip_row import SLIP
from service.actions.messages import Message, correlate
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.permissions import Subject, require
from service.engine.engine import ProcessEngine
from service.engine.instances import lock_instance
from service.engine.view import check_active, instance_not_found
from service.queries.slips import SlipDetail, find_slip, slip_detail
from service.queries.task_detail import TaskDetail
from service.queries.task_detail import read_task as read_detail
from service.storage.models import UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_TASK = table_of(UserTask)

WITHDRAWAL_MESSAGE = "slip_withdrawn"
MAX_REASON_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class SlipFile:
    """The frozen PDF of a slip: hand ``sha256`` to the file store."""

    sha256: bytes
    file_name: str
    media_type: str = "application/pdf"


def read_slip(unit: UnitOfWork, slip_id: UUID) -> SlipDetail:
    """Return a slip with every opinion; the reading is recorded, and opens it.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    row = find_slip(unit, slip_id)
    unit.audit(AuditRecord("slip.read", "submission_slip", slip_id))
    if _is_opened_by(unit, row):
        _mark_opened(unit, row.instance_id)
        row = find_slip(unit, slip_id)
    return slip_detail(unit, row)


def read_task(engine: ProcessEngine, unit: UnitOfWork, task_id: UUID) -> TaskDetail:
    """Return one task for working on it; the first reading by another person opens the slip behind it.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    detail = read_detail(engine, unit, task_id)
    if detail.completed_at is None and not unit.actor.is_system:
        _mark_opened(unit, detail.instance_id)
    return detail


def open_file(unit: UnitOfWork, slip_id: UUID) -> SlipFile:
    """Return where the frozen PDF is; the reading is recorded.

    Raises:
        NotFound: no such slip for the actor, or it is not frozen yet.
    """
    row = find_slip(unit, slip_id)
    if row.file_sha256 is None:
        vi, en = "Phiếu trình chưa có bản PDF.", "The slip has no PDF yet."
        raise NotFound("slip.not_frozen", vi, en)
    unit.audit(AuditRecord("slip.read_file", "submission_slip", slip_id))
    return SlipFile(bytes(row.file_sha256), f"phieu-trinh-lan-{row.submission_number}.pdf")


def withdraw(engine: ProcessEngine, unit: UnitOfWork, slip_id: UUID, reason: str) -> SlipDetail:
    """Take the actor's own submission back, as long as nobody else has opened it.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the actor is not the submitter.
        Conflict: it is not under submission, or somebody has opened it.
        InvalidInput: no reason, or too long a one.
    """
    text = reason.strip()
    if not 0 < len(text) <= MAX_REASON_CHARACTERS:
        vi, en = "Phải nêu lý do, tối đa 1.000 ký tự.", "A reason is required, 1,000 characters at most."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    instance_id = find_slip(unit, slip_id).instance_id
    locked = lock_instance(unit, instance_id)
    if locked is None:
        raise instance_not_found()
    check_active(locked.row)
    row = find_slip(unit, slip_id, is_locked=True)
    mine = frozenset({"submitter"} if row.submitter_id == unit.actor.account_id else ())
    require(unit.actor, "slip.withdraw", Subject(row.state, mine))
    if row.opened_at is not None or _has_taken_task(unit, row):
        raise Conflict(
            "slip.opened",
            "Đã có người mở phiếu trình, không rút lại được nữa.",
            "Somebody has opened the slip; it cannot be withdrawn any more.",
        )
    correlate(engine, unit, Message(WITHDRAWAL_MESSAGE, str(instance_id), {"reason": text}))
    unit.flush_writes()
    return slip_detail(unit, find_slip(unit, slip_id))


def _is_opened_by(unit: UnitOfWork, row: Row[Any]) -> bool:
    return row.opened_at is None and row.decided_at is None and not unit.actor.is_system


def _mark_opened(unit: UnitOfWork, instance_id: UUID) -> None:
    """Note who opened the instance's open submission first, unless that is its submitter."""
    unit.session.execute(
        update(SLIP)
        .where(
            SLIP.c.instance_id == instance_id,
            SLIP.c.state == "submitted",
            SLIP.c.opened_at.is_(None),
            SLIP.c.submitter_id != unit.actor.account_id,
        )
        .values(opened_at=unit.now, opened_by_id=unit.actor.account_id),
    )


def _has_taken_task(unit: UnitOfWork, row: Row[Any]) -> bool:
    """Say whether somebody else claimed or completed a task that came after the submission."""
    others = or_(_TASK.c.owner_id != row.submitter_id, _TASK.c.completed_by_id != row.submitter_id)
    statement = select(
        exists().where(
            _TASK.c.instance_id == row.instance_id,
            _TASK.c.created_at >= row.submitted_at,
            _TASK.c.state.in_(("reserved", "completed", "suspended")),
            others,
        )
    )
    return bool(unit.session.execute(statement).scalar_one())


__all__ = ["SlipFile", "open_file", "read_slip", "read_task", "withdraw"]
