"""Accounts and the organisation over the API."""

from __future__ import annotations

import pytest

from tests.api.callers import Caller, assert_problem

NEW = {"login": "moi.nguoi", "full_name": "  Nguyễn   Văn Mới ", "position": "Chuyên viên"}


@pytest.fixture
def admin(sign_in):
    """The administrator."""
    return sign_in("quantri")


def test_an_account_is_added_read_disabled_and_enabled(admin, anonymous):
    made = admin.post("/api/v1/accounts", NEW)
    assert made.status_code == 201
    granted = admin.post("/api/v1/accounts/moi.nguoi/roles", {"role": "specialist", "unit": "tong_hop"})
    assert granted.status_code == 201
    account = admin.get("/api/v1/accounts/moi.nguoi").json
    assert account["full_name"] == "Nguyễn Văn Mới"
    assert account["must_change_password"] is True
    assert [(role["role"], role["unit_code"]) for role in account["roles"]] == [("specialist", "tong_hop")]
    assert admin.post("/api/v1/accounts/moi.nguoi/disable").status_code == 204
    login = {"login": "moi.nguoi", "password": made.json["password"]}
    assert_problem(anonymous.post("/api/v1/sessions", login), 401, "login.refused")
    assert admin.post("/api/v1/accounts/moi.nguoi/enable").status_code == 204
    assert anonymous.post("/api/v1/sessions", login).status_code == 201


def test_a_taken_login_is_a_conflict_that_points_to_it(admin):
    document = assert_problem(admin.post("/api/v1/accounts", {**NEW, "login": "vanthu"}), 409, "name.taken")
    assert document["errors"][0]["pointer"] == "/login"


def test_a_first_password_is_never_kept_for_replay(admin):
    key = {"Idempotency-Key": "new"}
    assert admin.post("/api/v1/accounts", NEW, headers=key).status_code == 201
    assert_problem(admin.post("/api/v1/accounts", NEW, headers=key), 409, "name.taken")


def test_resetting_a_password_ends_the_sessions(admin, sign_in):
    clerk = sign_in("vanthu")
    assert admin.post("/api/v1/accounts/vanthu/password").json["password"]
    assert_problem(clerk.get("/api/v1/me"), 401)


def test_an_account_of_another_agency_is_not_found(admin, other_office):
    for login in ("dongson.vanthu", "nobody"):
        assert_problem(admin.get(f"/api/v1/accounts/{login}"), 404, "account.not_found")
        assert_problem(admin.post(f"/api/v1/accounts/{login}/disable"), 404, "account.not_found")


def test_people_are_found_by_name_unit_and_role(sign_in):
    clerk = sign_in("vanthu")
    by_role = clerk.get("/api/v1/people?role=clerk").json["items"]
    assert {person["login"] for person in by_role} == {"vanthu", "vanthu2"}
    by_unit = clerk.get("/api/v1/people?unit_code=co_yeu").json["items"]
    assert {person["login"] for person in by_unit} == {"tp.coyeu", "cv.coyeu1"}
    assert [person["login"] for person in clerk.get("/api/v1/people?text=Minh Châu").json["items"]] == [
        "vt.hanhchinh"
    ]


def test_nobody_sees_people_or_units_of_another_agency(sign_in, other_office):
    clerk = sign_in("vanthu")
    assert clerk.get("/api/v1/people?text=dongson").json["items"] == []
    assert clerk.get("/api/v1/agency").json["code"] == "vptu"
    assert "van_phong" not in {unit["code"] for unit in clerk.get("/api/v1/units").json["items"]}


def test_the_audit_log_tells_what_was_done_to_whom(admin, sign_in):
    answer = admin.post("/api/v1/accounts/vanthu/disable")
    events = sign_in("giamsat").get("/api/v1/audit-events?action=account.disable").json["items"]
    assert [event["actor"] for event in events] == ["quantri"]
    assert events[0]["request_id"] == answer.headers["X-Request-Id"]


def test_one_s_own_sessions_are_listed_and_ended(sign_in, anonymous):
    first, second = sign_in("vanthu"), sign_in("vanthu")
    listed = first.get("/api/v1/sessions").json["items"]
    assert [session["is_current"] for session in listed].count(True) == 1
    other = next(session["id"] for session in listed if not session["is_current"])
    assert first.ask("DELETE", f"/api/v1/sessions/{other}").status_code == 204
    assert_problem(second.get("/api/v1/me"), 401)
    assert_problem(sign_in("vanthu2").ask("DELETE", f"/api/v1/sessions/{listed[0]['id']}"), 404)
    assert isinstance(first, Caller)
