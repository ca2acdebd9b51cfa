"""Fixtures that every test folder may use; the machinery is in ``tests/harness.py``."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from service.bootstrap import Runtime, build
from service.config import Settings
from service.demo import COMMUNE_OFFICE, PARTY_OFFICE, STATE_OFFICE
from service.domain.clock import ManualClock
from service.storage.database import Database, open_engine
from tests.factories import Office, add_office
from tests.harness import (
    OPENING,
    Broom,
    TestDatabase,
    TestServer,
    running_server,
    scratch_directory,
    test_settings,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of whole processes first: at the end one worker would be left alone with the longest."""
    items.sort(key=lambda item: item.path.parent.name != "e2e")


def pytest_collection_finish() -> None:
    """Let no later collection walk through modules and collected tests again: they stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[TestServer]:
    """The one PostgreSQL of this test run."""
    run = getattr(request.config, "workerinput", {}).get("testrunuid") or uuid4().hex
    with running_server(scratch_directory() / f"congvan-{run[:12]}") as running:
        yield running


@pytest.fixture
def server_directory() -> Iterator[Path]:
    """A directory for a server of one's own: pytest's are closed to the account that PostgreSQL runs as."""
    with TemporaryDirectory(prefix="congvan-", dir=scratch_directory()) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def worker_name(request: pytest.FixtureRequest) -> str:
    """``gw0`` and so on under pytest-xdist, ``main`` alone."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def worker_database(server: TestServer, worker_name: str) -> TestDatabase:
    """This worker's own database, migrated."""
    return server.create_migrated(f"congvan_{worker_name}")


@pytest.fixture(scope="session")
def owner_engine(worker_database: TestDatabase) -> Iterator[Engine]:
    """Connects as the owner: for arranging and for tampering."""
    engine = open_engine(worker_database.owner_conninfo, pool_connections=1)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def runtime_engine(worker_database: TestDatabase) -> Iterator[Engine]:
    """Connects as the runtime role, as web processes and workers do."""
    engine = worker_database.open_engine()
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at Monday, 2 March 2026, 08:00 in Vietnam."""
    return ManualClock(OPENING)


@pytest.fixture(scope="session")
def broom(worker_database: TestDatabase) -> Iterator[Broom]:
    """Empties this worker's database."""
    opened = worker_database.open_broom()
    yield opened
    opened.close()


@pytest.fixture
def empty_database(worker_database: TestDatabase, broom: Broom) -> TestDatabase:
    """This worker's database without any row."""
    broom.sweep()
    return worker_database


@pytest.fixture
def database(empty_database: TestDatabase, runtime_engine: Engine, clock: ManualClock) -> Database:
    """Units of work of the runtime role on empty tables."""
    del empty_database
    return Database(runtime_engine, clock)


@pytest.fixture
def owner(empty_database: TestDatabase, owner_engine: Engine, clock: ManualClock) -> Database:
    """Units of work and sessions of the owner role on empty tables."""
    del empty_database
    return Database(owner_engine, clock)


@pytest.fixture
def office(owner: Database, database: Database, clock: ManualClock) -> Office:
    """The provincial Party office with its people, committed."""
    del database
    with owner.session() as session:
        return add_office(session.connection(), clock, PARTY_OFFICE)


@pytest.fixture
def other_office(owner: Database, database: Database, clock: ManualClock) -> Office:
    """A commune's office, which must never see anything of the first."""
    del database
    with owner.session() as session:
        return add_office(session.connection(), clock, COMMUNE_OFFICE)


@pytest.fixture
def state_office(owner: Database, database: Database, clock: ManualClock) -> Office:
    """An office of the State side, which numbers by calendar year."""
    del database
    with owner.session() as session:
        return add_office(session.connection(), clock, STATE_OFFICE)


@pytest.fixture
def settings(empty_database: TestDatabase, tmp_path: Path) -> Settings:
    """Settings of a deployment on this worker's database, its files in the test's own directory."""
    return test_settings(tmp_path, empty_database.owner_conninfo)


@pytest.fixture
def runtime(settings: Settings, clock: ManualClock) -> Iterator[Runtime]:
    """A wired house on the test's clock, with empty tables."""
    built = build(settings, clock)
    yield built
    built.close()
