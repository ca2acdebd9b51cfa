"""Challenges for passkeys, and passkeys that answer them.

A challenge belongs to one session or one login under way and is taken once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.errors import Conflict
from service.domain.ids import new_id
from service.domain.passkeys import (
    CHALLENGE_BYTES,
    KnownPasskey,
    RelyingParty,
    authentication_options,
    check_assertion,
    credential_id_of,
)
from service.storage.models import Passkey, PasskeyChallenge, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

Purpose = Literal["register", "login", "step_up"]

CHALLENGE_LIFETIME: Final = timedelta(minutes=3)

_challenge = table_of(PasskeyChallenge)
_passkey = table_of(Passkey)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a passkey is asked for.

    Attributes:
        account_id: whose passkey.
        purpose: why.
        bound_to: the session, or the login under way.
    """

    account_id: UUID
    purpose: Purpose
    bound_to: UUID


def passkey_options(unit: UnitOfWork, occasion: Occasion, party: RelyingParty) -> dict[str, Any]:
    """Return what the browser is given to let one of the account's passkeys answer.

    Raises:
        Conflict: the account has no passkey.
    """
    known = known_passkeys(unit, occasion.account_id)
    if not known:
        vi, en = "Tài khoản chưa có khóa truy cập (passkey).", "The account has no passkey."
        raise Conflict("passkey.none", vi, en)
    return authentication_options(party, new_challenge(unit, occasion), known)


def new_challenge(unit: UnitOfWork, occasion: Occasion) -> bytes:
    """Return a new challenge for an occasion; an earlier one of the same occasion no longer counts."""
    stale = or_(_challenge.c.expires_at <= unit.now, _challenge.c.bound_to == occasion.bound_to)
    same_purpose = _challenge.c.purpose == occasion.purpose
    theirs = _challenge.c.account_id == occasion.account_id
    unit.session.execute(delete(_challenge).where(theirs, same_purpose, stale))
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "account_id": occasion.account_id,
        "purpose": occasion.purpose,
        "bound_to": occasion.bound_to,
        "challenge": challenge,
        "created_at": unit.now,
        "expires_at": unit.now + CHALLENGE_LIFETIME,
    }
    latest = {name: row[name] for name in ("challenge", "created_at", "expires_at")}
    added = insert(_challenge).values(row)
    unit.session.execute(
        added.on_conflict_do_update(index_elements=["bound_to", "purpose"], set_=latest),
    )
    return challenge


def take_challenge(unit: UnitOfWork, occasion: Occasion) -> bytes | None:
    """Return the challenge of an occasion and let it count no more; None = none, or too old."""
    taken = (
        delete(_challenge)
        .where(
            _challenge.c.account_id == occasion.account_id,
            _challenge.c.purpose == occasion.purpose,
            _challenge.c.bound_to == occasion.bound_to,
            _challenge.c.expires_at > unit.now,
        )
        .returning(_challenge.c.challenge)
    )
    found = unit.session.execute(taken).scalar()
    return None if found is None else bytes(found)


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """Whether a passkey proved its person; ``is_copied`` when its counter betrays a copy."""

    is_right: bool
    is_copied: bool = False


def prove_passkey(
    unit: UnitOfWork, occasion: Occasion, party: RelyingParty, response: Mapping[str, Any]
) -> PasskeyAnswer:
    """Judge an authentication response against the challenge of its occasion, which is used up by it."""
    challenge = take_challenge(unit, occasion)
    row = unit.session.execute(
        select(_passkey)
        .where(
            _passkey.c.account_id == occasion.account_id,
            _passkey.c.credential_id == credential_id_of(response),
        )
        .with_for_update()
    ).first()
    if challenge is None or row is None:
        return PasskeyAnswer(is_right=False)
    answer = check_assertion(party, challenge, response, _known(row))
    if answer is None or answer.is_copied:
        return PasskeyAnswer(is_right=False, is_copied=answer is not None)
    seen = {
        "sign_count": answer.sign_count,
        "is_backed_up": answer.is_backed_up,
        "last_used_at": unit.now,
    }
    unit.session.execute(update(_passkey).where(_passkey.c.id == row.id).values(**seen))
    unit.audit(AuditRecord("passkey.use", "passkey", row.id, {"purpose": occasion.purpose}))
    return PasskeyAnswer(is_right=True)


def known_passkeys(unit: UnitOfWork, account_id: UUID) -> list[KnownPasskey]:
    """Return the passkeys of an account, oldest first."""
    theirs = select(_passkey).where(_passkey.c.account_id == account_id).order_by(_passkey.c.id)
    return [_known(row) for row in unit.session.execute(theirs)]


def _known(row: Any) -> KnownPasskey:
    return KnownPasskey(bytes(row.credential_id), bytes(row.public_key), row.sign_count, row.transports)
