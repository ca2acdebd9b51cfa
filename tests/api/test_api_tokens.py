"""Tokens of programs: shown once, ending, reaching exactly what they were given and what their person may do."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.api.routes import ACCESS
from service.domain.actors import PERSONAL_ACTIONS
from service.domain.permissions import PERMISSIONS
from service.domain.step_up import STEP_UP_VALIDITY
from service.storage.models import AuditEvent, LoginSession, Outbox
from tests.api.callers import Caller, assert_problem
from tests.api.factors import enrol_totp, step_up
from tests.api.test_every_route import routes_of

TOKENS = "/api/v1/me/api-tokens"


@pytest.fixture
def clerk(sign_in, clock) -> Caller:
    """A clerk who has just proved a second factor."""
    person = sign_in("vanthu")
    person.secret, _ = enrol_totp(person, clock)
    return person


def wish(clock, *grants, days=30, name="Đồng bộ"):
    return {
        "name": name,
        "grants": list(grants),
        "expires_at": (clock.now() + timedelta(days=days)).isoformat(),
    }


def token_for(person, clock, *grants, **more) -> Caller:
    answer = person.post(TOKENS, wish(clock, *grants, **more))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return Caller(person.client, answer.json["token"])


def test_a_token_is_shown_once_and_only_its_hash_is_kept(clerk, clock, owner):
    made = clerk.post(TOKENS, wish(clock, "organisation.read")).json
    assert made["token"].startswith("cvp_")
    listed = clerk.get(TOKENS).json["items"]
    assert [(item["name"], item["grants"]) for item in listed] == [("Đồng bộ", ["organisation.read"])]
    assert "token" not in listed[0]
    with owner.session() as session:
        kept = session.execute(select(LoginSession).where(LoginSession.carrier == "program")).scalar_one()
        events = session.execute(select(AuditEvent.action)).scalars().all()
        kinds = [payload["kind"] for payload in session.execute(select(Outbox.payload)).scalars()]
    assert bytes(kept.token_hash) == hashlib.sha256(made["token"].encode()).digest()
    assert "api_token.create" in events
    assert "api_token_made" in kinds


def test_making_one_needs_the_step_up(clerk, clock, sign_in):
    clock.advance(STEP_UP_VALIDITY)
    assert_problem(clerk.post(TOKENS, wish(clock, "organisation.read")), 403, "step_up.required")
    assert_problem(sign_in("troly").post(TOKENS, wish(clock, "task.read")), 403, "step_up.no_factor")


def test_a_token_reaches_exactly_its_grants_on_every_route(app, clerk, clock):
    """Every action of every route, with a token that was given one action only."""
    program = token_for(clerk, clock, "organisation.read")
    reached, refused = 0, 0
    for endpoint, method, address in routes_of(app):
        action = ACCESS[endpoint].action
        if ACCESS[endpoint].is_public or ACCESS[endpoint].takes_peers:
            continue  # a partner's connection has tokens of its own
        answer = program.ask(method, address)
        if answer.status_code == 404 and answer.get_json(force=True)["code"] == "route.unknown":
            continue  # an address whose made-up part is no number
        if action == "organisation.read":
            assert answer.status_code not in {401, 403}, (address, answer.get_data(as_text=True))
            reached += 1
        else:
            assert assert_problem(answer, 403, "action.forbidden")["action"] == action
            refused += 1
    assert reached >= 3
    assert refused > 60


def test_a_noun_reaches_its_verbs_but_nothing_personal(clerk, clock, app):
    program = token_for(clerk, clock, "account.*", "organisation.*")
    assert program.get("/api/v1/units").status_code == 200
    for endpoint, method, address in routes_of(app):
        if ACCESS[endpoint].action in PERSONAL_ACTIONS:
            assert_problem(program.ask(method, address), 403, "action.forbidden")


def test_no_token_makes_tokens_steps_up_or_changes_factors(clerk, clock):
    program = token_for(clerk, clock, "account.*")
    for method, address, body in (
        ("POST", TOKENS, wish(clock, "organisation.read")),
        ("GET", TOKENS, None),
        ("POST", "/api/v1/sessions/step-up", {"totp": "123456"}),
        ("POST", "/api/v1/me/second-factors/totp", {"password": "x"}),
        ("POST", "/api/v1/me/password", {"current_password": "x", "new_password": "y"}),
        ("GET", "/api/v1/sessions", None),
    ):
        assert_problem(program.ask(method, address, json=body), 403, "action.forbidden")


def test_a_token_never_widens_its_persons_rights(clerk, clock):
    program = token_for(clerk, clock, "definition.*", "account.list", "organisation.read")
    assert program.get("/api/v1/units").status_code == 200
    assert_problem(program.get("/api/v1/accounts"), 403, "action.forbidden")
    assert_problem(program.post("/api/v1/process-definitions"), 403, "action.forbidden")


@pytest.mark.parametrize(
    ("grants", "code"),
    [
        (["account.own"], "api_token.personal"),
        (["account.reset_second_factor"], "api_token.personal"),
        (["no.such"], "api_token.unknown_grant"),
        (["nothing.*"], "api_token.unknown_grant"),
        (["*"], "field.length"),
        (["*.*"], "api_token.unknown_grant"),
        ([], "field.length"),
    ],
)
def test_unknown_personal_and_missing_grants_are_refused(clerk, clock, grants, code):
    document = assert_problem(clerk.post(TOKENS, wish(clock, *grants)), 422)
    assert document["errors"][0]["code"] == code
    assert document["errors"][0]["pointer"].startswith("/grants")


@pytest.mark.parametrize("days", [-1, 0, 367, 4000])
def test_a_token_ends_within_a_year(clerk, clock, days):
    document = assert_problem(clerk.post(TOKENS, wish(clock, "organisation.read", days=days)), 422)
    assert document["errors"][0]["pointer"] == "/expires_at"


def test_a_token_without_an_end_or_a_name_is_refused(clerk, clock):
    whole = wish(clock, "organisation.read")
    endless = {name: value for name, value in whole.items() if name != "expires_at"}
    assert assert_problem(clerk.post(TOKENS, endless), 422)["errors"][0]["code"] == "field.required"
    nameless = clerk.post(TOKENS, whole | {"name": "   "})
    assert assert_problem(nameless, 422)["errors"][0]["code"] == "name.required"


def test_an_expired_token_is_refused_although_it_was_used_all_the_time(clerk, clock):
    program = token_for(clerk, clock, "organisation.read", days=2)
    clock.advance(timedelta(days=2) - timedelta(seconds=1))
    assert program.get("/api/v1/units").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert_problem(program.get("/api/v1/units"), 401, "session.ended")


def test_a_token_does_not_end_by_idling(clerk, clock):
    program = token_for(clerk, clock, "organisation.read", days=300)
    clock.advance(timedelta(days=299))
    assert program.get("/api/v1/units").status_code == 200


@pytest.mark.parametrize("token", ["cvp_" + "x" * 43, "cvp_", "x" * 47])
def test_a_forged_token_is_refused(anonymous, office, token):
    answer = Caller(anonymous.client, token).get("/api/v1/units")
    assert_problem(answer, 401, "session.ended")


def test_a_token_does_not_travel_in_the_cookie(clerk, clock):
    program = token_for(clerk, clock, "organisation.read")
    clerk.client.set_cookie("__Host-congvan", program.token, secure=True)
    answer = Caller(clerk.client).get("/api/v1/units", base_url="https://localhost")
    assert_problem(answer, 401, "session.ended")


def test_a_revoked_token_ends_at_once_and_anothers_is_not_found(clerk, clock, sign_in):
    program = token_for(clerk, clock, "organisation.read")
    address = f"{TOKENS}/{clerk.get(TOKENS).json['items'][0]['id']}"
    assert_problem(sign_in("troly").ask("DELETE", address), 404, "api_token.not_found")
    assert clerk.ask("DELETE", address).status_code == 204
    assert_problem(program.get("/api/v1/units"), 401, "session.ended")
    assert_problem(clerk.ask("DELETE", address), 404, "api_token.not_found")
    assert clerk.get(TOKENS).json["items"] == []


def test_tokens_end_with_the_account_and_with_the_password(clerk, clock, sign_in):
    program = token_for(clerk, clock, "organisation.read")
    assert sign_in("quantri").post("/api/v1/accounts/vanthu/disable").status_code == 204
    assert_problem(program.get("/api/v1/units"), 401, "session.ended")


def test_tokens_are_not_among_the_sessions_of_people(clerk, clock):
    token_for(clerk, clock, "organisation.read")
    assert {item["carrier"] for item in clerk.get("/api/v1/sessions").json["items"]} == {"bearer"}


def test_a_person_has_twenty_at_most(clerk, clock):
    for _ in range(20):
        token_for(clerk, clock, "organisation.read")
    step_up(clerk, clock, clerk.secret)
    assert_problem(clerk.post(TOKENS, wish(clock, "organisation.read")), 409, "api_token.too_many")


def test_what_is_personal_is_in_the_permission_table():
    assert PERMISSIONS.keys() >= PERSONAL_ACTIONS
