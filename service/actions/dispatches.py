"""What a clerk does about a message that could not leave: send it again, once its obstacle is gone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from service.domain.errors import Conflict
from service.domain.permissions import Subject, is_allowed, require
from service.queries.outbox import INWARD_CHANNELS, DispatchView, no_dispatch, read_dispatch
from service.storage.models import Outbox, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

OUTBOX = table_of(Outbox)


def retry(unit: UnitOfWork, dispatch_id: UUID) -> DispatchView:
    """Let a failed dispatch be sent again, under the same key, so that its effect stays once.

    Raises:
        Forbidden: the actor is neither clerk nor administrator.
        NotFound: no such dispatch in the agency.
        Conflict: it has not failed.
    """
    require(unit.actor, "dispatch.retry")
    outward = OUTBOX.c.channel.not_in(INWARD_CHANNELS)
    row = unit.session.execute(
        select(OUTBOX.c.state, OUTBOX.c.channel, OUTBOX.c.destination)
        .where(OUTBOX.c.id == dispatch_id, outward)
        .with_for_update(),
    ).first()
    if row is None:
        raise no_dispatch()
    if not is_allowed(unit.actor, "dispatch.retry", Subject(row.state)):
        raise Conflict(
            "dispatch.not_failed",
            "Chỉ gửi lại được bản tin đã thất bại.",
            "Only a failed dispatch can be sent again.",
            extra={"state": row.state},
        )
    values = {"state": "pending", "attempts": 0, "due_at": unit.now}
    unit.session.execute(update(OUTBOX).where(OUTBOX.c.id == dispatch_id).values(**values))
    details = {"channel": row.channel, "destination": row.destination}
    unit.audit(AuditRecord("dispatch.retry", "dispatch", dispatch_id, details))
    return read_dispatch(unit, dispatch_id)
