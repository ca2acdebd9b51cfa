"""Locking a user task that exists for the actor, with what decides their rights to it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from service.actions.behalf import Behalf, by_order
from service.domain.permissions import require
from service.domain.user_tasks import may_see, subject_of
from service.engine.instances import LockedTask, lock_task
from service.queries.task_visibility import claimable, with_deciding
from service.queries.user_tasks import task_not_found
from service.storage.unit_of_work import UnitOfWork


def lock_visible(unit: UnitOfWork, task_id: UUID) -> LockedTask:
    """Lock the task's instance and the task.

    Raises:
        NotFound: absent or hidden.
    """
    locked = lock_task(unit, task_id)
    if locked is None:
        raise task_not_found()
    deciding = {**locked.task, "initiator_id": locked.instance.row.initiator_id}
    locked = replace(locked, task=dict(with_deciding(unit, [deciding])[0]))
    if not may_see(claimable(locked.task), unit.actor):
        raise task_not_found()
    return locked


def require_on_task(unit: UnitOfWork, locked: LockedTask, action: str) -> Behalf:
    """Refuse unless the actor may do this to the locked task; return in whose place they do it.

    Raises:
        Forbidden: the actor sees the task but may not do this.
        Conflict: the task's state does not allow it.
    """
    subject = subject_of(claimable(locked.task), unit.actor)
    return by_order(require(unit.actor, action, subject).mandate)
