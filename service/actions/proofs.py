"""Proving a second factor: one question for every kind of it, asked by logging in and by stepping up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from service.actions.passkey_proofs import Occasion, prove_passkey
from service.domain.one_time_codes import matching_step, recovery_hash
from service.domain.passkeys import RelyingParty
from service.domain.sealing import Sealer
from service.storage.models import RecoveryCode, SecondFactor, table_of
from service.storage.unit_of_work import UnitOfWork

_factor = table_of(SecondFactor)
_recovery_code = table_of(RecoveryCode)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person shows; exactly one of them.

    Attributes:
        totp: the six digits of a code generator.
        recovery_code: one of the codes that were shown once.
        passkey: a WebAuthn authentication response, as JSON.
    """

    totp: str | None = None
    recovery_code: str | None = None
    passkey: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ProofTools:
    """What proofs are checked with: the sealer of the generators' secrets, the house as passkeys know it."""

    sealer: Sealer
    party: RelyingParty


@dataclass(frozen=True, slots=True)
class Proved:
    """Which factor was proved; it is used up."""

    method: str


@dataclass(frozen=True, slots=True)
class NotProved:
    """Nothing was proved; ``is_copied`` when a passkey's counter betrays a copy of it."""

    is_copied: bool = False


def prove(unit: UnitOfWork, occasion: Occasion, proof: Proof, tools: ProofTools) -> Proved | NotProved:
    """Judge a proof for an occasion: a login under way, or a session that steps up."""
    if proof.passkey is not None:
        answer = prove_passkey(unit, occasion, tools.party, proof.passkey)
        return Proved("passkey") if answer.is_right else NotProved(answer.is_copied)
    if proof.totp is not None:
        is_right = _prove_totp(unit, occasion.account_id, tools.sealer, proof.totp)
        return Proved("totp") if is_right else NotProved()
    is_right = _prove_recovery_code(unit, occasion.account_id, proof.recovery_code or "")
    return Proved("recovery_code") if is_right else NotProved()


def secret_owner(account_id: UUID) -> str:
    """Return what a generator's sealed secret belongs to."""
    return f"second_factor:{account_id}"


def _prove_totp(unit: UnitOfWork, account_id: UUID, sealer: Sealer, code: str) -> bool:
    """Whether a code is right and newer than every code taken before; it then is taken (ASVS 6.5.1)."""
    row = unit.session.execute(
        select(_factor.c.id, _factor.c.secret).where(
            _factor.c.account_id == account_id, _factor.c.confirmed_at.is_not(None)
        )
    ).first()
    if row is None:
        return False
    step = matching_step(sealer.open(row.secret, secret_owner(account_id)), code, unit.now)
    if step is None:
        return False
    taken = update(_factor).where(_factor.c.id == row.id, _factor.c.last_step < step).values(last_step=step)
    return unit.session.execute(taken.returning(_factor.c.id)).first() is not None


def _prove_recovery_code(unit: UnitOfWork, account_id: UUID, code: str) -> bool:
    used = (
        update(_recovery_code)
        .where(
            _recovery_code.c.account_id == account_id,
            _recovery_code.c.code_hash == recovery_hash(code),
            _recovery_code.c.used_at.is_(None),
        )
        .values(used_at=unit.now)
    )
    return unit.session.execute(used.returning(_recovery_code.c.id)).first() is not None
