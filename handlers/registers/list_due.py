"""``register.list_due``: which books have a month, a quarter or a year to print (S1-4.2d4, S3-7.2d4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import exists, select

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.registers.books import Book, read_book, refuse
from handlers.registers.freezing import PrintOrder, find_printed
from handlers.registers.lines import ENTRY, SERIES, is_in
from service.domain.clock import OFFICE_ZONE
from service.domain.registers import (
    LAYOUTS,
    PrintRange,
    RegisterForm,
    last_complete_month,
    last_complete_quarter,
    year_of,
)
from service.storage.unit_of_work import UnitOfWork

_SPANS: Final[Mapping[str, Callable[[date], PrintRange]]] = {
    "month": last_complete_month,
    "quarter": last_complete_quarter,
    "year": lambda day: year_of(day.year - 1),
}


class ListDueRegisters:
    """Finds the books with an entry of the period before ``at``, and not yet printed for it."""

    operation: ClassVar[str] = "register.list_due"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("periods", True, "Các kỳ: month, quarter, year.", "Periods: month, quarter, year."),
        Parameter("at", True, "Thời điểm đến hẹn (ISO).", "The instant that the calendar set (ISO)."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{prints: [{register_id, form, from, to, title}]}``, days as ISO text.

        Raises:
            InvalidInput: a period is none of the three, or ``at`` is no instant.
        """
        day = _day_of(params["at"])
        spans = [_span(period, day) for period in params["periods"]]
        return {"prints": list(_due(context.unit, spans))}


def _day_of(at: Any) -> date:
    try:
        return datetime.fromisoformat(str(at)).astimezone(OFFICE_ZONE).date()
    except ValueError:
        refuse("register.instant", "Thời điểm không đúng.", "This is no instant.", "/at")


def _span(period: str, day: date) -> PrintRange:
    if period not in _SPANS:
        vi, en = f"Không có kỳ “{period}”.", f"There is no period “{period}”."
        refuse("register.period", vi, en, "/periods")
    return _SPANS[period](day)


def _due(unit: UnitOfWork, spans: Iterable[PrintRange]) -> Iterator[Json]:
    for span in spans:
        used = exists().where(ENTRY.c.series_id == SERIES.c.id, is_in(span))
        ids = unit.session.execute(
            select(SERIES.c.id).where(used).order_by(SERIES.c.issuing_body, SERIES.c.book, SERIES.c.period),
        ).scalars()
        for book in [read_book(unit, book_id) for book_id in ids]:
            for form in book.forms:
                if find_printed(unit, book, PrintOrder(form, span)) is None:
                    yield _as_json(book, form, span)


def _as_json(book: Book, form: RegisterForm, span: PrintRange) -> Json:
    return {
        "register_id": str(book.id),
        "form": form,
        "from": span.from_on.isoformat(),
        "to": span.to_on.isoformat(),
        "title": f"{LAYOUTS[form].vi} – {span.label()}",
    }
