"""A house of the last release goes on after the upgrade: nothing is lost, running processes run on.

``release_0004.sql.gz`` holds the rows of an installation at revision 0004 in which four documents arrived: one
handled to its end, one refused, one recalled, one still being worked on.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine, text

from service.actions import audit
from service.app import create_app
from service.bootstrap import Runtime, build
from service.domain.actors import Actor, system_actor
from service.domain.clock import ManualClock
from service.storage import register, schema
from service.storage.database import open_engine
from tests.api.callers import Caller
from tests.factories import open_session
from tests.harness import TestDatabase, TestServer, test_settings

LAST_RELEASE = "0004"
ROWS = Path(__file__).with_name(f"release_{LAST_RELEASE}.sql.gz")
AFTER = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
BEFORE = {
    "account": 22,
    "audit_event": 165,
    "document": 4,
    "history": 33,
    "process_instance": 4,
    "registry_entry": 3,
    "user_task": 25,
}
"""How many rows the large tables had."""


def counts(database: TestDatabase) -> dict[str, int]:
    """Return how many rows the large tables have."""
    with psycopg.connect(database.superuser_conninfo) as connection:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in BEFORE}


@pytest.fixture
def old_house(server: TestServer, worker_name: str) -> TestDatabase:
    """A database of the last release with its rows."""
    created = server.create_database(f"old_{worker_name}")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(created.owner_conninfo))
    with engine.connect() as connection:
        config = schema.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, LAST_RELEASE)
        connection.commit()
    engine.dispose()
    with psycopg.connect(created.superuser_conninfo) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(gzip.decompress(ROWS.read_bytes()).decode())
    return created


@pytest.fixture
def upgraded(old_house: TestDatabase, tmp_path: Path) -> Iterator[Runtime]:
    """The same house at this release, a day later."""
    engine = open_engine(old_house.owner_conninfo, pool_connections=1)
    assert schema.migrate(engine, AFTER)[0] > LAST_RELEASE
    engine.dispose()
    runtime = build(test_settings(tmp_path, old_house.owner_conninfo), ManualClock(AFTER))
    yield runtime
    runtime.close()


def actor_of(runtime: Runtime, login: str) -> Actor:
    """Return a person of the provincial office, for opening a session."""
    with runtime.database.session() as session:
        row = session.execute(text("SELECT * FROM find_login(:login)"), {"login": login}).one()
    return Actor(row.agency_id, row.agency_code, row.account_id, row.login, row.full_name)


def test_no_row_is_lost(old_house: TestDatabase, upgraded: Runtime) -> None:
    del upgraded
    found = counts(old_house)
    assert found == BEFORE


def test_numbers_and_the_audit_chain_still_hold(old_house: TestDatabase, upgraded: Runtime) -> None:
    clerk = actor_of(upgraded, "vanthu")
    with upgraded.database.unit_of_work(system_actor(clerk.agency_id, clerk.agency_code)) as unit:
        assert register.find_gaps(unit) == []
    audit.seal(upgraded.database)
    owner = open_engine(old_house.owner_conninfo, pool_connections=1)
    assert audit.verify(owner).findings == ()
    owner.dispose()


def test_a_document_under_way_is_worked_on(upgraded: Runtime) -> None:
    token = open_session(upgraded.database, actor_of(upgraded, "cv.tonghop2"))
    specialist = Caller(create_app(upgraded).test_client(), token)
    (task,) = specialist.get("/api/v1/tasks").get_json()["items"]
    assert task["element_id"] == "start_handling"
    done = specialist.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {}})
    assert done.status_code == 200, done.get_data(as_text=True)
    (following,) = specialist.get("/api/v1/tasks").get_json()["items"]
    assert following["element_id"] == "work_on_document"
