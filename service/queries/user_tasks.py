"""Lists of user tasks and the reading of one: what a person sees of the work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, or_, select, true

from service.domain.actors import Actor
from service.domain.errors import NotFound
from service.domain.user_tasks import allowed_verbs, is_potential_owner, mandate_behind, may_see
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.queries.task_visibility import INSTANCE, SCOPES, TASK, claimable, with_deciding
from service.queries.task_ways import (
    CLOSED,
    DUE,
    NEVER,
    Window,
    reach_of,
    select_first,
    select_first_closed,
    select_reached,
    theirs,
)
from service.storage.models import Account, DelegationOrder, table_of
from service.storage.unit_of_work import UnitOfWork

_OWNER = table_of(Account).alias("owner")
_DOER = table_of(Account).alias("doer")
_PRINCIPAL = table_of(Account).alias("principal")
_ORDER = table_of(DelegationOrder)
_COUNTED: Final = ("mine", "groups", "assisted", "delegated")

Scope = Literal["mine", "groups", "assisted", "delegated", "watched", "to_confirm", "all"]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What to list.

    Attributes:
        scope: ``mine`` = claimed by me; ``groups`` = ready and mine to take; ``assisted`` = of the leaders
            whom I assist; ``delegated`` = of those who gave me an order to act for them; ``watched`` = those
            that I watch over, as a leader, a head, the assigner or by order; ``to_confirm`` = what an aide
            entered for me and I have not answered yet; ``all`` = all but what I merely watch over
            (supervisors: the whole agency).
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
class Standing:
    """One person in another's place: “B thay A theo …” (S4-7c, S0-10.2); ``basis`` of the order, if by one.

    Names are full names; ``by`` is None where the reader is the one who may act.
    """

    by: str | None
    for_login: str
    for_name: str
    is_by_order: bool
    basis: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A user task as its reader sees it; instants are aware UTC.

    ``authority`` is what an order must hand over to do it in the owner's place, ``assigner`` the reference of
    who gave the work. ``acting_for`` is in whose place the reader may do it, ``done_for`` in whose place it
    was done.
    """

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
    authority: str = "assign"
    assigner: str | None = None
    acting_for: Standing | None = None
    done_for: Standing | None = None
    verbs: tuple[str, ...] = ()
    next_tasks: tuple[NextTask, ...] = ()


def task_view(row: Mapping[Any, Any], actor: Actor, now: datetime) -> TaskView:
    """Return a task's row as ``actor`` sees it at ``now``.

    ``row`` holds the columns of ``user_task`` beside ``business_key`` and ``owner_login``, and of one that
    :func:`select_tasks` found, who did it in whose place.
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
        authority=row["authority"],
        assigner=row["assigner"],
        acting_for=_acting_for(row, actor),
        done_for=_done_for(row),
        verbs=allowed_verbs(claimable(row), actor),
    )


def _acting_for(row: Mapping[Any, Any], actor: Actor) -> Standing | None:
    task = claimable(row)
    is_own = row["owner_id"] == actor.account_id or is_potential_owner(task, actor.references)
    mandate = None if is_own or not row["is_open"] else mandate_behind(task, actor)
    if mandate is None:
        return None
    return Standing(None, mandate.principal.login, mandate.principal.full_name, True, mandate.basis)


def _done_for(row: Mapping[Any, Any]) -> Standing | None:
    if row.get("principal_login") is None:
        return None
    is_by_order = row["order_id"] is not None
    names = row["doer_name"], row["principal_login"], row["principal_name"]
    return Standing(*names, is_by_order, row["basis"] or "")


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
        select(
            *TASK.c,
            INSTANCE.c.business_key,
            INSTANCE.c.initiator_id,
            _OWNER.c.login.label("owner_login"),
            _DOER.c.full_name.label("doer_name"),
            _PRINCIPAL.c.login.label("principal_login"),
            _PRINCIPAL.c.full_name.label("principal_name"),
            _ORDER.c.basis,
        )
        .select_from(TASK)
        .join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id)
        .outerjoin(_OWNER, _OWNER.c.id == TASK.c.owner_id)
        .outerjoin(_DOER, _DOER.c.id == TASK.c.completed_by_id)
        .outerjoin(_PRINCIPAL, _PRINCIPAL.c.id == TASK.c.on_behalf_of_id)
        .outerjoin(_ORDER, _ORDER.c.id == TASK.c.order_id)
    )


def _conditions(unit: UnitOfWork, wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    yield SCOPES[wanted.scope](unit)
    plain = {
        TASK.c.state: wanted.state or None,
        TASK.c.process_key: wanted.process,
        TASK.c.urgency: wanted.urgency,
        INSTANCE.c.business_key: wanted.business_key,
        TASK.c.instance_id: wanted.instance_id,
    }
    for column, value in plain.items():
        if value is not None:
            yield column == value
    if wanted.text:
        columns = (TASK.c.name, TASK.c.subject, INSTANCE.c.business_key)
        yield or_(*(column.icontains(wanted.text, autoescape=True) for column in columns))


def _window(unit: UnitOfWork, wanted: TaskFilter, cursor: str | None) -> Window:
    after = _after(*decode_cursor(cursor, 2)) if cursor else None
    ends = [wanted.due_before] if wanted.due_before is not None else []
    if wanted.is_overdue:
        ends.append(unit.now)
    since = literal(unit.now) if wanted.is_overdue is False else None
    return Window(after, since, literal(min(ends)) if ends else None)


def _select_page(unit: UnitOfWork, wanted: TaskFilter, cursor: str | None, amount: int) -> Select[Any]:
    """Select ``id`` and ``due`` of a page's tasks, so that what a page shows is joined to these alone."""
    names_instance = bool(wanted.text) or wanted.business_key is not None
    source = TASK.join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id) if names_instance else TASK
    candidates = select(TASK.c.id, DUE.label("due")).select_from(source).where(*_conditions(unit, wanted))
    window = _window(unit, wanted, cursor)
    to_confirm = wanted.scope == "to_confirm"
    begins_elsewhere = to_confirm or wanted.instance_id is not None or wanted.business_key is not None
    reach = None if begins_elsewhere else reach_of(unit.actor, wanted.scope)
    is_closed = to_confirm or wanted.state in CLOSED
    select_some = select_first_closed if is_closed else select_first
    return select_some(unit, reach, window, candidates, amount)


def list_tasks(unit: UnitOfWork, wanted: TaskFilter, cursor: str | None, limit: int | None) -> Page[TaskView]:
    """Return the tasks by due time, those without one last; counts tell what else there is.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    page = _select_page(unit, wanted, cursor, size + 1).subquery("page")
    statement = select_tasks().join(page, page.c.id == TASK.c.id).order_by(page.c.due, page.c.id)
    rows = with_deciding(unit, unit.session.execute(statement).mappings().all())
    views = [task_view(row, unit.actor, unit.now) for row in rows[:size]]
    following = None
    if len(rows) > size:
        last = views[-1]
        following = encode_cursor(last.due_at.isoformat() if last.due_at else "infinity", str(last.id))
    return Page(views, following, _counts(unit))


def _after(due_text: Any, id_text: Any) -> tuple[ColumnElement[Any], ColumnElement[UUID]]:
    try:
        due = NEVER if due_text == "infinity" else literal(datetime.fromisoformat(due_text))
        return due, literal(UUID(id_text))
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error


def _counts(unit: UnitOfWork) -> dict[str, int]:
    """Count what waits for the actor; OFFSET keeps PostgreSQL from gathering every open task first."""
    columns = [SCOPES[name](unit).label(name) for name in _COUNTED]
    task = select(*columns, (TASK.c.due_at < unit.now).label("is_late")).where(TASK.c.is_open).offset(0)
    asked: FromClause = task.subquery("asked")
    source = asked
    if not unit.actor.is_system:
        reached = select_reached(unit, theirs(unit.actor)).subquery("reached")
        asked = task.where(TASK.c.id == reached.c.id).lateral("asked")
        source = reached.join(asked, true())
    found: dict[str, ColumnElement[Any]] = {name: asked.c[name] for name in _COUNTED}
    found["overdue"] = and_(or_(asked.c.mine, asked.c.groups), asked.c.is_late)
    waiting = select(func.count()).select_from(TASK).where(SCOPES["to_confirm"](unit)).correlate(None)
    counts = [func.count().filter(condition).label(name) for name, condition in found.items()]
    statement = select(*counts, waiting.scalar_subquery().label("to_confirm")).select_from(source)
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
    for row in with_deciding(unit, found):
        if may_see(claimable(row), unit.actor):
            return task_view(row, unit.actor, unit.now)
    raise task_not_found()
