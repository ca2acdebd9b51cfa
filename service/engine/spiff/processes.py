"""A process or sub-process as SpiffWorkflow's process spec, without the start and end that it generates."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

if TYPE_CHECKING:
    from service.engine.spiff.nodes import FlowNode


class ProcessSpec(BpmnProcessSpec):
    """The elements of one process or sub-process. It never changes once parsed, so instances share it.

    Attributes:
        task_specs: elements by BPMN id, in the order of the file.
        root_id: id of the process that the file calls ``bpmn:process``.
        properties: the dialect's properties of the process.
        locals: ids of the data objects declared here; variables of their names live and end with this scope.
        inputs: names a caller passes in, None = everything it sees.
        outputs: names that go back to a caller, None = everything written.
    """

    task_specs: dict[str, FlowNode]
    name: str

    def __init__(
        self,
        name: str,
        *,
        root_id: str = "",
        properties: dict[str, str] | None = None,
        locals_: list[str] | None = None,
        inputs: list[str] | None = None,
        outputs: list[str] | None = None,
        description: str | None = None,
        filename: str | None = None,
    ) -> None:
        # BpmnProcessSpec.__init__ adds the generated Start, End and EndJoin; the grandparent does not.
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.description = description
        self.root_id = root_id or name
        self.properties = properties or {}
        self.locals = locals_ or []
        self.inputs = inputs
        self.outputs = outputs
        self.svg = None
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[FlowNode] = []

    def _add_notify(self, task_spec: FlowNode) -> None:
        WorkflowSpec._add_notify(self, task_spec)  # noqa: SLF001 - the start events are found on demand

    def of_type(self, bpmn_type: str) -> list[FlowNode]:
        """Return the elements of a BPMN type, in the order of the file."""
        return [node for node in self.task_specs.values() if node.bpmn_type == bpmn_type]

    @cached_property
    def start_nodes(self) -> list[FlowNode]:
        """The start events."""
        return self.of_type("startEvent")

    @cached_property
    def event_sub_processes(self) -> list[FlowNode]:
        """The event sub-processes that stand by while this process runs."""
        return self.of_type("eventSubProcess")

    @cached_property
    def has_joins(self) -> bool:
        """Whether a token may wait here for other tokens."""
        return any(
            node.bpmn_type in {"parallelGateway", "inclusiveGateway"} and len(node.incoming) > 1
            for node in self.task_specs.values()
        )

    @cached_property
    def has_conditionals(self) -> bool:
        """Whether a token may wait here for a condition on the variables."""
        return any(node.event.kind == "conditional" for node in self.task_specs.values())

    @cached_property
    def _reach(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    def flows_reached(self, source: str, gateway: str) -> frozenset[str]:
        """Return which incoming flows of ``gateway`` a token at ``source`` may still come to.

        Paths through the gateway itself do not count (BPMN 2.0, 13.4.3). Attached boundary events are ways
        out of an activity.
        """
        key = (source, gateway)
        found = self._reach.get(key)
        if found is None:
            found = self._reach[key] = self._search(source, gateway)
        return found

    def _search(self, source: str, gateway: str) -> frozenset[str]:
        seen = {source}
        todo = [source]
        found = set()
        while todo:
            node = self.task_specs[todo.pop()]
            for flow in node.flows:
                if flow.target == gateway:
                    found.add(flow.id)
                elif flow.target not in seen:
                    seen.add(flow.target)
                    todo.append(flow.target)
            fresh = [name for name in node.boundary if name not in seen]
            seen.update(fresh)
            todo += fresh
        return frozenset(found)
