"""Tables that people keep in files: CSV and XLSX, read within limits and written without live formulas.

A table comes from outside and is read as data: formulas are refused, not worked out; an archive that unpacks
to far more than it holds, or brings a document type of its own, is refused before it is parsed. What is
written cannot become a formula in the reader's spreadsheet (CWE-1236).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException

from service.domain.errors import Finding, InvalidInput

Format = Literal["csv", "xlsx"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "xlsx")
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

MOST_BYTES: Final = 4 * 1024 * 1024
MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 40
MOST_CHARACTERS: Final = 500
"""Of one cell."""
_LAST_ROW: Final = 4 * MOST_ROWS
"""Empty rows count too: a sheet may name a row far below all others."""
_UNPACKED_BYTES: Final = 40 * 1024 * 1024
_PARTS: Final = 200
_ZIP: Final = b"PK\x03\x04"
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number in the file, from 1, and its cells as text."""

    number: int
    cells: tuple[str, ...]


def read_table(content: bytes) -> list[Row]:
    """Return the rows of a CSV or XLSX file that are not empty; the first is the header.

    Raises:
        InvalidInput: too large, not readable, a formula, or a cell that is too long; with row and column.
    """
    if len(content) > MOST_BYTES:
        vi = f"Tệp vượt quá {MOST_BYTES // 1024 // 1024} MB."
        _refuse("sheet.too_large", vi, f"The file is over {MOST_BYTES // 1024 // 1024} MB.")
    rows = _read_xlsx(content) if content.startswith(_ZIP) else _read_csv(content)
    kept = []
    for row in rows:
        if any(row.cells):
            kept.append(row)
        if len(kept) > MOST_ROWS + 1 or row.number > _LAST_ROW:
            vi, en = f"Tệp có quá {MOST_ROWS} dòng.", f"The file has over {MOST_ROWS} rows."
            _refuse("sheet.too_many_rows", vi, en)
    return kept


def write_table(rows: Iterable[Sequence[str]], form: Format, notes: Iterable[Sequence[str]] = ()) -> bytes:
    """Return a table as a file; the first row is its header.

    Args:
        rows: cells as text.
        form: ``csv`` (UTF-8 with a byte order mark, for spreadsheets) or ``xlsx``.
        notes: rows of a second sheet, which only a workbook has.
    """
    if form == "csv":
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([map(_inert, row) for row in rows])
        return text.getvalue().encode("utf-8-sig")
    book = Workbook(write_only=False)
    _fill(book.active, rows)
    noted = [tuple(row) for row in notes]
    if noted:
        _fill(book.create_sheet("Hướng dẫn"), noted)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_LIVE) else cell


def _fill(sheet: Any, rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row, 1):
            cell: Cell = sheet.cell(number, place)
            cell.value = text
            cell.data_type = "s"  # text stays text, whatever it begins with


def _read_csv(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        vi = "Tệp không phải CSV UTF-8; hãy lưu lại bằng “CSV UTF-8” hoặc dùng XLSX."
        _refuse("sheet.encoding", vi, "The file is no CSV in UTF-8; save it as “CSV UTF-8” or as XLSX.")
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield _row(number, [_live_again(cell) for cell in cells])
    except csv.Error:
        vi, en = f"Dòng {number + 1} không đọc được.", f"Row {number + 1} cannot be read."
        _refuse("sheet.malformed", vi, en, number + 1)


def _live_again(cell: str) -> str:
    """Return a cell without the apostrophe that :func:`write_table` put before it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_LIVE) else cell


def _read_xlsx(content: bytes) -> Iterator[Row]:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), 1):
            yield _row(number, [_text(cell, number, place) for place, cell in enumerate(cells, 1)])
    except (InvalidFileException, KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError):
        _refuse("sheet.malformed", "Tệp XLSX không đọc được.", "The XLSX file cannot be read.")


def _check_archive(content: bytes) -> None:
    """Refuse what is no plain workbook before anything of it is parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED_BYTES:
                vi, en = "Tệp XLSX bung ra quá lớn.", "The XLSX file unpacks to too much."
                _refuse("sheet.bomb", vi, en)
            left = _UNPACKED_BYTES
            for part in parts:
                left -= _check_part(archive, part, left)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
        _refuse("sheet.malformed", "Tệp XLSX không đọc được.", "The XLSX file cannot be read.")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """Return how much a part unpacks to; its own word for it is not trusted."""
    with archive.open(part) as stream:
        unpacked = stream.read(most + 1)
    if len(unpacked) > most:
        _refuse("sheet.bomb", "Tệp XLSX bung ra quá lớn.", "The XLSX file unpacks to too much.")
    if b"<!DOCTYPE" in unpacked or b"<!ENTITY" in unpacked:
        vi, en = "Tệp XLSX chứa khai báo kiểu tài liệu.", "The XLSX file declares a document type."
        _refuse("sheet.doctype", vi, en)
    return len(unpacked)


def _text(cell: Any, row: int, column: int) -> str:
    value = cell.value
    if cell.data_type == "f":
        vi = f"Dòng {row}, cột {column}: ô chứa công thức; hãy dán giá trị."
        en = f"Row {row}, column {column}: the cell holds a formula; paste its value."
        _refuse("sheet.formula", vi, en, row, column)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _row(number: int, cells: Sequence[str]) -> Row:
    trimmed = [cell.strip() for cell in cells]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    if len(trimmed) > MOST_COLUMNS:
        vi, en = f"Dòng {number} có quá {MOST_COLUMNS} cột.", f"Row {number} has over {MOST_COLUMNS} columns."
        _refuse("sheet.too_many_columns", vi, en, number)
    for place, cell in enumerate(trimmed, 1):
        if len(cell) > MOST_CHARACTERS or "\x00" in cell:
            vi = f"Dòng {number}, cột {place}: quá {MOST_CHARACTERS} ký tự hoặc có ký tự lạ."
            en = f"Row {number}, column {place}: over {MOST_CHARACTERS} characters or a strange character."
            _refuse("sheet.cell", vi, en, number, place)
    return Row(number, tuple(trimmed))


def _refuse(code: str, vi: str, en: str, row: int | None = None, column: int | None = None) -> Any:
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, "/file", line=row, column=column)])
