"""Orders for some kinds of document bind wherever a task or an instance belongs to a document of that kind."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert

from service.actions import deadlines, delegations, user_tasks
from service.domain.errors import NotFound
from service.domain.ids import new_id
from service.queries.user_tasks import TaskFilter, list_tasks
from service.storage.models import Partner, table_of
from tests.factories import open_session, unit_for
from tests.processes.desk import LEADER, METADATA, PARTNER, TO_UNIT, UNIT_HEAD, Desk

DEPUTY = "vanthu2"
OTHER_KIND = "Tờ trình"


@pytest.fixture
def desk(runtime, office, clock) -> Desk:
    """A desk with a document of the kind “Thông báo” before the leader."""
    made = Desk(runtime, office, clock)
    with made.unit() as unit:
        row = {
            "id": new_id(unit.now),
            "agency_id": office.agency_id,
            "organ_id": PARTNER,
            "name": "Ban (mẫu)",
        }
        unit.session.execute(insert(table_of(Partner)).values(row))
    made.deploy_bundle()
    made.enter()
    made.to_direction()
    return made


def _give(desk: Desk, giver: str, authority: str, kind: str) -> None:
    day = date(2026, 3, 2)
    order = delegations.NewOrder(DEPUTY, (authority,), day, day, "12-QĐ/VP", document_types=(kind,))
    with desk.unit(giver) as unit:
        delegations.give(unit, order)


def _deputy(desk: Desk):
    """Return a unit of work of the deputy as the database resolves them, orders and all."""
    actor = desk.office.actor_for(DEPUTY)
    return unit_for(desk.runtime.database, open_session(desk.runtime.database, actor))


def _seen(desk: Desk, scope: str) -> list[str]:
    with _deputy(desk) as unit:
        return [task.element_id for task in list_tasks(unit, TaskFilter(scope=scope), None, None).items]


@pytest.mark.clause("S4-7c")
def test_a_deputy_does_tasks_about_the_kind_of_document_that_the_order_names(desk: Desk) -> None:
    task = desk.task("give_direction", desk.instance_id)
    _give(desk, LEADER, "assign", OTHER_KIND)
    assert _seen(desk, "delegated") == []
    with _deputy(desk) as unit, pytest.raises(NotFound):
        user_tasks.complete(desk.runtime.engine, unit, task.id, None, TO_UNIT)
    _give(desk, LEADER, "assign", METADATA["type_name"])
    assert _seen(desk, "delegated") == ["give_direction"]
    with _deputy(desk) as unit:
        done = user_tasks.complete(desk.runtime.engine, unit, task.id, None, TO_UNIT)
    assert done.owner == LEADER


@pytest.mark.clause("S4-7c")
def test_a_deputy_watches_over_the_kind_of_document_that_the_order_names(desk: Desk) -> None:
    desk.finish("give_direction", TO_UNIT, LEADER)
    task = desk.task("assign_specialist", desk.instance_id)
    _give(desk, UNIT_HEAD, "supervise", OTHER_KIND)
    assert _seen(desk, "watched") == []
    with _deputy(desk) as unit, pytest.raises(NotFound):
        deadlines.urge(unit, task.id)
    _give(desk, UNIT_HEAD, "supervise", METADATA["type_name"])
    assert _seen(desk, "watched") == ["assign_specialist"]
    with _deputy(desk) as unit:
        assert "role:unit_head@unit:tong_hop" in deadlines.urge(unit, task.id)
