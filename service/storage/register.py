"""Registers: numbers without a gap and without a double, whatever dies in between (S0-6.3, NĐ30 Điều 15, 22).

A number comes from a counter row that is raised in the transaction that writes the entry. Two writers of one
series therefore follow each other from here to their commit; take the number last (lock order: process
instance, user task, number series, outbox). A rollback gives the number back; a database sequence would
lose it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.crashpoints import crashpoint
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.numbering import SeriesKey
from service.storage.models import NumberSeries, RegistryEntry, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_series = table_of(NumberSeries)
_entry = table_of(RegistryEntry)


@dataclass(frozen=True, slots=True)
class Allotted:
    """A number taken in this transaction.

    Attributes:
        series_id: the counter's row.
        number: 1 and up.
    """

    series_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Entered:
    """A line of a register.

    Attributes:
        series_id: the counter's row.
        number: 1 and up.
        entry_id: the line.
    """

    series_id: UUID
    number: int
    entry_id: UUID


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """The line that a document has in a register of outgoing documents, reserved or registered."""

    id: UUID
    series: SeriesKey
    number: int
    state: str
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gap:
    """A series whose entries do not run from 1 to its counter: what :func:`find_gaps` looks for."""

    series_id: UUID
    missing: tuple[int, ...]


def allot(unit: UnitOfWork, key: SeriesKey) -> Allotted:
    """Take the next number of a series; the series' row stays locked until this transaction ends.

    Raises:
        Conflict: the series is closed.
    """
    values = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "issuing_body": key.issuing_body,
        "book": key.book,
        "period": key.period,
        "last_number": 1,
    }
    statement = insert(_series).values(values)
    taken = unit.session.execute(
        statement.on_conflict_do_update(
            index_elements=["agency_id", "issuing_body", "book", "period"],
            set_={"last_number": _series.c.last_number + 1},
            where=_series.c.closed_at.is_(None),
        ).returning(_series.c.id, _series.c.last_number),
    ).first()
    if taken is None:
        raise Conflict(
            "register.closed",
            f"Sổ “{key.book}” kỳ {key.period} đã đóng, không cấp thêm số.",
            f"Register “{key.book}”, period {key.period}, is closed and gives no more numbers.",
        )
    crashpoint("register.allotted")
    return Allotted(taken.id, taken.last_number)


Columns = Mapping[str, Any] | Callable[[int], Mapping[str, Any]]
"""The further columns of a register's line (NĐ30 Phụ lục IV), JSON values; or what gives them by number."""


def enter(unit: UnitOfWork, key: SeriesKey, document_id: UUID, columns: Columns) -> Entered:
    """Register a document: take the next number and write the register's line, in this transaction.

    Args:
        unit: of whoever registers.
        key: the series.
        document_id: what is registered.
        columns: of the line.

    Raises:
        Conflict: the series is closed.
    """
    return _write_line(unit, key, document_id, columns, "registered")


def reserve(unit: UnitOfWork, key: SeriesKey, document_id: UUID, columns: Columns) -> Entered:
    """Take the next number for a document that is registered later; the line shows that it is reserved.

    Arguments and errors as of :func:`enter`.
    """
    return _write_line(unit, key, document_id, columns, "reserved")


def _write_line(unit: UnitOfWork, key: SeriesKey, document_id: UUID, columns: Columns, state: str) -> Entered:
    allotted = allot(unit, key)
    entry_id = new_id(unit.now)
    unit.session.execute(
        insert(_entry).values(
            id=entry_id,
            agency_id=unit.actor.agency_id,
            series_id=allotted.series_id,
            number=allotted.number,
            document_id=document_id,
            registered_at=unit.now,
            registered_by_id=unit.actor.account_id,
            columns=dict(columns(allotted.number) if callable(columns) else columns),
            state=state,
        ),
    )
    details = {"book": key.book, "period": key.period, "number": allotted.number}
    verb = "enter" if state == "registered" else "reserve"
    unit.audit(AuditRecord(f"register.{verb}", "registry_entry", entry_id, details))
    crashpoint("register.entered")
    return Entered(allotted.series_id, allotted.number, entry_id)


def confirm(unit: UnitOfWork, entry: LiveEntry, columns: Mapping[str, Any]) -> Entered:
    """Register the document whose number was reserved; the line's columns are written anew.

    Raises:
        Conflict: the number is not reserved any more.
    """
    done = unit.session.execute(
        update(_entry)
        .where(_entry.c.id == entry.id, _entry.c.state == "reserved")
        .values(
            state="registered",
            registered_at=unit.now,
            registered_by_id=unit.actor.account_id,
            columns=dict(columns),
        )
        .returning(_entry.c.series_id),
    ).first()
    if done is None:
        vi, en = "Số này không còn được giữ cho văn bản.", "This number is not reserved any more."
        raise Conflict("registry_entry.not_reserved", vi, en)
    details = {"book": entry.series.book, "period": entry.series.period, "number": entry.number}
    unit.audit(AuditRecord("register.confirm", "registry_entry", entry.id, details))
    return Entered(done.series_id, entry.number, entry.id)


def outgoing_entry(unit: UnitOfWork, document_id: UUID) -> LiveEntry | None:
    """Return the line of a document in a register of outgoing documents that is not voided."""
    statement = (
        select(_entry, _series.c.issuing_body, _series.c.book, _series.c.period)
        .join(_series, _series.c.id == _entry.c.series_id)
        .where(
            _entry.c.document_id == document_id,
            _entry.c.state != "voided",
            _series.c.book.startswith("outgoing"),
        )
    )
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        return None
    key = SeriesKey(row.issuing_body, row.book, row.period)
    return LiveEntry(row.id, key, row.number, row.state, row.columns)


def next_number(unit: UnitOfWork, key: SeriesKey) -> int:
    """Return the number that the series would give now; nobody keeps it for the asker."""
    statement = select(_series.c.last_number).where(
        _series.c.issuing_body == key.issuing_body,
        _series.c.book == key.book,
        _series.c.period == key.period,
    )
    return int(unit.session.execute(statement).scalar() or 0) + 1


def void(unit: UnitOfWork, entry_id: UUID, reason: str) -> None:
    """Void an entry: its number stays taken, the reason stays readable.

    Raises:
        InvalidInput: no reason.
        NotFound: the agency has no such entry.
        Conflict: it is voided already.
    """
    if not reason.strip():
        vi, en = "Phải nêu lý do hủy số.", "Voiding a number needs a reason."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    found = unit.session.execute(
        select(_entry.c.number, _entry.c.voided_at).where(_entry.c.id == entry_id).with_for_update(),
    ).first()
    if found is None:
        raise NotFound("registry_entry.not_found", "Không có dòng sổ này.", "There is no such entry.")
    if found.voided_at is not None:
        raise Conflict("registry_entry.voided", "Số này đã hủy.", "This number is voided already.")
    unit.session.execute(
        update(_entry)
        .where(_entry.c.id == entry_id)
        .values(state="voided", voided_at=unit.now, void_reason=reason.strip()),
    )
    details = {"number": found.number, "reason": reason.strip()}
    unit.audit(AuditRecord("register.void", "registry_entry", entry_id, details))


def close(unit: UnitOfWork, key: SeriesKey) -> int:
    """Close a series for good and return its last number; an unused series is closed at 0.

    Raises:
        Conflict: it is closed already.
    """
    values = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "issuing_body": key.issuing_body,
        "book": key.book,
        "period": key.period,
        "last_number": 0,
        "closed_at": unit.now,
    }
    closed = unit.session.execute(
        insert(_series)
        .values(values)
        .on_conflict_do_update(
            index_elements=["agency_id", "issuing_body", "book", "period"],
            set_={"closed_at": unit.now},
            where=_series.c.closed_at.is_(None),
        )
        .returning(_series.c.id, _series.c.last_number),
    ).first()
    if closed is None:
        raise Conflict("register.closed", "Sổ này đã đóng.", "This register is closed already.")
    details = {"book": key.book, "period": key.period, "last_number": closed.last_number}
    unit.audit(AuditRecord("register.close", "number_series", closed.id, details))
    last: int = closed.last_number
    return last


def find_gaps(unit: UnitOfWork) -> list[Gap]:
    """Return the series of the agency in which a number between 1 and the counter has no entry."""
    numbers: dict[UUID, set[int]] = {}
    for row in unit.session.execute(select(_entry.c.series_id, _entry.c.number)):
        numbers.setdefault(row.series_id, set()).add(row.number)
    gaps = []
    for row in unit.session.execute(select(_series.c.id, _series.c.last_number)):
        missing = set(range(1, row.last_number + 1)) - numbers.get(row.id, set())
        if missing:
            gaps.append(Gap(row.id, tuple(sorted(missing))))
    return gaps
