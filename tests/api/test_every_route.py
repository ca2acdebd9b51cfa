"""What holds for every route there is, and for every one that will be added.

``test_no_way_in.py`` walks the same routes with ids of things that exist.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from service.api.routes import ACCESS
from service.app import create_app
from service.domain.permissions import PERMISSIONS, RELATIONS
from service.http.access import Access, check_complete
from service.http.headers import SECURITY_HEADERS
from tests.api.callers import assert_problem

ABSENT = UUID("019aaaaa-0000-7000-8000-000000000000")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes_of(app):
    """Yield (endpoint, method, address with made-up ids) of every route."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<uuid:\w+>", str(ABSENT), rule.rule)
        address = re.sub(r"<int:\w+>", "1", address)
        address = re.sub(r"<(?:\w+:)?\w+>", "absent", address)
        for method in METHODS:
            if method in rule.methods:
                yield rule.endpoint, method, address


def test_every_route_but_the_public_ones_asks_for_credentials(app, anonymous):
    asked = 0
    for endpoint, method, address in routes_of(app):
        if not ACCESS[endpoint].is_public:
            assert_problem(anonymous.ask(method, address), 401, "session.missing")
            asked += 1
    assert asked > 20


def test_the_public_routes_are_exactly_these():
    public = {endpoint for endpoint, access in ACCESS.items() if access.is_public}
    assert public == {
        "health.live",
        "health.ready",
        "reference.openapi_json",
        "reference.page",
        "reference.stylesheet",
        "sessions.log_in",
        "sessions.show_factor",
        "sessions.login_options",
        "identities.read_provider",
        "identities.leave",
        "identities.come_back",
        "identities.end_logins",
    }


def test_every_answer_carries_the_security_headers(app, anonymous, sign_in):
    clerk = sign_in("vanthu")
    for caller in (anonymous, clerk):
        for _, method, address in routes_of(app):
            answer = caller.ask(method, address)
            for name in SECURITY_HEADERS:
                assert name in answer.headers, f"{method} {address} lacks {name}"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Request-Id"]


def test_a_route_for_a_role_is_refused_to_others(app, sign_in):
    specialist = sign_in("cv.tonghop1")
    refused = 0
    for endpoint, method, address in routes_of(app):
        action = ACCESS[endpoint].action
        if action and not _may_ask(action):
            document = assert_problem(specialist.ask(method, address), 403, "action.forbidden")
            assert document["action"] == action
            refused += 1
    assert refused > 10


def _may_ask(action):
    """Whether a specialist may ask, by the role or by what they may be to the object."""
    row = PERMISSIONS[action]
    return "specialist" in row.roles or bool(row.parties & RELATIONS.keys() - {"system"})


def test_no_route_is_open_to_whoever_is_signed_in_without_naming_an_action():
    for endpoint, access in ACCESS.items():
        assert access.is_public or access.action in PERMISSIONS, endpoint


def test_an_access_row_without_an_action_stops_the_start(app):
    with pytest.raises(LookupError, match=r"without an action: \['tasks.read_task'\]"):
        check_complete(app, {**ACCESS, "tasks.read_task": Access()})


def test_a_route_without_an_access_row_stops_the_start(app):
    check_complete(app, ACCESS)
    for endpoint in ACCESS:
        with pytest.raises(LookupError, match=re.escape(endpoint)):
            check_complete(app, {name: row for name, row in ACCESS.items() if name != endpoint})


def test_an_access_row_without_a_route_stops_the_start(app):
    with pytest.raises(LookupError, match="ghost"):
        check_complete(app, {**ACCESS, "ghost.route": next(iter(ACCESS.values()))})


def test_an_unknown_address_is_a_problem_too(anonymous):
    assert_problem(anonymous.get("/api/v1/nothing"), 404, "route.unknown")
    assert_problem(anonymous.get("/api/v1/tasks/not-a-uuid"), 404, "route.unknown")


def test_a_wrong_method_names_the_right_ones(anonymous):
    answer = anonymous.ask("PUT", "/api/v1/sessions")
    assert_problem(answer, 405, "route.method")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_two_applications_share_nothing(runtime):
    first, second = create_app(runtime), create_app(replace(runtime))
    assert first.extensions["congvan"] is not second.extensions["congvan"]


def test_a_fault_tells_nothing_but_the_request_id(app, anonymous, caplog, monkeypatch):
    def fail():
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "health.live", fail)
    answer = anonymous.get("/health/live", headers={"Accept-Language": "en"})
    document = assert_problem(answer, 500, "system.fault")
    assert "secret" not in answer.get_data(as_text=True)
    assert "ZeroDivision" not in answer.get_data(as_text=True)
    assert "secret detail" in caplog.text
    assert document["request_id"]


def test_a_disabled_account_and_an_expired_session_get_nowhere(app, sign_in, clock):
    disabled = sign_in("cv.tonghop1")
    assert sign_in("quantri").post("/api/v1/accounts/cv.tonghop1/disable").status_code == 204
    expired = sign_in("cv.tonghop2")
    clock.advance(timedelta(hours=13))
    for caller in (disabled, expired):
        for endpoint, method, address in routes_of(app):
            if not ACCESS[endpoint].is_public:
                assert_problem(caller.ask(method, address), 401, "session.ended")
