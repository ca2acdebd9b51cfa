"""Proving a second factor: one question for every kind of it, asked by logging in and by stepping up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from service.domain.one_time_codes import matching_step, recovery_hash
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
    """What proofs are checked with: the sealer of the generators' secrets."""

    sealer: Sealer


def prove(unit: UnitOfWork, account_id: UUID, proof: Proof, tools: ProofTools) -> str | None:
    """Return which factor of the account was proved, and use it up; None = nothing was proved."""
    if proof.totp is not None:
        return "totp" if _prove_totp(unit, account_id, tools.sealer, proof.totp) else None
    if proof.recovery_code is not None:
        return "recovery_code" if _prove_recovery_code(unit, account_id, proof.recovery_code) else None
    return None


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
