"""The contract between a service task and the code that carries it out.

A handler MUST be idempotent for the same :attr:`HandlerContext.idempotency_key`; it MUST take and give JSON
values only, and ids rather than contents of documents; it MUST raise nothing but :class:`BpmnError` with a
declared code, :class:`RetryLater`, or an error of :mod:`service.domain.errors` (which becomes an incident).
An ``inline`` handler MUST touch nothing outside the unit of work's database; anything else is a ``job``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, Protocol
from uuid import UUID

from service.storage.unit_of_work import UnitOfWork

Json = dict[str, Any]
Runs = Literal["inline", "job"]


class BpmnError(Exception):
    """A business error that the diagram may catch with an error boundary event.

    Args:
        code: the BPMN errorCode, one of the handler's declared ``errors``.
        message: why, for the timeline; goes to the variable of the catching event.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class RetryLater(Exception):  # noqa: N818 - named for what it asks
    """A passing fault of something outside: run the job again.

    Args:
        reason: for the operator.
        after: how long to wait, None = the back-off decides.
    """

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a handler works with.

    Attributes:
        unit: the open unit of work; the handler adds rows, never commits.
        instance_id: the process instance that asks.
        element_id: the service task in the diagram.
        business_key: of the instance, or None.
        idempotency_key: the same for every repetition of the same call.
        resources: what the house provides to handlers (file store, trust anchors, calendars), by
            :mod:`handlers.resources`.
    """

    unit: UnitOfWork
    instance_id: UUID
    element_id: str
    business_key: str | None
    idempotency_key: UUID
    resources: Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, for the deploy check and the analyst's documentation."""

    name: str
    is_required: bool
    vi: str
    en: str


class Handler(Protocol):
    """One operation of a service task."""

    operation: ClassVar[str]
    runs: ClassVar[Runs]
    errors: ClassVar[frozenset[str]]
    parameters: ClassVar[tuple[Parameter, ...]]

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Carry the operation out and return its result (a JSON object).

        Raises:
            BpmnError: a declared business error.
            RetryLater: only from a ``job``.
        """
        ...
