"""The second half of a login: its token found again, the second factor shown, the session opened.

A token takes a few tries within a few minutes and opens nothing else; another login needs the password again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text, update

from service.actions import throttle
from service.actions.logins import FirstFactor, LoginResult, open_session, slow_down
from service.actions.passkey_proofs import Occasion, passkey_options
from service.actions.proofs import Proof, ProofTools, Proved, prove
from service.actions.refusals import note_refused_factor
from service.actions.sessions import Carrier, SessionRules, token_hash
from service.domain.actors import Actor
from service.domain.errors import Unauthenticated
from service.domain.passkeys import RelyingParty
from service.storage.database import Database
from service.storage.models import LoginChallenge, table_of
from service.storage.unit_of_work import UnitOfWork

MOST_TRIES: Final = 5

_challenge = table_of(LoginChallenge)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The second factor of a login that is under way.

    Attributes:
        login_token: of :class:`FactorWanted`.
        proof: what the person shows.
        address: the client's.
        request_id: for the audit.
    """

    login_token: str = field(repr=False)
    proof: Proof = field(repr=False)
    address: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """A login that waits for its second factor, as its token found it."""

    id: UUID
    account_id: UUID
    agency_id: UUID
    agency_code: str
    login: str
    full_name: str
    must_change_password: bool
    carrier: Carrier
    origin: str
    address: str
    device: str
    failures: int

    @property
    def occasion(self) -> Occasion:
        """What a passkey answers for."""
        return Occasion(self.account_id, "login", self.id)

    def person(self, request_id: str | None) -> Actor:
        """Return whose login it is, without any right yet."""
        return Actor(
            self.agency_id,
            self.agency_code,
            self.account_id,
            self.login,
            self.full_name,
            request_id=request_id,
        )


def show_factor(
    database: Database, step: SecondStep, tools: ProofTools, rules: SessionRules | None = None
) -> LoginResult:
    """Take the second factor of a login, and open the session; its holder has then stepped up too.

    Raises:
        Unauthenticated: ``login.expired`` for an unknown, old or used-up token, ``login.factor_refused`` for
            a wrong factor, ``login.slow_down`` with ``retry_after_seconds`` after several failures.
    """
    challenge = find_challenge(database, step.login_token)
    with database.unit_of_work(challenge.person(step.request_id)) as unit:
        wait = throttle.wait_for_factor(unit.session, challenge.account_id, step.address, unit.now)
        if wait > timedelta():
            raise slow_down(wait)
        tries = _lock(unit, challenge) + 1
        outcome = prove(unit, challenge.occasion, step.proof, tools)
        if isinstance(outcome, Proved):
            return _finish(unit, challenge, outcome.method, rules or SessionRules())
        _use_try(unit, challenge, tries)
        note_refused_factor(unit, step.address, is_copied=outcome.is_copied)
    raise Unauthenticated(
        "login.factor_refused",
        "Mã hoặc khóa không đúng, đã hết hạn hoặc đã dùng.",
        "The code or key is wrong, too old or used already.",
    )


def login_options(
    database: Database, login_token: str, party: RelyingParty, request_id: str | None = None
) -> dict[str, Any]:
    """Return what the browser is given to let a passkey answer for a login under way.

    Raises:
        Unauthenticated: ``login.expired``.
        Conflict: the account has no passkey.
    """
    challenge = find_challenge(database, login_token)
    with database.unit_of_work(challenge.person(request_id)) as unit:
        return passkey_options(unit, challenge.occasion, party)


def find_challenge(database: Database, login_token: str) -> Challenge:
    """Return the login that a token of :class:`FactorWanted` continues.

    Raises:
        Unauthenticated: ``login.expired``.
    """
    find = text("SELECT * FROM find_login_challenge(:token_hash, :now)")
    values = {"token_hash": token_hash(login_token), "now": database.clock.now()}
    with database.session() as session:
        row = session.execute(find, values).mappings().first()
    if row is None:
        raise expired()
    return Challenge(**row)


def expired() -> Unauthenticated:
    """Return the refusal of a token that continues no login."""
    return Unauthenticated(
        "login.expired",
        "Lượt đăng nhập không còn hiệu lực; hãy đăng nhập lại từ đầu.",
        "This login is no longer valid; begin again.",
    )


def _lock(unit: UnitOfWork, challenge: Challenge) -> int:
    """Let one try at a time be made with a token; return how many failed before.

    Raises:
        Unauthenticated: another try has just used it up.
    """
    locked = select(_challenge.c.failures).where(_challenge.c.id == challenge.id).with_for_update()
    failures: int | None = unit.session.execute(locked).scalar()
    if failures is None:
        raise expired()
    return failures


def _finish(unit: UnitOfWork, challenge: Challenge, method: str, rules: SessionRules) -> LoginResult:
    unit.session.execute(delete(_challenge).where(_challenge.c.id == challenge.id))
    throttle.forget_failures(unit.session, throttle.factor_key(challenge.account_id), challenge.address)
    first = FirstFactor(
        unit.actor,
        challenge.carrier,
        challenge.address,
        challenge.device,
        challenge.origin,
        challenge.must_change_password,
    )
    return open_session(unit, first, rules, method)


def _use_try(unit: UnitOfWork, challenge: Challenge, tries: int) -> None:
    which = _challenge.c.id == challenge.id
    if tries >= MOST_TRIES:
        unit.session.execute(delete(_challenge).where(which))
    else:
        unit.session.execute(update(_challenge).where(which).values(failures=tries))
