"""Process instances: lists, one instance with what it waits for, and its timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.domain.permissions import is_allowed
from service.domain.user_tasks import is_supervisor
from service.engine.engine import ProcessEngine
from service.engine.instances import read_instance as read_stored
from service.engine.spiff.activities import TokenView, Waiting
from service.engine.view import instance_not_found
from service.queries.confirmations import ConfirmationView, confirmations_of
from service.queries.document_access import is_work_locked
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.queries.task_visibility import visible_tasks
from service.queries.task_ways import MOST_NAMED, select_instances, watches_widely
from service.storage.models import (
    Account,
    History,
    Incident,
    ProcessDefinition,
    ProcessInstance,
    UserTask,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

INSTANCE = table_of(ProcessInstance)
DEFINITION = table_of(ProcessDefinition)
TASK = table_of(UserTask)
HISTORY = table_of(History)
INCIDENT = table_of(Incident)
OPEN_INCIDENT = exists().where(INCIDENT.c.instance_id == INSTANCE.c.id, INCIDENT.c.resolved_at.is_(None))
INITIATOR = table_of(Account).alias("initiator")
ACTOR = table_of(Account).alias("actor")
LEADER = table_of(Account).alias("leader")


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """What to list; None = any."""

    process: str | None = None
    state: str | None = None
    business_key: str | None = None
    has_incident: bool | None = None


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance as a list shows it; instants are aware UTC."""

    id: UUID
    definition_id: UUID
    key: str
    version: int
    business_key: str | None
    state: str
    rev: int
    has_incident: bool
    initiator: str | None
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class InstanceDetail:
    """An instance with its variables, its tokens and what it waits for."""

    view: InstanceView
    variables: Mapping[str, Any]
    tokens: Sequence[TokenView]
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step: ``kind`` entered, completed, cancelled, failed or flow; names come from the definition."""

    kind: str
    element_id: str
    element_type: str
    name: str
    clauses: Sequence[str]
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One change of an instance: who did what, when, on whose behalf, and the steps that followed.

    ``delegation`` holds the order's id (``delegation``) and its ``basis``, where the actor stood in by order;
    ``confirmation`` is the leader's word on what an aide entered.
    """

    rev: int
    at: datetime
    action: str
    actor: str | None
    actor_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    reason: str | None
    delegation: Mapping[str, Any] | None
    data: Mapping[str, Any] | None
    confirmation: ConfirmationView | None
    steps: Sequence[TimelineStep]


def _select() -> Select[Any]:
    columns = (
        INSTANCE.c.id,
        INSTANCE.c.definition_id,
        INSTANCE.c.key,
        DEFINITION.c.version,
        INSTANCE.c.business_key,
        INSTANCE.c.state,
        INSTANCE.c.rev,
        OPEN_INCIDENT.label("has_incident"),
        INITIATOR.c.login.label("initiator"),
        INSTANCE.c.started_at,
        INSTANCE.c.ended_at,
        INSTANCE.c.end_reason,
    )
    joined = INSTANCE.join(DEFINITION, DEFINITION.c.id == INSTANCE.c.definition_id)
    return select(*columns).select_from(
        joined.outerjoin(INITIATOR, INITIATOR.c.id == INSTANCE.c.initiator_id)
    )


def visible_to(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition: a supervisor sees all, others what they started or see a task of.

    OFFSET keeps PostgreSQL from gathering every task first, where it is asked of few instances.
    """
    actor = unit.actor
    if is_supervisor(actor) or actor.is_system:
        return literal(value=True)
    tasks = select(1).where(TASK.c.instance_id == INSTANCE.c.id, visible_tasks(unit))
    worked_on = tasks.offset(0).correlate(INSTANCE).exists()
    return or_(INSTANCE.c.initiator_id == actor.account_id, worked_on)


def _shown(unit: UnitOfWork) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return :func:`visible_to` as conditions for a page of the newest and for counting them all.

    Up to :data:`MOST_NAMED` instances are named. More are asked one after the other until the page is full,
    and selected from their tasks to be counted.
    """
    condition = visible_to(unit)
    if unit.actor.is_system or is_supervisor(unit.actor):
        return condition, condition
    started = select(INSTANCE.c.id.label("instance_id")).where(
        INSTANCE.c.initiator_id == unit.actor.account_id
    )
    every = [started, *select_instances(unit)]
    if not watches_widely(unit.actor):
        some = union_all(*every).limit(MOST_NAMED + 1)
        ids = unit.session.execute(some).scalars().all()
        if len(ids) <= MOST_NAMED:
            named = INSTANCE.c.id == any_(literal(ids, ARRAY(Uuid)))
            return named, named
    return condition, INSTANCE.c.id.in_(union(*every))


def list_instances(
    unit: UnitOfWork,
    wanted: InstanceFilter,
    cursor: str | None,
    limit: int | None,
) -> Page[InstanceView]:
    """Return the instances that the actor may see, newest first; counts by state.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    shown, counted_ones = _shown(unit)
    conditions = [shown]
    plain = {
        INSTANCE.c.key: wanted.process,
        INSTANCE.c.state: wanted.state,
        INSTANCE.c.business_key: wanted.business_key,
        OPEN_INCIDENT: wanted.has_incident,
    }
    conditions += [column == value for column, value in plain.items() if value is not None]
    statement = _select().where(*conditions)
    if cursor:
        statement = statement.where(tuple_(INSTANCE.c.started_at, INSTANCE.c.id) < tuple_(*_before(cursor)))
    statement = statement.order_by(INSTANCE.c.started_at.desc(), INSTANCE.c.id.desc()).limit(size + 1)
    rows = unit.session.execute(statement).mappings().all()
    views = [InstanceView(**row) for row in rows[:size]]
    following = None
    if len(rows) > size:
        following = encode_cursor(views[-1].started_at.isoformat(), str(views[-1].id))
    counted = (
        select(INSTANCE.c.state, func.count().label("amount")).where(counted_ones).group_by(INSTANCE.c.state)
    )
    counts = {row.state: row.amount for row in unit.session.execute(counted)}
    return Page(views, following, counts)


def _before(cursor: str) -> tuple[Any, Any]:
    started, instance_id = decode_cursor(cursor, 2)
    try:
        return literal(datetime.fromisoformat(started)), literal(UUID(instance_id))
    except (TypeError, ValueError) as error:
        raise bad_cursor() from error


def read_view(unit: UnitOfWork, instance_id: UUID) -> InstanceView:
    """Return one instance as a list shows it.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    statement = _select().where(INSTANCE.c.id == instance_id, visible_to(unit))
    row = unit.session.execute(statement).mappings().one_or_none()
    if row is None:
        raise instance_not_found()
    return InstanceView(**row)


def read_instance(engine: ProcessEngine, unit: UnitOfWork, instance_id: UUID) -> InstanceDetail:
    """Return one instance with its tokens and what it waits for; its variables only to a supervisor.

    Everybody else sees of the variables what the forms of their tasks name.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    view = read_view(unit, instance_id)
    execution = engine.load(unit, read_stored(unit, instance_id)).execution
    if is_work_locked(unit, instance_id):
        return InstanceDetail(view, {}, execution.tokens, Waiting())
    variables = execution.variables if is_allowed(unit.actor, "instance.supervise") else {}
    return InstanceDetail(view, variables, execution.tokens, execution.waiting)


def read_timeline(
    engine: ProcessEngine,
    unit: UnitOfWork,
    instance_id: UUID,
    cursor: str | None,
    limit: int | None,
) -> Page[TimelineEntry]:
    """Return what happened in an instance, oldest first.

    Raises:
        NotFound: absent, or not the actor's to see.
        InvalidInput: an unknown cursor.
    """
    view = read_view(unit, instance_id)
    size = page_size(limit)
    names = (ACTOR.c.login, ACTOR.c.full_name, LEADER.c.login, LEADER.c.full_name)
    labels = ("actor", "actor_name", "on_behalf_of", "on_behalf_of_name")
    joined = HISTORY.outerjoin(ACTOR, ACTOR.c.id == HISTORY.c.actor_id).outerjoin(
        LEADER,
        LEADER.c.id == HISTORY.c.on_behalf_of_id,
    )
    statement = (
        select(
            HISTORY.c.rev,
            HISTORY.c.at,
            HISTORY.c.action,
            HISTORY.c.steps,
            *(column.label(label) for column, label in zip(names, labels, strict=True)),
        )
        .select_from(joined)
        .where(HISTORY.c.instance_id == instance_id)
        .order_by(HISTORY.c.rev)
        .limit(size + 1)
    )
    if cursor:
        (after,) = decode_cursor(cursor, 1)
        if not isinstance(after, int):
            raise bad_cursor()
        statement = statement.where(HISTORY.c.rev > after)
    rows = unit.session.execute(statement).mappings().all()
    tasks = [UUID(row["steps"][0]["task"]) for row in rows if _is_by_aide(row)]
    describe = _Describer(engine, unit, view.definition_id, confirmations_of(unit, tasks))
    entries = [describe.entry(row) for row in rows[:size]]
    following = encode_cursor(entries[-1].rev) if len(rows) > size else None
    return Page(entries, following)


def _is_by_aide(row: Mapping[Any, Any]) -> bool:
    head = row["steps"][0]
    return row["on_behalf_of"] is not None and "order" not in head and "task" in head


class _Describer:
    """Adds the diagram's names, types and clauses to stored steps."""

    def __init__(
        self,
        engine: ProcessEngine,
        unit: UnitOfWork,
        definition_id: UUID,
        confirmations: Mapping[UUID, ConfirmationView],
    ) -> None:
        self._definition = engine.definition(unit, definition_id)
        self._confirmations = confirmations

    def entry(self, row: Mapping[Any, Any]) -> TimelineEntry:
        head, *steps = row["steps"]
        names = ("rev", "at", "action", "actor", "actor_name", "on_behalf_of", "on_behalf_of_name")
        return TimelineEntry(
            **{name: row[name] for name in names},
            reason=head.get("reason"),
            delegation=head.get("order"),
            data=head.get("data"),
            confirmation=self._confirmations.get(UUID(head["task"])) if head.get("task") else None,
            steps=[self._step(*step) for step in steps],
        )

    def _step(self, kind: str, element_id: str, extra: Mapping[str, Any] | None = None) -> TimelineStep:
        if kind == "flow":
            return TimelineStep(kind, element_id, "sequenceFlow", "", (), extra or {})
        element = self._definition.element(element_id)
        clauses = element.properties.get("clauses", "").split()
        return TimelineStep(kind, element_id, element.type, element.name, clauses, extra or {})
