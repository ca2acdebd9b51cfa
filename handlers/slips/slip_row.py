"""A slip's row while a handler works on it: read under its lock, told of by notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from handlers.contract import HandlerContext, Json, Parameter
from service.domain.errors import NotFound
from service.storage.models import SlipOpinion, SubmissionSlip, table_of
from service.storage.unit_of_work import UnitOfWork

SLIP = table_of(SubmissionSlip)
OPINION = table_of(SlipOpinion)

SLIP_ID: Final = Parameter("slip_id", True, "Mã phiếu trình.", "Id of the slip.")


def lock_slip(unit: UnitOfWork, slip_id: Any) -> Row[Any]:
    """Return a slip's row and keep it locked until the transaction ends.

    Raises:
        NotFound: the agency has no such slip.
    """
    statement = select(SLIP).where(SLIP.c.id == read_id(slip_id)).with_for_update()
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise slip_not_found()
    return row


def read_id(slip_id: Any) -> UUID:
    """Return a slip's id from a process variable.

    Raises:
        NotFound: it is no id, so there is no such slip.
    """
    try:
        return UUID(str(slip_id))
    except ValueError:
        raise slip_not_found() from None


def slip_not_found() -> NotFound:
    """Return the one answer for an absent slip and for one that is not the actor's to see."""
    return NotFound("slip.not_found", "Không có phiếu trình này.", "There is no such slip.")


def tell(context: HandlerContext, slip: Row[Any], kind: str, recipients: Iterable[str], **facts: Any) -> None:
    """Put one notice about the slip for each receiver into the outbox; a repeated call tells nobody again."""
    for recipient in dict.fromkeys(recipients):
        payload: Json = {
            "kind": kind,
            "subject": slip.matter,
            "urgency": slip.urgency,
            "instance_id": str(slip.instance_id),
        }
        known = {name: value for name, value in facts.items() if value is not None}
        context.unit.send(
            "notice", recipient, payload | known, f"notice:{context.idempotency_key}:{recipient}"
        )
