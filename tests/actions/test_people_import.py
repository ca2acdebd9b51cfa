"""Bringing in a list of people: looked at first, applied whole or not at all, the second time nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from service.actions import accounts, people_import
from service.actions.logins import Attempt, log_in
from service.domain.errors import Forbidden, InvalidInput
from service.domain.spreadsheets import read_table
from service.queries.organisation import read_account
from service.queries.people_export import export_people, people_template, rights_table
from service.queries.rights import review_rights
from service.storage.database import Database
from service.storage.models import Account, AuditEvent, Membership
from tests.factories import Office

LIST = """\
Tên đăng nhập;Họ và tên;Chức vụ;Mã cán bộ;Mã đơn vị;Vai trò;Từ ngày
moi.mot;Người Mới Một;Chuyên viên;CB-1;tong_hop;Chuyên viên;01/03/2026
moi.hai;Người Mới Hai;Văn thư;;;clerk, specialist@hanh_chinh;
cv.tonghop1;Vũ Ngọc Mai;Chuyên viên chính;CB-7;tong_hop;specialist, unit_clerk;
cv.tonghop2;Bùi Quang Huy;Chuyên viên;;tong_hop;specialist;
""".encode()


def counts(unit) -> tuple[int, int, int]:
    tables = (Account, Membership, AuditEvent)
    return tuple(unit.session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)


def test_a_look_tells_what_would_change_and_changes_nothing(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        before = counts(unit)
        report = people_import.look(unit, LIST)
        assert counts(unit) == before
    assert report.problems == ()
    assert report.counts == {"new": 2, "changed": 1, "unchanged": 1, "leaving": 0}
    mai = report.changes[2]
    assert mai.changes == {"position": ("Chuyên viên", "Chuyên viên chính"), "staff_code": ("", "CB-7")}
    assert [(one.role, one.unit) for one in mai.gains] == [("unit_clerk", "tong_hop")]


@pytest.mark.clause("S0-9.3g3")
def test_a_list_is_applied_and_the_second_time_changes_nothing(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        report = people_import.apply(unit, LIST)
    assert [made.login for made in report.passwords] == ["moi.mot", "moi.hai"]
    password = report.passwords[0].password
    assert log_in(database, Attempt("moi.mot", password, "bearer", "10.0.0.1")).must_change_password
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        first = read_account(unit, "moi.mot")
        assert (first.staff_code, first.roles[0].from_on) == ("CB-1", date(2026, 3, 1))
        roles = {(one.role, one.unit_code) for one in read_account(unit, "moi.hai").roles}
        assert roles == {("clerk", None), ("specialist", "hanh_chinh")}
        before = counts(unit)
        again = people_import.apply(unit, LIST)
        assert again.counts == {"new": 0, "changed": 0, "unchanged": 4, "leaving": 0}
        assert again.passwords == ()
        assert counts(unit)[:2] == before[:2]


@pytest.mark.clause("S0-1.2")
def test_every_unit_and_every_member_of_staff_gets_an_account_whatever_their_standing(
    database: Database, office: Office
) -> None:
    standings = ("Cán bộ", "Công chức", "Viên chức", "Người lao động")
    units = sorted(office.units)
    people = [(f"moi{number}", standing, unit) for unit in units for number, standing in enumerate(standings)]
    rows = [
        f"{login}.{unit.replace('_', '')},Người Mới,{standing},{unit},specialist"
        for login, standing, unit in people
    ]
    table = "\n".join(["login,full_name,position,unit,roles", *rows]).encode()
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        report = people_import.apply(unit, table)
    assert len(report.passwords) == len(units) * len(standings)
    for made, (_, standing, code) in zip(report.passwords[:4], people[:4], strict=True):
        assert log_in(database, Attempt(made.login, made.password, "bearer", "10.0.0.1")).must_change_password
        with database.unit_of_work(office.actor_for("quantri")) as unit:
            view = read_account(unit, made.login)
        assert (view.position, view.roles[0].unit_code) == (standing, code)


def test_a_role_that_a_row_does_not_name_ends_and_a_missing_column_changes_nothing(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        people_import.apply(unit, b"login,full_name\ncv.tonghop1,Mai\n")
        assert [one.to_on for one in read_account(unit, "cv.tonghop1").roles] == [None]
        report = people_import.apply(unit, b"login,full_name,roles\ncv.tonghop1,Mai,aide\n")
        roles = {one.role: one.to_on for one in read_account(unit, "cv.tonghop1").roles}
    assert [one.role for one in report.changes[0].loses] == ["specialist"]
    assert roles == {"specialist": date(2026, 3, 1), "aide": None}


def test_whoever_left_is_disabled_and_loses_every_role(database: Database, office: Office) -> None:
    content = "login,full_name,state\ncv.tonghop1,Mai,nghỉ\n".encode()
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        assert people_import.apply(unit, content).counts["leaving"] == 1
        view = read_account(unit, "cv.tonghop1")
        assert view.disabled_at is not None
        assert {one.to_on for one in view.roles} == {date(2026, 3, 2)}
        assert people_import.apply(unit, content).counts["unchanged"] == 1
        back = people_import.apply(unit, b"login,full_name,state\ncv.tonghop1,Mai,active\n")
        assert back.changes[0].changes["state"] == ("disabled", "enabled")
        assert read_account(unit, "cv.tonghop1").disabled_at is None


def test_a_whole_list_lets_go_whoever_is_not_in_it_but_the_one_who_brings_it(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.create_agency_account(unit, "vptu")
        report = people_import.look(unit, b"login,full_name\nvanthu,Lan\n", is_whole=True)
    leaving = {change.login for change in report.changes if change.kind == "leaving"}
    assert leaving == set(office.accounts) - {"vanthu", "quantri"}


def test_every_problem_is_told_and_nothing_is_applied(
    database: Database, office: Office, other_office: Office
) -> None:
    content = """\
login,full_name,unit,roles,staff_code,state
Có Dấu,,tong_hop,specialist,,
dongson.vanthu,Phúc,,,,
moi,Mới,nowhere,emperor,CB-1,
quantri,Tuấn,,,,left
vptu,Văn phòng,,,,
""".encode()
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.create_account(unit, "truoc", "Người trước", staff_code="CB-1")
        accounts.create_agency_account(unit, "vptu")
        before = counts(unit)[:2]
        report = people_import.look(unit, content)
        with pytest.raises(InvalidInput) as refusal:
            people_import.apply(unit, content)
        assert counts(unit)[:2] == before
    told = [(one.code, one.line, one.column) for one in report.problems]
    assert told == [
        ("login.malformed", 2, 1),
        ("name.required", 2, 2),
        ("role.unknown", 4, 4),
        ("login.taken", 3, 1),
        ("account.own", 5, 6),
        ("account.kind", 6, 1),
    ]
    assert tuple(refusal.value.findings) == report.problems


def test_a_unit_or_a_staff_code_that_does_not_fit_is_told(database: Database, office: Office) -> None:
    content = b"login,full_name,unit,roles,staff_code\nmoi,Moi,nowhere,clerk,CB-1\n"
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.create_account(unit, "truoc", "Người trước", staff_code="CB-1")
        told = [(one.code, one.column) for one in people_import.look(unit, content).problems]
    assert told == [("staff_code.taken", 5), ("unit.unknown", 3)]


def test_a_request_brings_only_so_many_new_accounts(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        report = people_import.look(unit, LIST, most_new=1)
    assert [one.code for one in report.problems] == ["people.too_many_new"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_given_out_comes_back_unchanged(database: Database, office: Office, form) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        people_import.apply(unit, LIST)
        content = export_people(unit, form).content
        report = people_import.look(unit, content, is_whole=True)
    assert report.problems == ()
    assert report.counts == {"new": 0, "changed": 0, "unchanged": len(office.accounts) + 2, "leaving": 0}


def test_a_template_has_the_headings_and_tells_units_and_roles(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        heading = read_table(people_template(unit, "csv"))
        assert people_import.look(unit, people_template(unit, "xlsx")).rows == 0
    assert [row.cells[0] for row in heading] == ["Tên đăng nhập"]


def test_a_review_of_rights_is_given_out_as_a_table(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("tp.coyeu")) as unit:
        rows = read_table(rights_table(review_rights(unit, "co_yeu"), "csv"))
    assert [row.cells[:5] for row in rows[1:]] == [
        ("Phòng Cơ yếu - Công nghệ thông tin", "Phan Văn Khánh", "cv.coyeu1", "Chuyên viên", "Chuyên viên"),
        ("Phòng Cơ yếu - Công nghệ thông tin", "Trịnh Công Hải", "tp.coyeu", "Trưởng phòng", "Trưởng đơn vị"),
    ]


@pytest.mark.clause("S2-4.4")
@pytest.mark.parametrize("login", ["vanthu", "tp.tonghop", "giamsat"])
def test_nobody_else_takes_or_gives_the_list_of_people(
    database: Database, office: Office, login: str
) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit:
        for act in (
            lambda: people_import.look(unit, LIST),
            lambda: people_import.apply(unit, LIST),
            lambda: export_people(unit, "csv"),
            lambda: people_template(unit, "csv"),
        ):
            with pytest.raises(Forbidden):
                act()
