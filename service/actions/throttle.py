"""How long the next try must wait after failures, so that guessing is slow and nobody is locked out.

Failures count by what was guessed at and the address that guessed: 1, 2, 4 … 60 seconds after the third.
Second factors are counted over all addresses too, because six digits can be guessed by many machines at once;
but an address from which the account has had a session before is never held back by others, so that nobody
can keep a chairperson out before a vote.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.orm import Session

from service.domain.errors import Forbidden
from service.domain.ids import new_id
from service.storage.models import LoginFailure, LoginSession, table_of

FREE_FAILURES: Final = 3
FAILURE_WINDOW: Final = timedelta(minutes=15)
LONGEST_DELAY: Final = timedelta(seconds=60)
FREE_FAILURES_OF_ALL: Final = 20
"""So many wrong second factors of an account from all addresses together, and strangers must wait."""

LONGEST_ADDRESS: Final = 100

_failure = table_of(LoginFailure)
_session = table_of(LoginSession)


def login_key(login: str) -> bytes:
    """Return what failures of a login are counted under: never what was typed into the field itself."""
    return hashlib.sha256(login.strip().casefold().encode("utf-8", "surrogatepass")).digest()


def factor_key(account_id: UUID) -> bytes:
    """Return what failures of an account's second factor are counted under."""
    return hashlib.sha256(b"second factor:" + account_id.bytes).digest()


def wait_at(session: Session, key: bytes, address: str, now: datetime) -> timedelta:
    """Return how long this address must still wait: 1, 2, 4 … 60 s after its last failure."""
    here = _failure.c.address == address[:LONGEST_ADDRESS]
    count, last = session.execute(
        select(func.count(), func.max(_failure.c.at)).where(
            _failure.c.login_hash == key, here, _failure.c.at > now - FAILURE_WINDOW
        ),
    ).one()
    return _wait(count - FREE_FAILURES, last, now)


def wait_for_factor(session: Session, account_id: UUID, address: str, now: datetime) -> timedelta:
    """Return how long a second factor must wait here: as :func:`wait_at`, or because of all addresses.

    Tries at one account from one address wait for one another until their transaction ends: many at the same
    instant gain nothing. Those from elsewhere do not wait for them.
    """
    key = factor_key(account_id)
    _take_turn(session, key, address)
    wait = wait_at(session, key, address, now)
    count, last = session.execute(
        select(func.count(), func.max(_failure.c.at)).where(
            _failure.c.login_hash == key, _failure.c.at > now - FAILURE_WINDOW
        ),
    ).one()
    of_all = _wait(count - FREE_FAILURES_OF_ALL, last, now)
    if of_all <= wait or _is_familiar(session, account_id, address):
        return wait
    return of_all


def begin_try(session: Session, key: bytes, address: str, now: datetime) -> tuple[timedelta, UUID]:
    """Return how long a try at a password must wait here, and count it as failed until it is known.

    A password is checked outside any transaction, so that many tries at one instant would all pass before the
    first of them failed. Each is counted before it is looked at, one after the other.

    Returns:
        The wait, and the id of the count for :func:`take_back_try`; a try that must wait is not counted.
    """
    _take_turn(session, key, address)
    wait = wait_at(session, key, address, now)
    try_id = new_id(now)
    if wait <= timedelta():
        row = {"id": try_id, "login_hash": key, "address": address[:LONGEST_ADDRESS], "at": now}
        session.execute(insert(_failure), row)
    return wait, try_id


def take_back_try(session: Session, try_id: UUID) -> None:
    """Count a try no longer: its password was right."""
    session.execute(delete(_failure).where(_failure.c.id == try_id))


def note_failure(session: Session, key: bytes, address: str, now: datetime) -> None:
    """Count a failure."""
    row = {"id": new_id(now), "login_hash": key, "address": address[:LONGEST_ADDRESS], "at": now}
    session.execute(insert(_failure), row)


def failures_of(session: Session, key: bytes, now: datetime, address: str | None = None) -> int:
    """Return how many failures count at present, at one address or (None) anywhere."""
    here = [] if address is None else [_failure.c.address == address[:LONGEST_ADDRESS]]
    counted = select(func.count()).where(
        _failure.c.login_hash == key, _failure.c.at > now - FAILURE_WINDOW, *here
    )
    return session.execute(counted).scalar_one()


def forget_failures(session: Session, key: bytes, address: str) -> None:
    """Forget the failures of an address after a success there."""
    here = _failure.c.address == address[:LONGEST_ADDRESS]
    session.execute(delete(_failure).where(_failure.c.login_hash == key, here))


def check_pace(wait: timedelta) -> None:
    """Refuse someone signed in whose tries at a password or a second factor must wait.

    Raises:
        Forbidden: ``second_factor.slow_down`` with ``retry_after_seconds``.
    """
    if wait <= timedelta():
        return
    seconds = seconds_of(wait)
    raise Forbidden(
        "second_factor.slow_down",
        f"Xác thực sai nhiều lần; hãy thử lại sau {seconds} giây.",
        f"Too many wrong tries; try again in {seconds} seconds.",
        extra={"retry_after_seconds": seconds},
    )


def seconds_of(wait: timedelta) -> int:
    """Return a wait in whole seconds, rounded up."""
    return -int(-wait.total_seconds() // 1)


def _take_turn(session: Session, key: bytes, address: str) -> None:
    turn = func.hashtextextended(f"{key.hex()}:{address[:LONGEST_ADDRESS]}", 0)
    session.execute(select(func.pg_advisory_xact_lock(turn)))


def _wait(beyond: int, last: datetime | None, now: datetime) -> timedelta:
    if beyond < 0 or last is None:
        return timedelta()
    delay = min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST_DELAY)
    return max(last + delay - now, timedelta())


def _is_familiar(session: Session, account_id: UUID, address: str) -> bool:
    known = exists().where(
        _session.c.account_id == account_id, _session.c.address == address[:LONGEST_ADDRESS]
    )
    return bool(session.execute(select(known)).scalar())
