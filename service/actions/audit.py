"""Sealing and checking the audit log, and noting that something was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from service.storage import audit_chain
from service.storage.audit_chain import Anchor, ChainReport
from service.storage.database import Database
from service.storage.unit_of_work import AuditRecord, UnitOfWork


def seal(database: Database) -> int:
    """Seal what is final by now, piece by piece; return how many events were sealed.

    One process at a time does it; another one waits for its turn.
    """
    total, sealed = 0, audit_chain.MOST_EVENTS
    while sealed >= audit_chain.MOST_EVENTS:
        with database.session() as session:
            sealed = audit_chain.seal_audit(session, database.clock.now())
        total += sealed
    return total


def verify(owner: Engine, anchors: Iterable[Anchor] = ()) -> ChainReport:
    """Check the whole chain against the log and against seals that were noted elsewhere.

    Args:
        owner: connects as the owner role.
        anchors: from :func:`service.storage.audit_chain.parse_anchor`.
    """
    return audit_chain.verify_audit(owner, anchors)


def note_reading(
    unit: UnitOfWork,
    object_kind: str,
    object_id: UUID,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record that the actor read something: reading a document is an event too (S0-7.5)."""
    unit.audit(AuditRecord(f"{object_kind}.read", object_kind, object_id, details))
