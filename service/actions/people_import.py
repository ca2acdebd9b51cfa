"""Bringing in the list of an office's people: looked at first, then applied whole or not at all (S0-9.3g3).

A row is about the person of its login: new, changed, unchanged, or leaving. The same table a second time
changes nothing. Roles that a post brings are left to the post; what has no column stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import select, text

from handlers.accounts.holdings import leave_all
from service.actions.accounts import (
    NewAccount,
    change_account,
    create_account,
    disable_account,
    enable_account,
)
from service.actions.memberships import end_role, grant_role
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import InvalidInput
from service.domain.people_sheet import PeopleSheet, PersonRow, WantedRole, read_people
from service.domain.permissions import require
from service.domain.spreadsheets import read_table
from service.queries.people_export import granted_roles
from service.storage.models import Account, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

Kind = Literal["new", "changed", "unchanged", "leaving"]
MOST_NEW_BY_REQUEST: Final = 300
"""New accounts that one request may bring: each first password takes its time to hash."""

_account = table_of(Account)
_unit = table_of(Unit)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What a row does.

    Attributes:
        row: its number in the file; None = the person is not in it and leaves.
        changes: field → what it was and what it becomes.
        gains: roles to be granted.
        loses: roles to be ended.
    """

    row: int | None
    login: str
    full_name: str
    kind: Kind
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    gains: tuple[WantedRole, ...] = ()
    loses: tuple[WantedRole, ...] = ()


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What a table does to the people of the office.

    Attributes:
        rows: how many were read.
        problems: findings with row and column; with any, nothing was applied.
        changes: one for each person, in the order of the file.
        passwords: of new accounts, shown this once.
    """

    rows: int
    problems: tuple[Any, ...]
    changes: tuple[PersonChange, ...]
    is_applied: bool = False
    passwords: tuple[NewAccount, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many people there are of each kind of change."""
        kinds = [change.kind for change in self.changes]
        return {kind: kinds.count(kind) for kind in ("new", "changed", "unchanged", "leaving")}


@dataclass(frozen=True, slots=True)
class _Office:
    """The office as it is before the table."""

    accounts: Mapping[str, Any]
    roles: Mapping[UUID, Mapping[WantedRole, Any]]
    units: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True)
class _Examined:
    """A table with what it would do, its rows by login, and the office as it is."""

    report: PeopleReport
    rows: Mapping[str, PersonRow]
    office: _Office


def look(
    unit: UnitOfWork, content: bytes, *, is_whole: bool = False, most_new: int | None = None
) -> PeopleReport:
    """Return what a file would do, with every problem by row and column, and change nothing.

    Args:
        unit: of who keeps the people.
        content: a CSV or XLSX file.
        is_whole: the file is the whole list: whoever is not in it leaves.
        most_new: how many new accounts it may bring; None = any number.

    Raises:
        Forbidden: the actor keeps no people.
        InvalidInput: the file cannot be read at all.
    """
    return _examine(unit, content, is_whole=is_whole, most_new=most_new).report


def _examine(unit: UnitOfWork, content: bytes, *, is_whole: bool, most_new: int | None) -> _Examined:
    require(unit.actor, "people.import")
    sheet = read_people(read_table(content))
    office = _read_office(unit)
    _check_against(unit, sheet, office)
    changes = [_compare(row, office) for row in sheet.people]
    if is_whole and not sheet.problems:
        changes += _missing(unit, sheet, office)
    new = sum(change.kind == "new" for change in changes)
    if most_new is not None and new > most_new:
        vi = f"có {new} tài khoản mới, mỗi lần nhiều nhất {most_new}; hãy chia tệp hoặc dùng dòng lệnh."
        en = f"{new} new accounts, at most {most_new} at once; split the file or use the command line."
        sheet.add_problem("people.too_many_new", vi, en, row=1)
    report = PeopleReport(len(sheet.people), tuple(sheet.problems), tuple(changes))
    return _Examined(report, {row.login: row for row in sheet.people}, office)


def apply(
    unit: UnitOfWork, content: bytes, *, is_whole: bool = False, most_new: int | None = None
) -> PeopleReport:
    """Do what a file says, all of it or, with any problem, nothing; return the first passwords of the new.

    Raises:
        Forbidden: the actor keeps no people.
        InvalidInput: the problems, by row and column.
    """
    examined = _examine(unit, content, is_whole=is_whole, most_new=most_new)
    report = examined.report
    if report.problems:
        vi = f"Danh sách còn {len(report.problems)} lỗi; chưa có gì được thay đổi."
        en = f"The list has {len(report.problems)} problems; nothing was changed."
        raise InvalidInput("people.problems", vi, en, report.problems)
    made = [account for change in report.changes for account in _do(unit, change, examined)]
    unit.audit(AuditRecord("people.import", "agency", unit.actor.agency_id, {**report.counts}))
    return PeopleReport(report.rows, (), report.changes, is_applied=True, passwords=tuple(made))


def _read_office(unit: UnitOfWork) -> _Office:
    accounts = unit.session.execute(select(_account)).mappings().all()
    units = unit.session.execute(select(_unit.c.code).where(_unit.c.closed_at.is_(None))).scalars()
    today = unit.now.astimezone(OFFICE_ZONE).date()
    return _Office({row["login"]: row for row in accounts}, granted_roles(unit), frozenset(units), today)


def _check_against(unit: UnitOfWork, sheet: PeopleSheet, office: _Office) -> None:
    elsewhere = _taken_elsewhere(
        unit, [row.login for row in sheet.people if row.login not in office.accounts]
    )
    staff_codes = {row["staff_code"]: login for login, row in office.accounts.items() if row["staff_code"]}
    for row in sheet.people:
        known = office.accounts.get(row.login)
        if row.login in elsewhere:
            vi, en = f"“{row.login}” là của cơ quan khác.", f"“{row.login}” belongs to another agency."
            sheet.add_problem("login.taken", vi, en, row=row.number, column="login")
        if known is not None and known["kind"] != "person":
            vi, en = "đây không phải tài khoản cá nhân.", "this is no person's account."
            sheet.add_problem("account.kind", vi, en, row=row.number, column="login")
        if row.staff_code and staff_codes.get(row.staff_code, row.login) != row.login:
            holder = staff_codes[row.staff_code]
            vi, en = f"mã cán bộ này là của “{holder}”.", f"this staff code is that of “{holder}”."
            sheet.add_problem("staff_code.taken", vi, en, row=row.number, column="staff_code")
        if row.has_left and known is not None and known["id"] == unit.actor.account_id:
            vi, en = "không thể tự cho mình nghỉ.", "you cannot let yourself leave."
            sheet.add_problem("account.own", vi, en, row=row.number, column="state")
        for code in sorted({one.unit for one in row.roles or () if one.unit} - office.units):
            column = "unit" if "unit" in sheet.places else "roles"
            vi, en = f"không có đơn vị “{code}”.", f"there is no unit “{code}”."
            sheet.add_problem("unit.unknown", vi, en, row=row.number, column=column)


def _taken_elsewhere(unit: UnitOfWork, logins: list[str]) -> frozenset[str]:
    """Return which logins another agency has; the installation knows each login once."""
    statement = text(
        "SELECT l FROM unnest(CAST(:logins AS text[])) l WHERE EXISTS (SELECT 1 FROM find_login(l))"
    )
    return frozenset(unit.session.execute(statement, {"logins": logins}).scalars())


def _compare(row: PersonRow, office: _Office) -> PersonChange:
    known = office.accounts.get(row.login)
    if known is None:
        if row.has_left:
            return PersonChange(row.number, row.login, row.full_name, "unchanged")
        return PersonChange(row.number, row.login, row.full_name, "new", gains=row.roles or ())
    if row.has_left:
        kind: Kind = "unchanged" if known["disabled_at"] is not None else "leaving"
        return PersonChange(row.number, row.login, known["full_name"], kind)
    held = office.roles.get(known["id"], {})
    wanted = set(held if row.roles is None else row.roles)
    changes = _changes(row, known)
    gains = tuple(one for one in row.roles or () if one not in held)
    loses = tuple(one for one in held if one not in wanted)
    is_same = not (changes or gains or loses)
    kind = "unchanged" if is_same else "changed"
    return PersonChange(row.number, row.login, row.full_name, kind, changes, gains, loses)


def _changes(row: PersonRow, known: Any) -> dict[str, tuple[str, str]]:
    wanted = {"full_name": row.full_name, "position": row.position, "staff_code": row.staff_code}
    changes = {
        name: (known[name] or "", value)
        for name, value in wanted.items()
        if value is not None and value != (known[name] or "")
    }
    if known["disabled_at"] is not None:
        changes["state"] = ("disabled", "enabled")
    return changes


def _missing(unit: UnitOfWork, sheet: PeopleSheet, office: _Office) -> list[PersonChange]:
    named = {row.login for row in sheet.people}
    return [
        PersonChange(None, login, row["full_name"], "leaving")
        for login, row in sorted(office.accounts.items())
        if login not in named
        and row["kind"] == "person"
        and row["disabled_at"] is None
        and row["id"] != unit.actor.account_id
    ]


def _do(unit: UnitOfWork, change: PersonChange, examined: _Examined) -> list[NewAccount]:
    """Do one change and return the account that it made, if any."""
    if change.kind == "leaving":
        _let_leave(unit, examined.office.accounts[change.login])
    if change.kind in {"unchanged", "leaving"}:
        return []
    row = examined.rows[change.login]
    if change.kind == "new":
        made = create_account(
            unit, row.login, row.full_name, row.position or "", staff_code=row.staff_code or None
        )
        _grant(unit, change, row)
        return [made]
    if "state" in change.changes:
        enable_account(unit, row.login)
    texts = {name: new for name, (_old, new) in change.changes.items() if name != "state"}
    change_account(unit, row.login, **texts)
    _grant(unit, change, row)
    held = examined.office.roles.get(examined.office.accounts[row.login]["id"], {})
    for one in change.loses:
        end_role(unit, held[one]["id"], examined.office.today - timedelta(days=1))
    return []


def _grant(unit: UnitOfWork, change: PersonChange, row: PersonRow) -> None:
    for one in change.gains:
        grant_role(unit, row.login, one.role, one.unit, from_on=row.from_on, to_on=row.to_on)


def _let_leave(unit: UnitOfWork, account: Any) -> None:
    disable_account(unit, account["login"])
    leave_all(unit, account["id"], unit.now.astimezone(OFFICE_ZONE).date())
