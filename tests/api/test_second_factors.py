"""Second factors: enrolled, asked for at login, proved again before what weighs most."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select, text

from service.domain.errors import Forbidden
from service.domain.one_time_codes import code_at
from service.domain.step_up import STEP_UP_VALIDITY, require_step_up
from service.storage.models import AuditEvent, LoginSession, Outbox, RecoveryCode, SecondFactor
from tests.api.callers import Caller, assert_problem
from tests.api.factors import STEP, enrol_totp, log_in, step_up
from tests.factories import PASSWORD, unit_for


def wrong_code(secret, clock):
    near = {code_at(secret, clock.now() + shift * STEP) for shift in range(-2, 3)}
    return next(
        code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near
    )


def finish(anonymous, wanted, **proof):
    return anonymous.post(
        "/api/v1/sessions/second-factor", {"login_token": wanted.json["login_token"], **proof}
    )


def try_sensitive(database, token):
    with unit_for(database, token) as unit:
        require_step_up(unit.actor, unit.now)


class TestEnrolling:
    def test_the_enrolment_can_be_read_by_an_authenticator_app(self, sign_in):
        begun = sign_in("vanthu").post("/api/v1/me/second-factors/totp", {"password": PASSWORD})
        uri = urlsplit(begun.json["uri"])
        assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
        assert parse_qs(uri.query)["secret"] == [begun.json["secret"]]
        assert parse_qs(uri.query)["issuer"] == ["Công Văn"]
        picture = ET.fromstring(begun.json["qr_svg"])
        assert picture.tag.endswith("svg")
        assert not [part for part in picture.iter() if part.tag.endswith(("script", "style"))]

    def test_a_confirmed_generator_gives_ten_recovery_codes_once(self, sign_in, clock):
        clerk = sign_in("vanthu")
        _, codes = enrol_totp(clerk, clock)
        assert len(set(codes)) == 10
        told = clerk.get("/api/v1/me/second-factors").json
        assert told["methods"] == ["totp", "recovery_code"]
        assert told["recovery_codes_left"] == 10
        assert told["totp_confirmed_at"]

    def test_an_unconfirmed_generator_counts_for_nothing(self, sign_in, anonymous, office):
        clerk = sign_in("vanthu")
        clerk.post("/api/v1/me/second-factors/totp", {"password": PASSWORD})
        assert clerk.get("/api/v1/me/second-factors").json["methods"] == []
        assert log_in(anonymous).status_code == 201

    def test_a_wrong_code_confirms_nothing(self, sign_in, clock):
        clerk = sign_in("vanthu")
        secret = clerk.post("/api/v1/me/second-factors/totp", {"password": PASSWORD}).json["secret"]
        answer = clerk.post("/api/v1/me/second-factors/totp/confirm", {"code": wrong_code(secret, clock)})
        document = assert_problem(answer, 422, "second_factor.wrong_code")
        assert document["errors"][0]["pointer"] == "/code"
        assert clerk.get("/api/v1/me/second-factors").json["methods"] == []

    def test_nothing_can_be_confirmed_that_was_not_begun(self, sign_in):
        answer = sign_in("vanthu").post("/api/v1/me/second-factors/totp/confirm", {"code": "123456"})
        assert_problem(answer, 404, "second_factor.not_begun")

    @pytest.mark.parametrize("password", [None, "sai mat khau roi"])
    def test_the_session_alone_is_not_enough_for_the_first_factor(self, sign_in, password):
        answer = sign_in("vanthu").post("/api/v1/me/second-factors/totp", {"password": password})
        assert_problem(answer, 403, "password.wrong")

    def test_guessing_the_password_of_an_open_session_is_slowed_down(self, sign_in):
        clerk = sign_in("vanthu")
        for _ in range(3):
            answer = clerk.post("/api/v1/me/second-factors/totp", {"password": "sai mat khau roi"})
            assert_problem(answer, 403, "password.wrong")
        answer = clerk.post("/api/v1/me/second-factors/totp", {"password": PASSWORD})
        assert_problem(answer, 403, "second_factor.slow_down")
        assert answer.headers["Retry-After"] == "1"

    def test_a_second_generator_needs_the_first_to_be_removed(self, sign_in, clock):
        clerk = sign_in("vanthu")
        enrol_totp(clerk, clock)
        answer = clerk.post("/api/v1/me/second-factors/totp", {"password": PASSWORD})
        assert_problem(answer, 409, "second_factor.enrolled")

    def test_secrets_and_recovery_codes_do_not_rest_in_clear(self, sign_in, clock, owner, runtime):
        secret, codes = enrol_totp(sign_in("vanthu"), clock)
        with owner.session() as session:
            kept = session.execute(select(SecondFactor)).scalar_one()
            assert secret not in kept.secret
            assert runtime.sealer.open(kept.secret, f"second_factor:{kept.account_id}") == secret
            hashes = session.execute(select(RecoveryCode.code_hash)).scalars().all()
            everything = session.execute(text("SELECT string_agg(e::text, ' ') FROM audit_event e")).scalar()
        assert len(hashes) == 10
        assert all(len(bytes(kept_hash)) == 32 for kept_hash in hashes)
        for word in (secret, *codes):
            assert word not in everything

    def test_secrets_do_not_show_in_the_log(self, sign_in, clock, caplog):
        caplog.set_level("DEBUG")
        clerk = sign_in("vanthu")
        secret, codes = enrol_totp(clerk, clock)
        step_up(clerk, clock, secret)
        assert not [word for word in (secret, *codes) if word in caplog.text]

    def test_the_person_is_told_of_a_new_factor(self, sign_in, clock, owner):
        enrol_totp(sign_in("vanthu"), clock)
        with owner.session() as session:
            sent = session.execute(select(Outbox.destination, Outbox.payload)).all()
        assert [(to, payload["kind"]) for to, payload in sent] == [("user:vanthu", "second_factor_added")]


class TestLoggingIn:
    def test_a_password_alone_opens_no_session_of_an_account_with_a_factor(
        self, sign_in, anonymous, clock, owner
    ):
        enrol_totp(sign_in("vanthu"), clock)
        wanted = log_in(anonymous)
        assert wanted.status_code == 202
        assert wanted.json["methods"] == ["totp", "recovery_code"]
        assert wanted.json.keys() == {"login_token", "methods", "expires_at"}
        with owner.session() as session:
            assert len(session.execute(select(LoginSession)).all()) == 1  # the one that enrolled

    def test_the_login_token_has_no_rights(self, sign_in, anonymous, clock):
        enrol_totp(sign_in("vanthu"), clock)
        token = log_in(anonymous).json["login_token"]
        holder = Caller(anonymous.client, token)
        for address in ("/api/v1/me", "/api/v1/tasks", "/api/v1/me/second-factors"):
            assert_problem(holder.get(address), 401, "session.ended")
        assert_problem(holder.post("/api/v1/sessions/step-up", {"totp": "123456"}), 401, "session.ended")

    def test_the_code_completes_the_login_and_counts_as_step_up(self, sign_in, anonymous, clock, database):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        session = finish(anonymous, log_in(anonymous), totp=code_at(secret, clock.now()))
        assert session.status_code == 201
        assert Caller(anonymous.client, session.json["token"]).get("/api/v1/me").json["login"] == "vanthu"
        try_sensitive(database, session.json["token"])

    def test_a_cookie_login_gets_its_cookie_only_after_the_code(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        secure = {"base_url": "https://localhost"}
        wanted = anonymous.post(
            "/api/v1/sessions", {"login": "vanthu", "password": PASSWORD, "carrier": "cookie"}, **secure
        )
        assert "Set-Cookie" not in wanted.headers
        proof = {"login_token": wanted.json["login_token"], "totp": code_at(secret, clock.now())}
        session = anonymous.post("/api/v1/sessions/second-factor", proof, **secure)
        assert session.headers["Set-Cookie"].startswith("__Host-congvan=")
        assert "token" not in session.json
        assert anonymous.get("/api/v1/me", **secure).json["login"] == "vanthu"

    def test_a_code_is_taken_once(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        code = code_at(secret, clock.now())
        assert finish(anonymous, log_in(anonymous), totp=code).status_code == 201
        assert_problem(finish(anonymous, log_in(anonymous), totp=code), 401, "login.factor_refused")

    def test_the_code_that_confirmed_the_enrolment_is_taken(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        used = code_at(secret, clock.now() - STEP)
        assert_problem(finish(anonymous, log_in(anonymous), totp=used), 401, "login.factor_refused")

    @pytest.mark.parametrize(("shift", "status"), [(-2, 401), (-1, 201), (0, 201), (1, 201), (2, 401)])
    def test_clocks_may_differ_by_one_step(self, sign_in, anonymous, clock, shift, status):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        clock.advance(timedelta(minutes=10))
        answer = finish(anonymous, log_in(anonymous), totp=code_at(secret, clock.now() + shift * STEP))
        assert answer.status_code == status

    def test_a_login_takes_five_tries(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        wanted = log_in(anonymous)
        for number in range(5):
            clock.advance(timedelta(seconds=8))
            answer = finish(anonymous, wanted, totp=wrong_code(secret, clock))
            assert_problem(answer, 401, "login.factor_refused"), number
        clock.advance(timedelta(seconds=8))
        answer = finish(anonymous, wanted, totp=code_at(secret, clock.now()))
        assert_problem(answer, 401, "login.expired")

    def test_a_login_waits_five_minutes_for_its_factor(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        wanted = log_in(anonymous)
        clock.advance(timedelta(minutes=5))
        answer = finish(anonymous, wanted, totp=code_at(secret, clock.now()))
        assert_problem(answer, 401, "login.expired")

    def test_a_login_is_completed_once(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        wanted = log_in(anonymous)
        assert finish(anonymous, wanted, totp=code_at(secret, clock.now())).status_code == 201
        clock.advance(STEP)
        answer = finish(anonymous, wanted, totp=code_at(secret, clock.now()))
        assert_problem(answer, 401, "login.expired")

    def test_disabling_the_account_ends_a_login_under_way(self, sign_in, anonymous, clock):
        secret, _ = enrol_totp(sign_in("vanthu"), clock)
        wanted = log_in(anonymous)
        assert sign_in("quantri").post("/api/v1/accounts/vanthu/disable").status_code == 204
        answer = finish(anonymous, wanted, totp=code_at(secret, clock.now()))
        assert_problem(answer, 401, "login.expired")

    def test_a_new_password_ends_a_login_under_way(self, sign_in, anonymous, clock):
        clerk = sign_in("vanthu")
        secret, _ = enrol_totp(clerk, clock)
        wanted = log_in(anonymous)
        change = {"current_password": PASSWORD, "new_password": "mot mat khau khac hoan toan"}
        assert clerk.post("/api/v1/me/password", change).status_code == 204
        answer = finish(anonymous, wanted, totp=code_at(secret, clock.now()))
        assert_problem(answer, 401, "login.expired")

    def test_a_recovery_code_replaces_the_generator_once(self, sign_in, anonymous, clock):
        _, codes = enrol_totp(sign_in("vanthu"), clock)
        spoken = codes[3].upper().replace("-", " ")
        session = finish(anonymous, log_in(anonymous), recovery_code=spoken)
        assert session.status_code == 201
        left = Caller(anonymous.client, session.json["token"]).get("/api/v1/me/second-factors").json
        assert left["recovery_codes_left"] == 9
        again = finish(anonymous, log_in(anonymous), recovery_code=codes[3])
        assert_problem(again, 401, "login.factor_refused")

    def test_anothers_code_proves_nothing(self, sign_in, anonymous, clock):
        enrol_totp(sign_in("vanthu"), clock)
        secret, codes = enrol_totp(sign_in("troly"), clock)
        wanted = log_in(anonymous)
        for proof in ({"totp": code_at(secret, clock.now())}, {"recovery_code": codes[0]}):
            assert_problem(finish(anonymous, wanted, **proof), 401, "login.factor_refused")

    @pytest.mark.parametrize("proof", [{}, {"totp": "123456", "recovery_code": "x"}])
    def test_exactly_one_proof_is_shown(self, anonymous, office, proof):
        answer = anonymous.post("/api/v1/sessions/second-factor", {"login_token": "x", **proof})
        document = assert_problem(answer, 422, "request.invalid")
        assert document["errors"][0]["code"] == "proof.one"

    @pytest.mark.parametrize("token", [None, "forged" * 7])
    def test_a_missing_or_forged_login_token_gets_nowhere(self, anonymous, office, token):
        body = {"totp": "123456"} | ({"login_token": token} if token else {})
        assert_problem(anonymous.post("/api/v1/sessions/second-factor", body), 401, "login.expired")


class TestSteppingUp:
    def test_without_any_factor_one_is_told_where_to_enrol(self, sign_in, database):
        clerk = sign_in("vanthu")
        with pytest.raises(Forbidden) as refused:
            try_sensitive(database, clerk.token)
        assert refused.value.code == "step_up.no_factor"
        assert refused.value.extra == {"enrol_at": "/api/v1/me/second-factors"}
        answer = clerk.post("/api/v1/sessions/step-up", {"totp": "123456"})
        assert_problem(answer, 403, "step_up.no_factor")

    def test_the_refusal_says_which_methods_there_are(self, sign_in, database, clock):
        clerk = sign_in("vanthu")
        enrol_totp(clerk, clock)
        clock.advance(STEP_UP_VALIDITY)
        with pytest.raises(Forbidden) as refused:
            try_sensitive(database, clerk.token)
        assert refused.value.code == "step_up.required"
        assert refused.value.extra["methods"] == ["totp", "recovery_code"]
        assert refused.value.extra["prove_at"] == "/api/v1/sessions/step-up"

    def test_a_proof_counts_for_five_minutes_in_its_own_session(self, sign_in, database, clock):
        clerk, elsewhere = sign_in("vanthu"), sign_in("vanthu")
        secret, _ = enrol_totp(clerk, clock)
        clock.advance(STEP_UP_VALIDITY)
        answer = clerk.post("/api/v1/sessions/step-up", {"totp": code_at(secret, clock.now())})
        assert answer.json["method"] == "totp"
        try_sensitive(database, clerk.token)
        with pytest.raises(Forbidden):
            try_sensitive(database, elsewhere.token)
        clock.advance(STEP_UP_VALIDITY - timedelta(seconds=1))
        try_sensitive(database, clerk.token)
        clock.advance(timedelta(seconds=1))
        with pytest.raises(Forbidden):
            try_sensitive(database, clerk.token)

    def test_wrong_codes_are_counted_and_slowed_down_although_they_change_nothing(
        self, sign_in, clock, owner
    ):
        clerk = sign_in("vanthu")
        secret, _ = enrol_totp(clerk, clock)
        for _ in range(3):
            answer = clerk.post("/api/v1/sessions/step-up", {"totp": wrong_code(secret, clock)})
            assert_problem(answer, 403, "second_factor.refused")
        answer = clerk.post("/api/v1/sessions/step-up", {"totp": code_at(secret, clock.now())})
        document = assert_problem(answer, 403, "second_factor.slow_down")
        assert document["retry_after_seconds"] == 1
        clock.advance(timedelta(seconds=1))
        assert (
            clerk.post("/api/v1/sessions/step-up", {"totp": code_at(secret, clock.now())}).status_code == 200
        )
        with owner.session() as session:
            actions = session.execute(select(AuditEvent.action)).scalars().all()
        assert actions.count("second_factor.refuse") == 3
        assert actions.count("session.step_up") == 1


class TestChanging:
    def test_removing_the_generator_needs_the_step_up(self, sign_in, clock):
        clerk = sign_in("vanthu")
        secret, _ = enrol_totp(clerk, clock)
        clock.advance(STEP_UP_VALIDITY)
        answer = clerk.ask("DELETE", "/api/v1/me/second-factors/totp")
        assert_problem(answer, 403, "step_up.required")
        step_up(clerk, clock, secret)
        assert clerk.ask("DELETE", "/api/v1/me/second-factors/totp").status_code == 204
        told = clerk.get("/api/v1/me/second-factors").json
        assert (told["methods"], told["recovery_codes_left"]) == ([], 0)

    def test_new_recovery_codes_replace_the_old_ones(self, sign_in, anonymous, clock):
        clerk = sign_in("vanthu")
        secret, old = enrol_totp(clerk, clock)
        clock.advance(STEP_UP_VALIDITY)
        assert_problem(clerk.post("/api/v1/me/second-factors/recovery-codes"), 403, "step_up.required")
        step_up(clerk, clock, secret)
        new = clerk.post("/api/v1/me/second-factors/recovery-codes").json["recovery_codes"]
        assert not set(old) & set(new)
        refused = finish(anonymous, log_in(anonymous), recovery_code=old[0])
        assert_problem(refused, 401, "login.factor_refused")
        assert finish(anonymous, log_in(anonymous), recovery_code=new[0]).status_code == 201

    def test_an_administrator_resets_lost_factors_after_stepping_up(self, sign_in, anonymous, clock, owner):
        clerk, admin = sign_in("vanthu"), sign_in("quantri")
        enrol_totp(clerk, clock)
        reset = "/api/v1/accounts/vanthu/second-factors"
        assert_problem(admin.ask("DELETE", reset), 403, "step_up.no_factor")
        enrol_totp(admin, clock)
        assert admin.ask("DELETE", reset).status_code == 204
        assert_problem(clerk.get("/api/v1/me"), 401, "session.ended")
        assert log_in(anonymous).status_code == 201
        with owner.session() as session:
            event = session.execute(
                select(AuditEvent).where(AuditEvent.action == "account.reset_second_factor")
            ).scalar_one()
            kinds = {
                (row.destination, row.payload["kind"]) for row in session.execute(select(Outbox)).scalars()
            }
        assert event.details == {"login": "vanthu"}
        assert ("user:vanthu", "second_factor_reset") in kinds

    def test_nobody_resets_their_own_factors_or_without_the_right(self, sign_in, clock):
        admin, clerk = sign_in("quantri"), sign_in("vanthu")
        enrol_totp(admin, clock)
        enrol_totp(clerk, clock)
        own = admin.ask("DELETE", "/api/v1/accounts/quantri/second-factors")
        assert_problem(own, 409, "account.own")
        other = clerk.ask("DELETE", "/api/v1/accounts/troly/second-factors")
        assert_problem(other, 403, "action.forbidden")
