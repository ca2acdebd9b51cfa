"""The unit of work: one command, one transaction, the only commit (architecture: nothing else commits)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from service.domain.actors import Actor, Mandate
from service.domain.clock import Clock
from service.domain.crashpoints import crashpoint
from service.domain.ids import new_id
from service.storage.models import AuditEvent, Outbox, table_of
from service.storage.writes import MOST_ROWS, RowInsert, RowsInsert, RowUpdate, RowWrite, run_writes

_OUTBOX = table_of(Outbox)
_AUDIT_EVENT = table_of(AuditEvent)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What was done to what; digests are SHA-256 of the object's canonical JSON before and after."""

    action: str
    object_kind: str
    object_id: UUID | None
    details: Mapping[str, Any] | None = None
    before_sha256: bytes | None = None
    after_sha256: bytes | None = None
    on_behalf_of_id: UUID | None = None


class UnitOfWork(AbstractContextManager["UnitOfWork"]):
    """One command's transaction under the actor's agency; commits on clean exit, rolls back otherwise.

    Audit and outbox rows are gathered and written together just before the commit.

    Args:
        open_session: gives a new session.
        identify: the actor, or a function that finds the actor from credentials and sets the session's
            agency in the same statement.
        clock: the source of ``now``.

    Attributes:
        session: SQLAlchemy session, bound to the agency by row-level security.
        actor: who asks.
        now: the instant of the command, aware UTC: the same for every row it writes.
        mandate: the order by which the actor may do what this command is about; its audit then names both.
    """

    def __init__(
        self,
        open_session: Callable[[], Session],
        identify: Actor | Callable[[Session, datetime], Actor],
        clock: Clock,
    ) -> None:
        self._open_session = open_session
        self._identify = identify
        self.clock = clock
        self.now: datetime = clock.now()
        self.mandate: Mandate | None = None
        self._writes: list[RowWrite] = []
        self._audit: list[dict[str, Any]] = []
        self._outbox: list[dict[str, Any]] = []
        self._after_commit: list[Callable[[], None]] = []

    def __enter__(self) -> Self:
        self.session = self._open_session()
        try:
            if isinstance(self._identify, Actor):
                self.actor = self._identify
                self.session.execute(
                    text("SELECT set_config('app.agency_id', :agency, true)"),
                    {"agency": str(self.actor.agency_id)},
                )
            else:
                self.actor = self._identify(self.session, self.now)
        except BaseException:
            self.session.close()
            raise
        crashpoint("unit.opened")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.flush()
                crashpoint("unit.flushed")
                self.session.commit()
                crashpoint("unit.committed")
            else:
                self.session.rollback()
        finally:
            self.session.close()
        if kind is None:
            for call in self._after_commit:
                call()

    def audit(self, record: AuditRecord) -> None:
        """Add an audit event to this transaction (S0-7.5: a full trace).

        What the agency's account does names the clerk who answers for it (S1-4.2d1).
        """
        details, on_behalf_of_id = dict(record.details or {}), record.on_behalf_of_id
        if self.mandate is not None and on_behalf_of_id is None:
            on_behalf_of_id = self.mandate.principal.account_id
            details |= {"delegation": str(self.mandate.order_id), "basis": self.mandate.basis}
        if self.actor.keeper is not None:
            details |= {"keeper": self.actor.keeper.login, "keeper_name": self.actor.keeper.full_name}
        self._audit.append(
            {
                "agency_id": self.actor.agency_id,
                "at": self.now,
                "actor_id": self.actor.account_id,
                "on_behalf_of_id": on_behalf_of_id,
                "action": record.action,
                "object_kind": record.object_kind,
                "object_id": record.object_id,
                "before_sha256": record.before_sha256,
                "after_sha256": record.after_sha256,
                "request_id": self.actor.request_id,
                "details": details or None,
            },
        )

    def send(
        self,
        channel: str,
        destination: str,
        payload: Mapping[str, Any],
        dedupe_key: str,
        *,
        haste: timedelta = timedelta(),
        due_at: datetime | None = None,
    ) -> None:
        """Put a message into the outbox: it leaves after the commit, at least once, its effect once.

        A message whose key the outbox knows is there already: nothing happens. ``haste`` puts it before what
        waits already: as if it had been written so much earlier; ``due_at``: it leaves no sooner.
        """
        self._outbox.append(
            {
                "id": new_id(self.now),
                "agency_id": self.actor.agency_id,
                "channel": channel,
                "destination": destination,
                "payload": dict(payload),
                "dedupe_key": dedupe_key,
                "state": "pending",
                "attempts": 0,
                "due_at": due_at or self.now - haste,
                "created_at": self.now,
            },
        )

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Run a part of the command that may fail alone: its rows, audit and messages go with it."""
        self.flush_writes()
        audit, outbox = len(self._audit), len(self._outbox)
        try:
            with self.session.begin_nested():
                yield
                self.flush_writes()
        except BaseException:
            self._writes = []
            del self._audit[audit:]
            del self._outbox[outbox:]
            raise

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert a row at the next flush, in one statement with the other gathered writes."""
        self._writes.append(RowInsert(table, row))

    def update(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Update the rows with this key at the next flush; one row at most once between two flushes."""
        self._writes.append(RowUpdate(table, key, values))

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run ``call`` once this transaction is committed; a wake-up hint, never a duty."""
        self._after_commit.append(call)

    def flush_writes(self) -> None:
        """Carry out the gathered inserts and updates; call it before reading what they write."""
        if self._writes:
            writes, self._writes = self._writes, []
            run_writes(self.session, writes)

    def flush(self) -> None:
        """Write everything that was gathered; the commit follows."""
        for table, rows in ((_OUTBOX, self._outbox), (_AUDIT_EVENT, self._audit)):
            for start in range(0, len(rows), MOST_ROWS):
                if start:
                    self.flush_writes()
                part = rows[start : start + MOST_ROWS]
                self._writes.append(RowsInsert(table, part, skips_known=table is _OUTBOX))
        self._outbox, self._audit = [], []
        self.flush_writes()
