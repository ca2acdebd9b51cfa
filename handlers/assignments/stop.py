"""``assignment.stop``: work given because of a document ends with its recall (S0-6.5; flow D8b)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import select

from handlers.assignments.assignment_row import ASSIGNMENT
from handlers.assignments.close import CANCELLED_MESSAGE
from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID, REASON
from handlers.records.document_row import lock_document
from service.domain.assignments import OPEN_STATES


class StopAssignments:
    """Sends each open assignment of the document what cancels it; its process tells everybody concerned.

    Parts are cancelled by their whole. One that has ended meanwhile lets the message fall.
    """

    operation: ClassVar[str] = "assignment.stop"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, REASON)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{stopped}``, how many assignments were told to end.

        Raises:
            NotFound: there is no such document.
        """
        unit = context.unit
        document = lock_document(unit, params["document_id"])
        open_ones = (
            select(ASSIGNMENT.c.id)
            .where(
                ASSIGNMENT.c.document_id == document.id,
                ASSIGNMENT.c.parent_id.is_(None),
                ASSIGNMENT.c.state.in_(OPEN_STATES),
            )
            .order_by(ASSIGNMENT.c.id)
        )
        found = unit.session.execute(open_ones).scalars().all()
        reason = f"Văn bản nguồn bị thu hồi. {params.get('reason') or ''}".strip()
        for one in found:
            body = {
                "name": CANCELLED_MESSAGE,
                "correlation_key": str(one),
                "payload": {"reason": reason},
                "is_hint": True,
            }
            unit.send("message", CANCELLED_MESSAGE, body, f"{CANCELLED_MESSAGE}:{one}:{context.instance_id}")
        return {"stopped": len(found)}


__all__ = ["StopAssignments"]
