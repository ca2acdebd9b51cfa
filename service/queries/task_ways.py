"""From a person to the tasks that may be theirs, so that a list begins at its reader and not at every task.

Whom a list is of decides by which accounts, references and units a task can come into it. Each leads by an
index to more tasks than the list may hold, never to fewer; the conditions of
:mod:`service.queries.task_visibility` decide about each, just as in a list that begins at every task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Uuid,
    any_,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, TypeEngine

from service.domain.actors import Actor
from service.domain.permissions import PERMISSIONS
from service.domain.user_tasks import OVERSEEING, headed_units, is_supervisor
from service.queries.task_visibility import SCOPES, TASK, members_of, unit_references, visible_tasks
from service.storage.models import UserTaskOwner, table_of
from service.storage.unit_of_work import UnitOfWork

OWNER: Final = table_of(UserTaskOwner)

MOST_NAMED: Final = 2_000
"""Up to so many closed tasks within reach, a list begins at these and not at the first of all."""

CLOSED: Final = frozenset({"completed", "obsolete"})
"""The states of tasks that are no longer open."""

NEVER: Final = literal_column("'infinity'::timestamptz", TASK.c.due_at.type)
DUE: Final = func.coalesce(TASK.c.due_at, NEVER)
"""When a task is due, as lists order and ``ix_user_task_due`` keeps it; :data:`NEVER` = without due time."""


@dataclass(frozen=True, slots=True)
class Reach:
    """By what a task can come into a list.

    Attributes:
        accounts: of those who have it, or had it.
        lenders: of those who delegated it and will get it back.
        doers: of those who did it, or for whom it was done; nobody yet, while it is open.
        references: of those who may take it.
        assigners: references of those who gave it.
        units: codes of the units that it names, or whose people have it or may take it.
    """

    accounts: frozenset[UUID] = frozenset()
    lenders: frozenset[UUID] = frozenset()
    doers: frozenset[UUID] = frozenset()
    references: frozenset[str] = frozenset()
    assigners: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the list, by due time and id; what is None bounds nothing.

    Attributes:
        after: due time and id of a task; only those behind it.
        since: due then or later.
        before: due before then.
    """

    after: tuple[ColumnElement[Any], ColumnElement[UUID]] | None = None
    since: ColumnElement[Any] | None = None
    before: ColumnElement[Any] | None = None

    def bounds(self, due: ColumnElement[Any], key: ColumnElement[UUID]) -> Iterator[ColumnElement[bool]]:
        """Give the conditions on the columns that hold due time and id."""
        if self.after is not None:
            yield tuple_(due, key) > tuple_(*self.after)
        if self.since is not None:
            yield due >= self.since
        if self.before is not None:
            yield due < self.before


def theirs(actor: Actor) -> Reach:
    """Return by what a task can be a person's own, or one that they may do in another's place."""
    people = [*actor.assists.values(), *(mandate.principal for mandate in actor.mandates)]
    me = set() if actor.account_id is None else {actor.account_id}
    return Reach(
        accounts=frozenset(person.account_id for person in people) | me,
        lenders=frozenset(me),
        doers=frozenset(me),
        references=actor.references.union(*(person.references for person in people)),
    )


def reach_of(actor: Actor, scope: str) -> Reach | None:
    """Return by what a task can come into a list of this scope; None = any task can."""
    if actor.is_system or (scope == "all" and is_supervisor(actor)):
        return None
    return _watching(actor) if scope == "watched" else theirs(actor)


def _watching(actor: Actor) -> Reach | None:
    lent = [mandate for mandate in actor.mandates if "supervise" in mandate.authorities]
    roles = actor.roles.union(*(mandate.roles for mandate in lent))
    if not roles.isdisjoint(OVERSEEING | PERMISSIONS["user_task.supervise"].roles):
        return None
    references = actor.references.union(*(mandate.principal.references for mandate in lent))
    return Reach(assigners=references, units=headed_units(references))


def select_first(
    unit: UnitOfWork, reach: Reach | None, window: Window, candidates: Select[Any], amount: int
) -> Select[Any]:
    """Select ``id`` and ``due`` of the first open tasks, by due time and id.

    Args:
        unit: of the one who asks.
        reach: where to begin; None = at every open task.
        window: which part of the list.
        candidates: selects :data:`DUE` and ids of tasks, with all the conditions of the list.
        amount: how many tasks at most.
    """
    by_due = candidates.where(TASK.c.is_open, *window.bounds(DUE, TASK.c.id))
    by_due = by_due.order_by(DUE, TASK.c.id).limit(amount)
    if reach is None:
        return by_due
    by_owner = candidates.join(OWNER, OWNER.c.task_id == TASK.c.id)
    by_owner = by_owner.where(OWNER.c.is_open, *window.bounds(OWNER.c.due_at, OWNER.c.task_id))
    by_owner = by_owner.order_by(OWNER.c.due_at, OWNER.c.task_id).limit(amount)
    walked = []
    for column, names in _beginnings(unit, reach):
        walk = by_owner if column is OWNER.c.reference else by_due
        found = walk.where(column == names.c.name).lateral()
        walked.append(select(found.c.id, found.c.due).select_from(names).join(found, true()))
    if not walked:
        return by_due.where(false())
    first = union(*walked).subquery("walked")
    return select(first.c.id, first.c.due).order_by(first.c.due, first.c.id).limit(amount)


def select_first_closed(
    unit: UnitOfWork, reach: Reach | None, window: Window, candidates: Select[Any], amount: int
) -> Select[Any]:
    """Select what :func:`select_first` selects, of the closed tasks.

    A person's are kept in no order: up to :data:`MOST_NAMED` are named, else one after the other is asked in
    the order of the list; so too where units lead to them, whose closed tasks are kept nowhere.
    """
    by_due = candidates.where(~TASK.c.is_open, *window.bounds(DUE, TASK.c.id))
    if reach is not None and not reach.units:
        some = _select_closed(unit, reach).limit(MOST_NAMED + 1)
        ids = unit.session.execute(some).scalars().all()
        if len(ids) <= MOST_NAMED:
            by_due = by_due.where(TASK.c.id == any_(literal(ids, ARRAY(Uuid))))
    return by_due.order_by(DUE, TASK.c.id).limit(amount)


def select_reached(unit: UnitOfWork, reach: Reach) -> CompoundSelect[Any]:
    """Select the ``id`` of all open tasks within reach, each once; the reach must not be empty."""
    return union(*_select_ids(_beginnings(unit, reach), is_open=true()))


def watches_widely(actor: Actor) -> bool:
    """Say whether the actor sees closed tasks that no index leads to: those of units, or of everybody."""
    watching = reach_of(actor, "watched")
    return watching is None or bool(watching.units)


def select_instances(unit: UnitOfWork) -> list[Select[Any]]:
    """Return what together selects the ``instance_id`` of every task that exists for the actor."""
    actor, visible = unit.actor, visible_tasks(unit)
    had = (TASK.c.owner_id, TASK.c.completed_by_id, TASK.c.delegator_id, TASK.c.on_behalf_of_id)
    ways = [select(TASK.c.instance_id).where(column == actor.account_id) for column in had]
    reach = theirs(actor)
    named = select(TASK.c.instance_id).join(OWNER, OWNER.c.task_id == TASK.c.id)
    ways.append(named.where(OWNER.c.reference.in_(sorted(reach.references)), visible))
    others = reach.accounts - {actor.account_id}
    if others:
        ways.append(select(TASK.c.instance_id).where(TASK.c.owner_id.in_(sorted(others)), visible))
    watching = reach_of(actor, "watched")
    if watching is not None:
        given = TASK.c.assigner.in_(sorted(watching.assigners))
        ways.append(select(TASK.c.instance_id).where(given, visible))
    if watches_widely(actor):
        ways.append(select(TASK.c.instance_id).where(SCOPES["watched"](unit)))
    return ways


def _select_closed(unit: UnitOfWork, reach: Reach) -> CompoundSelect[Any]:
    columns = TASK.c.completed_by_id, TASK.c.on_behalf_of_id
    doers = [
        (column, union(*_rows(reach.doers, Uuid())).subquery("doing")) for column in columns if reach.doers
    ]
    return union_all(*_select_ids([*_beginnings(unit, reach), *doers], is_open=false()))


def _select_ids(
    beginnings: Iterable[tuple[ColumnElement[Any], FromClause]], *, is_open: ColumnElement[bool]
) -> Iterator[Select[Any]]:
    for column, names in beginnings:
        key, state = (TASK.c.id, TASK.c.is_open)
        if column is OWNER.c.reference:
            key, state = OWNER.c.task_id, OWNER.c.is_open
        yield select(key.label("id")).where(column == names.c.name, state == is_open).correlate(None)


def _beginnings(unit: UnitOfWork, reach: Reach) -> list[tuple[ColumnElement[Any], FromClause]]:
    """Return the columns to look into, each with rows of what to look for there, in a column ``name``."""
    references = reach.references | unit_references(reach.units)
    found: list[tuple[ColumnElement[Any], list[Select[Any]]]] = [
        (TASK.c.owner_id, _rows(reach.accounts, Uuid())),
        (OWNER.c.reference, _rows(references, Text())),
        (TASK.c.delegator_id, _rows(reach.lenders, Uuid())),
        (TASK.c.assigner, _rows(reach.assigners, Text())),
    ]
    if reach.units:
        for (_column, rows), members in zip(found, members_of(unit, reach.units), strict=False):
            rows.append(members)
    return [(column, union(*rows).subquery("beginning")) for column, rows in found if rows]


def _rows(names: Collection[Any], kind: TypeEngine[Any]) -> list[Select[Any]]:
    """Return what selects the names as rows; nothing where there are none."""
    array = literal(sorted(names), ARRAY(kind))
    return [select(func.unnest(array).label("name"))] if names else []
