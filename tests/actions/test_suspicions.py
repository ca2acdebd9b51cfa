"""Unusual logins are told, nobody is locked out, and guessing at a second factor is slow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.actions import accounts
from service.actions.login_challenges import SecondStep, show_factor
from service.actions.logins import Attempt, FactorWanted, LoginResult, log_in
from service.actions.proofs import Proof, ProofTools
from service.actions.second_factors import confirm_totp, enrol_totp
from service.domain.clock import ManualClock
from service.domain.errors import Unauthenticated
from service.domain.one_time_codes import code_at
from service.domain.passkeys import RelyingParty
from service.domain.sealing import Sealer
from service.storage.database import Database
from service.storage.models import AuditEvent, Outbox
from tests.factories import PASSWORD, Office, open_session, unit_for

TOOLS = ProofTools(Sealer(b"k" * 32), RelyingParty("localhost", "http://localhost:8080"))
DESK, CHROME = "10.0.0.1", "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0.0.0"


def attempt(login="chanhvp", password=PASSWORD, address=DESK, device=CHROME) -> Attempt:
    return Attempt(login, password, "bearer", address, device)


def fail(database: Database, **more: str) -> None:
    with pytest.raises(Unauthenticated):
        log_in(database, attempt(password="wrong password", **more))


@pytest.fixture
def told(database: Database, office: Office) -> Callable[[], list[tuple[str, str]]]:
    """Return a function that gives (receiver, kind) of all notices so far."""

    def look() -> list[tuple[str, str]]:
        with database.unit_of_work(office.system) as unit:
            rows = unit.session.execute(select(Outbox).order_by(Outbox.id)).scalars().all()
            return [(row.destination, row.payload["kind"]) for row in rows if row.channel == "notice"]

    return look


@pytest.fixture
def secret(database: Database, office: Office, clock: ManualClock) -> str:
    """The chair's generator, enrolled at their desk."""
    token = log_in(database, attempt()).token
    with unit_for(database, token) as unit:
        made = enrol_totp(unit, TOOLS.sealer, DESK, PASSWORD).secret
        confirm_totp(unit, TOOLS.sealer, code_at(made, clock.now()))
    clock.advance(timedelta(minutes=20))
    return made


def begin(database: Database, address: str = DESK) -> str:
    wanted = log_in(database, attempt(address=address))
    assert isinstance(wanted, FactorWanted)
    return wanted.login_token


def prove(database: Database, login_token: str, code: str, address: str = DESK) -> LoginResult:
    return show_factor(database, SecondStep(login_token, Proof(totp=code), address), TOOLS)


def guess(database: Database, times: int, address: str) -> list[str]:
    """Guess wrongly with the right password; return the refusals."""
    codes = []
    for _ in range(times):
        with pytest.raises(Unauthenticated) as refused:
            prove(database, begin(database, address), "000000", address)
        codes.append(refused.value.code)
    return codes


class TestTelling:
    def test_a_usual_login_is_told_to_nobody(self, database, told) -> None:
        for _ in range(3):
            log_in(database, attempt())
        assert told() == []

    @pytest.mark.clause("S2-6.5")
    @pytest.mark.parametrize(
        ("login", "receivers"),
        [("vanthu", ["user:vanthu"]), ("chanhvp", ["user:chanhvp", "role:admin"])],
    )
    def test_a_right_password_after_many_wrong_ones_is_told(
        self, database, told, clock, login, receivers
    ) -> None:
        log_in(database, attempt(login))
        for number in range(5):
            fail(database, login=login, address=f"203.0.113.{number}")
        log_in(database, attempt(login))
        assert {kind for _, kind in told()} <= {"login_after_failures", "account_suspicious"}
        assert [to for to, _ in told()] == receivers

    def test_a_few_slips_of_the_finger_are_told_to_nobody(self, database, told) -> None:
        fail(database)
        fail(database)
        log_in(database, attempt())
        assert told() == []

    @pytest.mark.parametrize(
        ("place", "is_told"),
        [
            ({"address": "203.0.113.9"}, True),
            ({"device": "Mozilla/5.0 (iPhone) Safari/605"}, True),
            ({"device": CHROME.replace("141", "142")}, False),
            ({}, False),
        ],
    )
    def test_a_new_address_or_device_is_told_a_newer_version_is_not(
        self, database, told, place, is_told
    ) -> None:
        log_in(database, attempt())
        log_in(database, attempt(**place))
        assert (("user:chanhvp", "login_new_place") in told()) is is_told

    def test_a_new_place_is_told_once(self, database, told) -> None:
        for address in (DESK, "10.0.0.2", "10.0.0.2"):
            log_in(database, attempt("vanthu", address=address))
        assert told() == [("user:vanthu", "login_new_place")]

    def test_the_right_password_of_a_disabled_account_is_told_to_the_administrators_once_a_day(
        self, database, office, told, clock
    ) -> None:
        with database.unit_of_work(office.actor_for("quantri")) as unit:
            accounts.disable_account(unit, "vanthu")
        fail(database, login="vanthu")
        assert told() == []
        with pytest.raises(Unauthenticated) as refused:
            log_in(database, attempt("vanthu"))
        assert refused.value.code == "login.refused"
        assert told() == [("role:admin", "login_disabled_account")]
        keys = set()
        with pytest.raises(Unauthenticated):
            log_in(database, attempt("vanthu"))
        with database.unit_of_work(office.system) as unit:
            keys = set(unit.session.execute(select(Outbox.dedupe_key)).scalars())
        assert len(keys) == 1

    def test_wrong_second_factors_are_told_because_the_password_is_known(
        self, database, secret, told
    ) -> None:
        before = len(told())
        guess(database, 2, "203.0.113.9")
        assert len(told()) == before
        guess(database, 1, "203.0.113.9")
        assert told()[before:] == [
            ("user:chanhvp", "second_factor_failures"),
            ("role:admin", "account_suspicious"),
        ]

    def test_signs_are_audited_with_their_address(self, database, office) -> None:
        log_in(database, attempt("vanthu"))
        log_in(database, attempt("vanthu", address="203.0.113.9"))
        with database.unit_of_work(office.system) as unit:
            event = unit.session.execute(
                select(AuditEvent).where(AuditEvent.action == "session.suspect")
            ).scalar_one()
        assert event.details == {"sign": "login_new_place", "address": "203.0.113.9"}
        assert event.object_id == office.accounts["vanthu"]


class TestNobodyIsLockedOut:
    """An attacker cannot keep the chair out before a vote, whatever they know."""

    def test_wrong_passwords_from_everywhere_do_not_slow_the_chair(self, database, office) -> None:
        log_in(database, attempt())
        for number in range(60):
            fail(database, address=f"203.0.113.{number}")
        assert log_in(database, attempt()).login == "chanhvp"
        assert log_in(database, attempt(address="10.0.0.77")).login == "chanhvp"

    def test_wrong_second_factors_from_everywhere_slow_strangers_and_not_the_chair(
        self, database, secret, clock
    ) -> None:
        for number in range(20):
            assert guess(database, 1, f"203.0.113.{number}") == ["login.factor_refused"]
        assert guess(database, 1, "203.0.113.200") == ["login.slow_down"]
        assert prove(database, begin(database), code_at(secret, clock.now())).login == "chanhvp"

    def test_the_chair_away_from_the_desk_waits_a_minute_at_most(self, database, secret, clock) -> None:
        for number in range(40):
            with pytest.raises(Unauthenticated):
                prove(database, begin(database, f"203.0.113.{number}"), "000000", f"203.0.113.{number}")
        with pytest.raises(Unauthenticated) as refused:
            prove(database, begin(database, "10.9.9.9"), code_at(secret, clock.now()), "10.9.9.9")
        wait = refused.value.extra["retry_after_seconds"]
        assert wait <= 60
        clock.advance(timedelta(seconds=wait))
        result = prove(database, begin(database, "10.9.9.9"), code_at(secret, clock.now()), "10.9.9.9")
        assert result.login == "chanhvp"

    def test_spent_logins_of_an_attacker_do_not_spend_the_chairs(self, database, secret, clock) -> None:
        chairs = begin(database)
        for _ in range(6):
            guess(database, 1, "203.0.113.9")
            clock.advance(timedelta(seconds=20))
        assert prove(database, chairs, code_at(secret, clock.now())).login == "chanhvp"


def test_a_session_that_was_open_stays_open_under_attack(database: Database, office: Office) -> None:
    token = open_session(database, office.actor_for("chanhvp"))
    for number in range(10):
        fail(database, address=f"203.0.113.{number}")
    with unit_for(database, token) as unit:
        assert unit.actor.login == "chanhvp"
