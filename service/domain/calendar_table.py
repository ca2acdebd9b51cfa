"""A yearly table of days as a CSV file: read whole, every problem told by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from types import MappingProxyType
from typing import Final

from service.domain.errors import Finding
from service.domain.holidays import OfficialDay

COLUMNS: Final = ("on", "kind", "label", "source")
DATED_COLUMNS: Final = (*COLUMNS, "decreed_on")
"""With the date of the decision that each day stands on; a cell may be empty."""
MAX_ROWS: Final = 1000
KINDS: Final[Mapping[str, bool]] = MappingProxyType(
    {"off": False, "nghỉ": False, "working": True, "làm bù": True, "làm việc": True}
)
"""Words of the column ``kind`` → whether the office works."""

_LABEL_CHARACTERS: Final = 200
_DATE_FORMS: Final = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that could be read, with its number in the file (the header is 1)."""

    number: int
    day: OfficialDay


def read_table(text: str) -> tuple[list[TableRow], list[Finding]]:
    """Return the good rows of a CSV table and a finding, with its row as line, for each bad one.

    Args:
        text: with the header ``on,kind,label,source`` or with ``decreed_on`` behind it; days as
            ``2026-01-02`` or ``02/01/2026``.
    """
    lines = csv.reader(StringIO(text.lstrip("\ufeff")))
    header = [cell.strip().lower() for cell in next(lines, [])]
    if header not in (list(COLUMNS), list(DATED_COLUMNS)):
        columns = ",".join(DATED_COLUMNS)
        return [], [
            _finding("calendar.header", 1, f"Dòng đầu phải là {columns}.", f"The header is {columns}.")
        ]
    rows: list[TableRow] = []
    findings: list[Finding] = []
    seen: dict[date, int] = {}
    for number, cells in enumerate(lines, start=2):
        if number > MAX_ROWS + 1:
            vi, en = f"Bảng có quá {MAX_ROWS} dòng.", f"The table has over {MAX_ROWS} rows."
            findings.append(_finding("calendar.too_long", number, vi, en))
            break
        if any(cell.strip() for cell in cells):
            faults = list(_faults(number, cells, seen, len(header)))
            findings += faults
            if not faults:
                rows.append(TableRow(number, _day(cells)))
    return rows, findings


def _faults(number: int, cells: list[str], seen: dict[date, int], width: int) -> Iterator[Finding]:
    if len(cells) != width:
        vi, en = f"Cần {width} cột, có {len(cells)}.", f"{width} columns needed, found {len(cells)}."
        yield _finding("calendar.columns", number, vi, en)
        return
    on = read_day(cells[0])
    if on is None:
        vi, en = f"Ngày “{cells[0]}” không hợp lệ.", f"'{cells[0]}' is no day."
        yield _finding("calendar.day", number, vi, en)
    elif on in seen:
        vi, en = f"Ngày {on:%d/%m/%Y} đã có ở dòng {seen[on]}.", f"{on} is already in row {seen[on]}."
        yield _finding("calendar.repeated", number, vi, en)
    else:
        seen[on] = number
    if cells[1].strip().lower() not in KINDS:
        words = ", ".join(KINDS)
        yield _finding("calendar.kind", number, f"Loại phải là: {words}.", f"The kind is one of: {words}.")
    for name, value in (("label", cells[2]), ("source", cells[3])):
        if not 1 <= len(value.strip()) <= _LABEL_CHARACTERS:
            vi = f"Cột {name} phải có từ 1 đến {_LABEL_CHARACTERS} ký tự."
            yield _finding(f"calendar.{name}", number, vi, f"{name} has 1 to {_LABEL_CHARACTERS} characters.")
    decreed = _decreed(cells)
    if decreed and read_day(decreed) is None:
        vi, en = f"Ngày ban hành “{decreed}” không hợp lệ.", f"'{decreed}' is no day of a decision."
        yield _finding("calendar.decreed_on", number, vi, en)


def read_day(text: str) -> date | None:
    """Return the day that a cell names, None if it names none."""
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _decreed(cells: list[str]) -> str:
    """Return the cell with the date of the decision, empty in a table without that column."""
    return cells[len(COLUMNS)].strip() if len(cells) > len(COLUMNS) else ""


def _day(cells: list[str]) -> OfficialDay:
    on = read_day(cells[0])
    assert on is not None
    is_working = KINDS[cells[1].strip().lower()]
    return OfficialDay(on, is_working, cells[2].strip(), cells[3].strip(), read_day(_decreed(cells)))


def _finding(code: str, number: int, vi: str, en: str) -> Finding:
    return Finding(code, f"Dòng {number}: {vi}", f"Row {number}: {en}", line=number)
