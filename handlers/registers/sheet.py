"""A register ready for paper: the cover's words, the rows of cells, the notes under a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from handlers.contract import Json
from service.domain.clock import OFFICE_ZONE
from service.domain.registers import Column, PrintRange, RegisterLayout

_DATES: Final = frozenset({"arrival_on", "issued_on", "transferred_on", "due_on"})


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    """What one print holds.

    Attributes:
        agency: whose register it is.
        superior: the body above it, for the heading; may be empty.
        layout: title and columns.
        book: what people call the book, such as ``"VPTU, 2026"``.
        span: the days.
        lines: frozen lines (:meth:`handlers.registers.lines.Line.as_json`), by number.
        made_at: aware; when the lines were frozen.
    """

    agency: str
    superior: str
    layout: RegisterLayout
    book: str
    span: PrintRange
    lines: Sequence[Json]
    made_at: datetime

    def cover(self) -> tuple[str, ...]:
        """Return the lines of the cover (NĐ30 Phụ lục IV: agency, year, from–to number)."""
        numbers = [line["number"] for line in self.lines]
        span = f"Từ số {numbers[0]:02d} đến số {numbers[-1]:02d}" if numbers else "Không có văn bản"
        return (
            self.superior.upper(),
            self.agency.upper(),
            "",
            self.layout.vi.upper(),
            self.book,
            self.span.label(),
            span,
            f"Số dòng: {len(numbers)}",
            f"Chốt số liệu lúc {self.made_at.astimezone(OFFICE_ZONE):%H:%M ngày %d/%m/%Y}",
        )

    def rows(self) -> Iterator[tuple[list[str], list[str]]]:
        """Yield each line's cells in the order of the columns, and the notes that stand under it."""
        for line in self.lines:
            cells = [_cell(line["columns"].get(column.key), column) for column in self.layout.columns]
            yield cells, list(self._notes(line))

    def _notes(self, line: Json) -> Iterator[str]:
        if line["state"] == "voided":
            yield f"Số này đã hủy; lý do: {line['void_reason']}."
        elif line["state"] == "reserved":
            yield "Số này đã giữ trước, chưa ban hành văn bản."
        for addendum in line["addenda"]:
            yield self._addendum(addendum)

    def _addendum(self, addendum: Json) -> str:
        at = datetime.fromisoformat(addendum["at"]).astimezone(OFFICE_ZONE)
        changed = "; ".join(
            f"{_heading(self.layout, key)}: {value or '(để trống)'}"
            for key, value in addendum["columns"].items()
        )
        by = addendum["by_name"] or "Hệ thống"
        return f"Bổ sung ngày {at:%d/%m/%Y} ({by}): {changed}. Lý do: {addendum['reason']}"


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    return f"{date.fromisoformat(value):%d/%m/%Y}" if column.key in _DATES else str(value)


def _heading(layout: RegisterLayout, key: str) -> str:
    named = {"type_name": "Tên loại", "subject": "Trích yếu nội dung"}
    return named.get(key) or next((column.vi for column in layout.columns if column.key == key), key)
