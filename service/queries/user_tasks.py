"""Lists of user tasks and the reading of one: what a person sees of the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, exists, false, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.domain.actors import Actor, Mandate
from service.domain.errors import NotFound
from service.domain.user_tasks import Claimable, allowed_verbs, is_potential_owner, is_supervisor, may_see
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, Document, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

TASK = table_of(UserTask)
INSTANCE = table_of(ProcessInstance)
DOCUMENT = table_of(Document)
OWNER = table_of(Account).alias("owner")
_ALSO_DECIDING: Final = (
    "completed_by_id",
    "on_behalf_of_id",
    "initiator_id",
    "process_key",
    "authority",
    "document_type",
)

Scope = Literal["mine", "groups", "assisted", "delegated", "all"]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What to list.

    Attributes:
        scope: ``mine`` = claimed by me; ``groups`` = ready and mine to take; ``assisted`` = of the leaders
            whom I assist; ``delegated`` = of those who gave me an order to act for them; ``all`` = everything
            I may see (supervisors: the whole agency).
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
    known = {name: row[name] for name in _ALSO_DECIDING if name in row}
    return Claimable(*(row[name] for name in names), **known)


def with_document_types(unit: UnitOfWork, rows: Sequence[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return the rows with the kind of their process's document, looked up only where an order asks."""
    if not rows or not any(mandate.document_types for mandate in unit.actor.mandates):
        return list(rows)
    wanted = select(DOCUMENT.c.instance_id, DOCUMENT.c.type_name).where(
        DOCUMENT.c.instance_id.in_({row["instance_id"] for row in rows}),
    )
    types = {row.instance_id: row.type_name for row in unit.session.execute(wanted)}
    return [{**row, "document_type": types.get(row["instance_id"])} for row in rows]


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
        select(*TASK.c, INSTANCE.c.business_key, INSTANCE.c.initiator_id, OWNER.c.login.label("owner_login"))
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


def _delegated(actor: Actor) -> ColumnElement[bool]:
    """The tasks that an order lets the actor do in the owner's place (S4-7c); no row is changed for it."""
    theirs = [_within(mandate) for mandate in actor.mandates]
    if not theirs:
        return false()
    own_process = exists().where(
        INSTANCE.c.id == TASK.c.instance_id, INSTANCE.c.initiator_id == actor.account_id
    )
    return and_(or_(*theirs), ~_any_of(TASK.c.excluded, actor.references), ~own_process.correlate(TASK))


def _within(mandate: Mandate) -> ColumnElement[bool]:
    principal = mandate.principal
    conditions = [
        or_(
            TASK.c.owner_id == principal.account_id,
            and_(TASK.c.owner_id.is_(None), *_named_in_owners(principal.references)),
        ),
        TASK.c.authority.in_(sorted(mandate.authorities)),
    ]
    if mandate.process_keys:
        conditions.append(TASK.c.process_key.in_(sorted(mandate.process_keys)))
    if mandate.document_types:
        of_kind = DOCUMENT.c.type_name.in_(sorted(mandate.document_types))
        about = exists().where(DOCUMENT.c.instance_id == TASK.c.instance_id, of_kind)
        conditions.append(about.correlate(TASK))
    return and_(*conditions)


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``user_task``: the tasks that lists show the actor, open and done."""
    if is_supervisor(actor) or actor.is_system:
        return literal(value=True)
    done = TASK.c.completed_by_id == actor.account_id
    delegated = TASK.c.delegator_id == actor.account_id
    return or_(_mine(actor), _groups(actor), _assisted(actor), _delegated(actor), delegated, done)


_SCOPES = {
    "mine": _mine,
    "groups": _groups,
    "assisted": _assisted,
    "delegated": _delegated,
    "all": visible_tasks,
}


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
    rows = with_document_types(unit, unit.session.execute(statement).mappings().all())
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
    delegated = _delegated(unit.actor)
    wanted = {"mine": mine, "groups": groups, "assisted": assisted, "delegated": delegated}
    wanted["overdue"] = overdue
    columns = [func.count().filter(condition).label(name) for name, condition in wanted.items()]
    statement = select(*columns).where(TASK.c.is_open, or_(mine, groups, assisted, delegated))
    return dict(unit.session.execute(statement).mappings().one())


def task_not_found() -> NotFound:
    """Return the error for a task that is absent or hidden."""
    return NotFound("user_task.not_found", "Không tìm thấy việc này.", "There is no such task.")


def read_view(unit: UnitOfWork, task_id: UUID) -> TaskView:
    """Return one task as the actor sees it.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    found = unit.session.execute(select_tasks().where(TASK.c.id == task_id)).mappings().all()
    for row in with_document_types(unit, found):
        if may_see(claimable(row), unit.actor):
            return task_view(row, unit.actor, unit.now)
    raise task_not_found()
