"""Registers printed and bound: lines frozen, files made (S1-4.2d4, S3-7.2d4; NĐ30 Điều 16).

Printing a range keeps its lines as they stand and the files made of them. Printing and mending of one book
follow each other under an advisory lock, so that no correction slips in between the reading and the freezing;
registering is not held up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from handlers.registers.books import PRINT, Book, lock_book, refuse
from handlers.registers.lines import ENTRY, Line, is_in, read_lines
from handlers.registers.printing import print_register
from handlers.registers.sheet import RegisterSheet
from handlers.registers.workbook import write_workbook
from service.domain.clock import OFFICE_ZONE
from service.domain.digests import digest_of
from service.domain.errors import Conflict, NotFound
from service.domain.ids import new_id
from service.domain.registers import LAYOUTS, LONGEST_RANGE_DAYS, PrintRange, RegisterForm
from service.storage.blobs import BlobStore
from service.storage.models import Agency, IssuingBody, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

MOST_LINES: Final = 5000
"""In one print: what can be typeset while the caller waits, and more than one volume holds."""

_LATE: Final = ("recipient", "recipients", "copies", "transferred_on", "receipt", "reply")
_AGENCY: Final = table_of(Agency)
_BODY: Final = table_of(IssuingBody)


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """What to print of a book."""

    form: RegisterForm
    span: PrintRange


@dataclass(frozen=True, slots=True)
class Bound:
    """What the clerk writes down after printing: when, who signed, the volume it is bound into."""

    printed_on: date
    signed_by: str
    volume: str = ""


def freeze(unit: UnitOfWork, blobs: BlobStore, book: Book, order: PrintOrder) -> UUID:
    """Freeze the lines of a range, make its PDF and spreadsheet, and return the print's id.

    Raises:
        InvalidInput: the range is not over, too long or turned around; no such form; too many lines.
        Conflict: this very range is printed already.
    """
    _check_range(order.span, unit.now.astimezone(OFFICE_ZONE).date())
    _check_form(book, order.form)
    lock_book(unit, book.id)
    _refuse_printed(unit, book, order)
    chosen = (ENTRY.c.series_id == book.id, is_in(order.span))
    lines = read_lines(unit, order.form, *chosen, limit=MOST_LINES + 1)
    _check_count(lines)
    _keep_late_columns(unit, lines)
    values = _print_values(unit, blobs, book, order, lines)
    unit.session.execute(insert(PRINT), values)
    unit.audit(_record(values))
    print_id: UUID = values["id"]
    return print_id


def find_printed(unit: UnitOfWork, book: Book, order: PrintOrder) -> UUID | None:
    """Return the id of the print of this very range, if there is one."""
    found: UUID | None = unit.session.execute(
        select(PRINT.c.id).where(
            PRINT.c.series_id == book.id,
            PRINT.c.form == order.form,
            PRINT.c.from_on == order.span.from_on,
            PRINT.c.to_on == order.span.to_on,
        ),
    ).scalar()
    return found


def mark_bound(unit: UnitOfWork, print_id: UUID, bound: Bound) -> None:
    """Write down that a print was signed and bound.

    Raises:
        NotFound: no such print.
        InvalidInput: no signer, or a day before the print was made or after today.
        Conflict: it is written down already.
    """
    made_at = unit.session.execute(select(PRINT.c.made_at).where(PRINT.c.id == print_id)).scalar()
    if made_at is None:
        raise print_not_found()
    _check_bound(bound, made_at.astimezone(OFFICE_ZONE).date(), unit.now.astimezone(OFFICE_ZONE).date())
    marked = unit.session.execute(
        update(PRINT)
        .where(PRINT.c.id == print_id, PRINT.c.marked_at.is_(None))
        .values(
            printed_on=bound.printed_on,
            signed_by=bound.signed_by.strip(),
            volume=bound.volume.strip() or None,
            marked_at=unit.now,
            marked_by_id=unit.actor.account_id,
        )
        .returning(PRINT.c.id),
    ).first()
    if marked is None:
        vi, en = "Bản in này đã ghi nhận ký, đóng quyển.", "This print is marked as signed already."
        raise Conflict("register_print.marked", vi, en)
    details = {"printed_on": bound.printed_on.isoformat(), "signed_by": bound.signed_by.strip()}
    unit.audit(AuditRecord("register.bind", "register_print", print_id, details))


def print_not_found() -> NotFound:
    """Return the one answer for an absent print and for another agency's."""
    return NotFound("register_print.not_found", "Không có bản in sổ này.", "There is no such print.")


def _check_range(span: PrintRange, today: date) -> None:
    if span.to_on < span.from_on:
        refuse("register.range", "Ngày cuối trước ngày đầu.", "The last day is before the first.", "/to_on")
    if span.days > LONGEST_RANGE_DAYS:
        refuse("register.range", "In nhiều nhất một năm một lần.", "Print one year at most.", "/to_on")
    if span.to_on >= today:
        vi, en = "Chỉ in khoảng ngày đã qua hết.", "Only days that are over are printed."
        refuse("register.range_open", vi, en, "/to_on")


def _check_form(book: Book, form: RegisterForm) -> None:
    if form not in book.forms:
        vi, en = "Sổ này không in theo mẫu đó.", "This book is not printed in that form."
        refuse("register.form", vi, en, "/form")


def _check_count(lines: list[Line]) -> None:
    if len(lines) > MOST_LINES:
        vi = f"Hơn {MOST_LINES} dòng; hãy in từng tháng hoặc từng quý."
        en = f"More than {MOST_LINES} lines; print month by month or quarter by quarter."
        refuse("register.too_long", vi, en, "/to_on")


def _check_bound(bound: Bound, made_on: date, today: date) -> None:
    if not bound.signed_by.strip():
        refuse("register.signer", "Phải ghi người ký sổ.", "Say who signed.", "/signed_by")
    if not made_on <= bound.printed_on <= today:
        vi, en = "Ngày in phải từ ngày chốt sổ đến hôm nay.", "The day lies between the print and today."
        refuse("register.printed_on", vi, en, "/printed_on")


def _refuse_printed(unit: UnitOfWork, book: Book, order: PrintOrder) -> None:
    if find_printed(unit, book, order) is not None:
        vi, en = "Khoảng này đã in; bản in cũ giữ nguyên.", "This range is printed; the print stays as it is."
        raise Conflict("register.printed", vi, en)


def _keep_late_columns(unit: UnitOfWork, lines: list[Line]) -> None:
    """Write what was read from the documents into the lines, so that a later print says the same."""
    rows = unit.session.execute(
        select(ENTRY.c.id, ENTRY.c["columns"]).where(ENTRY.c.id.in_([line.entry_id for line in lines])),
    )
    kept = {row.id: row.columns for row in rows}
    for line in lines:
        late = {
            key: line.columns[key]
            for key in _LATE
            if line.columns.get(key) and not kept[line.entry_id].get(key)
        }
        if late:
            unit.session.execute(
                update(ENTRY)
                .where(ENTRY.c.id == line.entry_id)
                .values({"columns": kept[line.entry_id] | late}),
            )


def _print_values(
    unit: UnitOfWork, blobs: BlobStore, book: Book, order: PrintOrder, lines: list[Line]
) -> dict[str, Any]:
    sheet = _sheet(unit, book, order, lines)
    paper = print_register(sheet)
    return {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "series_id": book.id,
        "form": order.form,
        "from_on": order.span.from_on,
        "to_on": order.span.to_on,
        "first_number": lines[0].number if lines else None,
        "last_number": lines[-1].number if lines else None,
        "lines": list(sheet.lines),
        "pdf_sha256": blobs.put(unit, BytesIO(paper.pdf)).sha256,
        "xlsx_sha256": blobs.put(unit, BytesIO(write_workbook(sheet))).sha256,
        "page_count": paper.page_amount,
        "made_at": unit.now,
        "made_by_id": unit.actor.account_id,
    }


def _sheet(unit: UnitOfWork, book: Book, order: PrintOrder, lines: list[Line]) -> RegisterSheet:
    names = unit.session.execute(
        select(_AGENCY.c.name, _BODY.c.name.label("body"), _BODY.c.superior_name)
        .outerjoin(_BODY, (_BODY.c.agency_id == _AGENCY.c.id) & (_BODY.c.code == book.issuing_body))
        .where(_AGENCY.c.id == unit.actor.agency_id),
    ).one()
    return RegisterSheet(
        agency=names.body or names.name,
        superior=names.superior_name or "",
        layout=LAYOUTS[order.form],
        book=f"Năm {book.period}" if book.period.isdigit() else f"Nhiệm kỳ {book.period}",
        span=order.span,
        lines=[line.as_json() for line in lines],
        made_at=unit.now,
    )


def _record(values: dict[str, Any]) -> AuditRecord:
    details = {
        "form": values["form"],
        "from_on": values["from_on"].isoformat(),
        "to_on": values["to_on"].isoformat(),
        "lines": len(values["lines"]),
        "pdf_sha256": values["pdf_sha256"].hex(),
    }
    digest = digest_of(values["lines"])
    return AuditRecord("register.print", "register_print", values["id"], details, after_sha256=digest)
