"""The actor's own identities at another provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.storage.models import ProviderIdentity, table_of
from service.storage.unit_of_work import UnitOfWork

_identity = table_of(ProviderIdentity)


@dataclass(frozen=True, slots=True)
class IdentityView:
    """Who one is at a provider: its issuer and the subject there."""

    id: UUID
    issuer: str
    subject: str
    created_at: datetime
    last_used_at: datetime | None


def my_identities(unit: UnitOfWork) -> list[IdentityView]:
    """Return the actor's identities, oldest first."""
    columns = [_identity.c[name] for name in ("id", "issuer", "subject", "created_at", "last_used_at")]
    mine = select(*columns).where(_identity.c.account_id == unit.actor.account_id).order_by(_identity.c.id)
    return [IdentityView(**row) for row in unit.session.execute(mine).mappings()]
