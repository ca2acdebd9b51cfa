"""What left the house, what waits to leave, and what could not: the list behind the delivery board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select

from service.domain.dispatch_faults import DispatchFault, read_fault
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Outbox, Partner, table_of
from service.storage.unit_of_work import UnitOfWork

OUTBOX = table_of(Outbox)
PARTNER = table_of(Partner)

DISPATCH_STATES: Final = ("pending", "sent", "failed")
INWARD_CHANNELS: Final = ("message", "signal", "signal_delivery")
"""What goes to our own instances is no dispatch."""


@dataclass(frozen=True, slots=True)
class DispatchView:
    """A message on its way out; what it says in full stays inside.

    Attributes:
        channel: ``exchange``, ``notice``, …
        destination: the receiver: an organ id, an owner reference, …
        receiver: the receiver's name in the directory, where it stands there.
        kind: of the message, such as ``status``.
        status_code: of a status message (01–16).
        document_code: number and notation of the document that a status is about.
        state: ``pending``, ``sent`` or ``failed``.
        due_at: when a pending one is tried next.
        fault: why the last attempt failed.
    """

    id: UUID
    channel: str
    destination: str
    receiver: str | None
    kind: str | None
    status_code: str | None
    document_code: str | None
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    fault: DispatchFault | None


@dataclass(frozen=True, slots=True)
class DispatchFilter:
    """Which dispatches to list; None = all."""

    state: str | None = None
    channel: str | None = None
    destination: str | None = None


def list_dispatches(
    unit: UnitOfWork, wanted: DispatchFilter, cursor: str | None = None, limit: int | None = None
) -> Page[DispatchView]:
    """Return dispatches, newest first; ``counts`` holds how many there are in each state.

    Raises:
        Forbidden: the actor is neither clerk nor administrator.
        InvalidInput: an unknown cursor.
    """
    require(unit.actor, "dispatch.list")
    size = page_size(limit)
    statement = _select().order_by(OUTBOX.c.id.desc()).limit(size + 1)
    for condition in _conditions(wanted):
        statement = statement.where(condition)
    if cursor:
        statement = statement.where(OUTBOX.c.id < _before(cursor))
    rows = unit.session.execute(statement).mappings().all()
    views = [_view(row) for row in rows[:size]]
    following = encode_cursor(str(views[-1].id)) if len(rows) > size else None
    return Page(views, following, _counts(unit))


def read_dispatch(unit: UnitOfWork, dispatch_id: UUID) -> DispatchView:
    """Return one dispatch.

    Raises:
        NotFound: no such dispatch in the agency.
        Forbidden: the actor is neither clerk nor administrator.
    """
    require(unit.actor, "dispatch.list")
    row = unit.session.execute(_select().where(OUTBOX.c.id == dispatch_id)).mappings().one_or_none()
    if row is None:
        raise no_dispatch()
    return _view(row)


def no_dispatch() -> NotFound:
    """Return the error for a dispatch that is not there."""
    return NotFound("dispatch.not_found", "Không tìm thấy bản tin gửi.", "There is no such dispatch.")


def _select() -> Select[Any]:
    names = ("id", "channel", "destination", "state", "attempts", "due_at", "created_at", "sent_at")
    about = OUTBOX.c.payload["response_for"]
    return (
        select(
            *[OUTBOX.c[name] for name in names],
            OUTBOX.c.last_error,
            PARTNER.c.name.label("receiver"),
            OUTBOX.c.payload["kind"].astext.label("kind"),
            OUTBOX.c.payload["status_code"].astext.label("status_code"),
            about["code"].astext.label("document_code"),
        )
        .select_from(
            OUTBOX.outerjoin(
                PARTNER, (PARTNER.c.organ_id == OUTBOX.c.destination) & (OUTBOX.c.channel == "exchange")
            )
        )
        .where(OUTBOX.c.channel.not_in(INWARD_CHANNELS))
    )


def _conditions(wanted: DispatchFilter) -> list[ColumnElement[bool]]:
    chosen = {"state": wanted.state, "channel": wanted.channel, "destination": wanted.destination}
    return [OUTBOX.c[name] == value for name, value in chosen.items() if value is not None]


def _counts(unit: UnitOfWork) -> dict[str, int]:
    rows = unit.session.execute(
        select(OUTBOX.c.state, func.count())
        .where(OUTBOX.c.channel.not_in(INWARD_CHANNELS))
        .group_by(OUTBOX.c.state)
    ).all()
    found = {str(state): int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in DISPATCH_STATES}


def _view(row: Mapping[Any, Any]) -> DispatchView:
    values = {str(name): value for name, value in row.items()}
    fault = read_fault(values.pop("last_error"))
    return DispatchView(**values, fault=fault)


def _before(cursor: str) -> Any:
    (last,) = decode_cursor(cursor, 1)
    try:
        return literal(UUID(last))
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
