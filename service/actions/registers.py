"""Registers mended and closed (S4-11.2c; NĐ 30/2020 Điều 15, 22).

A mistake in a line is mended in the line while nothing of it is printed, with the old words in the audit;
afterwards only by an addendum under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, exists, insert, select, update

from handlers.registers.books import PRINT, lock_book, refuse
from handlers.registers.lines import ADDENDUM, ENTRY, Line, read_lines
from service.domain.clock import OFFICE_ZONE
from service.domain.digests import digest_of
from service.domain.errors import Conflict, NotFound
from service.domain.ids import new_id
from service.domain.numbering import SeriesKey
from service.domain.permissions import require
from service.domain.registers import CORRECTABLE
from service.queries.registers import RegisterView, read_register
from service.storage import register
from service.storage.models import IssuingBody, NumberSeries, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

LONGEST_VALUE: Final = 1000
_BODY: Final = table_of(IssuingBody)
_SERIES: Final = table_of(NumberSeries)


def correct_line(unit: UnitOfWork, entry_id: UUID, columns: Mapping[str, str | None], reason: str) -> Line:
    """Mend a line: in place while nothing of it is printed, by an addendum under it afterwards.

    Args:
        unit: of the clerk.
        entry_id: the line.
        columns: new values by column, of :data:`service.domain.registers.CORRECTABLE`; None = empty.
        reason: why; it is printed with an addendum.

    Raises:
        Forbidden: the actor mends no registers.
        NotFound: the agency has no such line, or its book is not the actor's to know of.
        InvalidInput: no reason, no column, or one that may not be mended.
    """
    require(unit.actor, "register.correct")
    _check_correction(columns, reason)
    series_id = unit.session.execute(select(ENTRY.c.series_id).where(ENTRY.c.id == entry_id)).scalar()
    if series_id is None:
        raise NotFound("registry_entry.not_found", "Không có dòng sổ này.", "There is no such entry.")
    book = read_register(unit, series_id)
    lock_book(unit, series_id)
    entry = unit.session.execute(select(ENTRY).where(ENTRY.c.id == entry_id).with_for_update()).one()
    if _is_frozen(unit, entry):
        _add_addendum(unit, entry, columns, reason.strip())
    else:
        _mend(unit, entry, columns, reason.strip())
    return read_lines(unit, book.forms[0], ENTRY.c.id == entry_id)[0]


def hold_line(unit: UnitOfWork, entry_id: UUID) -> bool:
    """Let printing and mending of a line's book wait for this transaction; say whether it is printed."""
    entry = unit.session.execute(select(ENTRY).where(ENTRY.c.id == entry_id)).one_or_none()
    if entry is None:
        return False
    lock_book(unit, entry.series_id)
    return _is_frozen(unit, entry)


def add_addendum(unit: UnitOfWork, entry_id: UUID, columns: Mapping[str, str | None], reason: str) -> None:
    """Put an addendum under a line that is printed, as :func:`hold_line` said of it."""
    entry = unit.session.execute(select(ENTRY).where(ENTRY.c.id == entry_id)).one()
    _add_addendum(unit, entry, columns, reason.strip())


def close_register(unit: UnitOfWork, register_id: UUID) -> RegisterView:
    """Close a book for good: its year or term is over, and the next number belongs to the next book.

    Raises:
        Forbidden: the actor closes no registers.
        NotFound: no such book.
        Conflict: its period still runs, a number is still reserved, or it is closed already.
    """
    require(unit.actor, "register.close")
    book = read_register(unit, register_id)
    _refuse_running(unit, book)
    register.close(unit, SeriesKey(book.issuing_body, book.book, book.period))
    # Looked for once the series is locked: whoever took a number meanwhile has committed by now.
    reserved = exists().where(ENTRY.c.series_id == register_id, ENTRY.c.state == "reserved")
    if unit.session.execute(select(reserved)).scalar():
        vi, en = "Còn số đang giữ chưa dùng; hãy dùng hoặc hủy trước.", "A number is still reserved."
        raise Conflict("register.reserved", vi, en)
    return read_register(unit, register_id)


def close_books_of_term(unit: UnitOfWork, issuing_body: str, period: str) -> list[str]:
    """Close the open books of a body's term that is over; return those that are closed now.

    A book in which a number is still reserved stays open: the number is used or voided first, and the clerk
    closes the book then.
    """
    reserved = exists().where(ENTRY.c.series_id == _SERIES.c.id, ENTRY.c.state == "reserved")
    open_books = (
        select(_SERIES.c.book, reserved.label("is_reserved"))
        .where(_SERIES.c.issuing_body == issuing_body, _SERIES.c.period == period)
        .where(_SERIES.c.closed_at.is_(None))
        .order_by(_SERIES.c.book)
        .with_for_update(of=_SERIES)
    )
    books = [row.book for row in unit.session.execute(open_books) if not row.is_reserved]
    for book in books:
        register.close(unit, SeriesKey(issuing_body, book, period))
    return books


def _check_correction(columns: Mapping[str, str | None], reason: str) -> None:
    if not reason.strip():
        refuse("reason.required", "Phải nêu lý do sửa.", "A correction needs a reason.", "/reason")
    if not columns:
        refuse("register.nothing", "Chưa nêu cột nào.", "No column is named.", "/columns")
    for name, value in columns.items():
        if name not in CORRECTABLE:
            vi, en = f"Không được sửa cột “{name}”.", f"The column “{name}” may not be mended."
            refuse("register.column", vi, en, f"/columns/{name}")
        if value is not None and len(value) > LONGEST_VALUE:
            vi, en = f"Dài quá {LONGEST_VALUE} ký tự.", f"Longer than {LONGEST_VALUE} characters."
            refuse("register.value", vi, en, f"/columns/{name}")


def _refuse_running(unit: UnitOfWork, book: RegisterView) -> None:
    year = f"{unit.now.astimezone(OFFICE_ZONE):%Y}"
    body = unit.session.execute(select(_BODY.c.term).where(_BODY.c.code == book.issuing_body)).scalar()
    if book.period >= year if book.period.isdigit() else book.period == body:
        vi = f"Kỳ {book.period} chưa kết thúc, chưa đóng sổ được."
        en = f"The period {book.period} is not over; the book cannot be closed yet."
        raise Conflict("register.running", vi, en)


def _is_frozen(unit: UnitOfWork, entry: Row[Any]) -> bool:
    day = entry.registered_at.astimezone(OFFICE_ZONE).date()
    printed = exists().where(
        PRINT.c.series_id == entry.series_id, PRINT.c.from_on <= day, PRINT.c.to_on >= day
    )
    return bool(unit.session.execute(select(printed)).scalar())


def _add_addendum(unit: UnitOfWork, entry: Row[Any], columns: Mapping[str, str | None], reason: str) -> None:
    addendum_id = new_id(unit.now)
    unit.session.execute(
        insert(ADDENDUM),
        {
            "id": addendum_id,
            "agency_id": unit.actor.agency_id,
            "entry_id": entry.id,
            "columns": dict(columns),
            "reason": reason,
            "at": unit.now,
            "by_id": unit.actor.account_id,
        },
    )
    details = {"entry_id": str(entry.id), "number": entry.number, "columns": sorted(columns)}
    unit.audit(AuditRecord("register.add", "register_addendum", addendum_id, details))


def _mend(unit: UnitOfWork, entry: Row[Any], columns: Mapping[str, str | None], reason: str) -> None:
    mended = entry.columns | dict(columns)
    unit.session.execute(update(ENTRY).where(ENTRY.c.id == entry.id).values({"columns": mended}))
    record = AuditRecord(
        "register.correct",
        "registry_entry",
        entry.id,
        {"number": entry.number, "reason": reason, "before": {k: entry.columns.get(k) for k in columns}},
        before_sha256=digest_of(entry.columns),
        after_sha256=digest_of(mended),
    )
    unit.audit(record)
