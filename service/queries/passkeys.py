"""The actor's own passkeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.domain.errors import NotFound
from service.storage.models import Passkey, table_of
from service.storage.unit_of_work import UnitOfWork

_passkey = table_of(Passkey)
_SHOWN = [
    _passkey.c[name]
    for name in ("id", "name", "transports", "aaguid", "is_backed_up", "created_at", "last_used_at")
]


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey as its person sees it; the AAGUID names the kind of authenticator."""

    id: UUID
    name: str
    transports: Sequence[str]
    aaguid: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


def my_passkeys(unit: UnitOfWork) -> list[PasskeyView]:
    """Return the actor's passkeys, oldest first."""
    mine = select(*_SHOWN).where(_passkey.c.account_id == unit.actor.account_id).order_by(_passkey.c.id)
    return [PasskeyView(**row) for row in unit.session.execute(mine).mappings()]


def read_passkey(unit: UnitOfWork, passkey_id: UUID) -> PasskeyView:
    """Return one of the actor's passkeys.

    Raises:
        NotFound: the actor has no such passkey.
    """
    mine = select(*_SHOWN).where(_passkey.c.account_id == unit.actor.account_id, _passkey.c.id == passkey_id)
    row = unit.session.execute(mine).mappings().first()
    if row is None:
        vi, en = "Không có khóa truy cập này.", "There is no such passkey."
        raise NotFound("passkey.not_found", vi, en)
    return PasskeyView(**row)
