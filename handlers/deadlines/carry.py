"""``deadline.carry``: work that goes on in a new task goes on under the same deadline, as it stands by then.

Extensions, pauses and a changed calendar move the deadline of the task that is open (docs/deadlines.md). A
diagram that comes back to the work, after progress was told or papers were waited for, asks here what became
of it; otherwise an extension that was granted would be lost with the first report (S0-11g5, S4-6.2b).
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import select

from handlers.contract import HandlerContext, Json, Parameter, Runs
from service.storage.models import UserTask, table_of

_TASK: Final = table_of(UserTask)
_OF_ONE_TASK: Final = ("paused_at", "paused_in", "stops")
"""What a deadline keeps of the task that it stood in."""


class CarryDeadline:
    """Finds the deadline of the work under the tasks that carried it so far."""

    operation: ClassVar[str] = "deadline.carry"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("deadline", True, "Thời hạn đã đặt ban đầu.", "The deadline as it was set at first."),
        Parameter("steps", True, "Các bước cùng chịu thời hạn này.", "The steps that are under it."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the deadline of the newest task of the steps, or the first one while there is none."""
        newest = (
            select(_TASK.c.due_at, _TASK.c.deadline)
            .where(_TASK.c.instance_id == context.instance_id, _TASK.c.element_id.in_(params["steps"]))
            .order_by(_TASK.c.created_at.desc(), _TASK.c.id.desc())
            .limit(1)
        )
        context.unit.flush_writes()
        found = context.unit.session.execute(newest).one_or_none()
        if found is None or found.due_at is None:
            return dict(params["deadline"])
        kept: dict[str, Any] = {**(found.deadline or {}), "due_at": found.due_at.isoformat()}
        return {name: value for name, value in kept.items() if name not in _OF_ONE_TASK}
