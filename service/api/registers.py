"""Registers: books, lines, prints, corrections, closing."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from flask import Response

from service.actions import register_prints as prints
from service.actions import registers as actions
from service.api.files import file_answer
from service.api.resource import Resource
from service.api.schemas import registers as schemas
from service.domain.registers import LAYOUTS, PrintRange
from service.http.context import runtime, unit
from service.queries import registers as queries

registers = Resource("registers", "", "Registers of documents: lines, prints that freeze them, addenda.")

_FILES: Final = {
    "pdf": ("pdf_sha256", "application/pdf"),
    "xlsx": ("xlsx_sha256", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_ORDER: Final = {"form": "incoming", "from": "2026-01-01", "to": "2026-03-31"}
_MENDED: Final = {"columns": {"note": "Kèm 02 phụ lục"}, "reason": "Ghi sót phụ lục"}
_BOUND: Final = {"printed_on": "2026-04-01", "signed_by": "Nguyễn Thị Lan", "volume": "Quyển 1"}


@registers.get("/registers")
@registers.filters(schemas.RegisterQuery)
@registers.gives(schemas.RegisterList)
def list_registers(query: dict[str, Any]) -> object:
    """List the books of numbers that the caller may read, the newest period first."""
    return {"items": queries.list_registers(unit(), **query)}


@registers.get("/registers/<uuid:register_id>")
@registers.gives(schemas.Register)
def read_register(register_id: UUID) -> object:
    """Read one book."""
    return queries.read_register(unit(), register_id)


@registers.get("/registers/<uuid:register_id>/lines")
@registers.filters(schemas.LineQuery)
@registers.gives(schemas.LinePage)
def list_lines(query: dict[str, Any], register_id: UUID) -> object:
    """List a book's lines by number, with the addenda under them."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_lines(unit(), register_id, queries.LineFilter(**query), cursor, limit)


@registers.get("/registers/<uuid:register_id>/prints")
@registers.gives(schemas.PrintList)
def list_prints(register_id: UUID) -> object:
    """List what was printed of a book, the newest range first."""
    return {"items": queries.list_prints(unit(), register_id)}


@registers.post("/registers/<uuid:register_id>/prints")
@registers.takes(schemas.PrintOrder, example=_ORDER)
@registers.gives(schemas.Print, 201)
def print_range(body: dict[str, Any], register_id: UUID) -> object:
    """Print a range: its lines are frozen, a PDF and a spreadsheet are made of them."""
    order = prints.PrintOrder(body["form"], PrintRange(body["from_on"], body["to_on"]))
    return prints.print_range(unit(), runtime().blobs, register_id, order)


@registers.post("/registers/<uuid:register_id>/close")
@registers.gives(schemas.Register)
def close_register(register_id: UUID) -> object:
    """Close a book whose year or term is over; the next one opens with number 01."""
    return actions.close_register(unit(), register_id)


@registers.get("/register-prints/<uuid:print_id>")
@registers.gives(schemas.Print)
def read_print(print_id: UUID) -> object:
    """Read one print."""
    return queries.read_print(unit(), print_id)


@registers.get("/register-prints/<uuid:print_id>/file")
@registers.filters(schemas.FileQuery)
@registers.gives(None, description="the PDF or the spreadsheet")
def read_print_file(query: dict[str, Any], print_id: UUID) -> Response:
    """Download a print as PDF or spreadsheet."""
    row = queries.find_print(unit(), print_id)
    column, media_type = _FILES[query["format"]]
    label = PrintRange(row.from_on, row.to_on).label()
    name = f"{LAYOUTS[row.form].vi} – {label}.{query['format']}"
    return file_answer(runtime().blobs, unit(), bytes(getattr(row, column)), name, media_type)


@registers.post("/register-prints/<uuid:print_id>/binding")
@registers.takes(schemas.Bound, example=_BOUND)
@registers.gives(schemas.Print)
def bind_print(body: dict[str, Any], print_id: UUID) -> object:
    """Write down that a print was signed and bound."""
    return prints.mark_bound(unit(), print_id, prints.Bound(**body))


@registers.post("/registry-entries/<uuid:entry_id>/corrections")
@registers.takes(schemas.LineCorrection, example=_MENDED)
@registers.gives(schemas.Line, 201)
def correct_line(body: dict[str, Any], entry_id: UUID) -> object:
    """Mend a line: in place before it is printed, by an addendum under it afterwards."""
    return actions.correct_line(unit(), entry_id, body["columns"], body["reason"])
