"""``register.print`` and ``register.bind``: a range printed, and what the clerk says of the signed volume."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import select

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.registers.books import PRINT, read_book, read_day, read_uuid
from handlers.registers.freezing import Bound, PrintOrder, find_printed, freeze, mark_bound, print_not_found
from handlers.resources import resources_of
from service.domain.registers import PrintRange


class PrintRegister:
    """Freezes the lines of a range and makes its files; a range that is printed stays as it is."""

    operation: ClassVar[str] = "register.print"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("register_id", True, "Mã sổ.", "Id of the book."),
        Parameter("form", True, "incoming, outgoing hoặc handling.", "incoming, outgoing or handling."),
        Parameter("from", True, "Ngày đầu (ISO).", "First day (ISO)."),
        Parameter("to", True, "Ngày cuối (ISO).", "Last day (ISO)."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{print_id, line_count, page_count}``.

        Raises:
            InvalidInput: the range cannot be printed.
            NotFound: no such book.
        """
        unit = context.unit
        book = read_book(unit, params["register_id"])
        span = PrintRange(read_day(params["from"], "/from"), read_day(params["to"], "/to"))
        order = PrintOrder(params["form"], span)
        print_id = find_printed(unit, book, order) or freeze(unit, resources_of(context).blobs, book, order)
        row = unit.session.execute(
            select(PRINT.c.lines, PRINT.c.page_count).where(PRINT.c.id == print_id)
        ).one()
        return {"print_id": str(print_id), "line_count": len(row.lines), "page_count": row.page_count}


class BindRegister:
    """Writes down that a print was signed and bound, once."""

    operation: ClassVar[str] = "register.bind"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("print_id", True, "Mã bản in.", "Id of the print."),
        Parameter("printed_on", True, "Ngày in (ISO).", "Day of printing (ISO)."),
        Parameter("signed_by", True, "Người ký sổ.", "Who signed."),
        Parameter("volume", False, "Tên quyển.", "The volume."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{print_id}``.

        Raises:
            InvalidInput: no signer, or a day that cannot be.
            NotFound: no such print.
        """
        print_id = read_uuid(params["print_id"])
        if print_id is None:
            raise print_not_found()
        marked = select(PRINT.c.marked_at).where(PRINT.c.id == print_id)
        if context.unit.session.execute(marked).scalar() is None:
            on, signed_by = read_day(params["printed_on"], "/printed_on"), str(params["signed_by"] or "")
            mark_bound(context.unit, print_id, Bound(on, signed_by, str(params.get("volume") or "")))
        return {"print_id": str(print_id)}
