"""A register as a spreadsheet (XLSX): the cover and the lines, every cell text, no formula ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from handlers.registers.sheet import RegisterSheet

_FONT: Final = "Times New Roman"
_THIN: Final = Side(style="thin")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP: Final = Alignment(wrap_text=True, vertical="top")
_CENTRE: Final = Alignment(wrap_text=True, horizontal="center", vertical="center")
_WIDTH_OF_ONE: Final = 9.0
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Look:
    font: Font
    alignment: Alignment
    border: Border | None = None


_TITLE: Final = _Look(Font(name=_FONT, size=14, bold=True), _CENTRE)
_COVER: Final = _Look(Font(name=_FONT, size=14), _CENTRE)
_HEADING: Final = _Look(Font(name=_FONT, size=11, bold=True), _CENTRE, _BORDER)
_ORDINAL: Final = _Look(Font(name=_FONT, size=10, italic=True), _CENTRE, _BORDER)
_CELL: Final = _Look(Font(name=_FONT, size=11), _WRAP, _BORDER)
_NOTE: Final = _Look(Font(name=_FONT, size=10, italic=True), _WRAP)


def write_workbook(sheet: RegisterSheet) -> bytes:
    """Return the register as an XLSX file; the same lines give the same bytes."""
    book = Workbook()
    book.properties.creator = sheet.agency
    book.properties.created = sheet.made_at.replace(tzinfo=None)
    book.properties.modified = sheet.made_at.replace(tzinfo=None)
    cover = book.active
    assert isinstance(cover, Worksheet)
    _write_cover(cover, sheet)
    _write_lines(book.create_sheet("Sổ"), sheet)
    raw = BytesIO()
    book.save(raw)
    return _without_times(raw.getvalue())


def _write_cover(page: Worksheet, sheet: RegisterSheet) -> None:
    page.title = "Bìa"
    page.column_dimensions["A"].width = 90
    for row, text in enumerate(sheet.cover(), start=2):
        _put(page, row, 1, text, _TITLE if text.isupper() else _COVER)


def _write_lines(page: Worksheet, sheet: RegisterSheet) -> None:
    for number, column in enumerate(sheet.layout.columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width * _WIDTH_OF_ONE
        _put(page, 1, number, column.vi, _HEADING)
        _put(page, 2, number, f"({number})", _ORDINAL)
    row = 3
    for cells, notes in sheet.rows():
        _write_row(page, row, cells)
        row += 1
        for note in notes:
            _put(page, row, 1, note, _NOTE)
            page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(sheet.layout.columns))
            row += 1
    page.freeze_panes = "A3"
    page.print_title_rows = "1:2"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write_row(page: Worksheet, row: int, cells: Sequence[str]) -> None:
    for number, text in enumerate(cells, start=1):
        _put(page, row, number, text, _CELL)


def _put(page: Worksheet, row: int, column: int, text: str, look: _Look) -> None:
    cell: Any = page.cell(row=row, column=column)
    cell.value = text
    cell.data_type = "s"  # a text that begins with "=" stays a text
    cell.font = look.font
    cell.alignment = look.alignment
    if look.border is not None:
        cell.border = look.border


def _without_times(content: bytes) -> bytes:
    """Return the package with the time of writing taken out, so that a file can be made again."""
    rewritten = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(rewritten, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return rewritten.getvalue()
