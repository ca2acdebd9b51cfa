"""What is taken once is taken once, however many ask at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from service.actions import throttle
from service.actions.login_challenges import MOST_TRIES, SecondStep, show_factor
from service.actions.logins import Attempt, log_in
from service.actions.passkey_proofs import Occasion, new_challenge, take_challenge
from service.actions.proofs import Proof, ProofTools
from service.actions.second_factors import confirm_totp, enrol_totp, step_up
from service.domain.clock import ManualClock
from service.domain.errors import CongVanError
from service.domain.one_time_codes import code_at
from service.domain.passkeys import RelyingParty
from service.domain.sealing import Sealer
from service.storage.database import Database
from service.storage.models import LoginSession, SecondFactor
from tests.api.factors import STEP
from tests.factories import PASSWORD, Office, open_session, unit_for

TOOLS = ProofTools(Sealer(b"k" * 32), RelyingParty("localhost", "http://localhost:8080"))
AT_ONCE = 4


@pytest.fixture
def enrolled(database: Database, office: Office, clock: ManualClock) -> tuple[str, list[str]]:
    """A clerk's generator and recovery codes."""
    with unit_for(database, open_session(database, office.actor_for("vanthu"))) as unit:
        secret = enrol_totp(unit, TOOLS.sealer, "10.0.0.1", PASSWORD).secret
        codes = confirm_totp(unit, TOOLS.sealer, code_at(secret, clock.now()))
    clock.advance(STEP)
    return secret, codes


def begin(database: Database) -> str:
    return log_in(database, Attempt("vanthu", PASSWORD, "bearer", "10.0.0.1")).login_token


def race(*attempts: Callable[[], object]) -> int:
    """Start all at the same instant; return how many were not refused."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> bool:
        gate.wait()
        try:
            attempt()
        except CongVanError:
            return False
        return True

    with ThreadPoolExecutor(len(attempts)) as pool:
        return sum(pool.map(run, attempts))


def test_one_code_completes_one_of_many_logins(
    database: Database, enrolled: tuple[str, list[str]], clock: ManualClock
) -> None:
    proof = Proof(totp=code_at(enrolled[0], clock.now()))
    tokens = [begin(database) for _ in range(AT_ONCE)]
    won = race(
        *(
            lambda token=token: show_factor(database, SecondStep(token, proof, "10.0.0.1"), TOOLS)
            for token in tokens
        )
    )
    assert won == 1


def test_one_recovery_code_completes_one_of_many_logins(
    database: Database, enrolled: tuple[str, list[str]]
) -> None:
    proof = Proof(recovery_code=enrolled[1][0])
    tokens = [begin(database) for _ in range(AT_ONCE)]
    won = race(
        *(
            lambda token=token: show_factor(database, SecondStep(token, proof, "10.0.0.1"), TOOLS)
            for token in tokens
        )
    )
    assert won == 1


def test_one_login_opens_one_session_with_however_many_right_factors(
    database: Database, owner: Database, enrolled: tuple[str, list[str]]
) -> None:
    token = begin(database)
    won = race(
        *(
            lambda code=code: show_factor(
                database, SecondStep(token, Proof(recovery_code=code), "10.0.0.1"), TOOLS
            )
            for code in enrolled[1][:AT_ONCE]
        )
    )
    assert won == 1
    with owner.session() as session:
        assert len(session.execute(select(LoginSession)).all()) == 2  # that one, and the one that enrolled


def test_guesses_at_the_same_instant_are_as_slow_as_one_after_the_other(
    database: Database, enrolled: tuple[str, list[str]]
) -> None:
    token, refusals = begin(database), []

    def guess() -> None:
        try:
            show_factor(database, SecondStep(token, Proof(totp="000000"), "203.0.113.9"), TOOLS)
        except CongVanError as error:
            refusals.append(error.code)

    race(*([guess] * 5))
    assert refusals.count("login.factor_refused") == throttle.FREE_FAILURES
    assert refusals.count("login.slow_down") == 5 - throttle.FREE_FAILURES


def test_guesses_from_many_places_share_the_five_tries_of_a_login(
    database: Database, enrolled: tuple[str, list[str]]
) -> None:
    token, refusals = begin(database), []

    def guess(address: str) -> None:
        try:
            show_factor(database, SecondStep(token, Proof(totp="000000"), address), TOOLS)
        except CongVanError as error:
            refusals.append(error.code)

    race(*(lambda place=place: guess(f"203.0.113.{place}") for place in range(8)))
    assert refusals.count("login.factor_refused") == MOST_TRIES
    assert refusals.count("login.expired") == 8 - MOST_TRIES


def test_one_code_steps_one_of_many_sessions_up(
    database: Database, office: Office, enrolled: tuple[str, list[str]], clock: ManualClock
) -> None:
    proof = Proof(totp=code_at(enrolled[0], clock.now()))
    tokens = [open_session(database, office.actor_for("vanthu")) for _ in range(AT_ONCE)]

    def prove(token: str) -> None:
        with unit_for(database, token) as unit:
            step_up(unit, proof, TOOLS, "10.0.0.1")

    assert race(*(lambda token=token: prove(token) for token in tokens)) == 1


def test_one_challenge_is_taken_by_one_of_many(database: Database, office: Office) -> None:
    clerk = office.accounts["vanthu"]
    occasion = Occasion(clerk, "step_up", clerk)
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        challenge = new_challenge(unit, occasion)
    taken = []

    def take() -> None:
        with database.unit_of_work(office.actor_for("vanthu")) as unit:
            taken.append(take_challenge(unit, occasion))

    race(*([take] * AT_ONCE))
    assert sorted(found is not None for found in taken) == [False] * (AT_ONCE - 1) + [True]
    assert challenge in taken


def test_a_secret_that_was_moved_to_another_account_proves_nothing(
    database: Database, owner: Database, office: Office, enrolled: tuple[str, list[str]], clock: ManualClock
) -> None:
    """Whoever can write to the database still cannot make a factor of their own count for someone else."""
    with owner.session() as session:
        factor = session.execute(select(SecondFactor)).scalar_one()
        factor.account_id = office.accounts["chanhvp"]
    token = log_in(database, Attempt("chanhvp", PASSWORD, "bearer", "10.0.0.1")).login_token
    proof = Proof(totp=code_at(enrolled[0], clock.now()))
    with pytest.raises(CongVanError) as refused:
        show_factor(database, SecondStep(token, proof, "10.0.0.1"), TOOLS)
    assert refused.value.code == "secret.unreadable"


def test_waits_grow_and_end(database: Database, clock: ManualClock) -> None:
    key = throttle.login_key("VanThu ")
    assert key == throttle.login_key("vanthu")
    with database.session() as session:
        for _ in range(12):
            throttle.note_failure(session, key, "10.0.0.1", clock.now())
        assert throttle.wait_at(session, key, "10.0.0.1", clock.now()) == throttle.LONGEST_DELAY
        assert throttle.wait_at(session, key, "10.0.0.2", clock.now()).total_seconds() == 0
        assert throttle.failures_of(session, key, clock.now()) == 12
        clock.advance(throttle.FAILURE_WINDOW)
        assert throttle.wait_at(session, key, "10.0.0.1", clock.now()).total_seconds() == 0
        assert throttle.failures_of(session, key, clock.now()) == 0
