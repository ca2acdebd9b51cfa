"""The list of an office's people as a table: its columns, and what each row says.

Every problem is told with its row and column, all of them at once, so that a list of a thousand people is
corrected in one go.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from service.domain.errors import Finding
from service.domain.permission_parties import ROLES
from service.domain.spreadsheets import Row


class Column(NamedTuple):
    """A column: how programs call it, and its heading in both languages."""

    name: str
    vi: str
    en: str


COLUMNS: Final = (
    Column("login", "Tên đăng nhập", "Login"),
    Column("full_name", "Họ và tên", "Full name"),
    Column("position", "Chức vụ", "Position"),
    Column("staff_code", "Mã cán bộ", "Staff code"),
    Column("unit", "Mã đơn vị", "Unit code"),
    Column("roles", "Vai trò", "Roles"),
    Column("from_on", "Từ ngày", "From"),
    Column("to_on", "Đến ngày", "Until"),
    Column("state", "Trạng thái", "State"),
)
REQUIRED: Final = ("login", "full_name")
ACTIVE: Final = "đang công tác"
LEFT: Final = "đã nghỉ"
WHOLE_AGENCY: Final = "*"
"""Instead of a unit's code: the role holds in the whole agency."""

_STATES: Final = {"": False, ACTIVE: False, "active": False, LEFT: True, "nghỉ": True, "left": True}
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_DATE: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ROLE_NAMES: Final = {name.casefold(): role for role, names in ROLES.items() for name in (role, *names)}


@dataclass(frozen=True, slots=True)
class WantedRole:
    """A role in a unit (None = in the whole agency) that a row gives."""

    role: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a row says of a person; None = the table has no such column, so nothing of it changes.

    Attributes:
        number: of the row in the file.
        has_left: whether the person leaves.
    """

    number: int
    login: str
    full_name: str
    position: str | None = None
    staff_code: str | None = None
    roles: tuple[WantedRole, ...] | None = None
    from_on: date | None = None
    to_on: date | None = None
    has_left: bool = False


@dataclass
class PeopleSheet:
    """The rows of a table that could be read, and what is wrong with it.

    Attributes:
        places: column name → its number in the file, from 1.
    """

    people: list[PersonRow] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def add_problem(self, code: str, vi: str, en: str, *, row: int, column: str | None = None) -> None:
        """Note a problem at a row and a column."""
        place = self.places.get(column) if column else None
        where_vi, where_en = f"Dòng {row}", f"Row {row}"
        if column and place:
            heading = next(one for one in COLUMNS if one.name == column)
            where_vi, where_en = f"{where_vi}, cột “{heading.vi}”", f"{where_en}, column “{heading.en}”"
        pointer = f"/{row}/{column}" if column else f"/{row}"
        told = Finding(code, f"{where_vi}: {vi}", f"{where_en}: {en}", pointer, line=row, column=place)
        self.problems.append(told)


def read_people(rows: Sequence[Row]) -> PeopleSheet:
    """Return what a table says, with every problem that can be told without knowing the office."""
    sheet = PeopleSheet()
    if not rows:
        sheet.add_problem("sheet.empty", "tệp không có dòng nào.", "the file has no rows.", row=1)
        return sheet
    _read_header(sheet, rows[0])
    if sheet.problems:
        return sheet
    for row in rows[1:]:
        person = _read_row(sheet, row)
        if person is not None:
            sheet.people.append(person)
    _find_doubles(sheet)
    return sheet


def role_text(wanted: Iterable[WantedRole]) -> tuple[str, str]:
    """Return the unit cell and the roles cell that say these roles."""
    roles = sorted(wanted, key=lambda one: (one.unit or "", one.role))
    units = {one.unit for one in roles}
    if len(units) == 1:
        return next(iter(units)) or "", ", ".join(one.role for one in roles)
    return "", ", ".join(one.role if one.unit is None else f"{one.role}@{one.unit}" for one in roles)


def _read_header(sheet: PeopleSheet, header: Row) -> None:
    known = {_folded(text): column.name for column in COLUMNS for text in column}
    for place, text in enumerate(header.cells, 1):
        name = known.get(_folded(text))
        if name is None and text:
            vi, en = f"không có cột nào tên “{text}”.", f"there is no column called “{text}”."
            sheet.add_problem("sheet.column_unknown", vi, en, row=header.number)
        elif name in sheet.places:
            vi, en = f"cột “{text}” có hai lần.", f"the column “{text}” is there twice."
            sheet.add_problem("sheet.column_twice", vi, en, row=header.number)
        elif name is not None:
            sheet.places[name] = place
    for column in COLUMNS:
        if column.name in REQUIRED and column.name not in sheet.places:
            vi, en = f"thiếu cột “{column.vi}”.", f"the column “{column.en}” is missing."
            sheet.add_problem("sheet.column_missing", vi, en, row=header.number)


def _read_row(sheet: PeopleSheet, row: Row) -> PersonRow | None:
    before = len(sheet.problems)
    cells = {name: _cell(row, place) for name, place in sheet.places.items()}
    login = cells["login"].lower()
    if not _LOGIN.fullmatch(login):
        vi = "tên đăng nhập gồm 2–64 chữ thường, chữ số, dấu chấm, gạch nối hoặc gạch dưới."
        en = "a login is 2 to 64 lower-case letters, digits, dots, dashes or underscores."
        sheet.add_problem("login.malformed", vi, en, row=row.number, column="login")
    if not cells["full_name"]:
        vi, en = "phải nhập họ và tên.", "a full name is required."
        sheet.add_problem("name.required", vi, en, row=row.number, column="full_name")
    person = PersonRow(
        row.number,
        login,
        cells["full_name"],
        cells.get("position"),
        cells.get("staff_code"),
        _read_roles(sheet, row, cells) if "roles" in cells else None,
        _read_day(sheet, row, cells, "from_on"),
        _read_day(sheet, row, cells, "to_on"),
        _read_state(sheet, row, cells),
    )
    if person.from_on and person.to_on and person.to_on < person.from_on:
        vi, en = "ngày kết thúc trước ngày bắt đầu.", "the last day lies before the first."
        sheet.add_problem("days.turned", vi, en, row=row.number, column="to_on")
    return person if len(sheet.problems) == before else None


def _read_roles(sheet: PeopleSheet, row: Row, cells: dict[str, str]) -> tuple[WantedRole, ...]:
    own = cells.get("unit") or None
    wanted: dict[WantedRole, None] = {}
    for text in filter(None, (part.strip() for part in re.split(r"[,;\n]", cells["roles"]))):
        name, _, place = text.partition("@")
        role = _ROLE_NAMES.get(_folded(name))
        if role is None:
            vi, en = f"không có vai trò “{name}”.", f"there is no role “{name}”."
            sheet.add_problem("role.unknown", vi, en, row=row.number, column="roles")
            continue
        unit = place.strip() or own
        wanted[WantedRole(role, None if unit == WHOLE_AGENCY else unit)] = None
    return tuple(wanted)


def _read_day(sheet: PeopleSheet, row: Row, cells: dict[str, str], name: str) -> date | None:
    text = cells.get(name, "")
    if not text:
        return None
    local = _DATE.fullmatch(text)
    try:
        if local:
            day, month, year = map(int, local.groups())
            return date(year, month, day)
        return date.fromisoformat(text)
    except ValueError:
        vi = f"“{text}” không phải ngày; viết ngày/tháng/năm."
        en = f"“{text}” is no date; write day/month/year."
        sheet.add_problem("date.malformed", vi, en, row=row.number, column=name)
        return None


def _read_state(sheet: PeopleSheet, row: Row, cells: dict[str, str]) -> bool:
    text = cells.get("state", "")
    has_left = _STATES.get(_folded(text))
    if has_left is None:
        vi = f"trạng thái “{text}” không rõ; viết “{ACTIVE}” hoặc “{LEFT}”."
        en = f"the state “{text}” is not known; write “active” or “left”."
        sheet.add_problem("state.unknown", vi, en, row=row.number, column="state")
        return False
    return has_left


def _find_doubles(sheet: PeopleSheet) -> None:
    for name in ("login", "staff_code"):
        first: dict[str, int] = {}
        for person in sheet.people:
            value = getattr(person, name)
            if not value:
                continue
            if value in first:
                vi = f"“{value}” đã có ở dòng {first[value]}."
                en = f"“{value}” stands in row {first[value]} already."
                sheet.add_problem(f"{name}.twice", vi, en, row=person.number, column=name)
            first.setdefault(value, person.number)


def _cell(row: Row, place: int) -> str:
    text = row.cells[place - 1] if place <= len(row.cells) else ""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()
