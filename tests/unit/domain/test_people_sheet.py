"""The list of people as a table: every problem at once, by row and column, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from service.domain.people_sheet import WantedRole, read_people, role_text
from service.domain.spreadsheets import Row

HEADER = (
    "Tên đăng nhập",
    "Họ và tên",
    "Mã đơn vị",
    "Vai trò",
    "Từ ngày",
    "Đến ngày",
    "Trạng thái",
    "Mã cán bộ",
)


def sheet_of(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER):
    return read_people([Row(number, cells) for number, cells in enumerate((header, *rows), 1)])


def problems(sheet) -> list[tuple[str, int | None, int | None]]:
    return [(one.code, one.line, one.column) for one in sheet.problems]


def test_a_row_says_who_in_which_roles_from_when_to_when() -> None:
    roles = "Chuyên viên, unit_clerk@hanh_chinh; leader@*"
    sheet = sheet_of((" Nguyen.Lan ", "Nguyễn  Lan", "tong_hop", roles, "1/3/2026", "2026-12-31", "", "CB-1"))
    assert sheet.problems == []
    person = sheet.people[0]
    assert (person.login, person.full_name, person.staff_code) == ("nguyen.lan", "Nguyễn Lan", "CB-1")
    assert person.roles == (
        WantedRole("specialist", "tong_hop"),
        WantedRole("unit_clerk", "hanh_chinh"),
        WantedRole("leader", None),
    )
    assert (person.from_on, person.to_on, person.has_left) == (date(2026, 3, 1), date(2026, 12, 31), False)
    assert person.position is None


@pytest.mark.parametrize(
    "header", [("login", "full_name"), ("LOGIN", "Full Name"), ("tên đăng nhập", "họ và tên")]
)
def test_headings_are_known_in_either_language(header: tuple[str, ...]) -> None:
    sheet = sheet_of(("lan", "Lan"), header=header)
    assert [person.roles for person in sheet.people] == [None]


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        (("login",), ["sheet.column_missing"]),
        (("login", "full_name", "Lương"), ["sheet.column_unknown"]),
        (("login", "full_name", "login"), ["sheet.column_twice"]),
    ],
)
def test_a_heading_that_does_not_fit_is_told(header: tuple[str, ...], codes: list[str]) -> None:
    assert [one.code for one in sheet_of(("lan", "Lan"), header=header).problems] == codes


def test_every_problem_is_told_with_row_and_column_in_both_languages() -> None:
    sheet = sheet_of(
        ("Có Dấu", "", "tong_hop", "emperor", "31/02/2026", "x", "đi vắng", ""),
        ("lan", "Lan", "", "", "2/3/2026", "1/3/2026", "", "CB-1"),
        ("minh", "Minh", "", "", "", "", "", "CB-1"),
        ("minh", "Minh", "", "", "", "", "nghỉ", ""),
    )
    assert problems(sheet) == [
        ("login.malformed", 2, 1),
        ("name.required", 2, 2),
        ("role.unknown", 2, 4),
        ("date.malformed", 2, 5),
        ("date.malformed", 2, 6),
        ("state.unknown", 2, 7),
        ("days.turned", 3, 6),
        ("login.twice", 5, 1),
    ]
    assert sheet.problems[2].vi == "Dòng 2, cột “Vai trò”: không có vai trò “emperor”."
    assert sheet.problems[2].en == "Row 2, column “Roles”: there is no role “emperor”."
    assert sheet.problems[2].pointer == "/2/roles"


def test_a_staff_code_names_one_person() -> None:
    sheet = sheet_of(("lan", "Lan", *[""] * 5, "CB-1"), ("minh", "Minh", *[""] * 5, "CB-1"))
    assert problems(sheet) == [("staff_code.twice", 3, 8)]


def test_an_empty_file_is_a_problem() -> None:
    assert [one.code for one in read_people([]).problems] == ["sheet.empty"]


@pytest.mark.parametrize(
    ("wanted", "cells"),
    [
        ([], ("", "")),
        ([WantedRole("clerk", None)], ("", "clerk")),
        ([WantedRole("clerk", "vt"), WantedRole("admin", "vt")], ("vt", "admin, clerk")),
        ([WantedRole("clerk", "vt"), WantedRole("leader", None)], ("", "leader, clerk@vt")),
    ],
)
def test_roles_are_written_so_that_they_are_read_the_same(
    wanted: list[WantedRole], cells: tuple[str, str]
) -> None:
    assert role_text(wanted) == cells
    sheet = sheet_of(("lan", "Lan", *cells), header=HEADER[:4])
    assert set(sheet.people[0].roles or ()) == set(wanted)
