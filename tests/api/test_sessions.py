"""Signing in by bearer token and by cookie."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.domain.one_time_codes import code_at
from tests.api.callers import Caller, assert_problem
from tests.api.factors import enrol_totp
from tests.factories import PASSWORD

COOKIE = "__Host-congvan"


@pytest.mark.clause("S3-3.2")
def test_a_right_password_gives_a_token_that_works(anonymous, office):
    answer = anonymous.post("/api/v1/sessions", {"login": "vanthu", "password": PASSWORD})
    assert answer.status_code == 201
    me = Caller(anonymous.client, answer.json["token"]).get("/api/v1/me")
    assert me.json["login"] == "vanthu"
    assert me.json["full_name"] == "Nguyễn Thị Lan"
    assert "role:clerk@unit:van_thu" in me.json["references"]


def test_wrong_password_unknown_login_and_missing_agency_answer_alike(anonymous, office):
    documents = []
    for login, password in (("vanthu", "sai mat khau"), ("nobody", PASSWORD)):
        answer = anonymous.post("/api/v1/sessions", {"login": login, "password": password})
        document = assert_problem(answer, 401, "login.refused")
        documents.append({name: value for name, value in document.items() if name != "request_id"})
    assert documents[0] == documents[1]


@pytest.mark.parametrize("login", ["", "v" * 101])
def test_a_login_that_is_too_short_or_long_is_told_so(anonymous, office, login):
    answer = anonymous.post("/api/v1/sessions", {"login": login, "password": PASSWORD})
    found = assert_problem(answer, 422, "request.invalid")["errors"]
    assert [(fault["code"], fault["pointer"]) for fault in found] == [("field.length", "/login")]


def test_after_several_failures_the_next_try_must_wait(anonymous, office):
    for _ in range(3):
        anonymous.post("/api/v1/sessions", {"login": "vanthu", "password": "sai"})
    answer = anonymous.post("/api/v1/sessions", {"login": "vanthu", "password": PASSWORD})
    assert_problem(answer, 401, "login.slow_down")
    assert int(answer.headers["Retry-After"]) >= 1


def test_logging_out_ends_the_session_at_once(sign_in):
    clerk = sign_in("vanthu")
    assert clerk.ask("DELETE", "/api/v1/sessions/current").status_code == 204
    assert_problem(clerk.get("/api/v1/me"), 401, "session.ended")


def test_a_forged_token_is_refused(anonymous, office):
    assert_problem(Caller(anonymous.client, "x" * 43).get("/api/v1/me"), 401, "session.ended")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer " + "x" * 500, "token"])
def test_a_malformed_authorization_is_no_credential(anonymous, header):
    answer = anonymous.get("/api/v1/me", headers={"Authorization": header})
    assert_problem(answer, 401, "session.missing")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_ends_when_it_is_idle(sign_in, clock):
    clerk = sign_in("vanthu")
    clock.advance(timedelta(minutes=61))
    assert_problem(clerk.get("/api/v1/me"), 401, "session.ended")


def test_a_session_ends_with_its_lifetime(sign_in, clock):
    clerk = sign_in("vanthu")
    for _ in range(12):
        clock.advance(timedelta(minutes=59))
        assert clerk.get("/api/v1/me").status_code == 200
    clock.advance(timedelta(minutes=59))
    assert_problem(clerk.get("/api/v1/me"), 401)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_hosts(anonymous, office):
    answer = log_in_by_cookie(anonymous)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE + "=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "token" not in answer.json


def test_a_cookie_reads_without_and_changes_only_with_the_csrf_token(anonymous, office):
    csrf = log_in_by_cookie(anonymous).json["csrf_token"]
    secure = {"base_url": "https://localhost"}
    assert anonymous.get("/api/v1/me", **secure).status_code == 200
    change = {"current_password": PASSWORD, "new_password": "mot mat khau khac hoan toan"}
    refused = anonymous.post("/api/v1/me/password", change, **secure)
    assert_problem(refused, 403, "csrf.missing")
    foreign = anonymous.post(
        "/api/v1/me/password",
        change,
        headers={"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"},
        **secure,
    )
    assert_problem(foreign, 403, "csrf.missing")
    allowed = anonymous.post("/api/v1/me/password", change, headers={"X-CSRF-Token": csrf}, **secure)
    assert allowed.status_code == 204


def test_a_cookie_token_is_not_taken_as_a_bearer_token(anonymous, office):
    log_in_by_cookie(anonymous)
    token = anonymous.client.get_cookie(COOKIE, domain="localhost").value
    assert_problem(Caller(anonymous.client, token).get("/api/v1/me"), 401, "session.ended")


def test_whoever_must_change_the_password_can_do_nothing_else(sign_in, anonymous):
    first = sign_in("quantri").post("/api/v1/accounts", {"login": "moi", "full_name": "Người Mới"}).json
    session = anonymous.post("/api/v1/sessions", {"login": "moi", "password": first["password"]})
    assert session.json["must_change_password"] is True
    newcomer = Caller(anonymous.client, session.json["token"])
    assert_problem(newcomer.get("/api/v1/tasks"), 403, "password.must_change")
    change = {"current_password": first["password"], "new_password": "mat khau cua rieng toi"}
    assert newcomer.post("/api/v1/me/password", change).status_code == 204
    assert newcomer.get("/api/v1/tasks").status_code == 200


@pytest.mark.clause("S3-7.2b1")
def test_whoever_fears_a_leak_changes_the_password_and_every_other_session_ends(sign_in, anonymous):
    here, elsewhere = sign_in("vanthu"), sign_in("vanthu")
    change = {"current_password": PASSWORD, "new_password": "mot mat khau khac hoan toan"}
    assert here.post("/api/v1/me/password", change).status_code == 204
    assert here.get("/api/v1/me").status_code == 200
    assert_problem(elsewhere.get("/api/v1/me"), 401, "session.ended")
    old = anonymous.post("/api/v1/sessions", {"login": "vanthu", "password": PASSWORD})
    assert_problem(old, 401, "login.refused")


def test_guessing_the_password_of_an_open_session_is_slowed_down(sign_in):
    clerk = sign_in("vanthu")
    wrong = {"current_password": "sai mat khau", "new_password": "mot mat khau khac hoan toan"}
    for _ in range(3):
        assert_problem(clerk.post("/api/v1/me/password", wrong), 403, "password.wrong")
    right = wrong | {"current_password": PASSWORD}
    answer = clerk.post("/api/v1/me/password", right)
    assert_problem(answer, 403, "second_factor.slow_down")
    assert answer.headers["Retry-After"] == "1"


def test_all_other_sessions_end_at_once_and_this_one_stays(sign_in):
    here, others = sign_in("vanthu"), [sign_in("vanthu") for _ in range(3)]
    neighbour = sign_in("troly")
    assert len(here.get("/api/v1/sessions").json["items"]) == 4
    assert here.ask("DELETE", "/api/v1/sessions").status_code == 204
    assert [item["is_current"] for item in here.get("/api/v1/sessions").json["items"]] == [True]
    for other in others:
        assert_problem(other.get("/api/v1/me"), 401, "session.ended")
    assert neighbour.get("/api/v1/me").status_code == 200


def test_disabling_an_account_ends_its_sessions(sign_in):
    clerk = sign_in("vanthu")
    assert sign_in("quantri").post("/api/v1/accounts/vanthu/disable").status_code == 204
    assert_problem(clerk.get("/api/v1/me"), 401, "session.ended")


@pytest.mark.clause("S4-12.3")
def test_every_way_in_ends_with_the_next_request_after_disabling_the_account(app, anonymous, sign_in, clock):
    clerk, admin, browser = sign_in("vanthu"), sign_in("quantri"), Caller(app.test_client())
    log_in_by_cookie(browser)
    secret, _ = enrol_totp(clerk, clock)
    until = (clock.now() + timedelta(days=9)).isoformat()
    wish = {"name": "x", "grants": ["organisation.read"], "expires_at": until}
    program = Caller(anonymous.client, clerk.post("/api/v1/me/api-tokens", wish).json["token"])
    login_token = anonymous.post("/api/v1/sessions", {"login": "vanthu", "password": PASSWORD}).json
    ways = {
        "bearer": lambda: clerk.get("/api/v1/me"),
        "cookie": lambda: browser.get("/api/v1/me", base_url="https://localhost"),
        "program": lambda: program.get("/api/v1/units"),
    }
    assert {way: ask().status_code for way, ask in ways.items()} == dict.fromkeys(ways, 200)
    assert admin.post("/api/v1/accounts/vanthu/disable").status_code == 204
    assert {way: ask().status_code for way, ask in ways.items()} == dict.fromkeys(ways, 401)
    proof = {"login_token": login_token["login_token"], "totp": code_at(secret, clock.now())}
    assert_problem(anonymous.post("/api/v1/sessions/second-factor", proof), 401, "login.expired")


def log_in_by_cookie(anonymous):
    credentials = {"login": "vanthu", "password": PASSWORD, "carrier": "cookie"}
    return anonymous.post("/api/v1/sessions", credentials, base_url="https://localhost")
