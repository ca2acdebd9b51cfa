"""The actor's own tokens of programs; a token itself is kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.storage.models import LoginSession, table_of
from service.storage.unit_of_work import UnitOfWork

_session = table_of(LoginSession)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A live token: its name, what it reaches, when it was last used (to the minute) and when it ends."""

    id: UUID
    name: str
    grants: Sequence[str]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def my_tokens(unit: UnitOfWork) -> list[TokenView]:
    """Return the actor's live tokens, oldest first."""
    columns = [
        _session.c[name] for name in ("id", "name", "grants", "created_at", "last_seen_at", "expires_at")
    ]
    rows = unit.session.execute(
        select(*columns)
        .where(
            _session.c.account_id == unit.actor.account_id,
            _session.c.carrier == "program",
            _session.c.revoked_at.is_(None),
            _session.c.expires_at > unit.now,
        )
        .order_by(_session.c.id),
    ).mappings()
    return [TokenView(**row) for row in rows]
