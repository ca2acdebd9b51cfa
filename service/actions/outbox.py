"""Sending what the outbox holds: messages and signals to our own instances, the rest to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import Row, select, update

from handlers.contract import RetryLater
from service.actions.deliveries import note_fault
from service.actions.jobs import back_off
from service.actions.messages import Message, broadcast, correlate, deliver_signal
from service.domain.crashpoints import crashpoint
from service.domain.dispatch_faults import fault_of
from service.domain.errors import Conflict, CongVanError
from service.engine.engine import ProcessEngine
from service.storage.models import Outbox, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

OUTBOX = table_of(Outbox)

MAX_ATTEMPTS: Final = 100
"""With the back-off of jobs: about two days, so that a partner may be away over a weekend."""


class Channel(Protocol):
    """A way out of the house; the receiver drops repetitions by the dedupe key."""

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Hand one message over.

        Raises:
            RetryLater: the receiver does not answer now.
            CongVanError: it will never take this.
        """
        ...


def send_one(
    engine: ProcessEngine,
    unit: UnitOfWork,
    channels: Mapping[str, Channel],
    outbox_id: UUID,
) -> str:
    """Send one outbox row and note the outcome; another worker's row is left alone.

    What goes to our own instances takes effect in the same transaction, so exactly once.

    Returns:
        ``sent``, ``retry``, ``failed`` or ``skipped``.
    """
    pending = select(OUTBOX).where(OUTBOX.c.id == outbox_id, OUTBOX.c.state == "pending")
    row = unit.session.execute(pending.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return "skipped"
    crashpoint("outbox.read")
    try:
        with unit.nested():
            _send(engine, unit, channels, row)
    except RetryLater as error:
        return _note_fault(unit, row, error.reason, error.after)
    except CongVanError as error:
        is_passing = error.kind == "unavailable" or error.code in _MAY_BE_TAKEN_LATER
        return _note_fault(unit, row, fault_of(error), None if is_passing else _NEVER)
    crashpoint("outbox.sent")
    values = {"state": "sent", "sent_at": unit.now, "attempts": row.attempts + 1, "last_error": None}
    unit.session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))
    return "sent"


_NEVER: Final = timedelta.max
_MAY_BE_TAKEN_LATER: Final = frozenset({"message.no_receiver", "process_instance.suspended"})


def _send(
    engine: ProcessEngine,
    unit: UnitOfWork,
    channels: Mapping[str, Channel],
    row: Row[Any],
) -> None:
    body = row.payload
    if row.channel == "message":
        _correlate(engine, unit, body)
    elif row.channel == "signal":
        source = body.get("instance_id")
        broadcast(unit, body["name"], body.get("payload") or {}, UUID(source) if source else None)
    elif row.channel == "signal_delivery":
        deliver_signal(engine, unit, UUID(body["receiver"]), body["name"], body.get("payload") or {})
    elif row.channel in channels:
        channels[row.channel].send(unit, row.destination, body, row.dedupe_key)
    else:
        raise RetryLater(f"no channel {row.channel!r} is configured")


def _correlate(engine: ProcessEngine, unit: UnitOfWork, body: Mapping[str, Any]) -> None:
    """Deliver a message; a hint (``is_hint``) is dropped when nobody waits for it any more."""
    message = Message(body["name"], body.get("correlation_key"), body.get("payload") or {})
    try:
        with unit.nested():
            correlate(engine, unit, message)
    except Conflict as error:
        if not (body.get("is_hint") and error.code == "message.no_receiver"):
            raise


def record_crash(unit: UnitOfWork, outbox_id: UUID, fault: str) -> None:
    """Count an attempt that ended in an unexpected error, so that the row waits its turn."""
    pending = select(OUTBOX).where(OUTBOX.c.id == outbox_id, OUTBOX.c.state == "pending")
    row = unit.session.execute(pending.with_for_update(skip_locked=True)).one_or_none()
    if row is not None:
        _note_fault(unit, row, fault, None)


def _note_fault(unit: UnitOfWork, row: Row[Any], reason: str, after: timedelta | None) -> str:
    attempts = row.attempts + 1
    gives_up = after == _NEVER or attempts >= MAX_ATTEMPTS
    values: dict[str, Any] = {"attempts": attempts, "last_error": reason}
    if gives_up:
        values["state"] = "failed"
        facts = {"channel": row.channel, "destination": row.destination, "fault": reason}
        unit.audit(AuditRecord("outbox.give_up", "outbox", row.id, facts))
    else:
        values["due_at"] = unit.now + (after or back_off(attempts))
    unit.session.execute(update(OUTBOX).where(OUTBOX.c.id == row.id).values(values))
    if row.channel == "delivery":
        note_fault(unit, row.payload, reason, gives_up=gives_up)
    return "failed" if gives_up else "retry"
