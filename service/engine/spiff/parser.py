"""From BPMN files to process specs: SpiffWorkflow's parser frame with our elements.

SpiffWorkflow's own process parser follows the flows recursively, wraps boundary events and loops into
generated tasks and ignores what it does not know. This one walks the elements of each process in file order,
keeps one spec per element, and refuses by name what the engine does not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from service.domain.errors import Finding, InvalidInput
from service.engine.spiff import elements
from service.engine.spiff.elements import BPMN, local_name
from service.engine.spiff.nodes import Flow, FlowNode
from service.engine.spiff.processes import ProcessSpec

MAX_BYTES: Final = 5_000_000
"""Largest BPMN file."""


class DialectProcessParser(ProcessParser):
    """Parses one process or sub-process."""

    spec: ProcessSpec

    def _parse(self) -> None:
        parser: DialectParser = self.parser
        node = self.node
        root = next((up for up in node.iterancestors(full_tag("process"))), node)
        inputs, outputs = elements.declared_io(node)
        self.spec = ProcessSpec(
            self.bpmn_id,
            root_id=root.get("id"),
            properties=elements.properties_of(node),
            locals_=[item.get("id") for item in node.findall(full_tag("dataObject"))],
            inputs=inputs,
            outputs=outputs,
            description=self.get_name(),
            filename=self.filename,
        )
        for child in node:
            if isinstance(child.tag, str) and child.tag.startswith(f"{{{BPMN}}}"):
                parser.refuse_unsupported(child, self.filename)
                if local_name(child) in elements.NODE_CLASSES:
                    self._add_node(child)
        self._connect()

    def _add_node(self, node: Any) -> None:
        name = local_name(node)
        node_class, bpmn_type = elements.class_of(node)
        built = elements.describe(node, self.parser, self.filename)
        if name in {"subProcess", "transaction"}:
            self.parser.create_parser(node, filename=self.filename)
        attributes = self.attributes_of(node)
        node_class(self.spec, node.get("id"), bpmn_type=bpmn_type, **attributes, **built)

    def attributes_of(self, node: Any) -> dict[str, Any]:
        """Return what every element has: name, lane, documentation, properties, line."""
        documentation = node.find(full_tag("documentation"))
        return {
            "bpmn_name": node.get("name"),
            "lane": self.parser.lane_of(node, self.filename)[0],
            "documentation": None if documentation is None else documentation.text,
            "line": node.sourceline or 0,
        }

    def _connect(self) -> None:
        specs: Mapping[str, FlowNode] = self.spec.task_specs
        for flow in self.node.findall(full_tag("sequenceFlow")):
            source, target = specs.get(flow.get("sourceRef")), specs.get(flow.get("targetRef"))
            if source is None or target is None:
                self.parser.find(
                    "flow.dangling",
                    f"Luồng “{flow.get('id')}” không nối hai phần tử của cùng một quy trình.",
                    f"The sequence flow '{flow.get('id')}' does not join two elements of one process.",
                    flow,
                    self.filename,
                )
                continue
            condition = flow.find(full_tag("conditionExpression"))
            is_default = self.nodes_by_id[source.name].get("default") == flow.get("id")
            text = None if condition is None or is_default else (condition.text or "").strip() or None
            source.flows.append(Flow(flow.get("id"), target.name, text, is_default))
            source.connect(target)
            target.incoming.append(flow.get("id"))
        self._attach()
        self._link()

    def _attach(self) -> None:
        for event in self.spec.of_type("boundaryEvent"):
            host = self.spec.task_specs.get(event.options["attached_to"])
            if host is None or not host.is_activity:
                self.parser.find(
                    "boundary.no_activity",
                    f"Sự kiện biên “{event.name}” không gắn vào công việc nào của cùng quy trình.",
                    f"The boundary event '{event.name}' is attached to no activity of the same process.",
                    self.nodes_by_id[event.name],
                    self.filename,
                )
            else:
                host.boundary.append(event.name)

    def _link(self) -> None:
        links = [node for node in self.spec.task_specs.values() if node.event.kind == "link"]
        targets = {node.event.name: node for node in links if node.bpmn_type == "intermediateCatchEvent"}
        for node in links:
            if node.bpmn_type == "intermediateCatchEvent":
                continue
            target = targets.get(node.event.name)
            if target is None:
                self.parser.find(
                    "link.no_target",
                    f"Liên kết “{node.event.name}” không có điểm đến trong cùng quy trình.",
                    f"The link '{node.event.name}' has no target in the same process.",
                    self.nodes_by_id[node.name],
                    self.filename,
                )
            else:
                node.flows.append(Flow(f"{node.name}->{target.name}", target.name))


class DialectParser(BpmnParser):
    """Parses the BPMN files of one bundle; everything wrong is collected in ``findings``."""

    PROCESS_PARSER_CLASS: ClassVar = DialectProcessParser

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self.lanes: dict[tuple[str, str], tuple[str | None, str | None]] = {}

    def find(self, code: str, vi: str, en: str, node: Any, filename: str | None) -> None:
        """Note one thing that is wrong."""
        self.findings.append(
            Finding(code, vi, en, file=filename, element=node.get("id"), line=node.sourceline or None)
        )

    def add_file(self, filename: str, data: bytes) -> None:
        """Read one file with external references, document types and huge texts refused.

        Raises:
            InvalidInput: it is no XML that may be read, or two processes have one id.
        """
        if len(data) > MAX_BYTES:
            raise _unreadable(filename, f"larger than {MAX_BYTES} bytes")
        reader = etree.XMLParser(
            resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True
        )
        try:
            root = etree.fromstring(data, reader)
        except etree.XMLSyntaxError as error:
            raise _unreadable(filename, f"line {error.lineno}: not well-formed XML") from error
        if root.getroottree().docinfo.internalDTD is not None or b"<!DOCTYPE" in data:
            raise _unreadable(filename, "a document type is not allowed")
        for lane in root.iter(full_tag("lane")):
            owners = elements.properties_of(lane).get("potential_owners")
            for ref in lane.findall(full_tag("flowNodeRef")):
                self.lanes[filename, (ref.text or "").strip()] = (lane.get("name"), owners)
        try:
            self.add_bpmn_xml(root, filename)
        except ValidationException as error:
            raise _unreadable(filename, str(error).partition("\n")[0]) from error

    def lane_of(self, node: Any, filename: str | None) -> tuple[str | None, str | None]:
        """Return name and owners of the lane that holds an element or the sub-process around it."""
        for item in (node, *node.iterancestors(full_tag("subProcess"))):
            found = self.lanes.get((filename or "", item.get("id")))
            if found is not None:
                return found
        return None, None

    def _add_data_stores(self, bpmn: Any) -> None:
        """Leave data stores alone: a reference to one is refused where it stands."""

    def refuse_unsupported(self, node: Any, filename: str | None) -> None:
        """Note what an element carries that the engine does not run."""
        for name, where in elements.unsupported_in(node):
            self.find(
                "bpmn.unsupported",
                f"Công Văn không chạy “{name}”.",
                f"'{name}' is not executed here.",
                where if where.get("id") else node,
                filename,
            )


def parse_processes(
    files: Mapping[str, bytes], process_id: str
) -> tuple[dict[str, ProcessSpec], DialectParser]:
    """Return every process and sub-process that ``process_id`` can come to, by id.

    Raises:
        InvalidInput: with a finding for everything that is wrong.
    """
    parser = DialectParser()
    for filename, data in files.items():
        parser.add_file(filename, data)
    specs: dict[str, ProcessSpec] = {}
    todo = [process_id]
    while todo:
        wanted = todo.pop()
        if wanted in specs:
            continue
        if parser.get_process_parser(wanted) is None:
            parser.findings.append(
                Finding(
                    "process.unknown",
                    f"Không có quy trình “{wanted}” trong gói.",
                    f"There is no process '{wanted}' in the bundle.",
                    element=wanted,
                )
            )
            continue
        spec: ProcessSpec = parser.get_spec(wanted)
        specs[wanted] = spec
        todo += [node.options["process"] for node in spec.task_specs.values() if "process" in node.options]
    if not parser.findings:
        elements.complete_event_sub_processes(specs)
    return specs, parser


def _unreadable(filename: str, reason: str) -> InvalidInput:
    finding = Finding(
        "bpmn.unreadable", f"Không đọc được tệp: {reason}.", f"The file is {reason}.", file=filename
    )
    return InvalidInput(
        "bpmn.unreadable",
        f"Tệp {filename} không đọc được.",
        f"The file {filename} cannot be read.",
        [finding],
    )
