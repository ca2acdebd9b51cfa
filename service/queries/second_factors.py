"""What the actor can prove themselves with beside the password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from service.domain.step_up import methods_of
from service.storage.models import Passkey, RecoveryCode, SecondFactor, table_of
from service.storage.unit_of_work import UnitOfWork

_factor = table_of(SecondFactor)
_passkey = table_of(Passkey)
_recovery_code = table_of(RecoveryCode)


@dataclass(frozen=True, slots=True)
class FactorsView:
    """One's own factors; ``stepped_up_at`` is when one was last proved in this session."""

    methods: Sequence[str]
    totp_confirmed_at: datetime | None
    passkeys: int
    recovery_codes_left: int
    stepped_up_at: datetime | None


def my_factors(unit: UnitOfWork) -> FactorsView:
    """Return the actor's factors."""
    mine = unit.actor.account_id
    confirmed = select(_factor.c.confirmed_at).where(_factor.c.account_id == mine).scalar_subquery()
    passkeys = select(func.count()).select_from(_passkey).where(_passkey.c.account_id == mine)
    left = (
        select(func.count())
        .select_from(_recovery_code)
        .where(_recovery_code.c.account_id == mine, _recovery_code.c.used_at.is_(None))
    )
    row = unit.session.execute(select(confirmed, passkeys.scalar_subquery(), left.scalar_subquery())).one()
    return FactorsView(methods_of(unit.actor.factors), row[0], row[1], row[2], unit.actor.stepped_up_at)
