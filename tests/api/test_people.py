"""The list of people over HTTP: a file in, a report out; a file out."""

from __future__ import annotations

import io

import pytest

from tests.api.callers import Caller, assert_problem

LIST = "login,full_name,unit,roles\nmoi,Người Mới,tong_hop,specialist\n".encode()
WRONG = b"login,full_name,unit,roles\nmoi,Moi,nowhere,emperor\nvanthu,,,\n"


@pytest.fixture
def admin(sign_in) -> Caller:
    return sign_in("quantri")


def send(caller: Caller, content: bytes, query: str = ""):
    data = {"file": (io.BytesIO(content), "danh-sach.csv")}
    return caller.ask("POST", f"/api/v1/people/import{query}", data=data)


def test_a_list_is_looked_at_unless_it_is_to_be_applied(admin):
    look = send(admin, LIST).json
    assert (look["is_applied"], look["counts"]["new"], look["passwords"]) == (False, 1, [])
    assert look["changes"][0]["gains"] == [{"role": "specialist", "unit": "tong_hop"}]
    done = send(admin, LIST, "?dry_run=false").json
    assert done["is_applied"]
    assert [one["login"] for one in done["passwords"]] == ["moi"]
    assert send(admin, LIST, "?dry_run=false").json["counts"]["unchanged"] == 1


def test_problems_are_listed_by_row_and_column_in_both_languages(admin):
    look = send(admin, WRONG)
    assert look.status_code == 200
    problem = look.json["problems"][0]
    assert (problem["code"], problem["row"], problem["column"]) == ("role.unknown", 2, 4)
    assert problem["vi"].startswith("Dòng 2")
    assert problem["en"].startswith("Row 2")
    document = assert_problem(send(admin, WRONG, "?dry_run=false"), 422, "people.problems")
    assert [(one["line"], one["column"]) for one in document["errors"]] == [(2, 4), (3, 2)]
    assert_problem(admin.get("/api/v1/accounts/moi"), 404)


def test_a_file_that_is_no_table_and_no_file_at_all_are_refused(admin):
    assert_problem(send(admin, b"\xff\xfe\x00"), 422, "sheet.encoding")
    assert_problem(admin.ask("POST", "/api/v1/people/import", data={}), 422, "file.missing")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["export", "template"])
def test_the_list_and_its_template_are_given_out_as_files(admin, what, form):
    answer = admin.get(f"/api/v1/people/{what}?format={form}")
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["Content-Disposition"]
    look = send(admin, answer.data).json
    assert look["problems"] == []
    assert look["counts"]["changed"] == look["counts"]["new"] == 0


def test_a_head_takes_away_the_review_of_their_unit(sign_in):
    answer = sign_in("tp.tonghop").get("/api/v1/people/rights/tong_hop?format=csv")
    assert "Vũ Ngọc Mai" in answer.data.decode("utf-8-sig")
    assert_problem(sign_in("tp.tonghop").get("/api/v1/people/rights/co_yeu"), 404)


def test_the_list_is_for_those_who_keep_people(sign_in):
    clerk = sign_in("vanthu")
    assert_problem(send(clerk, LIST), 403, "action.forbidden")
    assert_problem(clerk.get("/api/v1/people/export"), 403, "action.forbidden")
