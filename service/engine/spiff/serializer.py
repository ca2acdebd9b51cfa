"""Process specs to JSON and back through SpiffWorkflow's registry of converters.

Only our own classes are registered: SpiffWorkflow's Python scripts, legacy formats and their migrations, some
of which evaluate stored text, have no converter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from SpiffWorkflow.bpmn.serializer.helpers.bpmn_converter import BpmnConverter
from SpiffWorkflow.bpmn.serializer.helpers.registry import DefaultRegistry
from SpiffWorkflow.bpmn.serializer.helpers.spec import TaskSpecConverter

from service.engine.spiff.elements import NODE_CLASSES
from service.engine.spiff.events import Event
from service.engine.spiff.nodes import Flow, FlowNode, Loop
from service.engine.spiff.processes import ProcessSpec
from service.engine.spiff.subprocesses import EventSubProcess


class NodeConverter(TaskSpecConverter):
    """Converts one class of element."""

    def to_dict(self, spec: FlowNode) -> dict[str, Any]:
        """Return the element as JSON values."""
        return {
            "name": spec.name,
            "inputs": spec._inputs,  # noqa: SLF001 - as SpiffWorkflow's own converter does
            "outputs": spec._outputs,  # noqa: SLF001
            "bpmn_name": spec.bpmn_name,
            "lane": spec.lane,
            "documentation": spec.documentation,
            **spec.own_attributes(),
        }

    def from_dict(self, dct: dict[str, Any]) -> FlowNode:
        """Return the element; it adds itself to ``dct["wf_spec"]``."""
        loop = dct.pop("loop")
        node: FlowNode = self.target_class(
            dct.pop("wf_spec"),
            dct.pop("name"),
            flows=[Flow(*flow) for flow in dct.pop("flows")],
            loop=None if loop is None else Loop(**loop),
            event=Event(**dct.pop("event")),
            **dct,
        )
        return node


class ProcessConverter(BpmnConverter):
    """Converts a process or sub-process."""

    def to_dict(self, spec: ProcessSpec) -> dict[str, Any]:
        """Return the process as JSON values."""
        return {
            "name": spec.name,
            "root_id": spec.root_id,
            "properties": spec.properties,
            "locals_": spec.locals,
            "inputs": spec.inputs,
            "outputs": spec.outputs,
            "description": spec.description,
            "filename": spec.file,
            "nodes": [self.registry.convert(node) for node in spec.task_specs.values()],
        }

    def from_dict(self, dct: dict[str, Any]) -> ProcessSpec:
        """Return the process with its elements in their order."""
        nodes = dct.pop("nodes")
        spec = ProcessSpec(dct.pop("name"), **dct)
        for node in nodes:
            self.registry.restore({**node, "wf_spec": spec})
        return spec


def _registry() -> DefaultRegistry:
    registry = DefaultRegistry()
    ProcessConverter(ProcessSpec, registry)
    for node_class in {*NODE_CLASSES.values(), EventSubProcess}:
        NodeConverter(node_class, registry)
    return registry


_REGISTRY: Final = _registry()


def processes_to_dict(specs: Mapping[str, ProcessSpec]) -> dict[str, Any]:
    """Return the processes of a definition as JSON values."""
    return {name: _REGISTRY.convert(spec) for name, spec in specs.items()}


def processes_from_dict(stored: Mapping[str, Any]) -> dict[str, ProcessSpec]:
    """Return the processes of a stored definition."""
    return {name: _REGISTRY.restore(spec) for name, spec in stored.items()}
