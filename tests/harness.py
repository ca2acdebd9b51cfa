"""One PostgreSQL for a whole test run, a database for each worker, empty tables for each test.

The server is the embedded one with durability switched off, in a temporary directory; pytest-xdist workers share
it. Each worker's database is copied from a migrated template, and rows are deleted before a test that asks
for a database: committing for real is what is tested.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from service.config import Settings
from service.domain.clock import ManualClock
from service.storage import embedded, schema
from service.storage.database import Database, open_engine, runtime_conninfo

OPENING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday, 2 March 2026, 08:00 at the office: the instant at which a test's clock stands at first."""

FAST = {
    **embedded.DURABLE,
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "150",
    "autovacuum_naptime": "10s",
    "log_min_duration_statement": "-1",
}
"""The server's settings in tests: what is lost in a power cut does not matter here."""

_ROOM_BYTES = 2 * 1024**3
_TEMPLATE = "congvan_template"

_MAKE_BROOM = """
DO $$
DECLARE
    v_body text;
BEGIN
    SELECT string_agg(
        format('IF EXISTS (SELECT 1 FROM %1$I) THEN DELETE FROM %1$I; END IF;', relname), chr(10) ORDER BY relname)
    INTO v_body
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname NOT IN ('alembic_version', 'audit_epoch');
    EXECUTE format('CREATE FUNCTION empty_tables() RETURNS void LANGUAGE plpgsql AS %L',
                   'BEGIN ' || v_body || ' END');
END
$$
"""
"""Makes a function whose statements are planned once for a connection: most tables are empty most of the time."""


@dataclass(frozen=True)
class TestServer:
    """A running server and the directory that it shares with the workers of this run."""

    __test__ = False

    directory: Path

    @property
    def data_dir(self) -> Path:
        """Where PostgreSQL keeps its files."""
        return self.directory / "pg"

    def superuser(self, database: str = "postgres") -> str:
        """Return the superuser's connection string."""
        return embedded.superuser_conninfo(self.data_dir, database)

    def owner(self, database: str) -> str:
        """Return the owner's connection string."""
        return make_conninfo(host=str(self.data_dir), user=embedded.OWNER, dbname=database)

    def create_database(self, name: str, *, template: str = "template1") -> TestDatabase:
        """Make a database, replacing one of the same name."""
        with psycopg.connect(self.superuser(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} OWNER {embedded.OWNER} TEMPLATE {template}")
        return TestDatabase(self, name)

    def create_migrated(self, name: str) -> TestDatabase:
        """Make a database at this release's schema, as a copy of the template."""
        return self.create_database(name, template=_TEMPLATE)


@dataclass(frozen=True)
class TestDatabase:
    """A database of the test server."""

    __test__ = False

    server: TestServer
    name: str

    @property
    def owner_conninfo(self) -> str:
        """The owner's connection string."""
        return self.server.owner(self.name)

    @property
    def runtime_conninfo(self) -> str:
        """The runtime role's connection string."""
        return runtime_conninfo(self.owner_conninfo)

    @property
    def superuser_conninfo(self) -> str:
        """The superuser's connection string."""
        return self.server.superuser(self.name)

    def open_engine(self) -> Engine:
        """Return a new engine of the runtime role."""
        return open_engine(self.runtime_conninfo, pool_connections=5)

    def open_broom(self) -> Broom:
        """Return what deletes every row, again and again."""
        return Broom(psycopg.connect(self.superuser_conninfo, autocommit=True))


class Broom:
    """Deletes every row of a database, the schema's own bookkeeping apart, in about a millisecond."""

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser
        self._superuser.execute("SET session_replication_role = replica")  # foreign keys do not matter here

    def sweep(self) -> None:
        """Delete every row."""
        self._superuser.execute("SELECT empty_tables()")

    def close(self) -> None:
        """Close the connection."""
        self._superuser.close()


def scratch_directory() -> Path:
    """Return where test servers keep their data: in memory if there is room, because starting syncs a lot."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM_BYTES:
        return memory
    return Path(gettempdir())


@contextmanager
def running_server(directory: Path) -> Iterator[TestServer]:
    """Run the shared server while at least one worker of this run uses it.

    Args:
        directory: the same for every worker of the run.
    """
    _remove_leftovers(directory.parent)
    server = TestServer(directory)
    directory.mkdir(exist_ok=True)
    with _users_of(directory) as users:
        embedded.ensure_running(server.data_dir, FAST)
        if not users:
            make_template(server)
        users.add(os.getpid())
    try:
        yield server
    finally:
        with _users_of(directory) as users:
            users.discard(os.getpid())
            if not users:
                _remove(directory)


def test_settings(directory: Path, conninfo: str) -> Settings:
    """Return settings of a deployment in ``directory`` on an existing database."""
    return Settings(
        database_url=conninfo,
        runtime_database_url=None,
        var_dir=directory,
        blob_dir=directory / "blobs",
        host="127.0.0.1",
        port=8080,
        public_url="",
        web_processes=1,
        pool_connections=5,
        upload_limit_bytes=20 * 1024 * 1024,
        session_lifetime=timedelta(hours=12),
        session_idle=timedelta(minutes=60),
        trusted_proxies=0,
        zone="internet",
        calls_private_networks=True,
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


def owner_database(database: TestDatabase, clock: ManualClock) -> Database:
    """Return units of work under the owner role, for arranging what no action may do."""
    return Database(open_engine(database.owner_conninfo, pool_connections=1), clock)


def wait_until_final(owner: Engine, xact_offset: int = 0) -> None:
    """Wait for older transactions of the whole server, other workers' too: sealing waits for them as well."""
    final = text(
        "SELECT coalesce(max(xact), 0) < :xact_offset + pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        " FROM audit_event",
    )
    is_final = False
    while not is_final:  # the test's own time limit ends a wait that never ends
        with owner.connect() as connection:
            is_final = connection.execute(final, {"xact_offset": xact_offset}).scalar_one()


@contextmanager
def _users_of(directory: Path) -> Iterator[set[int]]:
    """Give the pids of the workers that use a server, for changing, while nobody else does."""
    with (directory / "server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = directory / "server.users"
        users = {int(pid) for pid in path.read_text().split()} if path.exists() else set()
        yield users
        if directory.exists():
            path.write_text(" ".join(map(str, users)))


def _remove_leftovers(parent: Path) -> None:
    """Stop servers whose test run was killed; nobody else would."""
    for path in parent.glob("congvan-*/server.users"):
        with _users_of(path.parent) as users:
            if users and not any(_is_alive(pid) for pid in users):
                _remove(path.parent)


def _remove(directory: Path) -> None:
    embedded.stop(directory / "pg")
    shutil.rmtree(directory, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def make_template(server: TestServer) -> None:
    """Make the migrated database that :meth:`TestServer.create_migrated` copies."""
    template = server.create_database(_TEMPLATE)
    engine = open_engine(template.owner_conninfo, pool_connections=1)
    schema.migrate(engine, OPENING)
    engine.dispose()
    with psycopg.connect(template.superuser_conninfo, autocommit=True) as connection:
        connection.execute(_MAKE_BROOM)
