"""A bundle's diagrams as the checks read them: containers, nodes and flows with both ends looked up.

The model is tolerant: a broken reference is None here, so that every check can run on every diagram that
parses and the author sees all faults at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from service.engine.definition.bundle import Bundle
from service.engine.definition.environment import Environment
from service.engine.definition.vocabulary import (
    BPMN,
    CONTAINERS,
    DIALECT,
    EVENT_DEFINITION_SUFFIX,
    FLOW_NODES,
    bpmn,
    dialect,
)
from service.feel.dmn import DecisionInfo


@dataclass(eq=False)
class Diagram:
    """One BPMN file.

    Attributes:
        file: its path in the bundle.
        root: the ``definitions`` element.
    """

    file: str
    root: etree._Element

    @cached_property
    def elements(self) -> tuple[etree._Element, ...]:
        """All elements of the BPMN model namespace, in document order, outside extension elements."""
        return tuple(element for element in self.root.iter(f"{{{BPMN}}}*") if not in_extension(element))

    @cached_property
    def by_id(self) -> Mapping[str, etree._Element]:
        """The first BPMN element of each id."""
        found: dict[str, etree._Element] = {}
        for element in self.elements:
            if identifier := element.get("id"):
                found.setdefault(str(identifier), element)
        return found

    @cached_property
    def processes(self) -> tuple[Container, ...]:
        """The processes of this file, in document order."""
        return tuple(_build(self, xml, None) for xml in self.root.findall(bpmn("process")))

    def containers(self) -> Iterator[Container]:
        """Yield every process and sub-process, outer before inner."""
        for process in self.processes:
            yield from process.walk()


@dataclass(eq=False)
class Container:
    """A process or a sub-process.

    Attributes:
        diagram: the file.
        xml: the element.
        parent: the enclosing container; None for a process.
        node: the sub-process as a node of its parent; None for a process.
        nodes: flow nodes directly inside, in document order.
        flows: sequence flows directly inside, in document order.
        inner: sub-processes directly inside.
    """

    diagram: Diagram
    xml: etree._Element
    parent: Container | None = None
    node: Node | None = None
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    inner: list[Container] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The element's id, empty where it has none."""
        return str(self.xml.get("id") or "")

    @property
    def tag(self) -> str:
        """The local name: ``process``, ``subProcess``, ``transaction`` or ``adHocSubProcess``."""
        return etree.QName(self.xml).localname

    @property
    def is_process(self) -> bool:
        """Whether this is a process, not a sub-process."""
        return self.parent is None

    @property
    def is_executable(self) -> bool:
        """Whether the enclosing process is to be run; sub-processes follow their process."""
        return is_true(self.process.xml, "isExecutable", default=True)

    @property
    def is_event_sub_process(self) -> bool:
        """Whether it is started by an event instead of a sequence flow."""
        return is_true(self.xml, "triggeredByEvent")

    @property
    def process(self) -> Container:
        """The outermost container."""
        step = self
        while step.parent is not None:
            step = step.parent
        return step

    @cached_property
    def lanes(self) -> Mapping[str, etree._Element]:
        """The innermost lane that lists each node, by the node's id."""
        found: dict[str, etree._Element] = {}
        for lane_set in self.xml.iterchildren(bpmn("laneSet")):
            for lane in lane_set.iter(bpmn("lane")):
                for entry in lane.iterchildren(bpmn("flowNodeRef")):
                    found[str(entry.text or "").strip()] = lane
        return found

    def walk(self) -> Iterator[Container]:
        """Yield this container and all inside it, outer before inner."""
        yield self
        for inner in self.inner:
            yield from inner.walk()

    def starts(self) -> list[Node]:
        """Return the start events directly inside."""
        return [node for node in self.nodes if node.tag == "startEvent"]


@dataclass(eq=False)
class Node:
    """A flow node: activity, event or gateway.

    Attributes:
        diagram: the file.
        xml: the element.
        container: where it stands.
        incoming: sequence flows whose ``targetRef`` is this node.
        outgoing: sequence flows whose ``sourceRef`` is this node.
        boundary: boundary events attached to it.
        host: the activity that a boundary event is attached to.
        inner: its content where it is a sub-process.
    """

    diagram: Diagram
    xml: etree._Element
    container: Container
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    boundary: list[Node] = field(default_factory=list)
    host: Node | None = None
    inner: Container | None = None

    @property
    def id(self) -> str:
        """The element's id, empty where it has none."""
        return str(self.xml.get("id") or "")

    @cached_property
    def tag(self) -> str:
        """The local name, such as ``userTask``."""
        return etree.QName(self.xml).localname

    @property
    def name(self) -> str:
        """The name drawn in the diagram."""
        return str(self.xml.get("name") or "")

    @cached_property
    def definitions(self) -> tuple[etree._Element, ...]:
        """The event definitions directly inside."""
        return tuple(
            child
            for child in self.xml.iterchildren(f"{{{BPMN}}}*")
            if etree.QName(child).localname.endswith(EVENT_DEFINITION_SUFFIX)
        )

    @cached_property
    def triggers(self) -> tuple[str, ...]:
        """The kinds of its event definitions, such as ``timer`` and ``message``."""
        names = (etree.QName(one).localname for one in self.definitions)
        return tuple(name.removesuffix(EVENT_DEFINITION_SUFFIX) for name in names)

    @property
    def default(self) -> str | None:
        """The id of its default flow."""
        value = self.xml.get("default")
        return str(value) if value is not None else None

    @property
    def is_compensation(self) -> bool:
        """Whether it stands outside the normal flow, as a compensation handler."""
        return is_true(self.xml, "isForCompensation")

    @property
    def interrupts(self) -> bool:
        """Whether a boundary event or event sub-process start ends what it interrupts."""
        attribute = "cancelActivity" if self.tag == "boundaryEvent" else "isInterrupting"
        return is_true(self.xml, attribute, default=True)

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """The dialect's extension properties, by name."""
        return properties_of(self.xml)


@dataclass(eq=False)
class Flow:
    """A sequence flow.

    Attributes:
        diagram: the file.
        xml: the element.
        container: where it is written.
        source: the node of ``sourceRef``; None where there is none in this file.
        target: the node of ``targetRef``; None where there is none in this file.
    """

    diagram: Diagram
    xml: etree._Element
    container: Container
    source: Node | None = None
    target: Node | None = None

    @property
    def id(self) -> str:
        """The element's id, empty where it has none."""
        return str(self.xml.get("id") or "")

    @cached_property
    def condition(self) -> etree._Element | None:
        """Its condition expression."""
        return self.xml.find(bpmn("conditionExpression"))

    @property
    def is_default(self) -> bool:
        """Whether its source takes it when no condition holds."""
        return self.source is not None and bool(self.id) and self.source.default == self.id


@dataclass(eq=False)
class Model:
    """All that the checks look at.

    Attributes:
        bundle: as uploaded.
        environment: what it is deployed into.
        diagrams: the BPMN files that parsed.
        dmn: the roots of the DMN files that parsed, by path.
        decisions: the decisions and decision services in them.
    """

    bundle: Bundle
    environment: Environment
    diagrams: tuple[Diagram, ...]
    dmn: Mapping[str, etree._Element] = field(default_factory=dict)
    decisions: tuple[DecisionInfo, ...] = ()

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """Every process and sub-process of the bundle."""
        return tuple(container for diagram in self.diagrams for container in diagram.containers())

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every flow node of the bundle."""
        return tuple(node for container in self.containers for node in container.nodes)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Every sequence flow of the bundle."""
        return tuple(flow for container in self.containers for flow in container.flows)

    @cached_property
    def processes(self) -> tuple[Container, ...]:
        """Every process of the bundle."""
        return tuple(container for container in self.containers if container.is_process)

    def of_tag(self, *tags: str) -> Iterator[Node]:
        """Yield the nodes of the given local names."""
        return (node for node in self.nodes if node.tag in tags)


def is_true(xml: etree._Element, attribute: str, *, default: bool = False) -> bool:
    """Return the ``xsd:boolean`` value of an attribute."""
    value = xml.get(attribute)
    return default if value is None else str(value).strip() in {"true", "1"}


def in_extension(xml: etree._Element) -> bool:
    """Say whether an element stands inside extension elements."""
    return any(True for _ in xml.iterancestors(bpmn("extensionElements")))


def extension_children(xml: etree._Element) -> Iterator[etree._Element]:
    """Yield the extension elements of one element."""
    for holder in xml.iterchildren(bpmn("extensionElements")):
        yield from holder.iterchildren(tag=etree.Element)


def property_elements(xml: etree._Element) -> Iterator[etree._Element]:
    """Yield the dialect's ``property`` elements of one element."""
    for child in extension_children(xml):
        if child.tag == dialect("properties"):
            yield from child.iterchildren(dialect("property"))


def properties_of(xml: etree._Element) -> Mapping[str, str]:
    """Return the dialect's properties of one element; the last of a repeated name wins."""
    return {str(one.get("name") or ""): str(one.get("value") or "") for one in property_elements(xml)}


def operator_of(node: Node) -> etree._Element | None:
    """Return the dialect's service task operator of a node."""
    return next(extension_of(node.xml, "serviceTaskOperator"), None)


def parameters_of(operator: etree._Element) -> list[tuple[etree._Element, str]]:
    """Return the parameter elements of an operator with their names."""
    return [(one, str(one.get("id") or "").strip()) for one in operator.iter(dialect("parameter"))]


def extension_of(xml: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield the extension elements of one dialect tag."""
    return (child for child in extension_children(xml) if child.tag == f"{{{DIALECT}}}{tag}")


def _build(diagram: Diagram, xml: etree._Element, parent: Container | None) -> Container:
    process = _collect(diagram, xml, parent)
    nodes = {node.id: node for container in reversed(list(process.walk())) for node in container.nodes}
    for container in process.walk():
        _connect(container, nodes)
    return process


def _collect(diagram: Diagram, xml: etree._Element, parent: Container | None) -> Container:
    """Build a container and all inside it; the depth is bounded by the parser's limit."""
    container = Container(diagram, xml, parent)
    for child in xml.iterchildren(f"{{{BPMN}}}*"):
        tag = etree.QName(child).localname
        if tag in FLOW_NODES:
            node = Node(diagram, child, container)
            container.nodes.append(node)
            if tag in CONTAINERS:
                node.inner = _collect(diagram, child, container)
                node.inner.node = node
                container.inner.append(node.inner)
        elif tag == "sequenceFlow":
            container.flows.append(Flow(diagram, child, container))
    return container


def _connect(container: Container, nodes: Mapping[str, Node]) -> None:
    for flow in container.flows:
        flow.source = nodes.get(str(flow.xml.get("sourceRef") or ""))
        flow.target = nodes.get(str(flow.xml.get("targetRef") or ""))
        if flow.source is not None:
            flow.source.outgoing.append(flow)
        if flow.target is not None:
            flow.target.incoming.append(flow)
    for node in container.nodes:
        host = nodes.get(str(node.xml.get("attachedToRef") or "")) if node.tag == "boundaryEvent" else None
        if host is not None:
            node.host = host
            host.boundary.append(node)
