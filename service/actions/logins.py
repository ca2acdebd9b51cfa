"""Logging in with a password (OWASP ASVS 5.0 chapter 6).

Answers and timing are the same for a wrong password, an unknown login and a disabled account. After a few
failures of one login from one address the next attempts there must wait, ever longer up to a minute, but
nobody is locked out: an attacker elsewhere delays only themselves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from service.actions.sessions import LONGEST_ADDRESS, Carrier, SessionRules, add_session, csrf_of
from service.domain.actors import Actor
from service.domain.errors import Unauthenticated
from service.domain.ids import new_id
from service.domain.passwords import hash_password, needs_rehash, verify_password
from service.storage.database import Database
from service.storage.models import Account, LoginFailure, table_of

FREE_FAILURES: Final = 3
FAILURE_WINDOW: Final = timedelta(minutes=15)
LONGEST_DELAY: Final = timedelta(seconds=60)

_account = table_of(Account)
_failure = table_of(LoginFailure)


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
    """

    token: str
    csrf: str
    expires_at: datetime
    login: str
    full_name: str
    must_change_password: bool


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
        return hashlib.sha256(self.login.strip().casefold().encode("utf-8", "surrogatepass")).digest()


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


def log_in(database: Database, attempt: Attempt, rules: SessionRules | None = None) -> LoginResult:
    """Check a password and open a session.

    The password is checked outside any transaction: hashing must not hold a connection.

    Args:
        database: of the runtime role.
        attempt: who, from where.
        rules: how long the session lasts.

    Raises:
        Unauthenticated: ``login.refused``, or ``login.slow_down`` with ``retry_after_seconds`` after several
            failures of this login from this address.
    """
    with database.session() as session:
        candidate = _find_candidate(session, attempt.login.strip())
        wait = _delay(session, attempt, database.clock.now())
    if wait > timedelta():
        raise _slow_down(wait)
    is_right = verify_password(attempt.password, candidate.password_hash if candidate else None)
    if candidate is None or not is_right or candidate.is_disabled:
        _note_failure(database, attempt, candidate)
        raise Unauthenticated(
            "login.refused",
            "Tên đăng nhập hoặc mật khẩu không đúng.",
            "The login name or the password is wrong.",
        )
    return _open_session(database, attempt, candidate, rules or SessionRules())


def _find_candidate(session: Session, login: str) -> _Candidate | None:
    if not login.isprintable():
        return None  # no login has such characters, and the database cannot even be asked about some
    row = session.execute(text("SELECT * FROM find_login(:login)"), {"login": login}).mappings().first()
    return _Candidate(**row) if row else None


def _delay(session: Session, attempt: Attempt, now: datetime) -> timedelta:
    """Return how long this login must still wait at this address: 1, 2, 4 … 60 s after the last failure."""
    row = session.execute(
        select(func.count(), func.max(_failure.c.at)).where(
            _failure.c.login_hash == attempt.login_hash,
            _failure.c.address == attempt.address[:LONGEST_ADDRESS],
            _failure.c.at > now - FAILURE_WINDOW,
        ),
    ).one()
    count: int = row[0]
    if count < FREE_FAILURES:
        return timedelta()
    last: datetime = row[1]
    delay = min(timedelta(seconds=2 ** min(count - FREE_FAILURES, 10)), LONGEST_DELAY)
    return max(last + delay - now, timedelta())


def _slow_down(wait: timedelta) -> Unauthenticated:
    seconds = -int(-wait.total_seconds() // 1)
    return Unauthenticated(
        "login.slow_down",
        f"Đăng nhập sai nhiều lần; hãy thử lại sau {seconds} giây.",
        f"Too many failed logins; try again in {seconds} seconds.",
        extra={"retry_after_seconds": seconds},
    )


def _note_failure(database: Database, attempt: Attempt, candidate: _Candidate | None) -> None:
    now = database.clock.now()
    values = {
        "id": new_id(now),
        "login_hash": attempt.login_hash,
        "address": attempt.address[:LONGEST_ADDRESS],
        "login": candidate.login if candidate else "",
        "request_id": attempt.request_id,
        "now": now,
    }
    statement = text("SELECT note_failed_login(:id, :login_hash, :address, :login, :request_id, :now)")
    with database.session() as session:
        session.execute(statement, values)


def _open_session(
    database: Database,
    attempt: Attempt,
    candidate: _Candidate,
    rules: SessionRules,
) -> LoginResult:
    stronger = None
    if candidate.password_hash and needs_rehash(candidate.password_hash):
        stronger = hash_password(attempt.password)
    person = Actor(
        candidate.agency_id,
        candidate.agency_code,
        candidate.account_id,
        candidate.login,
        candidate.full_name,
        request_id=attempt.request_id,
    )
    with database.unit_of_work(person) as unit:
        token = add_session(unit, attempt.carrier, attempt.address, attempt.device, rules)
        unit.session.execute(
            delete(_failure).where(
                _failure.c.login_hash == attempt.login_hash,
                _failure.c.address == attempt.address[:LONGEST_ADDRESS],
            ),
        )
        if stronger:
            unit.session.execute(
                update(_account).where(_account.c.id == candidate.account_id).values(password_hash=stronger),
            )
        expires_at = unit.now + rules.lifetime
    return LoginResult(
        token,
        csrf_of(token),
        expires_at,
        candidate.login,
        candidate.full_name,
        candidate.must_change_password,
    )
