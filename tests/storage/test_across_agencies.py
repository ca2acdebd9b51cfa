"""What a worker may learn across agencies: what is due, where, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from service.domain.clock import ManualClock
from service.domain.ids import new_id
from service.storage.database import Database
from service.storage.models import (
    Job,
    LoginChallenge,
    LoginFailure,
    LoginSession,
    Outbox,
    ProcessDefinition,
    ProcessInstance,
    Timer,
    TimerStart,
    table_of,
)
from tests.factories import Office, open_session
from tests.harness import OPENING


def _instance(database: Database, office: Office) -> dict[str, Any]:
    """Write a definition and an instance; return the columns that point to them."""
    ours = {"agency_id": office.agency_id}
    definition_id, instance_id = new_id(OPENING), new_id(OPENING)
    definition = {
        "id": definition_id,
        "key": "k",
        "version": 1,
        "content_hash": b"h",
        "active": True,
        "info": {},
    }
    instance = {"id": instance_id, "definition_id": definition_id, "key": "k", "state": "active", "rev": 1}
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(
            insert(table_of(ProcessDefinition)),
            {**ours, **definition, "bundle": b"", "spec": b"", "deployed_at": OPENING},
        )
        unit.session.execute(
            insert(table_of(ProcessInstance)),
            {**ours, **instance, "has_incident": False, "started_at": OPENING, "execution": b""},
        )
    return {"definition_id": definition_id, "instance_id": instance_id}


def _due(database: Database, function: str, at: Any, limit: int = 10) -> list[Any]:
    with database.session() as session:
        statement = text(f"SELECT * FROM {function}(:now, :limit)")
        return list(session.execute(statement, {"now": at, "limit": limit}).all())


def _timer(
    database: Database, office: Office, instance_id: UUID, minutes: int, *, held: bool = False
) -> UUID:
    row = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "instance_id": instance_id,
        "token_id": new_id(OPENING),
        "element_id": "e",
        "due_at": OPENING + timedelta(minutes=minutes),
        "held": held,
    }
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(Timer)), row)
    return row["id"]


def test_due_timers_of_all_agencies_come_oldest_first_with_their_agency(
    database: Database, office: Office, other_office: Office
) -> None:
    ours, theirs = (
        _instance(database, office)["instance_id"],
        _instance(database, other_office)["instance_id"],
    )
    second = _timer(database, office, ours, 2)
    first = _timer(database, other_office, theirs, 1)
    _timer(database, office, ours, 3, held=True)
    _timer(database, office, ours, 60)
    found = _due(database, "due_timers", OPENING + timedelta(minutes=5))
    assert [tuple(row) for row in found] == [
        (other_office.agency_id, "dongson", first, theirs),
        (office.agency_id, "vptu", second, ours),
    ]
    assert len(_due(database, "due_timers", OPENING + timedelta(minutes=5), 1)) == 1
    assert _due(database, "due_timers", OPENING) == []


def test_due_timer_starts_name_their_definition(database: Database, office: Office) -> None:
    definition_id = _instance(database, office)["definition_id"]
    row = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "definition_id": definition_id,
        "element_id": "start",
        "timer": {},
        "due_at": OPENING,
    }
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(TimerStart)), row)
    assert [tuple(found) for found in _due(database, "due_timer_starts", OPENING)] == [
        (office.agency_id, "vptu", row["id"], definition_id),
    ]


@pytest.mark.parametrize("state", ["pending", "done", "failed", "cancelled"])
def test_only_pending_jobs_are_due(database: Database, office: Office, state: str) -> None:
    instance_id = _instance(database, office)["instance_id"]
    row = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "instance_id": instance_id,
        "token_id": new_id(OPENING),
        "element_id": "e",
        "operation": "o",
        "params": {"secret": "stays inside"},
        "state": state,
        "attempts": 0,
        "due_at": OPENING,
        "created_at": OPENING,
    }
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(Job)), row)
    expected = [(office.agency_id, "vptu", row["id"], instance_id)] if state == "pending" else []
    assert [tuple(found) for found in _due(database, "due_jobs", OPENING)] == expected


def test_due_outbox_rows_are_named_only(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        unit.send("exchange", "A01", {"content": "stays inside"}, "key")
        unit.flush()
        row_id = unit.session.execute(select(Outbox.id)).scalar_one()
    assert [tuple(row) for row in _due(database, "due_outbox", OPENING)] == [
        (office.agency_id, "vptu", row_id)
    ]


def test_the_same_message_is_put_into_the_outbox_once(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        unit.send("exchange", "A01", {"n": 1}, "key")
    with database.unit_of_work(office.system) as unit:
        unit.send("exchange", "A01", {"n": 2}, "key")
        unit.send("exchange", "A02", {"n": 3}, "other", due_at=OPENING + timedelta(hours=1))
        unit.send("exchange", "A02", {"n": 4}, "other")
    with database.unit_of_work(office.system) as unit:
        rows = unit.session.execute(select(Outbox.payload, Outbox.due_at).order_by(Outbox.id)).all()
    assert [tuple(row) for row in rows] == [
        ({"n": 1}, OPENING),
        ({"n": 3}, OPENING + timedelta(hours=1)),
    ]


def test_a_worker_lists_the_agencies(database: Database, office: Office, other_office: Office) -> None:
    with database.session() as session:
        found = session.execute(text("SELECT * FROM list_agencies()")).all()
    assert [tuple(row) for row in found] == [(other_office.agency_id, "dongson"), (office.agency_id, "vptu")]


def test_what_has_served_its_time_is_swept(
    database: Database, owner: Database, office: Office, clock: ManualClock
) -> None:
    failure = {"id": new_id(OPENING), "login_hash": b"h", "address": "a", "at": OPENING}
    with owner.session() as session:
        session.execute(insert(table_of(LoginFailure)), failure)
    open_session(database, office.actor_for("vanthu"))
    sweep = text("SELECT sweep_expired(:now)")
    with database.session() as session:
        assert session.execute(sweep, {"now": clock.now() + timedelta(hours=23)}).scalar() == 0
        assert session.execute(sweep, {"now": clock.now() + timedelta(hours=25)}).scalar() == 1
        assert session.execute(sweep, {"now": clock.now() + timedelta(days=90)}).scalar() == 0
        assert session.execute(sweep, {"now": clock.now() + timedelta(days=91)}).scalar() == 1
    with owner.session() as session:
        assert session.execute(select(LoginSession)).all() == []


def test_logins_that_nobody_finished_are_swept_when_their_time_is_over(
    database: Database, owner: Database, office: Office, clock: ManualClock
) -> None:
    challenge = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "account_id": office.accounts["vanthu"],
        "token_hash": b"h",
        "carrier": "bearer",
        "origin": "password",
        "address": "10.0.0.1",
        "device": "",
        "failures": 0,
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(minutes=5),
    }
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(LoginChallenge)), challenge)
    sweep = text("SELECT sweep_expired(:now)")
    with database.session() as session:
        assert session.execute(sweep, {"now": clock.now() + timedelta(minutes=4)}).scalar() == 0
        assert session.execute(sweep, {"now": clock.now() + timedelta(minutes=5)}).scalar() == 1
