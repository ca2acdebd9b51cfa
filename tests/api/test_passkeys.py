"""Passkeys with an authenticator in software: registered, used at login and for step-up, refused when wrong."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.domain.passkeys import RelyingParty
from service.domain.step_up import STEP_UP_VALIDITY, require_step_up
from service.storage.models import Outbox, Passkey
from tests.api.callers import Caller, assert_problem
from tests.api.factors import enrol_totp, log_in
from tests.authenticator import SoftwareAuthenticator, decode, encode
from tests.factories import PASSWORD, unit_for

PASSKEYS = "/api/v1/me/passkeys"
OPTIONS = "/api/v1/sessions/second-factor/passkey-options"


def begin(person: Caller, password: str | None = PASSWORD) -> dict:
    answer = person.post(f"{PASSKEYS}/options", {"password": password})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["public_key"]


def register(person: Caller, device: SoftwareAuthenticator, name: str = "Điện thoại"):
    return person.post(PASSKEYS, {"name": name, "credential": device.make(begin(person))})


def step_up_by(person: Caller, device: SoftwareAuthenticator):
    options = person.post("/api/v1/sessions/step-up/passkey-options").json["public_key"]
    return person.post("/api/v1/sessions/step-up", {"passkey": device.answer(options)})


def log_in_by(anonymous: Caller, device: SoftwareAuthenticator):
    token = log_in(anonymous).json["login_token"]
    options = anonymous.post(OPTIONS, {"login_token": token}).json["public_key"]
    proof = {"login_token": token, "passkey": device.answer(options)}
    return anonymous.post("/api/v1/sessions/second-factor", proof)


def is_stepped_up(database, person) -> bool:
    with unit_for(database, person.token) as unit:
        return unit.actor.stepped_up_at == unit.now


@pytest.fixture
def device() -> SoftwareAuthenticator:
    return SoftwareAuthenticator()


class TestRegistering:
    def test_the_device_must_verify_its_person_and_nothing_personal_is_the_handle(self, sign_in, office):
        options = begin(sign_in("vanthu"))
        assert options["authenticatorSelection"]["userVerification"] == "required"
        assert options["attestation"] == "none"
        assert options["rp"] == {"id": "localhost", "name": "Công Văn"}
        assert decode(options["user"]["id"]) == office.accounts["vanthu"].bytes
        assert len(decode(options["challenge"])) == 32

    @pytest.mark.parametrize("is_edwards", [False, True])
    @pytest.mark.parametrize("attestation", ["none", "packed"])
    def test_a_passkey_is_kept_with_its_public_key_only(self, sign_in, owner, is_edwards, attestation):
        device = SoftwareAuthenticator(is_edwards=is_edwards, attestation=attestation)
        clerk = sign_in("vanthu")
        answer = register(clerk, device)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        assert answer.json["passkey"]["name"] == "Điện thoại"
        assert answer.json["passkey"]["transports"] == ["hybrid", "internal"]
        assert len(answer.json["recovery_codes"]) == 10
        with owner.session() as session:
            kept = session.execute(select(Passkey)).scalar_one()
        assert bytes(kept.credential_id) == device.credential_id
        assert clerk.get("/api/v1/me/second-factors").json["methods"] == ["passkey", "recovery_code"]

    @pytest.mark.parametrize(
        "fault",
        [
            {"origin": "https://congvan.example.net"},
            {"origin": "http://localhost"},
            {"verifies_user": False},
            {"is_framed": True},
            {"attestation": "fido-u2f"},
            {"attestation": "android-safetynet"},
        ],
    )
    def test_what_a_wrong_page_or_device_gives_is_refused(self, sign_in, fault):
        clerk = sign_in("vanthu")
        answer = register(clerk, SoftwareAuthenticator(**fault))
        assert_problem(answer, 422, "passkey.refused")
        assert clerk.get(PASSKEYS).json["items"] == []

    def test_a_false_packed_signature_is_refused(self, sign_in):
        clerk = sign_in("vanthu")
        device, other = SoftwareAuthenticator(attestation="packed"), SoftwareAuthenticator()
        device._sign = other._sign
        assert_problem(register(clerk, device), 422, "passkey.refused")

    def test_a_challenge_is_taken_once_by_its_own_session_in_time(self, sign_in, device, clock):
        clerk, elsewhere = sign_in("vanthu"), sign_in("vanthu")
        options = begin(clerk)
        body = {"name": "x", "credential": device.make(options)}
        assert_problem(elsewhere.post(PASSKEYS, body), 422, "passkey.refused")
        assert clerk.post(PASSKEYS, body).status_code == 201
        assert_problem(clerk.post(PASSKEYS, body), 422, "passkey.refused")
        late = SoftwareAuthenticator().make(begin(clerk))
        clock.advance(timedelta(minutes=3))
        assert_problem(clerk.post(PASSKEYS, {"name": "x", "credential": late}), 422, "passkey.refused")

    def test_an_older_challenge_of_the_session_no_longer_counts(self, sign_in, device):
        clerk = sign_in("vanthu")
        first = begin(clerk)
        begin(clerk)
        answer = clerk.post(PASSKEYS, {"name": "x", "credential": device.make(first)})
        assert_problem(answer, 422, "passkey.refused")

    def test_a_passkey_belongs_to_one_account(self, sign_in, device):
        assert register(sign_in("vanthu"), device).status_code == 201
        assert_problem(register(sign_in("troly"), device), 409, "passkey.known")

    def test_known_passkeys_are_not_made_again(self, sign_in, device):
        clerk = sign_in("vanthu")
        register(clerk, device)
        excluded = begin(clerk)["excludeCredentials"]
        assert [item["id"] for item in excluded] == [encode(device.credential_id)]

    def test_the_session_alone_is_not_enough(self, sign_in, clock):
        clerk = sign_in("vanthu")
        answer = clerk.post(f"{PASSKEYS}/options", {})
        assert_problem(answer, 403, "password.wrong")
        enrol_totp(clerk, clock)
        clock.advance(STEP_UP_VALIDITY)
        answer = clerk.post(f"{PASSKEYS}/options", {"password": PASSWORD})
        assert_problem(answer, 403, "step_up.required")

    def test_malformed_answers_are_refused_and_never_a_fault(self, sign_in, device):
        clerk = sign_in("vanthu")
        dice = random.Random(20260302)
        for _ in range(120):
            credential = device.make(begin(clerk))
            part = dice.choice(["clientDataJSON", "attestationObject"])
            raw = bytearray(decode(credential["response"][part]))
            for _ in range(dice.randint(1, 4)):
                raw[dice.randrange(len(raw))] ^= dice.randint(1, 255)
            credential["response"][part] = encode(bytes(raw))
            answer = clerk.post(PASSKEYS, {"name": "x", "credential": credential})
            assert answer.status_code in {201, 409, 422}, answer.get_data(as_text=True)

    @pytest.mark.parametrize(
        "credential",
        [{}, {"response": None}, {"response": {"clientDataJSON": 1}}, {"response": []}, {"rawId": "é" * 9}],
    )
    def test_answers_of_another_shape_are_refused(self, sign_in, credential):
        clerk = sign_in("vanthu")
        begin(clerk)
        answer = clerk.post(PASSKEYS, {"name": "x", "credential": credential})
        assert_problem(answer, 422, "passkey.refused")


class TestProving:
    @pytest.mark.parametrize("is_edwards", [False, True])
    def test_a_passkey_completes_a_login_and_counts_as_step_up(
        self, sign_in, anonymous, database, is_edwards
    ):
        device = SoftwareAuthenticator(is_edwards=is_edwards)
        register(sign_in("vanthu"), device)
        session = log_in_by(anonymous, device)
        assert session.status_code == 201, session.get_data(as_text=True)
        person = Caller(anonymous.client, session.json["token"])
        assert person.get("/api/v1/me").json["login"] == "vanthu"
        assert is_stepped_up(database, person)

    def test_a_passkey_steps_a_session_up(self, sign_in, device, clock, database):
        clerk = sign_in("vanthu")
        register(clerk, device)
        clock.advance(STEP_UP_VALIDITY)
        answer = step_up_by(clerk, device)
        assert answer.json["method"] == "passkey"
        with unit_for(database, clerk.token) as unit:
            require_step_up(unit.actor, unit.now)
        assert clerk.get(PASSKEYS).json["items"][0]["last_used_at"]

    def test_an_answer_is_taken_once(self, sign_in, device):
        clerk = sign_in("vanthu")
        register(clerk, device)
        options = clerk.post("/api/v1/sessions/step-up/passkey-options").json["public_key"]
        answer = device.answer(options)
        assert clerk.post("/api/v1/sessions/step-up", {"passkey": answer}).status_code == 200
        again = clerk.post("/api/v1/sessions/step-up", {"passkey": answer})
        assert_problem(again, 403, "second_factor.refused")

    def test_a_device_that_does_not_count_may_stay_at_zero(self, sign_in):
        clerk, device = sign_in("vanthu"), SoftwareAuthenticator(counts=False)
        register(clerk, device)
        assert step_up_by(clerk, device).status_code == 200
        assert step_up_by(clerk, device).status_code == 200

    def test_a_counter_that_goes_back_betrays_a_copy(self, sign_in, device, owner):
        clerk = sign_in("vanthu")
        register(clerk, device)
        assert step_up_by(clerk, device).status_code == 200
        device.sign_count -= 1  # a copy that was made before
        assert_problem(step_up_by(clerk, device), 403, "passkey.copied")
        with owner.session() as session:
            kinds = [payload["kind"] for payload in session.execute(select(Outbox.payload)).scalars()]
        assert "passkey_copied" in kinds

    @pytest.mark.parametrize(
        "fault",
        [{"origin": "https://congvan.example.net"}, {"verifies_user": False}, {"is_framed": True}],
    )
    def test_a_wrong_page_or_an_unverified_person_proves_nothing(self, sign_in, device, fault):
        clerk = sign_in("vanthu")
        register(clerk, device)
        for name, value in fault.items():
            setattr(device, name, value)
        assert_problem(step_up_by(clerk, device), 403, "second_factor.refused")

    def test_anothers_passkey_proves_nothing(self, sign_in, device):
        clerk, aide, foreign = sign_in("vanthu"), sign_in("troly"), SoftwareAuthenticator()
        register(clerk, device)
        register(aide, foreign)
        assert_problem(step_up_by(clerk, foreign), 403, "second_factor.refused")

    def test_a_false_signature_proves_nothing(self, sign_in, device):
        clerk = sign_in("vanthu")
        register(clerk, device)
        device.key = SoftwareAuthenticator().key
        assert_problem(step_up_by(clerk, device), 403, "second_factor.refused")

    def test_an_answer_for_a_login_does_not_step_up(self, sign_in, anonymous, device):
        clerk = sign_in("vanthu")
        register(clerk, device)
        token = log_in(anonymous).json["login_token"]
        options = anonymous.post(OPTIONS, {"login_token": token}).json["public_key"]
        answer = clerk.post("/api/v1/sessions/step-up", {"passkey": device.answer(options)})
        assert_problem(answer, 403, "second_factor.refused")

    def test_without_a_passkey_there_is_nothing_to_ask_for(self, sign_in, anonymous, clock):
        clerk = sign_in("vanthu")
        answer = clerk.post("/api/v1/sessions/step-up/passkey-options")
        assert_problem(answer, 409, "passkey.none")
        enrol_totp(clerk, clock)
        wanted = log_in(anonymous).json["login_token"]
        assert_problem(anonymous.post(OPTIONS, {"login_token": wanted}), 409, "passkey.none")


class TestKeeping:
    def test_passkeys_are_renamed_and_removed_by_their_person_only(self, sign_in, device, clock):
        clerk, aide = sign_in("vanthu"), sign_in("troly")
        made = f"{PASSKEYS}/{register(clerk, device).json['passkey']['id']}"
        assert clerk.ask("PATCH", made, json={"name": "Khóa USB"}).json["name"] == "Khóa USB"
        assert_problem(aide.ask("PATCH", made, json={"name": "x"}), 404, "passkey.not_found")
        assert_problem(aide.ask("DELETE", made), 404, "passkey.not_found")
        clock.advance(STEP_UP_VALIDITY)
        assert_problem(clerk.ask("DELETE", made), 403, "step_up.required")
        step_up_by(clerk, device)
        assert clerk.ask("DELETE", made).status_code == 204
        told = clerk.get("/api/v1/me/second-factors").json
        assert (told["methods"], told["recovery_codes_left"]) == ([], 0)

    def test_removing_one_of_two_factors_keeps_the_recovery_codes(self, sign_in, device, clock):
        clerk = sign_in("vanthu")
        enrol_totp(clerk, clock)
        made = register(clerk, device).json
        assert made["recovery_codes"] == []
        assert clerk.ask("DELETE", f"{PASSKEYS}/{made['passkey']['id']}").status_code == 204
        assert clerk.get("/api/v1/me/second-factors").json["recovery_codes_left"] == 10

    def test_an_account_has_twenty_at_most(self, sign_in, device):
        clerk = sign_in("vanthu")
        for _ in range(20):
            assert register(clerk, SoftwareAuthenticator()).status_code == 201
        answer = clerk.post(f"{PASSKEYS}/options", {"password": PASSWORD})
        assert_problem(answer, 409, "passkey.too_many")


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("https://congvan.tinhuy.vn", RelyingParty("congvan.tinhuy.vn", "https://congvan.tinhuy.vn")),
        ("https://vp.vn:8443/congvan/", RelyingParty("vp.vn", "https://vp.vn:8443")),
        ("http://localhost:8080", RelyingParty("localhost", "http://localhost:8080")),
    ],
)
def test_the_house_is_known_by_the_address_that_people_type(url, party):
    assert RelyingParty.at(url) == party
