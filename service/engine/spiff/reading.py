"""What can be read from a loaded instance."""

from __future__ import annotations

from uuid import UUID

from service.domain.errors import Conflict
from service.engine.spiff import waiting
from service.engine.spiff.activities import Json, Status, Step, Thrown, TokenView, Waiting
from service.engine.spiff.instance import Instance


class NotWaiting(Conflict):
    """The token does not wait for this: it was done before, cancelled, or never did."""


class ExecutionReader:
    """One instance in memory, to be looked at.

    Args:
        instance: the running instance.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    @property
    def variables(self) -> Json:
        """The variables of the process instance itself."""
        return dict(self._instance.data)

    def variables_of(self, token_id: UUID) -> Json:
        """Return the variables that a token's element sees.

        Raises:
            NotWaiting: there is no such token.
        """
        token = self._instance.find(token_id)
        if token is None:
            raise not_waiting(token_id)
        return dict(token.workflow.view(token))

    @property
    def status(self) -> Status:
        """``running``, ``completed`` or ``terminated``."""
        if self._instance.terminated is not None:
            return "terminated"
        return "completed" if self._instance.completed else "running"

    @property
    def termination_reason(self) -> str | None:
        """Why the instance was terminated, None if it was not."""
        return self._instance.terminated

    @property
    def waiting(self) -> Waiting:
        """Everything that the instance waits for, as of now."""
        return waiting.collect(self._instance)

    @property
    def tokens(self) -> list[TokenView]:
        """Every living token, for the diagram."""
        return waiting.views(self._instance)

    @property
    def steps(self) -> list[Step]:
        """What happened since the instance was started or loaded, in order."""
        return self._instance.steps

    @property
    def thrown(self) -> list[Thrown]:
        """The events that left the instance since it was started or loaded, in order."""
        return self._instance.thrown


def not_waiting(token_id: UUID) -> NotWaiting:
    """Return the error for a token that does not wait for what was asked."""
    return NotWaiting(
        "token.not_waiting",
        "Bước này không còn chờ thao tác đó.",
        "The step does not wait for this, or not any more.",
        extra={"token_id": str(token_id)},
    )
