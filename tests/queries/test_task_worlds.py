"""Random worlds: a list that begins at its reader holds what the law of one task says, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Text, cast, func, insert, or_, select, text, update

from service.domain.actors import Actor, Mandate, Person
from service.domain.ids import new_id
from service.domain.user_tasks import may_see
from service.queries import instances, task_ways
from service.queries.task_visibility import SCOPES, TASK, claimable, with_deciding
from service.queries.user_tasks import Scope, TaskFilter, list_tasks, select_tasks
from service.storage.database import Database
from service.storage.models import (
    Document,
    Membership,
    ProcessDefinition,
    ProcessInstance,
    UserTask,
    UserTaskOwner,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office

READERS = ("vanthu", "chanhvp", "troly", "tp.tonghop", "cv.tonghop1", "tp.hanhchinh", "cv.coyeu1", "giamsat")
STATES = ("ready", "reserved", "suspended", "completed", "obsolete")
OPEN_SCOPES: Final[tuple[Scope, ...]] = ("mine", "groups", "assisted", "delegated", "watched", "all")
CLOSED_SCOPES: Final[tuple[Scope, ...]] = ("all", "groups", "watched")
TASKS = 90


class World:
    """Tasks, their processes and documents, by the dice of ``random``."""

    def __init__(self, unit: UnitOfWork, office: Office, random: Random) -> None:
        self.unit, self.office, self.random, self.now = unit, office, random, unit.now
        self.references = sorted({ref for login in READERS for ref in office.actor_for(login).references})
        self.definition_id = new_id(self.now)

    def fill(self) -> None:
        """Write everything."""
        definition = {"key": "k", "version": 1, "content_hash": b"k", "active": True, "info": {}}
        self._write(ProcessDefinition, id=self.definition_id, deployed_at=self.now, **definition)
        people = {"account_id": self.office.accounts["cv.coyeu1"], "unit_id": self.office.units["tong_hop"]}
        self._write(Membership, id=new_id(self.now), role="specialist", **people)
        for _ in range(TASKS):
            self._add_task(self._add_instance())

    def person(self) -> UUID:
        """Return one of the readers."""
        return self.office.accounts[self.random.choice(READERS)]

    def happens(self, chance: float) -> bool:
        """Throw the dice."""
        return self.random.random() < chance

    def _add_instance(self) -> UUID:
        instance_id, document_id = new_id(self.now), new_id(self.now)
        self._write(
            ProcessInstance,
            id=instance_id,
            definition_id=self.definition_id,
            key="k",
            state="active",
            rev=1,
            started_at=self.now,
            initiator_id=self.person(),
        )
        texts = ("type_name", "code_notation", "organ_name", "subject", "category")
        self._write(
            Document,
            **dict.fromkeys(texts, self.random.choice(["Công văn", "Tờ trình"])),
            id=document_id,
            code_number=str(document_id)[:8],
            direction="incoming",
            status="arrived",
            channel="upload",
            urgency="normal",
            secrecy=self.random.choice(["none", "none", "confidential"]),
            is_public=False,
            trace=[],
            created_at=self.now,
            instance_id=instance_id,
        )
        return instance_id

    def _add_task(self, instance_id: UUID) -> None:
        state = self.random.choice(STATES)
        is_open = state not in task_ways.CLOSED
        persons = ["owner_id"] if state == "reserved" or self.happens(0.2) else []
        persons += ["delegator_id"] if self.happens(0.1) else []
        persons += ["owner_id", "completed_by_id"] if state == "completed" else []
        persons += ["on_behalf_of_id"] if state == "completed" and self.happens(0.2) else []
        self._write(
            UserTask,
            id=new_id(self.now),
            instance_id=instance_id,
            process_key=self.random.choice(["k", "l"]),
            element_id="e",
            name="",
            subject="",
            form_key="",
            state=state,
            is_open=is_open,
            version=1,
            urgency="normal",
            due_at=self.now + timedelta(self.random.randint(-3, 3)) if self.happens(0.8) else None,
            owners=self.random.sample(self.references, self.random.randint(1, 3)),
            excluded=self.random.sample(self.references, 1) if self.happens(0.3) else [],
            assigner=self.random.choice(self.references) if self.happens(0.2) else None,
            authority=self.random.choice(["assign", "supervise"]),
            created_at=self.now,
            **{name: self.person() for name in persons},
        )

    def _write(self, model: Any, **row: Any) -> None:
        self.unit.session.execute(insert(table_of(model)), {"agency_id": self.office.agency_id, **row})


def readers(office: Office) -> list[Actor]:
    """Return people by themselves, and people whom orders let act for others."""
    head, leader, clerk = (office.actor_for(login) for login in ("tp.tonghop", "chanhvp", "vanthu"))

    def by_order(login: str, principal: Actor, *authorities: str, **limits: frozenset[str]) -> Actor:
        assert principal.account_id is not None
        names = principal.account_id, principal.login, principal.full_name, principal.references
        mandate = Mandate(uuid4(), "", Person(*names), principal.roles, frozenset(authorities), **limits)
        return replace(office.actor_for(login), mandates=(mandate,))

    return [
        *(office.actor_for(login) for login in READERS),
        by_order("cv.tonghop1", head, "assign", "supervise", document_types=frozenset({"Tờ trình"})),
        by_order("cv.coyeu1", leader, "supervise", process_keys=frozenset({"k"})),
        by_order("tp.hanhchinh", clerk, "assign"),
    ]


def _listed(unit: UnitOfWork, wanted: TaskFilter) -> list[UUID]:
    found: list[UUID] = []
    cursor = None
    while True:
        page = list_tasks(unit, wanted, cursor, 4)
        found += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def _selected(unit: UnitOfWork, wanted: TaskFilter) -> list[UUID]:
    """Return what the scope's condition alone selects among all tasks."""
    states = [wanted.state] if wanted.state else ["ready", "reserved", "suspended"]
    conditions = [SCOPES[wanted.scope](unit), TASK.c.state.in_(states)]
    if wanted.is_overdue is not None:
        is_late = TASK.c.due_at.is_not(None) & (TASK.c.due_at < unit.now)
        conditions.append(is_late if wanted.is_overdue else ~is_late)
    order = TASK.c.due_at.asc().nulls_last(), TASK.c.id
    return list(unit.session.execute(select(TASK.c.id).where(*conditions).order_by(*order)).scalars())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_list_that_begins_at_its_reader_holds_what_its_condition_selects_in_the_same_order(
    database: Database, owner: Database, office: Office, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with owner.unit_of_work(office.system) as unit:
        World(unit, office, Random(seed)).fill()
    filled = set()
    for actor in readers(office):
        with database.unit_of_work(actor) as unit:
            counts = list_tasks(unit, TaskFilter(), None, 1).counts
            for scope in OPEN_SCOPES:
                listed = _listed(unit, TaskFilter(scope))
                assert listed == _selected(unit, TaskFilter(scope)), (actor.login, scope)
                assert counts.get(scope, len(listed)) == len(listed), (actor.login, scope)
                filled |= {scope} if listed else set()
            for wanted in (TaskFilter(is_overdue=True), TaskFilter("watched", is_overdue=False)):
                assert _listed(unit, wanted) == _selected(unit, wanted), (actor.login, wanted)
            for state, scope in product(("ready", "completed", "obsolete"), CLOSED_SCOPES):
                wanted = TaskFilter(scope, state=state)
                for most in (2_000, 0):  # beginning at the person, and at the first of all closed tasks
                    monkeypatch.setattr(task_ways, "MOST_NAMED", most)
                    assert _listed(unit, wanted) == _selected(unit, wanted), (actor.login, wanted, most)
    assert filled == set(OPEN_SCOPES), "a scope in which nobody has anything shows nothing"


def test_lists_hold_nothing_that_the_law_of_one_task_hides(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.unit_of_work(office.system) as unit:
        World(unit, office, Random(3)).fill()
    sizes = set()
    for actor in readers(office):
        with database.unit_of_work(actor) as unit:
            rows = with_deciding(unit, unit.session.execute(select_tasks()).mappings().all())
            by_law = {row["id"] for row in rows if may_see(claimable(row), actor)}
            wanted = [TaskFilter(scope, state=state) for scope in CLOSED_SCOPES for state in STATES]
            listed = {one for each in wanted for one in _listed(unit, each)}
            assert listed <= by_law, actor.login
            sizes.add(len(listed))
    assert len(sizes) > 4, "a world in which everybody sees the same shows nothing"


def test_owner_rows_follow_the_tasks_and_nobody_else_writes_them(
    database: Database, owner: Database, office: Office
) -> None:
    row, random = table_of(UserTaskOwner), Random(4)
    with owner.unit_of_work(office.system) as unit:
        world = World(unit, office, random)
        world.fill()
        tasks = list(unit.session.execute(select(TASK.c.id)).scalars())
    changes: list[dict[str, Any]] = [
        {"is_open": False, "state": "completed"},
        {"is_open": False, "state": "obsolete", "owner_id": None},
        {"is_open": True, "state": "ready"},
        {"owner_id": office.accounts["vanthu"]},
        {"owner_id": None},
        {"owners": ["user:vanthu", "user:vanthu"]},
        {"owners": []},
        {"due_at": None},
        {"due_at": world.now},
    ]
    with database.unit_of_work(office.system) as unit:
        for task_id in tasks:
            unit.session.execute(update(TASK).where(TASK.c.id == task_id).values(**random.choice(changes)))
        kept = unit.session.execute(
            select(row.c.task_id, row.c.reference, row.c.is_open, cast(row.c.due_at, Text))
        )
        due = cast(task_ways.DUE, Text)
        derived = unit.session.execute(
            select(TASK.c.id, func.unnest(TASK.c.owners), TASK.c.is_open, due).where(
                or_(TASK.c.is_open, TASK.c.owner_id.is_(None))
            )
        )
        assert set(map(tuple, kept)) == set(map(tuple, derived))
        allowed = "SELECT has_table_privilege('congvan_app', 'user_task_owner', '{}')"
        rights = [
            unit.session.execute(text(allowed.format(name))).scalar_one()
            for name in ("SELECT", "INSERT", "UPDATE", "DELETE")
        ]
        assert rights == [True, False, False, False]


@pytest.mark.parametrize("most", [2_000, 0])
def test_a_list_of_instances_holds_and_counts_those_that_are_visible_one_by_one(
    database: Database, owner: Database, office: Office, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    with owner.unit_of_work(office.system) as unit:
        World(unit, office, Random(5)).fill()
    monkeypatch.setattr(instances, "MOST_NAMED", most)
    instance, sizes = table_of(ProcessInstance), set()
    for actor in readers(office):
        with database.unit_of_work(actor) as unit:
            visible = select(instance.c.id).where(instances.visible_to(unit))
            alone = set(unit.session.execute(visible).scalars())
            page = instances.list_instances(unit, instances.InstanceFilter(), None, 200)
            assert {one.id for one in page.items} == alone, actor.login
            assert sum(page.counts.values()) == len(alone), actor.login
            sizes.add(len(alone))
    assert len(sizes) > 3, "a world in which everybody sees the same shows nothing"
