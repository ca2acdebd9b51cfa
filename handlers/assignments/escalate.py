"""``assignment.escalate``: a deadline passed: a flag, an entry, notices to those who act (S0-11g4, S4-7b)."""

from __future__ import annotations

from typing import ClassVar

from handlers.assignments.assignment_row import (
    ASSIGNMENT_ID,
    Step,
    is_taken,
    lock_assignment,
    parties_of,
    take_step,
)
from handlers.assignments.facts import tell
from handlers.contract import HandlerContext, Json, Parameter, Runs
from service.domain.assignments import OPEN_STATES


class EscalateAssignment:
    """Marks an open assignment overdue, once for each deadline; its state stays as it is."""

    operation: ClassVar[str] = "assignment.escalate"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (ASSIGNMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_overdue}``: false where it is done, moved, or was told already.

        Raises:
            NotFound: no such assignment.
        """
        unit = context.unit
        assignment = lock_assignment(unit, params["assignment_id"])
        due_at = assignment.due_at
        is_new = due_at is not None and due_at <= unit.now and assignment.overdue_at is None
        is_open = assignment.state in OPEN_STATES - {"reported"}
        if is_taken(unit, assignment.id, context.idempotency_key) or not (is_new and is_open):
            return {"is_overdue": assignment.overdue_at is not None}
        kept = assignment.deadline
        details = {name: kept[name] for name in ("rule", "clause", "derivation") if kept.get(name)}
        step = Step("overdue", context.idempotency_key, details=details | {"due_at": due_at.isoformat()})
        assignment = take_step(unit, assignment, step, {"overdue_at": unit.now})
        told = parties_of(unit, assignment.id, ("lead", "handler", "assigner", "monitor"))
        tell(context, assignment, "assignment_overdue", told, due_at=due_at.isoformat())
        return {"is_overdue": True}


__all__ = ["EscalateAssignment"]
