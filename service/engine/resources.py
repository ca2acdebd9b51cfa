"""What the engine is given at start-up: handlers, their resources, FEEL functions, the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from handlers.contract import Handler
from service.domain.clock import Clock
from service.domain.errors import NotFound
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class EngineResources:
    """Everything from outside that stepping a process may call.

    Attributes:
        clock: the source of time.
        handlers: one handler for each operation.
        handler_resources: handed to handlers as ``context.resources``.
        functions: our FEEL functions for one unit of work (working calendar of its agency and the like).
        defer_job: puts a job on the queue inside the unit of work's transaction.
    """

    clock: Clock
    handlers: Mapping[str, Handler]
    handler_resources: Any
    functions: Callable[[UnitOfWork], Mapping[str, Any]]
    defer_job: Callable[[UnitOfWork, JobTicket], None]

    def handler(self, operation: str) -> Handler:
        """Return the handler of an operation.

        Raises:
            NotFound: no such operation.
        """
        try:
            return self.handlers[operation]
        except KeyError:
            raise NotFound(
                "operation.unknown",
                f"Không có chức năng xử lý “{operation}”.",
                f"There is no handler for the operation “{operation}”.",
            ) from None


@dataclass(frozen=True, slots=True)
class JobTicket:
    """What goes on the queue: a job's id, and not before when (None = at once)."""

    job_id: UUID
    due_at: datetime | None = None
