"""Locks of PostgreSQL that live as long as their holder: one leader among many processes.

A session-level advisory lock needs no renewal and no time-out: when the holder dies, its connection ends and
with it the lock.
"""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import psycopg

SCHEDULER: Final = "congvan.scheduler"
"""The process that starts what the calendar demands."""


class LeaderLock:
    """Leadership over one duty, held on a connection of its own.

    Args:
        conninfo: libpq connection string; not through a pooler that shares connections.
        name: the duty.
    """

    def __init__(self, conninfo: str, name: str) -> None:
        self._conninfo = conninfo
        self._name = name
        self._connection: psycopg.Connection | None = None

    def try_acquire(self) -> bool:
        """Become or stay the leader; cheap enough to ask before every tick.

        Returns:
            Whether this process leads now. False also when the database does not answer: a process that
            cannot know must not act.
        """
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5)
            if self._holds(self._connection):
                return True
            got = self._connection.execute(
                "SELECT pg_try_advisory_lock(hashtext(%s), 0)", [self._name]
            ).fetchone()
        except psycopg.Error:
            self.release()
            return False
        return bool(got and got[0])

    def release(self) -> None:
        """Give leadership up; another process may take it at once."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(psycopg.Error):  # a broken connection has lost the lock already
            connection.execute("SELECT pg_advisory_unlock_all()")
        connection.close()

    def _holds(self, connection: psycopg.Connection) -> bool:
        held = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND pid = pg_backend_pid() AND classid::bigint = (hashtext(%s)::bigint & 4294967295))",
            [self._name],
        ).fetchone()
        return bool(held and held[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
