"""Instance rows: lock, insert, update. The instance row is always locked first, then its user tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from service.domain.crashpoints import crashpoint
from service.engine.view import InstanceRow, instance_not_found
from service.storage.models import Account, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

INSTANCE = table_of(ProcessInstance)
ACCOUNT = table_of(Account)
USER_TASK = table_of(UserTask)

_INSTANCE_COLUMNS = (
    INSTANCE.c.id.label("instance_id"),
    INSTANCE.c.definition_id,
    INSTANCE.c.key,
    INSTANCE.c.business_key,
    INSTANCE.c.state.label("instance_state"),
    INSTANCE.c.rev,
    INSTANCE.c.initiator_id,
    INSTANCE.c.started_at,
    INSTANCE.c.execution,
    ACCOUNT.c.login.label("initiator_login"),
)


@dataclass(frozen=True, slots=True)
class LockedInstance:
    """An instance whose row this transaction holds, with its stored execution."""

    row: InstanceRow
    execution: bytes


@dataclass(frozen=True, slots=True)
class LockedTask:
    """A user task's columns by name, its owner's login and its locked instance."""

    task: dict[str, Any]
    owner_login: str | None
    instance: LockedInstance


def _with_initiator(statement: Select[Any]) -> Select[Any]:
    return statement.outerjoin(ACCOUNT, ACCOUNT.c.id == INSTANCE.c.initiator_id)


# Built once: the hot path sends the same four statements again and again.
_READ_INSTANCE: Final = _with_initiator(select(*_INSTANCE_COLUMNS).select_from(INSTANCE)).where(
    INSTANCE.c.id == bindparam("id"),
)
_LOCK_INSTANCE: Final = _READ_INSTANCE.with_for_update(of=INSTANCE)
_LOCK_FREE_INSTANCE: Final = _READ_INSTANCE.with_for_update(of=INSTANCE, skip_locked=True)
_TASK_COLUMNS: Final = tuple(column.name for column in USER_TASK.c)
_OWNER: Final = ACCOUNT.alias("owner")
# A scalar, not a join: after waiting for the lock it is read again with the owner of that moment.
_OWNER_LOGIN: Final = select(_OWNER.c.login).where(_OWNER.c.id == USER_TASK.c.owner_id).scalar_subquery()
_LOCK_TASK: Final = (
    _with_initiator(
        select(
            *(column.label(f"task_{column.name}") for column in USER_TASK.c),
            *_INSTANCE_COLUMNS,
            _OWNER_LOGIN.label("owner_login"),
        )
        .select_from(USER_TASK)
        .join(INSTANCE, INSTANCE.c.id == USER_TASK.c.instance_id),
    )
    .where(USER_TASK.c.id == bindparam("id"))
    .with_for_update(of=(INSTANCE, USER_TASK))
)


def instance_row(row: Row[Any]) -> InstanceRow:
    """Return the plain value of a row that holds the instance columns."""
    return InstanceRow(
        id=row.instance_id,
        definition_id=row.definition_id,
        key=row.key,
        business_key=row.business_key,
        state=row.instance_state,
        rev=row.rev,
        initiator_id=row.initiator_id,
        initiator_login=row.initiator_login,
        started_at=row.started_at,
    )


def read_instance(unit: UnitOfWork, instance_id: UUID) -> LockedInstance:
    """Return the instance without a lock, for reading.

    Raises:
        NotFound: no such instance in the session's agency.
    """
    unit.flush_writes()
    row = unit.session.execute(_READ_INSTANCE, {"id": instance_id}).one_or_none()
    if row is None:
        raise instance_not_found()
    return LockedInstance(instance_row(row), row.execution)


def lock_instance(unit: UnitOfWork, instance_id: UUID, *, skip_locked: bool = False) -> LockedInstance | None:
    """Lock the instance row and return it; None if it is absent, or taken while ``skip_locked``."""
    unit.flush_writes()
    statement = _LOCK_FREE_INSTANCE if skip_locked else _LOCK_INSTANCE
    row = unit.session.execute(statement, {"id": instance_id}).one_or_none()
    crashpoint("instance.locked")
    return None if row is None else LockedInstance(instance_row(row), row.execution)


def lock_task(unit: UnitOfWork, task_id: UUID) -> LockedTask | None:
    """Lock the instance of a user task and return both; None if there is no such task.

    The task's columns are read under the instance's lock, in the same statement.
    """
    unit.flush_writes()
    row = unit.session.connection().execute(_LOCK_TASK, {"id": task_id}).one_or_none()
    crashpoint("task.locked")
    if row is None:
        return None
    task = dict(zip(_TASK_COLUMNS, row, strict=False))
    return LockedTask(task, row.owner_login, LockedInstance(instance_row(row), row.execution))


def insert_instance(unit: UnitOfWork, values: dict[str, Any]) -> None:
    """Insert an instance row at the next flush."""
    unit.insert(INSTANCE, values)


def update_instance(unit: UnitOfWork, instance_id: UUID, values: dict[str, Any]) -> None:
    """Update a locked instance row at the next flush."""
    unit.update(INSTANCE, {"id": instance_id}, values)
