"""Migrations: from nothing to exactly what the models say, once, and never backwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from service.domain.clock import ManualClock
from service.storage import schema
from service.storage.database import Database, open_engine, runtime_conninfo
from service.storage.models import Base
from tests.factories import Office
from tests.harness import OPENING, TestDatabase, TestServer


@pytest.fixture
def blank(server: TestServer, worker_name: str) -> Iterator[Engine]:
    """The owner's engine on a database that has nothing in it."""
    created = server.create_database(f"blank_{worker_name}")
    engine = open_engine(created.owner_conninfo, pool_connections=1)
    yield engine
    engine.dispose()


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name and name.startswith("procrastinate_"))


def test_the_migrated_schema_is_what_the_models_say(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_is_migrated_once(blank: Engine) -> None:
    assert schema.migrate(blank, OPENING)[0] == "0001"
    assert schema.migrate(blank, OPENING) == []
    with blank.connect() as connection:
        schema.check_schema(connection)


def test_processes_that_start_together_migrate_one_after_the_other(
    server: TestServer, worker_name: str
) -> None:
    created = server.create_database(f"blank_{worker_name}")

    def start(_: int) -> list[str]:
        engine = open_engine(created.owner_conninfo, pool_connections=1)
        try:
            return schema.migrate(engine, OPENING)
        finally:
            engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        applied = list(pool.map(start, range(3)))
    assert sorted(map(bool, applied)) == [False, False, True]


def test_an_unmigrated_database_is_refused(blank: Engine) -> None:
    with blank.connect() as connection, pytest.raises(schema.SchemaError, match="congvan database migrate"):
        schema.check_schema(connection)


def test_a_database_of_a_newer_release_is_refused(blank: Engine) -> None:
    schema.migrate(blank, OPENING)
    with blank.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaError, match="newer than this release"):
        schema.migrate(blank, OPENING)


def test_functions_that_act_as_the_owner_fix_their_search_path(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        loose = connection.execute(
            text(
                "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
                " AND NOT coalesce('search_path=public, pg_temp' = ANY (proconfig), false)",
            ),
        ).scalars()
        assert list(loose) == []


def test_only_the_runtime_role_may_call_functions_that_act_as_the_owner(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        public = connection.execute(
            text(
                "SELECT proname FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) grant_"
                " WHERE prosecdef AND pronamespace = 'public'::regnamespace AND grant_.grantee = 0",
            ),
        ).scalars()
        assert list(public) == []


def test_a_commit_that_was_answered_is_on_the_disk(worker_database: TestDatabase) -> None:
    engine = worker_database.open_engine()
    with engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    engine.dispose()


def test_an_owner_without_the_needed_rights_is_told_what_to_run(server: TestServer, worker_name: str) -> None:
    name = f"poor_{worker_name}"
    blank = server.create_database(name)
    with psycopg.connect(blank.superuser_conninfo, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {name}")
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"ALTER DATABASE {name} OWNER TO {name}")
    conninfo = make_conninfo(blank.superuser_conninfo, user=name)
    engine = open_engine(conninfo, pool_connections=1)
    with pytest.raises(schema.SchemaError, match=f"GRANT congvan_app TO {name}") as refusal:
        schema.migrate(engine, OPENING)
    assert "\n" not in str(refusal.value)
    with psycopg.connect(blank.superuser_conninfo, autocommit=True) as connection:
        connection.execute(f"GRANT congvan_app TO {name}")
    assert schema.migrate(engine, OPENING)
    runtime = open_engine(runtime_conninfo(conninfo), pool_connections=1)
    with runtime.connect() as served:
        schema.check_schema(served)
        assert served.execute(text("SELECT current_user")).scalar() == "congvan_app"
    runtime.dispose()
    engine.dispose()


def test_a_login_that_is_only_a_member_of_the_runtime_role_serves(
    worker_database: TestDatabase, worker_name: str, office: Office
) -> None:
    name = f"web_{worker_name}"
    with psycopg.connect(worker_database.superuser_conninfo, autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {name}")
        connection.execute(f"CREATE ROLE {name} LOGIN NOINHERIT IN ROLE congvan_app")
    conninfo = make_conninfo(worker_database.superuser_conninfo, user=name)
    engine = open_engine(runtime_conninfo(conninfo), pool_connections=1)
    with Database(engine, ManualClock(OPENING)).unit_of_work(office.system) as unit:
        assert unit.session.execute(text("SELECT count(*) FROM account")).scalar() == len(office.accounts)
        unit.session.execute(text("SET LOCAL ROLE NONE"))
        with pytest.raises(ProgrammingError, match="permission denied"):
            unit.session.execute(text("SELECT count(*) FROM account"))
        unit.session.rollback()
    engine.dispose()
