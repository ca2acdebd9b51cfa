"""Lists of user tasks and the reading of one: what a person sees of the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, false, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.domain.actors import Actor
from service.domain.errors import NotFound
from service.domain.user_tasks import Claimable, allowed_verbs, is_potential_owner, is_supervisor, may_see
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

TASK = table_of(UserTask)
INSTANCE = table_of(ProcessInstance)
OWNER = table_of(Account).alias("owner")

Scope = Literal["mine", "groups", "assisted", "all"]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What to list.

    Attributes:
        scope: ``mine`` = claimed by me; ``groups`` = ready and mine to take; ``assisted`` = of the leaders
            whom I assist; ``all`` = everything I may see (supervisors: the whole agency).
        process: process key.
        state: ``ready``, ``reserved``, ``suspended``, ``completed`` or ``obsolete``; None = open ones.
        due_before: due before this instant.
        is_overdue: past due.
        urgency: ``normal``, ``urgent``, ``very_urgent`` or ``flash``.
        text: part of the name, the subject or the business key.
        business_key: exactly.
        instance_id: of one instance.
    """

    scope: Scope = "all"
    process: str | None = None
    state: str | None = None
    due_before: datetime | None = None
    is_overdue: bool | None = None
    urgency: str | None = None
    text: str | None = None
    business_key: str | None = None
    instance_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NextTask:
    """A task that a completion made ready and that the same person may take."""

    id: UUID
    element_id: str
    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A user task as its reader sees it; instants are aware UTC."""

    id: UUID
    instance_id: UUID
    process_key: str
    element_id: str
    name: str
    subject: str
    form_key: str
    state: str
    version: int
    urgency: str
    due_at: datetime | None
    is_overdue: bool
    deadline: Mapping[str, Any] | None
    owner: str | None
    owners: tuple[str, ...]
    business_key: str | None
    created_at: datetime
    completed_at: datetime | None
    verbs: tuple[str, ...] = ()
    next_tasks: tuple[NextTask, ...] = ()


def claimable(row: Mapping[Any, Any]) -> Claimable:
    """Return what decides the rights on a task's row (a mapping of column names)."""
    names = ("state", "owners", "excluded", "owner_id", "delegator_id")
    return Claimable(*(row[name] for name in names))


def task_view(row: Mapping[Any, Any], actor: Actor, now: datetime) -> TaskView:
    """Return a task's row as ``actor`` sees it at ``now``.

    ``row`` holds the columns of ``user_task`` beside ``business_key`` and ``owner_login``.
    """
    due_at, completed_at = row["due_at"], row["completed_at"]
    return TaskView(
        id=row["id"],
        instance_id=row["instance_id"],
        process_key=row["process_key"],
        element_id=row["element_id"],
        name=row["name"],
        subject=row["subject"],
        form_key=row["form_key"],
        state=row["state"],
        version=row["version"],
        urgency=row["urgency"],
        due_at=due_at,
        is_overdue=due_at is not None and (completed_at or now) > due_at,
        deadline=row["deadline"],
        owner=row["owner_login"],
        owners=tuple(row["owners"]),
        business_key=row["business_key"],
        created_at=row["created_at"],
        completed_at=completed_at,
        verbs=allowed_verbs(claimable(row), actor),
    )


def next_tasks(rows: Iterable[Mapping[str, Any]], actor: Actor) -> tuple[NextTask, ...]:
    """Return those of the newly made tasks that the actor may take."""
    return tuple(
        NextTask(row["id"], row["element_id"], row["name"], row["subject"])
        for row in rows
        if is_potential_owner(claimable({"owner_id": None, "delegator_id": None, **row}), actor.references)
    )


def select_tasks() -> Select[Any]:
    """Return the statement that every view is made from, without its conditions."""
    return (
        select(*TASK.c, INSTANCE.c.business_key, OWNER.c.login.label("owner_login"))
        .select_from(TASK)
        .join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id)
        .outerjoin(OWNER, OWNER.c.id == TASK.c.owner_id)
    )


def _any_of(column: ColumnElement[Any], references: frozenset[str]) -> ColumnElement[bool]:
    if not references:
        return false()
    return column.op("&&", is_comparison=True)(literal(sorted(references), ARRAY(Text)))


def _mine(actor: Actor) -> ColumnElement[bool]:
    return TASK.c.owner_id == actor.account_id


def _groups(actor: Actor) -> ColumnElement[bool]:
    return and_(TASK.c.owner_id.is_(None), *_named_in_owners(actor.references))


def _named_in_owners(references: frozenset[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _any_of(TASK.c.owners, references), ~_any_of(TASK.c.excluded, references)


def _assisted(actor: Actor) -> ColumnElement[bool]:
    """The leaders' tasks, where neither the leader nor the aide is excluded."""
    theirs = [
        or_(
            TASK.c.owner_id == leader.account_id,
            and_(TASK.c.owner_id.is_(None), *_named_in_owners(leader.references)),
        )
        for leader in actor.assists.values()
    ]
    return and_(or_(false(), *theirs), ~_any_of(TASK.c.excluded, actor.references)) if theirs else false()


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``user_task``: the tasks that lists show the actor, open and done."""
    if is_supervisor(actor) or actor.is_system:
        return literal(value=True)
    done = TASK.c.completed_by_id == actor.account_id
    delegated = TASK.c.delegator_id == actor.account_id
    return or_(_mine(actor), _groups(actor), _assisted(actor), delegated, done)


_SCOPES = {"mine": _mine, "groups": _groups, "assisted": _assisted, "all": visible_tasks}


def _conditions(unit: UnitOfWork, wanted: TaskFilter) -> list[ColumnElement[bool]]:
    found = [_SCOPES[wanted.scope](unit.actor)]
    found.append(TASK.c.state == wanted.state if wanted.state else TASK.c.is_open)
    plain = {
        TASK.c.process_key: wanted.process,
        TASK.c.urgency: wanted.urgency,
        INSTANCE.c.business_key: wanted.business_key,
        TASK.c.instance_id: wanted.instance_id,
    }
    found += [column == value for column, value in plain.items() if value is not None]
    if wanted.due_before is not None:
        found.append(TASK.c.due_at < wanted.due_before)
    if wanted.is_overdue is not None:
        overdue = and_(TASK.c.due_at.is_not(None), TASK.c.due_at < unit.now)
        found.append(overdue if wanted.is_overdue else ~overdue)
    if wanted.text:
        columns = (TASK.c.name, TASK.c.subject, INSTANCE.c.business_key)
        found.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return found


def list_tasks(unit: UnitOfWork, wanted: TaskFilter, cursor: str | None, limit: int | None) -> Page[TaskView]:
    """Return the tasks by due time, those without one last; counts tell what else there is.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    due = func.coalesce(TASK.c.due_at, cast(literal("infinity"), TASK.c.due_at.type))
    statement = select_tasks().where(*_conditions(unit, wanted)).order_by(due, TASK.c.id).limit(size + 1)
    if cursor:
        due_text, id_text = decode_cursor(cursor, 2)
        statement = statement.where(tuple_(due, TASK.c.id) > tuple_(*_after(due_text, id_text)))
    rows = unit.session.execute(statement).mappings().all()
    views = [task_view(row, unit.actor, unit.now) for row in rows[:size]]
    following = None
    if len(rows) > size:
        last = views[-1]
        following = encode_cursor(last.due_at.isoformat() if last.due_at else "infinity", str(last.id))
    return Page(views, following, _counts(unit))


def _after(due_text: Any, id_text: Any) -> tuple[Any, Any]:
    try:
        due = "infinity" if due_text == "infinity" else datetime.fromisoformat(due_text).isoformat()
        return cast(literal(due), TASK.c.due_at.type), literal(UUID(id_text))
    except (TypeError, ValueError) as error:
        raise bad_cursor() from error


def _counts(unit: UnitOfWork) -> dict[str, int]:
    mine, groups, assisted = _mine(unit.actor), _groups(unit.actor), _assisted(unit.actor)
    overdue = and_(or_(mine, groups), TASK.c.due_at < unit.now)
    wanted = {"mine": mine, "groups": groups, "assisted": assisted, "overdue": overdue}
    columns = [func.count().filter(condition).label(name) for name, condition in wanted.items()]
    statement = select(*columns).where(TASK.c.is_open, or_(mine, groups, assisted))
    return dict(unit.session.execute(statement).mappings().one())


def task_not_found() -> NotFound:
    """Return the error for a task that is absent or hidden."""
    return NotFound("user_task.not_found", "Không tìm thấy việc này.", "There is no such task.")


def read_view(unit: UnitOfWork, task_id: UUID) -> TaskView:
    """Return one task as the actor sees it.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    row = unit.session.execute(select_tasks().where(TASK.c.id == task_id)).mappings().one_or_none()
    if row is None:
        raise task_not_found()
    if not (may_see(claimable(row), unit.actor) or row["completed_by_id"] == unit.actor.account_id):
        raise task_not_found()
    return task_view(row, unit.actor, unit.now)
