"""A living token: SpiffWorkflow's task without its tree, its clock and its missing state guard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from service.engine.spiff.nodes import FlowNode
    from service.engine.spiff.scopes import Scope

FUTURE, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, ERROR, CANCELLED = TaskState.COMPLETED, TaskState.ERROR, TaskState.CANCELLED


class Token(Task):
    """One token of a process.

    Finished tokens leave their workflow at once, so no tree is kept: ``parent`` is only the activity that a
    boundary event or an instance of a multi-instance activity belongs to.

    Attributes:
        data: variables of an instance of a multi-instance or looped activity, else empty.
        internal_data: what the element keeps while the token lives; JSON values and instants only.
    """

    workflow: Scope
    task_spec: FlowNode
    internal_data: dict[str, Any]
    data: dict[str, Any]

    def __init__(
        self, workflow: Scope, task_spec: FlowNode, token_id: UUID, *, parent: UUID | None = None
    ) -> None:
        # Task.__init__ reads the machine's clock and links a tree; everything it sets is set here.
        self.id = token_id
        self.workflow = workflow
        self.task_spec = task_spec
        self.data = {}
        self.internal_data = {}
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self._parent = parent
        self._children: list[UUID] = []
        self._state = FUTURE
        workflow.tasks[token_id] = self

    @property
    def parent_id(self) -> UUID | None:
        """The token this one belongs to: a boundary event's activity, a loop instance's loop."""
        parent: UUID | None = self._parent
        return parent

    @property
    def is_alive(self) -> bool:
        """Whether the token is still part of its workflow."""
        return self.workflow.tasks.get(self.id) is self

    @property
    def is_instance(self) -> bool:
        """Whether this is one instance of a multi-instance or looped activity."""
        return self._parent is not None and self.task_spec.loop is not None

    def _set_state(self, value: int) -> None:
        self._state = value

    def run(self) -> bool | None:
        """Run the element once.

        Raises:
            RuntimeError: the token is not READY; SpiffWorkflow itself would run it again.
        """
        if self._state != READY:
            raise RuntimeError(f"{self.task_spec.name} is {TaskState.get_name(self._state)}, not READY")
        result: bool | None = super().run()
        return result

    def error(self) -> None:
        """Let the token stand still as a failure."""
        self._set_state(ERROR)

    def cancel(self) -> None:
        """Take the token, and everything that runs inside it, out of the process."""
        self.workflow.remove(self, CANCELLED)
