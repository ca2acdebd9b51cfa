"""Registers printed and bound by a person who may (S1-4.2d4, S3-7.2d4; NĐ 30/2020 Điều 16, 22)."""

from __future__ import annotations

from uuid import UUID

from handlers.registers import freezing
from handlers.registers.books import read_book
from handlers.registers.freezing import Bound, PrintOrder
from service.domain.permissions import require
from service.queries.registers import PrintView, read_print, read_register
from service.storage.blobs import BlobStore
from service.storage.unit_of_work import UnitOfWork


def print_range(unit: UnitOfWork, blobs: BlobStore, register_id: UUID, order: PrintOrder) -> PrintView:
    """Freeze the lines of a range and make its PDF and spreadsheet.

    Raises:
        Forbidden: the actor prints no registers.
        NotFound: no such book.
        InvalidInput: the range is not over, too long or turned around; no such form; too many lines.
        Conflict: this very range is printed already.
    """
    require(unit.actor, "register.print")
    read_register(unit, register_id)
    return read_print(unit, freezing.freeze(unit, blobs, read_book(unit, register_id), order))


def mark_bound(unit: UnitOfWork, print_id: UUID, bound: Bound) -> PrintView:
    """Write down that a print was signed and bound.

    Raises:
        Forbidden: the actor prints no registers.
        NotFound: no such print.
        InvalidInput: no signer, or a day before the print was made or after today.
        Conflict: it is written down already.
    """
    require(unit.actor, "register.print")
    read_print(unit, print_id)
    freezing.mark_bound(unit, print_id, bound)
    return read_print(unit, print_id)


__all__ = ["Bound", "PrintOrder", "mark_bound", "print_range"]
