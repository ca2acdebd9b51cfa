"""Brings a database to the schema of this release: version check, migrations, audit epoch.

Run by the owner role before web processes and workers start; they only check that it was done.
"""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from service.storage.migrations.operations import RUNTIME_ROLE

OLDEST_SERVER_VERSION = 15
"""PostgreSQL 15: the oldest version with the public schema closed to everyone by default."""

_LOCK = "congvan.migrate"


class SchemaError(RuntimeError):
    """The database cannot serve this release; its text is one line for the operator."""


def migrate(engine: Engine, now: datetime) -> list[str]:
    """Apply the pending revisions, one transaction each; return the ids of those applied.

    One process migrates at a time; the others wait. A restore into another cluster is noticed here and
    starts a new epoch of the audit log.

    Args:
        engine: connects as the owner.
        now: the instant for the epoch's row.

    Raises:
        SchemaError: the server is too old, or a newer release has already migrated the database.
    """
    with engine.connect() as connection:
        check_server(connection)
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": _LOCK})
        connection.commit()
        try:
            applied = _upgrade(connection)
            connection.execute(text("SELECT start_audit_epoch(:now)"), {"now": now})
            connection.commit()  # the owner's own work, before any unit of work exists
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": _LOCK})
            connection.commit()
    return applied


def check_server(connection: Connection) -> None:
    """Refuse a server that is too old.

    Raises:
        SchemaError: see above.
    """
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    if version < OLDEST_SERVER_VERSION:
        raise SchemaError(
            f"PostgreSQL {version} is too old; version {OLDEST_SERVER_VERSION} or newer is needed"
        )


def check_schema(connection: Connection) -> None:
    """Refuse a database that is not at this release's schema.

    Raises:
        SchemaError: see above.
    """
    check_server(connection)
    found = _revision(connection)
    if found != head_revision():
        raise SchemaError(
            f"the database is at schema {found or 'none'}, this release needs {head_revision()};"
            " run: congvan database migrate",
        )


def head_revision() -> str:
    """Return the id of this release's newest revision."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    assert head is not None
    return head


def alembic_config() -> Config:
    """Return alembic's configuration: our scripts, no file, no logging of its own."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.storage") / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _upgrade(connection: Connection) -> list[str]:
    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    before = _revision(connection)
    known = {revision.revision for revision in script.walk_revisions()}
    if before is not None and before not in known:
        raise SchemaError(f"the database is at schema {before}, which is newer than this release")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except (ProgrammingError, InsufficientPrivilege) as error:
        reason = error.orig if isinstance(error, ProgrammingError) else error
        if isinstance(reason, InsufficientPrivilege):
            raise _needs_role(connection) from error
        raise
    pending = [revision.revision for revision in script.iterate_revisions("head", before or "base")]
    return pending[::-1]


def _needs_role(connection: Connection) -> SchemaError:
    connection.rollback()
    owner = connection.execute(text("SELECT current_user")).scalar_one()
    return SchemaError(
        f"the role {owner} may not create roles or tables here; as a superuser run:"
        f" CREATE ROLE {RUNTIME_ROLE} NOLOGIN; GRANT {RUNTIME_ROLE} TO {owner};"
        f" and let {owner} own the database",
    )


def _revision(connection: Connection) -> str | None:
    found = connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    if not found:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


__all__ = [
    "OLDEST_SERVER_VERSION",
    "SchemaError",
    "alembic_config",
    "check_schema",
    "check_server",
    "head_revision",
    "migrate",
]
