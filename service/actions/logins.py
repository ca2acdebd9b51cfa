"""Logging in: with a password, and with a second factor where the account has one (OWASP ASVS 5.0 chapter 6).

Answers and timing are the same for a wrong password, an unknown login and a disabled account. After a few
failures of one login from one address the next attempts there must wait, ever longer up to a minute, but
nobody is locked out: an attacker elsewhere delays only themselves.

A right password of an account with a second factor opens no session. It gives a token that does one thing:
it lets the second factor be shown, within a few minutes and a few tries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from service.actions import throttle
from service.actions.sessions import Carrier, SessionRules, add_session, csrf_of, new_token, token_hash
from service.actions.suspicions import judge_login, tell_of_disabled
from service.domain.actors import Actor
from service.domain.errors import Unauthenticated
from service.domain.ids import new_id
from service.domain.passwords import hash_password, needs_rehash, verify_password
from service.domain.step_up import methods_of
from service.storage.database import Database
from service.storage.models import Account, LoginChallenge, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

CHALLENGE_LIFETIME: Final = timedelta(minutes=5)

_account = table_of(Account)
_challenge = table_of(LoginChallenge)


@dataclass(frozen=True, slots=True)
class LoginResult:
    """A new session.

    Attributes:
        token: for the Authorization header or the cookie; nobody can read it again.
        csrf: for forms of a cookie session.
        expires_at: the latest end.
        login: as the account spells it.
        full_name: of the person.
        must_change_password: whether only the password may be changed until it is (S4-11.2b).
        carrier: how the token travels.
    """

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    expires_at: datetime
    login: str
    full_name: str
    must_change_password: bool
    carrier: Carrier = "bearer"


@dataclass(frozen=True, slots=True)
class FactorWanted:
    """The first factor was right; the second is still wanted.

    Attributes:
        login_token: for showing it; it opens nothing else.
        methods: which factors the person has, the one to offer first in front.
        expires_at: when the whole login must begin again.
        carrier: how the session's token will travel.
    """

    login_token: str = field(repr=False)
    methods: list[str]
    expires_at: datetime
    carrier: Carrier = "bearer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to log in.

    Attributes:
        login: as typed; case does not matter.
        password: as typed.
        carrier: how the token will travel; it is refused any other way.
        address: the client's, for the delay after failures and for the list of one's sessions.
        device: what the client calls itself, for that list.
        request_id: for the audit.
    """

    login: str
    password: str = field(repr=False)
    carrier: Carrier
    address: str
    device: str = ""
    request_id: str | None = None

    @property
    def login_hash(self) -> bytes:
        """SHA-256 of the login: failures are counted without keeping what was typed into the field."""
        return throttle.login_key(self.login)


@dataclass(frozen=True, slots=True)
class FirstFactor:
    """A person whose first factor is right, and what their session is to be.

    Attributes:
        person: who.
        carrier: how the token will travel.
        address: the client's.
        device: what the client calls itself.
        origin: ``password``, or ``provider`` for a login at another provider.
        must_change_password: whether only the password may be changed until it is.
    """

    person: Actor
    carrier: Carrier
    address: str
    device: str
    origin: str
    must_change_password: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    account_id: UUID
    agency_id: UUID
    agency_code: str
    login: str
    full_name: str
    password_hash: str | None
    must_change_password: bool
    is_disabled: bool


def log_in(
    database: Database, attempt: Attempt, rules: SessionRules | None = None
) -> LoginResult | FactorWanted:
    """Check a password; open a session, or ask for the second factor of an account that has one.

    The password is checked outside any transaction: hashing must not hold a connection. The try is counted as
    failed before that, so that guessing in parallel is as slow as guessing in turn.

    Args:
        database: of the runtime role.
        attempt: who, from where.
        rules: how long the session lasts.

    Raises:
        Unauthenticated: ``login.refused``, or ``login.slow_down`` with ``retry_after_seconds`` after several
            failures of this login from this address.
    """
    with database.session() as session:
        candidate = _find_candidate(session, attempt.login.strip(), database.clock.now())
        wait, try_id = throttle.begin_try(session, attempt.login_hash, attempt.address, database.clock.now())
    if wait > timedelta():
        raise slow_down(wait)
    is_right = verify_password(attempt.password, candidate.password_hash if candidate else None)
    if candidate is None or not is_right or candidate.is_disabled:
        _note_failure(database, attempt, candidate, try_id)
        if candidate is not None and is_right:
            tell_of_disabled(database, _first_factor(attempt, candidate).person, attempt.address)
        raise Unauthenticated(
            "login.refused",
            "Tên đăng nhập hoặc mật khẩu không đúng.",
            "The login name or the password is wrong.",
        )
    first = _first_factor(attempt, candidate)
    with database.unit_of_work(first.person) as unit:
        throttle.take_back_try(unit.session, try_id)
        _strengthen(unit, attempt, candidate)
        return pass_first_factor(unit, first, rules or SessionRules())


def pass_first_factor(
    unit: UnitOfWork, first: FirstFactor, rules: SessionRules
) -> LoginResult | FactorWanted:
    """Open a session for whoever needs no second factor; let the others show theirs.

    Args:
        unit: of the person.
        first: who passed the first factor, and how.
        rules: how long the session lasts.
    """
    factors = frozenset(
        unit.session.execute(select(func.factors_of(first.person.account_id))).scalar_one(),
    )
    if factors:
        return _ask_for_factor(unit, first, methods_of(factors))
    return open_session(unit, first, rules, None)


def _first_factor(attempt: Attempt, candidate: _Candidate) -> FirstFactor:
    person = Actor(
        candidate.agency_id,
        candidate.agency_code,
        candidate.account_id,
        candidate.login,
        candidate.full_name,
        request_id=attempt.request_id,
    )
    return FirstFactor(
        person,
        attempt.carrier,
        attempt.address,
        attempt.device,
        "password",
        candidate.must_change_password,
    )


def _find_candidate(session: Session, login: str, now: datetime) -> _Candidate | None:
    if not login.isprintable():
        return None  # no login has such characters, and the database cannot even be asked about some
    statement = text("SELECT * FROM find_login(:login, :now)")
    row = session.execute(statement, {"login": login, "now": now}).mappings().first()
    return _Candidate(**row) if row else None


def slow_down(wait: timedelta) -> Unauthenticated:
    """Return the refusal of a login that must wait."""
    seconds = throttle.seconds_of(wait)
    return Unauthenticated(
        "login.slow_down",
        f"Đăng nhập sai nhiều lần; hãy thử lại sau {seconds} giây.",
        f"Too many failed logins; try again in {seconds} seconds.",
        extra={"retry_after_seconds": seconds},
    )


def _note_failure(database: Database, attempt: Attempt, candidate: _Candidate | None, try_id: UUID) -> None:
    now = database.clock.now()
    values = {
        "id": try_id,
        "login_hash": attempt.login_hash,
        "address": attempt.address[: throttle.LONGEST_ADDRESS],
        "login": candidate.login if candidate else "",
        "request_id": attempt.request_id,
        "now": now,
    }
    statement = text("SELECT note_failed_login(:id, :login_hash, :address, :login, :request_id, :now)")
    with database.session() as session:
        session.execute(statement, values)


def _strengthen(unit: UnitOfWork, attempt: Attempt, candidate: _Candidate) -> None:
    """Keep the password under today's parameters: only now is it known."""
    if candidate.password_hash and needs_rehash(candidate.password_hash):
        stronger = hash_password(attempt.password)
        which = _account.c.id == candidate.account_id
        unit.session.execute(update(_account).where(which).values(password_hash=stronger))


def _ask_for_factor(unit: UnitOfWork, first: FirstFactor, methods: list[str]) -> FactorWanted:
    token, challenge_id = new_token(), new_id(unit.now)
    theirs = _challenge.c.account_id == first.person.account_id
    unit.session.execute(delete(_challenge).where(theirs, _challenge.c.expires_at <= unit.now))
    row = {
        "id": challenge_id,
        "agency_id": first.person.agency_id,
        "account_id": first.person.account_id,
        "token_hash": token_hash(token),
        "carrier": first.carrier,
        "origin": first.origin,
        "address": first.address[: throttle.LONGEST_ADDRESS],
        "device": first.device[:200],
        "failures": 0,
        "created_at": unit.now,
        "expires_at": unit.now + CHALLENGE_LIFETIME,
    }
    unit.session.execute(insert(_challenge), row)
    unit.audit(
        AuditRecord("login.await_factor", "account", first.person.account_id, {"address": first.address})
    )
    return FactorWanted(token, methods, unit.now + CHALLENGE_LIFETIME, first.carrier)


def open_session(
    unit: UnitOfWork, first: FirstFactor, rules: SessionRules, factor: str | None
) -> LoginResult:
    """Open the session of a login that is complete; ``factor`` is the second factor that was shown for it."""
    judge_login(unit, first.address, first.device)
    token = add_session(unit, first.carrier, first.address, first.device, rules, factor=factor)
    throttle.forget_failures(unit.session, throttle.login_key(first.person.login), first.address)
    return LoginResult(
        token,
        csrf_of(token),
        unit.now + rules.lifetime,
        first.person.login,
        first.person.full_name,
        first.must_change_password,
        first.carrier,
    )
