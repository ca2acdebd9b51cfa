"""The agency's account over the API: one clerk answers for it, and nobody else works with it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.domain.clock import ManualClock
from tests.api.callers import Caller, assert_problem

PASSWORD = "Mua-xuan-nho-nho-2026"
ACCOUNT = "/api/v1/accounts/vptu"


@pytest.fixture
def agency_account(sign_in, anonymous):
    """Return a function that logs in to the agency's account and chooses its password, and the first one."""
    made = sign_in("quantri").post("/api/v1/accounts/of-agency", {"login": "vptu"}).json

    def log_in(password: str, *, is_first: bool = True) -> Caller:
        session = anonymous.post("/api/v1/sessions", {"login": "vptu", "password": password})
        assert session.status_code == 201, session.json
        caller = Caller(anonymous.client, session.json["token"])
        if is_first:
            change = {"current_password": password, "new_password": PASSWORD}
            assert caller.post("/api/v1/me/password", change).status_code == 204
        return caller

    return log_in, made["password"]


def _log_in(anonymous: Caller, password: str):
    return anonymous.post("/api/v1/sessions", {"login": "vptu", "password": password})


@pytest.mark.clause("S1-4.2d1")
def test_one_clerk_answers_for_the_agencys_account_until_it_is_handed_over(
    sign_in, anonymous, agency_account
) -> None:
    log_in, first = agency_account
    admin, clerk, second = sign_in("quantri"), sign_in("vanthu"), sign_in("vanthu2")
    assert_problem(_log_in(anonymous, first), 401, "login.refused")  # nobody answers for it yet

    named = admin.ask("PUT", f"{ACCOUNT}/keeper", json={"keeper": "vanthu", "basis": "12-QĐ/VP"})
    assert [(one["login"], one["is_present"]) for one in named.json["keepers"]] == [("vanthu", True)]
    agency = log_in(first)
    assert agency.get("/api/v1/me").status_code == 200

    # What is done under it names the clerk too.
    events = sign_in("giamsat").get("/api/v1/audit-events?action=account.change_password").json["items"]
    assert (events[0]["actor"], events[0]["details"]["keeper"]) == ("vptu", "vanthu")
    assert events[0]["details"]["keeper_name"]

    # A new password is the clerk's affair: the administrator cannot make one, nor can another clerk.
    assert_problem(admin.post(f"{ACCOUNT}/password"), 409, "account.kept")
    assert_problem(second.post("/api/v1/accounts/own/kept/password"), 404, "keeper.not_found")
    renewed = clerk.post("/api/v1/accounts/own/kept/password").json["password"]
    assert_problem(agency.get("/api/v1/me"), 401)
    agency = log_in(renewed)

    # Handed over, what the first clerk knows opens nothing, and their session is over.
    handed = admin.ask("PUT", f"{ACCOUNT}/keeper", json={"keeper": "vanthu2"}).json
    assert [(one["login"], one["is_present"]) for one in handed["keepers"]] == [
        ("vanthu2", True),
        ("vanthu", False),
    ]
    assert handed["keepers"][1]["until_at"] is not None
    assert_problem(agency.get("/api/v1/me"), 401)
    assert_problem(_log_in(anonymous, PASSWORD), 401, "login.refused")
    assert_problem(clerk.post("/api/v1/accounts/own/kept/password"), 404, "keeper.not_found")
    log_in(second.post("/api/v1/accounts/own/kept/password").json["password"])


@pytest.mark.clause("S1-4.2d1")
def test_a_disabled_clerk_closes_the_agencys_account_and_the_administrators_are_told(
    sign_in, anonymous, agency_account, clock: ManualClock
) -> None:
    log_in, first = agency_account
    admin = sign_in("quantri")
    admin.ask("PUT", f"{ACCOUNT}/keeper", json={"keeper": "vanthu", "to_on": "2026-03-31"})
    agency = log_in(first)
    assert admin.post("/api/v1/accounts/vanthu/disable").status_code == 204
    assert_problem(agency.get("/api/v1/me"), 401)
    assert_problem(_log_in(anonymous, PASSWORD), 401, "login.refused")
    assert not admin.get(ACCOUNT).json["keepers"][0]["is_present"]
    assert admin.post("/api/v1/accounts/vanthu/enable").status_code == 204
    log_in(PASSWORD, is_first=False)
    clock.advance(timedelta(days=40))
    assert_problem(_log_in(anonymous, PASSWORD), 401, "login.refused")  # the last day is over


def test_who_answers_for_the_agencys_account_is_a_clerk_in_service(sign_in, agency_account) -> None:
    admin, clerk = sign_in("quantri"), sign_in("vanthu")

    def name(keeper: str, login: str = "vptu", by: Caller = admin, **more: str):
        return by.ask("PUT", f"/api/v1/accounts/{login}/keeper", json={"keeper": keeper, **more})

    assert_problem(name("phochanhvp"), 409, "keeper.no_clerk")
    assert_problem(name("vptu"), 409, "keeper.no_clerk")
    assert_problem(name("nobody"), 404, "account.not_found")
    assert_problem(name("vanthu", login="vanthu2"), 409, "account.no_agency")
    assert_problem(name("vanthu", to_on="2020-01-01"), 422)
    assert_problem(name("vanthu", by=clerk), 403)
    assert_problem(admin.ask("DELETE", f"{ACCOUNT}/keeper"), 404, "keeper.not_found")
    assert name("vanthu").status_code == 200
    assert_problem(name("vanthu"), 409, "keeper.same")
    assert admin.ask("DELETE", f"{ACCOUNT}/keeper").status_code == 204
    assert not any(one["is_present"] for one in admin.get(ACCOUNT).json["keepers"])
