"""Sessions and what their holder may do with them (OWASP ASVS 5.0 chapter 7).

A session is a row that holds the SHA-256 of a random token; the token itself is only ever with its holder.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, insert, select, text, update
from sqlalchemy.orm import Session

from handlers.accounts.endings import end_challenges_of, end_sessions
from service.actions.throttle import LONGEST_ADDRESS, check_pace, login_key, wait_at
from service.domain.actors import Actor, Keeper, Mandate, Person
from service.domain.errors import Finding, Forbidden, InvalidInput, NotFound, Unauthenticated
from service.domain.ids import new_id
from service.domain.passwords import check_password, hash_password, verify_password
from service.domain.permissions import Held, references_of
from service.storage.models import Account, LoginSession, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

Carrier = Literal["bearer", "cookie"]

DEFAULT_LIFETIME: Final = timedelta(hours=12)
DEFAULT_IDLE: Final = timedelta(minutes=60)

_TOKEN_BYTES: Final = 32
_account = table_of(Account)
_session = table_of(LoginSession)
_AUTHENTICATE: Final = text("SELECT authenticate(:token_hash, :carrier, :now, :idle)")


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a login lasts.

    Attributes:
        lifetime: at most, from the login on.
        idle: without a request.
    """

    lifetime: timedelta = DEFAULT_LIFETIME
    idle: timedelta = DEFAULT_IDLE


def add_session(
    unit: UnitOfWork,
    carrier: Carrier,
    address: str,
    device: str,
    rules: SessionRules,
    *,
    factor: str | None = None,
) -> str:
    """Open a session for the unit's actor and return its token, which is kept nowhere.

    Args:
        unit: of the person, or of whoever opens the session for them.
        carrier: how the token will travel.
        address: the client's.
        device: what the client calls itself.
        rules: how long the session lasts.
        factor: the second factor that was proved for it just now; None = none was.
    """
    token = new_token()
    session_id = new_id(unit.now)
    unit.session.execute(
        insert(_session),
        {
            "id": session_id,
            "agency_id": unit.actor.agency_id,
            "account_id": unit.actor.account_id,
            "token_hash": token_hash(token),
            "carrier": carrier,
            "address": address[:LONGEST_ADDRESS],
            "device": device[:200],
            "created_at": unit.now,
            "last_seen_at": unit.now,
            "expires_at": unit.now + rules.lifetime,
            "stepped_up_at": unit.now if factor else None,
        },
    )
    details = {"address": address, "carrier": carrier} | ({"factor": factor} if factor else {})
    unit.audit(AuditRecord("session.start", "session", session_id, details))
    return token


def token_identity(
    token: str,
    *,
    carrier: Carrier,
    idle: timedelta = DEFAULT_IDLE,
    request_id: str | None = None,
    for_password_change: bool = False,
) -> Callable[[Session, datetime], Actor]:
    """Return a function for :class:`UnitOfWork` that turns a token into an actor, in one statement.

    Args:
        token: from the header or the cookie.
        carrier: how it travelled.
        idle: the session ends after so long without a request.
        request_id: goes to the actor.
        for_password_change: lets a person in who must change the password first.

    Raises:
        Unauthenticated: (from the function) the token names no live session.
        Forbidden: (from the function) the password must be changed first (S4-11.2b).
    """
    known_by = token_hash(token)

    def identify(session: Session, now: datetime) -> Actor:
        answer = (
            session.connection()
            .execute(_AUTHENTICATE, {"token_hash": known_by, "carrier": carrier, "now": now, "idle": idle})
            .scalar()
        )
        if answer is None:
            raise Unauthenticated(
                "session.ended",
                "Phiên làm việc không còn hiệu lực; hãy đăng nhập lại.",
                "The session is no longer valid; log in again.",
            )
        actor = _actor(answer, request_id)
        if actor.must_change_password and not for_password_change:
            raise Forbidden(
                "password.must_change",
                "Bạn phải đổi mật khẩu trước khi tiếp tục.",
                "You must change your password first.",
            )
        return actor

    return identify


def csrf_of(token: str) -> str:
    """Return the anti-forgery token of a cookie session: derived from the token, which no page can read."""
    return urlsafe_b64encode(hashlib.sha256(b"csrf:" + token.encode()).digest()).decode().rstrip("=")


def is_csrf_right(token: str, csrf: str) -> bool:
    """Whether ``csrf`` belongs to the session of ``token``, compared in constant time."""
    return hmac.compare_digest(csrf_of(token).encode(), csrf.encode())


def log_out(unit: UnitOfWork) -> None:
    """End the session that this request came with."""
    _end_sessions(unit, _session.c.id == unit.actor.session_id)
    unit.audit(AuditRecord("session.end", "session", unit.actor.session_id))


def my_sessions(unit: UnitOfWork, rules: SessionRules | None = None) -> list[dict[str, Any]]:
    """Return the actor's live sessions, newest first: id, carrier, address, device, times, is_current."""
    live_since = unit.now - (rules or SessionRules()).idle
    columns = [
        _session.c[name]
        for name in ("id", "carrier", "address", "device", "created_at", "last_seen_at", "expires_at")
    ]
    rows = unit.session.execute(
        select(*columns)
        .where(
            _session.c.account_id == unit.actor.account_id,
            _session.c.carrier != "program",
            _session.c.revoked_at.is_(None),
            _session.c.expires_at > unit.now,
            _session.c.last_seen_at > live_since,
        )
        .order_by(_session.c.created_at.desc(), _session.c.id.desc()),
    ).mappings()
    return [{**row, "is_current": row["id"] == unit.actor.session_id} for row in rows]


def end_my_session(unit: UnitOfWork, session_id: UUID) -> None:
    """End one of the actor's own sessions, on any device.

    Raises:
        NotFound: the actor has no such live session.
    """
    if not _end_sessions(unit, _session.c.id == session_id):
        raise NotFound("session.not_found", "Không có phiên làm việc này.", "There is no such session.")
    unit.audit(AuditRecord("session.end", "session", session_id))


def end_my_other_sessions(unit: UnitOfWork) -> int:
    """End every session of the actor but this one, on every device; return how many ended.

    Tokens of the actor's programs stay: they are revoked one by one.
    """
    others = and_(_session.c.id != unit.actor.session_id, _session.c.carrier != "program")
    ended = _end_sessions(unit, others)
    unit.audit(AuditRecord("session.end_others", "account", unit.actor.account_id, {"count": ended}))
    return ended


def change_password(unit: UnitOfWork, current: str, new: str, address: str = "") -> None:
    """Replace the actor's password; their other sessions and the tokens of their programs end (S3-7.2b1).

    Args:
        unit: of the person.
        current: the password until now.
        new: the password from now on.
        address: the client's; wrong passwords there make the next try wait.

    Raises:
        Forbidden: ``current`` is wrong, or after several wrong ones it must wait.
        InvalidInput: ``new`` is refused, or is the current one.
    """
    known = unit.session.execute(
        select(_account.c.password_hash).where(_account.c.id == unit.actor.account_id).with_for_update(),
    ).scalar()
    # Once the row is locked: tries at the same instant follow each other, and each sees those before it.
    check_pace(wait_at(unit.session, login_key(unit.actor.login), address, unit.now))
    if not verify_password(current, known):
        raise Forbidden("password.wrong", "Mật khẩu hiện tại không đúng.", "The current password is wrong.")
    check_password(new, unit.actor.login)
    _refuse_same(current, new)
    unit.session.execute(
        update(_account)
        .where(_account.c.id == unit.actor.account_id)
        .values(password_hash=hash_password(new), must_change_password=False),
    )
    _end_sessions(unit, _session.c.id != unit.actor.session_id)
    end_challenges_of(unit, unit.actor.account_id)
    unit.audit(AuditRecord("account.change_password", "account", unit.actor.account_id))


def _end_sessions(unit: UnitOfWork, which: ColumnElement[bool]) -> int:
    return end_sessions(unit, and_(_session.c.account_id == unit.actor.account_id, which))


def _refuse_same(current: str, new: str) -> None:
    if current == new:
        vi, en = "Mật khẩu mới phải khác mật khẩu cũ.", "The new password must differ from the old one."
        raise InvalidInput("password.refused", vi, en, [Finding("password.same", vi, en, "/new_password")])


def new_token() -> str:
    """Return a random token of 256 bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: it cannot be guessed, so a fast hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _actor(answer: Mapping[str, Any], request_id: str | None) -> Actor:
    held = _held(answer["roles"])
    return Actor(
        agency_id=UUID(answer["agency_id"]),
        agency_code=answer["agency_code"],
        account_id=UUID(answer["account_id"]),
        login=answer["login"],
        full_name=answer["full_name"],
        references=references_of(answer["login"], held),
        roles=frozenset(role for role, _unit in held),
        assists={leader["login"]: _person(leader) for leader in answer["assists"]},
        request_id=request_id,
        must_change_password=answer["must_change_password"],
        session_id=UUID(answer["session_id"]),
        mandates=tuple(_mandate(order) for order in answer["mandates"]),
        grants=None if answer["grants"] is None else frozenset(answer["grants"]),
        stepped_up_at=_instant(answer["stepped_up_at"]),
        factors=frozenset(answer["factors"]),
        keeper=Keeper(**answer["keeper"]) if answer["keeper"] else None,
    )


def _mandate(order: Mapping[str, Any]) -> Mandate:
    return Mandate(
        order_id=UUID(order["order_id"]),
        basis=order["basis"],
        principal=_person(order),
        roles=frozenset(role for role, _unit in _held(order["roles"])),
        authorities=frozenset(order["authorities"]),
        process_keys=frozenset(order["process_keys"]),
        document_types=frozenset(order["document_types"]),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _person(answer: Mapping[str, Any]) -> Person:
    return Person(
        UUID(answer["account_id"]),
        answer["login"],
        answer["full_name"],
        references_of(answer["login"], _held(answer["roles"])),
    )


def _held(roles: list[list[Any]]) -> list[Held]:
    return [(role, unit) for role, unit in roles]
