"""Tokens for programs that act for a person: named, with an end, reaching only what they were given.

A token reaches an action if its grants name it and its person may do it today: it never widens a right. It
makes no tokens, changes no factors, and signs nothing (:data:`service.domain.actors.PERSONAL_ACTIONS`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import insert, update

from service.actions.sessions import new_token, token_hash
from service.actions.warnings import tell_person
from service.domain.actors import PERSONAL_ACTIONS
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.permissions import PERMISSIONS
from service.domain.step_up import require_step_up
from service.queries.api_tokens import TokenView, my_tokens
from service.storage.models import LoginSession, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

LONGEST_LIFE: Final = timedelta(days=366)
MOST_TOKENS: Final = 20
PREFIX: Final = "cvp_"
"""Lets people and scanners see what a leaked text is."""

_session = table_of(LoginSession)
_NOUNS: Final = frozenset(action.partition(".")[0] for action in PERMISSIONS)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; ``token`` is shown once."""

    view: TokenView
    token: str = field(repr=False)


def create_token(unit: UnitOfWork, name: str, grants: Sequence[str], expires_at: datetime) -> NewToken:
    """Make a token for a program of the actor's.

    Args:
        unit: of the person.
        name: what the program is.
        grants: actions of the permission table, or ``noun.*`` for all of a noun.
        expires_at: when it ends, at most a year from now (aware).

    Raises:
        Forbidden: the step-up is missing, or a token asks for another.
        InvalidInput: no name, unknown or personal grants, or an end that is past or too far.
        Conflict: the person has as many as they may.
    """
    require_step_up(unit.actor, unit.now)
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    findings = [*_faults_of_name(plain), *_faults_of_grants(grants), *_faults_of_end(unit, expires_at)]
    if findings:
        raise InvalidInput("api_token.refused", findings[0].vi, findings[0].en, findings)
    if len(my_tokens(unit)) >= MOST_TOKENS:
        vi = f"Mỗi người có nhiều nhất {MOST_TOKENS} mã truy cập."
        raise Conflict("api_token.too_many", vi, f"A person has at most {MOST_TOKENS} tokens.")
    token, token_id = PREFIX + new_token(), new_id(unit.now)
    reached = sorted(set(grants))
    row = {
        "id": token_id,
        "agency_id": unit.actor.agency_id,
        "account_id": unit.actor.account_id,
        "token_hash": token_hash(token),
        "carrier": "program",
        "name": plain,
        "grants": reached,
        "address": "",
        "device": "",
        "created_at": unit.now,
        "last_seen_at": unit.now,
        "expires_at": expires_at,
    }
    unit.session.execute(insert(_session), row)
    details = {"grants": reached, "expires_at": expires_at.isoformat()}
    unit.audit(AuditRecord("api_token.create", "session", token_id, details))
    tell_person(unit, unit.actor.login, "api_token_made", str(token_id))
    return NewToken(TokenView(token_id, plain, reached, unit.now, unit.now, expires_at), token)


def revoke_token(unit: UnitOfWork, token_id: UUID) -> None:
    """End one of the actor's tokens at once.

    Raises:
        NotFound: the actor has no such live token.
    """
    ended = (
        update(_session)
        .where(
            _session.c.id == token_id,
            _session.c.account_id == unit.actor.account_id,
            _session.c.carrier == "program",
            _session.c.revoked_at.is_(None),
            _session.c.expires_at > unit.now,
        )
        .values(revoked_at=unit.now)
        .returning(_session.c.id)
    )
    if unit.session.execute(ended).first() is None:
        vi, en = "Không có mã truy cập này.", "There is no such token."
        raise NotFound("api_token.not_found", vi, en)
    unit.audit(AuditRecord("api_token.revoke", "session", token_id))


def _faults_of_name(name: str) -> Iterator[Finding]:
    if not name:
        yield Finding("name.required", "Phải nhập tên.", "A name is required.", "/name")


def _faults_of_grants(grants: Sequence[str]) -> Iterator[Finding]:
    if not grants:
        vi, en = "Phải chọn ít nhất một quyền.", "At least one grant is needed."
        yield Finding("api_token.no_grants", vi, en, "/grants")
    for place, grant in enumerate(grants):
        noun, _, verb = grant.partition(".")
        if grant in PERSONAL_ACTIONS:
            vi, en = f"“{grant}” chỉ dành cho người dùng.", f"“{grant}” is for people only."
            yield Finding("api_token.personal", vi, en, f"/grants/{place}")
        elif grant not in PERMISSIONS and not (verb == "*" and noun in _NOUNS):
            vi, en = f"Không có quyền “{grant}”.", f"There is no action “{grant}”."
            yield Finding("api_token.unknown_grant", vi, en, f"/grants/{place}")


def _faults_of_end(unit: UnitOfWork, expires_at: datetime) -> Iterator[Finding]:
    if not unit.now < expires_at <= unit.now + LONGEST_LIFE:
        vi, en = "Thời hạn phải trong vòng một năm.", "A token must end within a year."
        yield Finding("api_token.end", vi, en, "/expires_at")
