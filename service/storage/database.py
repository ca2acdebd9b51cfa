"""Connections to PostgreSQL: as the owner for migrations, as the runtime role for everything else.

A connection string is libpq's own (a URI or ``key=value`` pairs) and goes to libpq untouched, so whatever
libpq understands (several hosts, TLS, service files) works.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from service.domain.actors import Actor
from service.domain.clock import Clock
from service.domain.errors import Unavailable
from service.storage.json_text import dump_json, load_json
from service.storage.migrations.operations import RUNTIME_ROLE
from service.storage.unit_of_work import UnitOfWork

DRIVER_URL: Final = "postgresql+psycopg://"
"""What SQLAlchemy needs to know; the address is in the connect arguments."""

_CONNECT_TIMEOUT_SECONDS: Final = 5
_UNANSWERED_MILLISECONDS: Final = 10_000


def runtime_conninfo(
    conninfo: str,
    *,
    statement_timeout_seconds: int = 30,
    idle_transaction_seconds: int = 120,
    name: str = "congvan",
) -> str:
    """Return ``conninfo`` so that its connections act as the runtime role.

    Args:
        conninfo: a login that is a member of the runtime role (the owner is).
        statement_timeout_seconds: the server ends a longer statement; 0 = never.
        idle_transaction_seconds: the server ends a transaction that waits for its client for longer.
        name: what ``pg_stat_activity`` shows.
    """
    given = conninfo_to_dict(conninfo)
    options = (
        f"{given.get('options') or ''} -c role={RUNTIME_ROLE} -c timezone=UTC"
        f" -c statement_timeout={statement_timeout_seconds}s -c lock_timeout=20s"
        f" -c idle_in_transaction_session_timeout={idle_transaction_seconds}s"
    )
    return make_conninfo(conninfo, options=options.strip(), application_name=name)


def engine_options(conninfo: str, pool_connections: int = 10) -> dict[str, Any]:
    """Return the keyword arguments of ``create_engine`` (and of Flask-SQLAlchemy's engine options).

    Args:
        conninfo: where and as whom to connect.
        pool_connections: connections kept by this process; as many again may open for a rush.
    """
    arguments = conninfo_to_dict(conninfo)
    arguments.setdefault("connect_timeout", _CONNECT_TIMEOUT_SECONDS)
    arguments.setdefault("tcp_user_timeout", _UNANSWERED_MILLISECONDS)
    return {
        "connect_args": arguments,
        "pool_size": pool_connections,
        "max_overflow": pool_connections,
        "pool_timeout": _CONNECT_TIMEOUT_SECONDS,
        "pool_reset_on_return": "rollback",
        "json_serializer": dump_json,
        "json_deserializer": load_json,
    }


def open_engine(conninfo: str, pool_connections: int = 10) -> Engine:
    """Return an engine whose pool replaces connections that the server has closed."""
    engine = create_engine(DRIVER_URL, **engine_options(conninfo, pool_connections))
    watch_connections(engine)
    return engine


def watch_connections(engine: Engine) -> None:
    """Let the pool of ``engine`` notice a closed connection before it is used.

    An idle connection has nothing to read; when the server has ended it (restart, failover), its socket
    reads as ended. Asking the socket costs microseconds where a ping costs a round trip.
    """
    event.listen(engine, "checkout", _refuse_closed)


def _refuse_closed(driver: psycopg.Connection, record: object, proxy: object) -> None:
    del record, proxy
    if driver.closed or select.select([driver.fileno()], [], [], 0)[0]:
        raise DisconnectionError("the server has closed this connection")


class Database:
    """Where units of work come from.

    Args:
        engine: connects as the runtime role.
        clock: the source of each unit's ``now``.
        open_session: gives a new session; None = plain sessions on ``engine``. The web process passes the
            one of its framework.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        open_session: Callable[[], Session] | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self._open_session = open_session or sessionmaker(engine, expire_on_commit=False)

    def unit_of_work(self, identify: Actor | Callable[[Session, datetime], Actor]) -> UnitOfWork:
        """Return a unit of work for an actor, or for whoever ``identify`` finds."""
        return UnitOfWork(self._open_session, identify, self.clock)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session under no agency: it sees no tenant's row, only functions that span agencies."""
        with self._open_session() as session, session.begin():
            yield session

    def with_sessions(self, open_session: Callable[[], Session]) -> Database:
        """Return the same database with another source of sessions."""
        return Database(self.engine, self.clock, open_session)

    def close(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


_PASSING: Final = (OperationalError, InterfaceError, PoolTimeout, DisconnectionError)
_PASSING_IN_DRIVER: Final = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)
"""After a failover, the old primary answers that it only reads."""


def _passes(error: BaseException | None) -> bool:
    if isinstance(error, DBAPIError):
        return (
            error.connection_invalidated
            or isinstance(error, _PASSING)
            or isinstance(error.orig, _PASSING_IN_DRIVER)
        )
    return isinstance(error, (*_PASSING, *_PASSING_IN_DRIVER))


def unavailable(error: Exception) -> Unavailable | None:
    """Return what to tell the user when the database is down or too busy, or None for another error.

    A deadlock, a lost connection, a full pool and a lock that did not come in time all pass by themselves:
    the whole command may be tried again.
    """
    if _passes(error) or _passes(error.__cause__):
        return Unavailable(
            "database.unavailable",
            "Cơ sở dữ liệu tạm thời không đáp ứng; hãy thử lại sau ít giây.",
            "The database does not answer at the moment; try again in a few seconds.",
        )
    return None
