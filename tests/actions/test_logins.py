"""Logging in: uniform answers, a growing delay that locks nobody out, tokens that nobody can read back."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from service.actions import logins
from service.actions.logins import Attempt, log_in
from service.actions.sessions import SessionRules, csrf_of, is_csrf_right, token_identity
from service.actions.throttle import FREE_FAILURES
from service.domain import passwords
from service.domain.clock import ManualClock
from service.domain.errors import Unauthenticated
from service.storage.database import Database
from service.storage.models import Account, AuditEvent, LoginFailure, LoginSession
from tests.factories import PASSWORD, Office, unit_for


def _attempt(login: str = "vanthu", password: str = PASSWORD, address: str = "10.0.0.1") -> Attempt:
    return Attempt(login, password, "bearer", address, "Firefox", "r-1")


def _refusal(database: Database, attempt: Attempt) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refused:
        log_in(database, attempt)
    return refused.value


@pytest.mark.parametrize("login", ["vanthu", "VanThu", "  vanthu "])
def test_the_right_password_opens_a_session(database: Database, office: Office, login: str) -> None:
    result = log_in(database, _attempt(login))
    with unit_for(database, result.token) as unit:
        assert unit.actor.login == "vanthu"
        assert unit.actor.agency_id == office.agency_id
    assert result.expires_at == database.clock.now() + SessionRules().lifetime
    assert not result.must_change_password


def test_guessing_in_parallel_gains_nothing(database: Database, office: Office) -> None:
    start = threading.Barrier(8)

    def guess(number: int) -> str:
        start.wait()
        return _refusal(database, _attempt(password=f"wrong password {number}")).code

    with ThreadPoolExecutor(8) as pool:
        codes = Counter(pool.map(guess, range(8)))
    assert codes == {"login.refused": FREE_FAILURES, "login.slow_down": 8 - FREE_FAILURES}
    log_in(database, _attempt(address="10.0.0.2"))  # nobody is locked out


def test_only_the_hash_of_a_token_is_kept(database: Database, owner: Database, office: Office) -> None:
    token = log_in(database, _attempt()).token
    with owner.session() as session:
        row = session.execute(select(LoginSession)).scalar_one()
        assert bytes(row.token_hash) == hashlib.sha256(token.encode()).digest()
        assert (row.address, row.device, row.carrier) == ("10.0.0.1", "Firefox", "bearer")


def test_wrong_password_unknown_login_and_disabled_account_get_the_same_answer(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.session() as session:
        session.execute(
            update(Account).where(Account.login == "troly").values(disabled_at=database.clock.now())
        )
        session.execute(update(Account).where(Account.login == "giamsat").values(password_hash=None))
    answers = {
        str(_refusal(database, attempt))
        for attempt in (
            _attempt(password="wrong password"),
            _attempt("nobody"),
            _attempt("troly"),
            _attempt("giamsat"),
            _attempt("", ""),
            _attempt("van\0thu", "wrong\0password"),
            _attempt("van\ud800thu", "wrong \ud800 password"),
        )
    }
    assert len(answers) == 1


def test_an_unknown_login_costs_a_hash_too(
    database: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str | None] = []

    def verify(password: str, password_hash: str | None) -> bool:
        checked.append(password_hash)
        return passwords.verify_password(password, password_hash)

    monkeypatch.setattr(logins, "verify_password", verify)
    _refusal(database, _attempt("nobody"))
    assert checked == [None]


def test_after_three_failures_the_next_attempt_must_wait_ever_longer(
    database: Database, office: Office, clock: ManualClock
) -> None:
    for _ in range(3):
        assert _refusal(database, _attempt(password="wrong password")).code == "login.refused"
    waits = []
    for _ in range(8):
        refusal = _refusal(database, _attempt())
        assert refusal.code == "login.slow_down"
        waits.append(refusal.extra["retry_after_seconds"])
        clock.advance(timedelta(seconds=waits[-1]))
        assert _refusal(database, _attempt(password="wrong password")).code == "login.refused"
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    clock.advance(timedelta(seconds=60))
    assert log_in(database, _attempt()).login == "vanthu"


def test_attempts_during_the_wait_do_not_lengthen_it(
    database: Database, office: Office, clock: ManualClock
) -> None:
    for _ in range(3):
        _refusal(database, _attempt(password="wrong password"))
    for _ in range(5):
        assert _refusal(database, _attempt()).extra["retry_after_seconds"] == 1
    clock.advance(timedelta(seconds=1))
    assert log_in(database, _attempt()).login == "vanthu"


def test_an_attacker_elsewhere_delays_only_themselves(database: Database, office: Office) -> None:
    for _ in range(3):
        _refusal(database, _attempt(password="wrong password", address="203.0.113.9"))
    assert _refusal(database, _attempt(address="203.0.113.9")).code == "login.slow_down"
    assert log_in(database, _attempt(address="10.0.0.1")).login == "vanthu"
    assert log_in(database, _attempt("vanthu2", address="203.0.113.9")).login == "vanthu2"


def test_an_unknown_login_is_slowed_down_like_a_known_one(database: Database, office: Office) -> None:
    for _ in range(3):
        _refusal(database, _attempt("nobody"))
    assert _refusal(database, _attempt("NOBODY ")).code == "login.slow_down"


def test_a_success_forgets_the_failures_before(database: Database, owner: Database, office: Office) -> None:
    for _ in range(2):
        _refusal(database, _attempt(password="wrong password"))
    log_in(database, _attempt())
    with owner.session() as session:
        assert session.execute(select(LoginFailure)).all() == []


def test_what_was_typed_as_a_login_is_not_kept(database: Database, owner: Database, office: Office) -> None:
    _refusal(database, _attempt("my secret password"))
    with owner.session() as session:
        failure = session.execute(select(LoginFailure)).scalar_one()
        assert bytes(failure.login_hash) == hashlib.sha256(b"my secret password").digest()


def test_logins_and_refusals_are_audited(database: Database, office: Office) -> None:
    _refusal(database, _attempt(password="wrong password"))
    log_in(database, _attempt())
    with database.unit_of_work(office.system) as unit:
        events = unit.session.execute(select(AuditEvent).order_by(AuditEvent.id)).scalars().all()
        told = [(event.action, event.actor_id, event.request_id) for event in events]
    assert told == [("session.refuse", None, "r-1"), ("session.start", office.accounts["vanthu"], "r-1")]


def test_a_hash_of_weaker_parameters_is_renewed_at_login(
    database: Database, owner: Database, office: Office
) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    with owner.session() as session:
        session.execute(update(Account).where(Account.login == "vanthu").values(password_hash=weak))
    log_in(database, _attempt())
    with owner.session() as session:
        renewed = session.execute(select(Account.password_hash).where(Account.login == "vanthu")).scalar_one()
    assert renewed is not None
    assert renewed != weak
    assert not passwords.needs_rehash(renewed)
    assert passwords.verify_password(PASSWORD, renewed)


def test_a_cookie_token_is_no_bearer_token(database: Database, office: Office) -> None:
    result = log_in(database, Attempt("vanthu", PASSWORD, "cookie", "10.0.0.1"))
    with pytest.raises(Unauthenticated), unit_for(database, result.token):
        pass
    with database.unit_of_work(token_identity(result.token, carrier="cookie")) as unit:
        assert unit.actor.login == "vanthu"


def test_the_anti_forgery_token_belongs_to_its_session_alone(database: Database, office: Office) -> None:
    first, second = log_in(database, _attempt()), log_in(database, _attempt())
    assert first.csrf == csrf_of(first.token)
    assert is_csrf_right(first.token, first.csrf)
    assert not is_csrf_right(first.token, second.csrf)
    assert not is_csrf_right(first.token, "")
    assert first.token not in first.csrf


def test_a_password_does_not_show_in_an_attempts_text() -> None:
    assert PASSWORD not in repr(_attempt())
