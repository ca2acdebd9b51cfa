"""Logging in at another provider: a real OpenID server on loopback, honest and hostile."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update

from service.bootstrap import build
from service.config import ProviderSettings
from service.domain.one_time_codes import code_at
from service.storage.models import Account, AuditEvent, LoginSession, Outbox, ProviderIdentity, ProviderLogin
from tests.api.callers import Caller, assert_problem
from tests.api.factors import enrol_totp
from tests.factories import PASSWORD, open_session
from tests.openid_server import CLIENT_ID, CLIENT_SECRET, OpenIdServer, running

HOUSE = "https://congvan.example.vn"
CALLBACK = "/api/v1/sessions/provider/callback"
SECURE = {"base_url": HOUSE}


@pytest.fixture
def provider(clock):
    with running(OpenIdServer(clock.now, HOUSE + CALLBACK)) as server:
        server.person = {"sub": "u-1001", "preferred_username": "vanthu", "email": "vanthu@example.vn"}
        yield server


@pytest.fixture
def house(settings, clock, provider, office):
    """A house that knows the provider and trusts its user names."""
    told = ProviderSettings(
        provider.issuer, CLIENT_ID, office.code, CLIENT_SECRET, "preferred_username", "Danh tính Tỉnh ủy"
    )
    built = build(replace(settings, public_url=HOUSE, provider=told), clock)
    yield built
    built.close()


@pytest.fixture
def app(standing_application, house):
    return standing_application(house)


@pytest.fixture
def browser(app) -> Caller:
    """A browser that keeps cookies."""
    return Caller(app.test_client())


@pytest.fixture
def signed_in(app, database, office):
    def as_person(login: str) -> Caller:
        return Caller(app.test_client(), open_session(database, office.actor_for(login)))

    return as_person


def leave(browser) -> str:
    answer = browser.post("/api/v1/sessions/provider", **SECURE)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json["authorization_url"]


def back(browser, address, **changes):
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | changes
    asked = {name: value for name, value in query.items() if value is not None}
    return browser.get(CALLBACK, query_string=asked, **SECURE)


def log_in(browser, provider, **changes):
    return back(browser, provider.log_in(leave(browser)), **changes)


def me(browser):
    return browser.get("/api/v1/me", **SECURE)


def count(owner, model) -> int:
    with owner.session() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


class TestLoggingIn:
    @pytest.mark.clause("S2-6.4a")
    def test_staff_sign_in_with_the_account_that_they_have_elsewhere(self, browser, provider, owner):
        page = log_in(browser, provider)
        assert page.status_code == 200, page.get_data(as_text=True)
        assert page.mimetype == "text/html"
        assert "url=/" in page.get_data(as_text=True)
        told = me(browser).json
        assert (told["login"], told["full_name"]) == ("vanthu", "Nguyễn Thị Lan")
        with owner.session() as session:
            kept = session.execute(select(ProviderIdentity)).scalar_one()
        assert (kept.issuer, kept.subject) == (provider.issuer, "u-1001")

    def test_the_session_can_change_things_with_its_anti_forgery_token(self, browser, provider):
        log_in(browser, provider)
        secret = me(browser).json["csrf_token"]
        refused = browser.post("/api/v1/notices/read-all", **SECURE)
        assert refused.status_code == 403
        answer = browser.ask("DELETE", "/api/v1/sessions/current", headers={"X-CSRF-Token": secret}, **SECURE)
        assert answer.status_code == 204

    def test_the_cookies_are_strict_but_for_the_one_that_comes_back_from_there(self, browser, provider):
        left = browser.post("/api/v1/sessions/provider", **SECURE)
        assert "__Host-congvan-provider=" in left.headers["Set-Cookie"]
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(left.headers["Set-Cookie"].split("; "))
        page = back(browser, provider.log_in(left.json["authorization_url"]))
        session = next(
            cookie for cookie in page.headers.getlist("Set-Cookie") if cookie.startswith("__Host-congvan=")
        )
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(session.split("; "))

    def test_what_leaves_is_bound_by_state_nonce_and_pkce(self, browser, provider, owner):
        asked = parse_qs(urlsplit(leave(browser)).query)
        other = parse_qs(urlsplit(leave(browser)).query)
        assert asked["code_challenge_method"] == ["S256"]
        for name in ("state", "nonce", "code_challenge"):
            assert len(asked[name][0]) >= 43
            assert asked[name] != other[name]
        with owner.session() as session:
            for kept in session.execute(select(ProviderLogin)).scalars():
                assert kept.code_verifier.startswith("1.")  # sealed
                assert asked["state"][0].encode() != bytes(kept.state_hash)

    def test_the_second_time_the_subject_counts_and_not_the_name(self, browser, provider, owner):
        log_in(browser, provider)
        provider.person = {"sub": "u-1001", "preferred_username": "chanhvp"}
        assert log_in(browser, provider).status_code == 200
        assert me(browser).json["login"] == "vanthu"
        assert count(owner, ProviderIdentity) == 1

    def test_a_name_that_moved_to_another_subject_opens_nothing(self, browser, provider):
        log_in(browser, provider)
        provider.person = {"sub": "u-2002", "preferred_username": "vanthu"}
        assert_problem(log_in(browser, provider), 401, "identity.unknown")

    @pytest.mark.parametrize("login", ["nobody", "", None, 7, ["vanthu"], "van\0thu"])
    def test_no_account_is_ever_made(self, browser, provider, owner, login):
        before = count(owner, Account)
        provider.person = {"sub": "u-9", "preferred_username": login}
        assert_problem(log_in(browser, provider), 401, "identity.unknown")
        assert count(owner, Account) == before
        assert count(owner, ProviderIdentity) == 0

    def test_a_disabled_account_does_not_come_in_by_the_back_door(self, browser, provider, owner, clock):
        log_in(browser, provider)
        with owner.session() as session:
            session.execute(update(Account).where(Account.login == "vanthu").values(disabled_at=clock.now()))
        assert_problem(log_in(browser, provider), 401, "identity.unknown")
        with owner.session() as session:
            actions = session.execute(select(AuditEvent.action)).scalars().all()
        assert "session.refuse" in actions

    def test_people_of_another_agency_do_not_come_in(self, browser, provider, other_office):
        provider.person = {"sub": "u-5", "preferred_username": other_office.plan.people[0].login}
        assert_problem(log_in(browser, provider), 401, "identity.unknown")

    def test_a_second_factor_here_is_still_asked_for(self, browser, provider, signed_in, clock):
        secret, _ = enrol_totp(signed_in("vanthu"), clock)
        page = log_in(browser, provider)
        assert "url=/sign-in/second-factor" in page.get_data(as_text=True)
        assert_problem(me(browser), 401, "session.missing")
        done = browser.post(
            "/api/v1/sessions/second-factor", {"totp": code_at(secret, clock.now())}, **SECURE
        )
        assert done.status_code == 201, done.get_data(as_text=True)
        assert me(browser).json["login"] == "vanthu"

    def test_a_first_password_that_nobody_used_dies_at_the_first_login_there(
        self, browser, provider, owner, signed_in
    ):
        made = signed_in("quantri").post("/api/v1/accounts", {"login": "moi", "full_name": "Người Mới"})
        provider.person = {"sub": "u-77", "preferred_username": "moi"}
        assert log_in(browser, provider).status_code == 200
        assert me(browser).json["must_change_password"] is False
        answer = browser.post("/api/v1/sessions", {"login": "moi", "password": made.json["password"]})
        assert_problem(answer, 401, "login.refused")

    def test_whoever_has_no_password_enrols_a_factor_soon_after_the_login_there(
        self, browser, provider, owner, clock
    ):
        with owner.session() as session:
            session.execute(update(Account).where(Account.login == "vanthu").values(password_hash=None))
        log_in(browser, provider)
        secret = {"X-CSRF-Token": me(browser).json["csrf_token"]}
        for minutes, status in ((4, 201), (1, 403)):
            clock.advance(timedelta(minutes=minutes))
            answer = browser.post("/api/v1/me/second-factors/totp", {}, headers=secret, **SECURE)
            assert answer.status_code == status

    def test_the_person_is_told_of_the_link(self, browser, provider, owner):
        log_in(browser, provider)
        with owner.session() as session:
            sent = session.execute(select(Outbox.destination, Outbox.payload)).all()
        assert ("user:vanthu", "identity_linked") in {(to, payload["kind"]) for to, payload in sent}


class TestHostile:
    @pytest.mark.parametrize(
        "change",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"aud": "another-client"},
            {"aud": ["another-client", "third"]},
            {"aud": None},
            {"iss": "https://elsewhere.example.net"},
            {"sub": None},
            {"sub": ""},
            {"sub": 12},
            {"azp": "another-client"},
            {"exp": None},
            {"exp": "soon"},
            {"iat": None},
            {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        ],
    )
    def test_a_token_with_a_wrong_or_missing_claim_opens_nothing(self, browser, provider, owner, change):
        def spoil(claims):
            changed = {**claims, **change}
            return {name: value for name, value in changed.items() if value is not None}

        provider.id_claims = spoil
        assert_problem(log_in(browser, provider), 401, "login.provider_refused")
        assert count(owner, LoginSession) == 0

    @pytest.mark.parametrize(
        "fault", ["none", "hmac", "foreign key", "bad signature", "no id_token", "not json"]
    )
    def test_a_token_that_is_not_rightly_signed_opens_nothing(self, browser, provider, owner, fault):
        provider.faults = {fault}
        assert_problem(log_in(browser, provider), 401, "login.provider_refused")
        assert count(owner, LoginSession) == 0

    def test_a_foreign_key_under_a_known_name_opens_nothing(self, browser, provider):
        provider.faults = {"foreign key", "stolen kid"}
        assert_problem(log_in(browser, provider), 401, "login.provider_refused")

    @pytest.mark.parametrize(("late", "status"), [(359, 200), (361, 401)])
    def test_an_expired_token_opens_nothing(self, browser, provider, clock, late, status):
        provider.id_claims = lambda claims: {
            **claims,
            "iat": claims["iat"] - late,
            "exp": claims["exp"] - late,
        }
        assert log_in(browser, provider).status_code == status

    def test_a_token_from_the_future_opens_nothing(self, browser, provider):
        provider.id_claims = lambda claims: {**claims, "iat": claims["iat"] + 600, "exp": claims["exp"] + 600}
        assert_problem(log_in(browser, provider), 401, "login.provider_refused")

    def test_a_wrong_state_opens_nothing(self, browser, provider):
        assert_problem(log_in(browser, provider, state="x" * 43), 401, "login.provider_refused")

    def test_a_state_is_taken_once(self, browser, provider):
        address = provider.log_in(leave(browser))
        assert back(browser, address).status_code == 200
        assert_problem(back(browser, address), 401, "login.provider_refused")

    def test_a_replayed_code_opens_nothing(self, browser, provider):
        used = parse_qs(urlsplit(provider.log_in(leave(browser))).query)
        assert back(browser, f"{HOUSE}{CALLBACK}?code={used['code'][0]}&state={used['state'][0]}")
        answer = log_in(browser, provider, code=used["code"][0])
        assert_problem(answer, 401, "login.provider_refused")

    def test_a_code_of_another_journey_fails_on_pkce(self, browser, provider):
        stolen = parse_qs(urlsplit(provider.log_in(leave(browser))).query)["code"][0]
        assert_problem(log_in(browser, provider, code=stolen), 401, "login.provider_refused")

    def test_another_browser_cannot_finish_the_journey(self, app, browser, provider):
        address = provider.log_in(leave(browser))
        victim = Caller(app.test_client())
        assert_problem(back(victim, address), 401, "login.provider_refused")
        assert back(browser, address).status_code == 200

    def test_a_journey_takes_ten_minutes_at_most(self, browser, provider, clock):
        address = provider.log_in(leave(browser))
        clock.advance(timedelta(minutes=10))
        assert_problem(back(browser, address), 401, "login.provider_refused")

    def test_a_refusal_of_the_provider_opens_nothing(self, browser, provider):
        answer = log_in(browser, provider, code=None, error="access_denied")
        assert_problem(answer, 401, "login.provider_refused")

    @pytest.mark.parametrize("sender", ["https://elsewhere.example.net", ""])
    def test_an_answer_that_another_provider_sent_opens_nothing(self, browser, provider, sender):
        assert_problem(log_in(browser, provider, iss=sender), 401, "login.provider_refused")

    def test_a_provider_that_always_names_itself_must_do_so(self, browser, provider):
        provider.metadata = {"authorization_response_iss_parameter_supported": True}
        assert_problem(log_in(browser, provider), 401, "login.provider_refused")
        assert log_in(browser, provider, iss=provider.issuer).status_code == 200

    def test_nothing_of_the_reason_leaves_the_house(self, browser, provider, caplog):
        provider.id_claims = lambda claims: {**claims, "aud": "another-client"}
        answer = log_in(browser, provider)
        assert "aud" not in answer.get_data(as_text=True)
        assert "aud" in caplog.text


class TestProvider:
    def test_new_keys_are_found_when_the_provider_changes_them(self, browser, provider, clock):
        log_in(browser, provider)
        provider.rotate()
        clock.advance(timedelta(seconds=10))
        assert log_in(browser, provider).status_code == 200

    def test_unknown_keys_do_not_make_us_ask_again_and_again(self, browser, provider):
        provider.faults = {"foreign key"}
        for _ in range(4):
            log_in(browser, provider)
        assert provider.asked.count("/jwks") == 1

    def test_its_configuration_is_kept_for_an_hour(self, browser, provider, clock):
        for _ in range(3):
            log_in(browser, provider)
        assert provider.asked.count("/.well-known/openid-configuration") == 1
        clock.advance(timedelta(hours=1))
        log_in(browser, provider)
        assert provider.asked.count("/.well-known/openid-configuration") == 2

    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://elsewhere.example.net"},
            {"token_endpoint": "http://elsewhere.example.net/token"},
            {"jwks_uri": "file:///etc/passwd"},
            {"jwks_uri": None},
            {"authorization_endpoint": "javascript:alert(1)"},
        ],
    )
    def test_a_configuration_that_leads_elsewhere_is_not_used(self, browser, provider, metadata):
        provider.metadata = metadata
        answer = browser.post("/api/v1/sessions/provider", **SECURE)
        assert_problem(answer, 503, "provider.unavailable")

    def test_redirects_are_not_followed(self, browser, provider):
        provider.faults = {"moved"}
        answer = browser.post("/api/v1/sessions/provider", **SECURE)
        assert_problem(answer, 503, "provider.unavailable")

    def test_a_provider_that_is_down_leaves_the_password(self, browser, provider):
        address = provider.log_in(leave(browser))
        provider.faults = {"down"}
        answer = back(browser, address)
        assert answer.status_code in {401, 503}
        session = browser.post("/api/v1/sessions", {"login": "vanthu", "password": PASSWORD})
        assert session.status_code == 201

    def test_it_is_named_to_whoever_signs_in(self, browser, provider):
        told = browser.get("/api/v1/sessions/provider").json
        assert told == {"name": "Danh tính Tỉnh ủy", "issuer": provider.issuer}

    def test_logging_out_ends_the_session_and_tells_where_to_go_on(self, browser, provider):
        log_in(browser, provider)
        secret = {"X-CSRF-Token": me(browser).json["csrf_token"]}
        answer = browser.post("/api/v1/sessions/provider/logout", headers=secret, **SECURE)
        address = urlsplit(answer.json["logout_url"])
        assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/logout"
        told = parse_qs(address.query)
        assert told == {"client_id": [CLIENT_ID], "post_logout_redirect_uri": [f"{HOUSE}/"]}
        assert_problem(me(browser), 401)


class TestLogoutByTheProvider:
    PATH = "/api/v1/sessions/provider/back-channel-logout"

    def end(self, app, token):
        return app.test_client().post(self.PATH, data={"logout_token": token})

    def test_a_login_that_ends_there_ends_here_too(self, app, browser, provider, signed_in):
        log_in(browser, provider)
        by_password, neighbour = signed_in("vanthu"), signed_in("troly")
        assert self.end(app, provider.logout_token()).status_code == 204
        assert_problem(me(browser), 401, "session.ended")
        assert_problem(by_password.get("/api/v1/me"), 401, "session.ended")
        assert neighbour.get("/api/v1/me").status_code == 200

    def test_somebody_whom_nobody_here_knows_ends_nothing(self, app, browser, provider):
        log_in(browser, provider)
        assert self.end(app, provider.logout_token(sub="u-9")).status_code == 204
        assert me(browser).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"aud": "another-client"},
            {"iss": "https://elsewhere.example.net"},
            {"events": None},
            {"events": {"other": {}}},
            {"nonce": "n"},
            {"sub": None},
            {"exp": 1},
        ],
    )
    def test_a_word_that_is_not_right_ends_nothing(self, app, browser, provider, change):
        log_in(browser, provider)
        answer = self.end(app, provider.logout_token(**change))
        assert_problem(answer, 401, "login.provider_refused")
        assert me(browser).status_code == 200

    @pytest.mark.parametrize("token", ["", "x", "a.b.c"])
    def test_what_is_no_token_ends_nothing(self, app, provider, token):
        assert_problem(self.end(app, token), 401, "login.provider_refused")

    def test_a_token_of_a_login_is_no_word_of_its_end(self, app, browser, provider):
        log_in(browser, provider)
        assert_problem(self.end(app, provider._id_token("n")), 401, "login.provider_refused")


class TestLinking:
    @pytest.fixture
    def house(self, settings, clock, provider, office):
        """A house that does not trust user names: people link themselves."""
        told = ProviderSettings(provider.issuer, CLIENT_ID, office.code, CLIENT_SECRET)
        built = build(replace(settings, public_url=HOUSE, provider=told), clock)
        yield built
        built.close()

    def link(self, person, provider):
        left = person.post("/api/v1/me/identities", {"password": PASSWORD}, **SECURE)
        assert left.status_code == 201, left.get_data(as_text=True)
        return back(person, provider.log_in(left.json["authorization_url"]))

    def test_without_a_trusted_claim_nobody_is_linked_by_name(self, browser, provider):
        assert_problem(log_in(browser, provider), 401, "identity.unknown")

    def test_a_person_links_their_identity_and_signs_in_with_it(self, signed_in, browser, provider):
        clerk = signed_in("troly")
        page = self.link(clerk, provider)
        assert "url=/account" in page.get_data(as_text=True)
        assert [item["subject"] for item in clerk.get("/api/v1/me/identities").json["items"]] == ["u-1001"]
        log_in(browser, provider)
        assert me(browser).json["login"] == "troly"

    def test_linking_needs_the_password(self, signed_in, provider):
        answer = signed_in("troly").post("/api/v1/me/identities", {"password": "sai mat khau"}, **SECURE)
        assert_problem(answer, 403, "password.wrong")

    def test_an_identity_belongs_to_one_account_and_an_account_has_one(self, signed_in, provider):
        self.link(signed_in("troly"), provider)
        assert_problem(self.link(signed_in("vanthu"), provider), 409, "identity.taken")
        provider.person = {"sub": "u-2"}
        assert_problem(self.link(signed_in("troly"), provider), 409, "identity.taken")

    def test_only_the_provider_agencys_people_link(self, app, database, other_office, provider):
        login = other_office.plan.people[0].login
        person = Caller(app.test_client(), open_session(database, other_office.actor_for(login)))
        answer = person.post("/api/v1/me/identities", {"password": PASSWORD}, **SECURE)
        assert_problem(answer, 409, "identity.other_agency")

    def test_unlinking_needs_the_step_up_and_is_ones_own(self, signed_in, browser, provider, clock):
        aide, clerk = signed_in("troly"), signed_in("vanthu")
        self.link(aide, provider)
        address = f"/api/v1/me/identities/{aide.get('/api/v1/me/identities').json['items'][0]['id']}"
        assert_problem(aide.ask("DELETE", address), 403, "step_up.no_factor")
        enrol_totp(aide, clock)
        enrol_totp(clerk, clock)
        assert_problem(clerk.ask("DELETE", address), 404, "identity.not_found")
        assert aide.ask("DELETE", address).status_code == 204
        assert_problem(log_in(browser, provider), 401, "identity.unknown")


def test_a_house_without_a_provider_says_so(standing_application, runtime, office):
    nobody = Caller(standing_application(runtime).test_client())
    for method, path in (("GET", "/api/v1/sessions/provider"), ("POST", "/api/v1/sessions/provider")):
        assert_problem(nobody.ask(method, path), 404, "provider.none")


def test_the_page_that_leads_on_holds_nothing_of_the_request(browser, provider):
    page = log_in(browser, provider, extra="<script>alert(1)</script>").get_data(as_text=True)
    assert "alert" not in page
    assert re.fullmatch(r"<!doctype html>.*", page)
    assert json.dumps(page)
