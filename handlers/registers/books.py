"""A book of numbers as its prints and corrections see it, and the lock under which they follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NoReturn
from uuid import UUID

from sqlalchemy import func, select

from handlers.registers.lines import SERIES
from service.domain.errors import Finding, InvalidInput, NotFound
from service.domain.registers import RegisterForm, forms_of
from service.storage.models import RegisterPrint, table_of
from service.storage.unit_of_work import UnitOfWork

PRINT: Final = table_of(RegisterPrint)


@dataclass(frozen=True, slots=True)
class Book:
    """A number series of the agency."""

    id: UUID
    issuing_body: str
    book: str
    period: str

    @property
    def forms(self) -> Sequence[RegisterForm]:
        """The forms that it is printed in."""
        return forms_of(self.book)


def read_book(unit: UnitOfWork, book_id: Any) -> Book:
    """Return a book of the actor's agency.

    Args:
        unit: of the actor.
        book_id: an id, or its text.

    Raises:
        NotFound: there is no such book.
    """
    columns = [SERIES.c[name] for name in Book.__dataclass_fields__]
    row = (
        unit.session.execute(select(*columns).where(SERIES.c.id == read_uuid(book_id)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("register.not_found", "Không có sổ này.", "There is no such register.")
    return Book(**row)


def lock_book(unit: UnitOfWork, book_id: UUID) -> None:
    """Keep other printing and mending of a book waiting until this transaction ends; registering goes on."""
    unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"register:{book_id}"), 1)))


def read_day(value: Any, pointer: str) -> date:
    """Return a day from a process variable.

    Raises:
        InvalidInput: ``register.day``, it is no ISO date.
    """
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        refuse("register.day", "Ngày không đúng.", "This is no day.", pointer)


def refuse(code: str, vi: str, en: str, pointer: str) -> NoReturn:
    """Refuse one member of an input.

    Raises:
        InvalidInput: always.
    """
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])


def read_uuid(value: Any) -> UUID | None:
    """Return an id from a process variable, None if it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
