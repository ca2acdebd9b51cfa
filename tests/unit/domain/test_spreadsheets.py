"""Tables from outside: read within limits, never run; tables of ours: never live in the reader's program."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook

from service.domain.errors import InvalidInput
from service.domain.spreadsheets import MOST_BYTES, MOST_ROWS, read_table, write_table


def workbook(*rows, title="Danh sách") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """Return an archive with some parts replaced or added; ``__`` in a name stands for a slash."""
    packed = io.BytesIO()
    new = {name.replace("__", "/") + ".xml": data for name, data in parts.items()}
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for part in old.infolist():
            if part.filename not in new:
                out.writestr(part.filename, old.read(part.filename))
        for name, data in new.items():
            out.writestr(name, data)
    return packed.getvalue()


def refusal(content: bytes):
    with pytest.raises(InvalidInput) as caught:
        read_table(content)
    return caught.value.findings[0]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_with_either_delimiter_and_with_or_without_a_mark(delimiter: str, mark: str) -> None:
    text = f'{mark}A{delimiter}"Nguyễn, Lan; ""cô"""\r\n\r\n{delimiter}\r\n x {delimiter}2\r\n'
    rows = read_table(text.encode())
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("A", 'Nguyễn, Lan; "cô"')),
        (4, ("x", "2")),
    ]


def test_a_workbook_is_read_as_text() -> None:
    morning = datetime(2026, 3, 5, 7, 30)  # noqa: DTZ001 - a cell of a workbook has no zone
    content = workbook(["Tên", "Ngày", "Số"], ["Lan", morning, 12.0], [None], [True, None, 1.5])
    assert [row.cells for row in read_table(content)] == [
        ("Tên", "Ngày", "Số"),
        ("Lan", "2026-03-05", "12"),
        ("True", "", "1.5"),
    ]


def test_a_formula_is_refused_with_its_place() -> None:
    found = refusal(workbook(["a", "b"], ["x", "=1+1"]))
    assert (found.code, found.line, found.column) == ("sheet.formula", 2, 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a" * (MOST_BYTES + 1), "sheet.too_large"),
        ("Nguyễn;Lan".encode("utf-16"), "sheet.encoding"),
        ("Nguy\u1ec5n".encode("cp1258", "replace") + b"\xff", "sheet.encoding"),
        (b'a;"b', "sheet.malformed"),
        (b"PK\x03\x04 not an archive", "sheet.malformed"),
        (b"a\n" * (MOST_ROWS + 2), "sheet.too_many_rows"),
        (b"\n" * (4 * MOST_ROWS + 1) + b"a", "sheet.too_many_rows"),
        (b";".join([b"a"] * 41), "sheet.too_many_columns"),
        (b"x" * 501, "sheet.cell"),
        (b"a\x00b", "sheet.cell"),
    ],
)
def test_what_is_no_table_within_the_limits_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_the_most_rows_are_read() -> None:
    assert len(read_table(b"a\n" * (MOST_ROWS + 1))) == MOST_ROWS + 1


def test_a_workbook_with_too_many_columns_or_rows_is_refused() -> None:
    assert refusal(workbook(["a"] * 41)).code == "sheet.too_many_columns"
    far = workbook(["a"])
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += (
        b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
    )
    assert refusal(repacked(far, xl__worksheets__sheet1=sheet)).code == "sheet.too_many_rows"


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_parsed() -> None:
    bomb = repacked(workbook(["a"]), xl__worksheets__sheet1=b" " * (41 * 1024 * 1024))
    assert len(bomb) < MOST_BYTES
    assert refusal(bomb).code == "sheet.bomb"


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    honest = repacked(workbook(["a"]), xl__worksheets__sheet1=b" " * (41 * 1024 * 1024))
    lying = honest.replace((41 * 1024 * 1024).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert refusal(lying).code in {"sheet.bomb", "sheet.malformed"}


def test_a_document_type_in_the_archive_is_refused() -> None:
    sheet = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    assert refusal(repacked(workbook(["a"]), xl__worksheets__sheet1=sheet)).code == "sheet.doctype"


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refusal(packed.getvalue()).code == "sheet.malformed"


HEADER = ("Tên", "Ghi chú")
LIVE = ("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "bình thường")


def test_what_is_written_as_csv_is_no_formula_and_comes_back_as_it_was() -> None:
    content = write_table([HEADER, LIVE], "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert all(cell[0] not in "=+-@" for cell in lines[1].split(";"))
    assert read_table(content)[1].cells == LIVE


def test_what_is_written_as_a_workbook_is_text_in_every_cell() -> None:
    content = write_table([HEADER, LIVE], "xlsx", [("Vai trò", "=1")])
    book = load_workbook(io.BytesIO(content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell.data_type for cell in cells] == ["s"] * 7
    assert book.sheetnames[1] == "Hướng dẫn"
    assert book.worksheets[1]["B1"].data_type == "s"
    assert read_table(content)[1].cells == LIVE
