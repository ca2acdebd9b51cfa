"""Registers as lists: the books of an agency, their lines, what was printed (NĐ 30/2020 Phụ lục IV)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from handlers.registers.books import PRINT
from handlers.registers.lines import ENTRY, SERIES, Line, is_in, read_lines
from service.domain.actors import Actor
from service.domain.errors import NotFound
from service.domain.permissions import is_allowed, require
from service.domain.registers import PrintRange, RegisterForm, forms_of
from service.queries.clearance import is_undecided
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, Document, IssuingBody, table_of
from service.storage.unit_of_work import UnitOfWork

_BODY: Final = table_of(IssuingBody)
_DOCUMENT: Final = table_of(Document)
_ACCOUNT: Final = table_of(Account)
_FIRST_DAY: Final = date(1900, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A book of numbers of one issuing body and period.

    Attributes:
        book: such as incoming, incoming_secret or a book of outgoing documents.
        period: a year, or a term.
        forms: what it is printed as.
        last_number: 0 when nothing is registered.
        voided_count: numbers that stay taken without a document.
        printed_to: the last day that is printed and frozen, in any form.
    """

    id: UUID
    issuing_body: str
    issuing_body_name: str | None
    book: str
    period: str
    forms: Sequence[RegisterForm]
    last_number: int
    voided_count: int
    printed_to: date | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines; None = any. ``text`` is part of the abstract, the code, the author or the recipient.

    ``form`` is the form to read them in, by default the book's first one.
    """

    form: RegisterForm | None = None
    text: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class PrintView:
    """A range as printed; ``signed_by`` and ``volume`` once the clerk has marked it."""

    id: UUID
    register_id: UUID
    form: RegisterForm
    label: str
    from_on: date
    to_on: date
    first_number: int | None
    last_number: int | None
    line_count: int
    page_count: int
    made_at: datetime
    made_by: str | None
    printed_on: date | None
    signed_by: str | None
    volume: str | None


def list_registers(
    unit: UnitOfWork, *, book: str | None = None, period: str | None = None
) -> list[RegisterView]:
    """Return the books that the actor may read, the newest period first.

    Raises:
        Forbidden: the actor reads no registers.
    """
    require(unit.actor, "register.read")
    statement = _select_registers().where(_may_read(unit.actor))
    if book is not None:
        statement = statement.where(SERIES.c.book == book)
    if period is not None:
        statement = statement.where(SERIES.c.period == period)
    ordered = statement.order_by(SERIES.c.period.desc(), SERIES.c.issuing_body, SERIES.c.book)
    return [_register_view(row) for row in unit.session.execute(ordered)]


def read_register(unit: UnitOfWork, register_id: UUID) -> RegisterView:
    """Return one book.

    Raises:
        Forbidden: the actor reads no registers.
        NotFound: absent, or a secret one that the actor may not know of.
    """
    require(unit.actor, "register.read")
    statement = _select_registers().where(SERIES.c.id == register_id, _may_read(unit.actor))
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("register.not_found", "Không có sổ này.", "There is no such register.")
    return _register_view(row)


def list_lines(
    unit: UnitOfWork,
    register_id: UUID,
    wanted: LineFilter,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Line]:
    """Return the lines of a book by number, with the addenda under them.

    Raises:
        Forbidden: the actor reads no registers.
        NotFound: no such book.
        InvalidInput: an unknown cursor.
    """
    register = read_register(unit, register_id)
    size = page_size(limit)
    conditions = [ENTRY.c.series_id == register_id, *_conditions(wanted)]
    if cursor:
        conditions.append(ENTRY.c.number > _after(cursor))
    lines = read_lines(unit, wanted.form or register.forms[0], *conditions, limit=size + 1)
    following = encode_cursor(str(lines[size - 1].number)) if len(lines) > size else None
    return Page(lines[:size], following)


def list_prints(unit: UnitOfWork, register_id: UUID) -> list[PrintView]:
    """Return what was printed of a book, the newest range first.

    Raises:
        Forbidden: the actor reads no registers.
        NotFound: no such book.
    """
    read_register(unit, register_id)
    statement = _select_prints().where(PRINT.c.series_id == register_id)
    rows = unit.session.execute(statement.order_by(PRINT.c.to_on.desc(), PRINT.c.id.desc()))
    return [_print_view(row) for row in rows]


def read_print(unit: UnitOfWork, print_id: UUID) -> PrintView:
    """Return one print.

    Raises:
        Forbidden: the actor reads no registers.
        NotFound: absent, or of a book that the actor may not know of.
    """
    return _print_view(find_print(unit, print_id))


def find_print(unit: UnitOfWork, print_id: UUID) -> Row[Any]:
    """Return the row of a print, with its files' addresses.

    Raises:
        Forbidden: the actor reads no registers.
        NotFound: absent, or of a book that the actor may not know of.
    """
    require(unit.actor, "register.read")
    row = unit.session.execute(_select_prints().where(PRINT.c.id == print_id)).one_or_none()
    if row is None or not _may_read_book(unit.actor, row.book):
        raise NotFound("register_print.not_found", "Không có bản in sổ này.", "There is no such print.")
    return row


def _select_registers() -> Select[Any]:
    voided = (
        select(func.count())
        .where(ENTRY.c.series_id == SERIES.c.id, ENTRY.c.voided_at.is_not(None))
        .scalar_subquery()
    )
    printed = select(func.max(PRINT.c.to_on)).where(PRINT.c.series_id == SERIES.c.id).scalar_subquery()
    names = ("id", "issuing_body", "book", "period", "last_number", "closed_at")
    return select(
        *(SERIES.c[name] for name in names),
        _BODY.c.name.label("issuing_body_name"),
        voided.label("voided_count"),
        printed.label("printed_to"),
    ).outerjoin(_BODY, _BODY.c.code == SERIES.c.issuing_body)


def _register_view(row: Row[Any]) -> RegisterView:
    return RegisterView(**row._mapping, forms=forms_of(row.book))  # noqa: SLF001 - the documented accessor


def _select_prints() -> Select[Any]:
    return (
        select(PRINT, SERIES.c.book, _ACCOUNT.c.full_name.label("made_by"))
        .join(SERIES, SERIES.c.id == PRINT.c.series_id)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == PRINT.c.made_by_id)
    )


def _print_view(row: Row[Any]) -> PrintView:
    facts = dict(row._mapping)  # noqa: SLF001 - the documented accessor
    derived = {"register_id", "label", "line_count"}
    return PrintView(
        **{name: facts[name] for name in PrintView.__dataclass_fields__ if name not in derived},
        register_id=row.series_id,
        label=PrintRange(row.from_on, row.to_on).label(),
        line_count=len(row.lines),
    )


def _may_read(actor: Actor) -> ColumnElement[bool]:
    if is_allowed(actor, "register.read_secret"):
        return SERIES.c.id.is_not(None)
    return ~SERIES.c.book.endswith("_secret")


def _may_read_book(actor: Actor, book: str) -> bool:
    return not book.endswith("_secret") or is_allowed(actor, "register.read_secret")


def _conditions(wanted: LineFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.from_on is not None or wanted.to_on is not None:
        found.append(is_in(PrintRange(wanted.from_on or _FIRST_DAY, wanted.to_on or _LAST_DAY)))
    if wanted.text:
        found += [_holds(wanted.text), ~is_undecided(ENTRY.c.document_id)]
    if wanted.state == "voided":
        found.append(ENTRY.c.voided_at.is_not(None))
    elif wanted.state is not None:
        found.append(and_(ENTRY.c.voided_at.is_(None), ENTRY.c.state == wanted.state))
    return found


def _holds(text: str) -> ColumnElement[bool]:
    keys = ("subject", "code", "author", "recipient", "recipients", "signer", "type_name")
    return or_(*(ENTRY.c["columns"][key].astext.icontains(text, autoescape=True) for key in keys))


def _after(cursor: str) -> int:
    (number,) = decode_cursor(cursor, 1)
    try:
        return int(number)
    except (TypeError, ValueError) as error:
        raise bad_cursor() from error
