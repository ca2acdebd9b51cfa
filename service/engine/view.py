"""An instance's row as a plain value, and what a change of it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from service.domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A process instance without its execution.

    ``state`` is ``active``, ``suspended``, ``completed`` or ``terminated``; ``rev`` counts its changes.
    """

    id: UUID
    definition_id: UUID
    key: str
    business_key: str | None
    state: str
    rev: int
    initiator_id: UUID | None
    initiator_login: str | None
    started_at: datetime

    @property
    def initiator_reference(self) -> str | None:
        """The owner reference of the initiator, None where the system started the instance."""
        return f"user:{self.initiator_login}" if self.initiator_login else None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an instance changes, for its history.

    Attributes:
        action: ``start``, ``complete``, ``timer``, ``job``, ``message``, ``signal``, ``retry``, ``skip``,
            ``terminate`` or ``set_variables``.
        on_behalf_of_id: the leader whose words an aide enters, or None.
        completed_task: the user task that was completed, or None.
        data: what was submitted, or None; opinions in the software are official (S0-3.3).
        reason: why, in the actor's words.
        resolved_token: the failed token whose incident an operator has resolved, or None.
        delegation: the order by which the actor stands in for another, as the history shows it; empty = none.
    """

    action: str
    on_behalf_of_id: UUID | None = None
    completed_task: UUID | None = None
    data: Mapping[str, Any] | None = None
    reason: str | None = None
    resolved_token: UUID | None = None
    delegation: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a change of an instance gave.

    Attributes:
        instance_id: the instance.
        state: after the change.
        rev: after the change.
        created_tasks: the rows of the user tasks that became ready.
        is_changed: False where the call found nothing to do (a timer already fired, a job already finished).
    """

    instance_id: UUID
    state: str
    rev: int
    created_tasks: tuple[Mapping[str, Any], ...] = ()
    is_changed: bool = True


def instance_not_found() -> NotFound:
    """Return the error for an instance that is absent or hidden."""
    return NotFound(
        "process_instance.not_found",
        "Không tìm thấy hồ sơ quy trình.",
        "There is no such process instance.",
    )


def check_active(row: InstanceRow) -> None:
    """Refuse a change of an instance that is suspended or ended.

    Raises:
        Conflict: with the state in its code.
    """
    if row.state == "active":
        return
    words = {
        "suspended": ("Quy trình đang tạm dừng.", "The process instance is suspended."),
        "completed": ("Quy trình đã hoàn thành.", "The process instance is completed."),
        "terminated": ("Quy trình đã bị dừng.", "The process instance was terminated."),
    }
    vi, en = words[row.state]
    raise Conflict(f"process_instance.{row.state}", vi, en, extra={"state": row.state})
