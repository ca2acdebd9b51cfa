"""What lists, rights and start events need to know of a process, read once at deployment.

A bundle is expected to have passed its checks; of one that has not, what can be read is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from service.engine.definition.bundle import Bundle
from service.engine.definition.checker import read_model
from service.engine.definition.environment import Environment
from service.engine.definition.model import Container, Node, extension_of, operator_of, properties_of
from service.engine.definition.owners import lane_of, lane_owners_of
from service.engine.definition.sites import feel_text
from service.engine.definition.variables import form_key_of
from service.engine.definition.vocabulary import HUMAN_TASKS, bpmn

_TIMER_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


@dataclass(frozen=True, slots=True)
class StartInfo:
    """One way in which an instance begins.

    Attributes:
        element_id: the start event.
        name: drawn name.
        kind: ``none``, ``message``, ``timer``, ``signal`` or ``conditional``.
        message: name of the message or signal; empty for others.
        timer_kind: ``date``, ``duration`` or ``cycle``; empty for others.
        timer: the literal or, after ``=``, the FEEL text; empty for others.
        result_variable: variable that takes the payload; empty: its entries become variables.
    """

    element_id: str
    name: str
    kind: str
    message: str = ""
    timer_kind: str = ""
    timer: str = ""
    result_variable: str = ""


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A user or manual task.

    Attributes:
        element_id: the task.
        name: drawn name.
        tag: ``userTask`` or ``manualTask``.
        form_key: of its form.
        lane: drawn name of its lane, of its sub-process's lane where it has none; empty without lanes.
        potential_owners: FEEL text, the lane's where the task has none; empty where neither has.
        properties: every extension property as written.
    """

    element_id: str
    name: str
    tag: str
    form_key: str
    lane: str
    potential_owners: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LaneInfo:
    """A lane.

    Attributes:
        id: of the lane.
        name: drawn name.
        potential_owners: FEEL text, or empty.
        nodes: ids that it lists.
    """

    id: str
    name: str
    potential_owners: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """A flow node as timelines and reports show it.

    Attributes:
        id: of the element.
        tag: local name, such as ``exclusiveGateway``.
        name: drawn name.
        lane: drawn name of its lane, or empty.
        milestone: named step of progress, or empty.
        clauses: ids of the clauses that demand it.
        parent: id of the sub-process around it; empty directly in the process.
    """

    id: str
    tag: str
    name: str
    lane: str
    milestone: str
    clauses: tuple[str, ...]
    parent: str


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """An executable process of a bundle.

    Attributes:
        key: its id.
        file: the diagram it stands in.
        title_vi: shown name.
        title_en: shown English name, empty where it has none.
        owner: unit or post that owns it, or empty.
        may_start: FEEL text, or empty.
        business_key: FEEL text, or empty.
        documentation: its documentation text, or empty.
        clauses: clause ids by element id; the process's own stand under its key.
        starts: start events of the process itself.
        user_tasks: human tasks, also in its sub-processes.
        lanes: its lanes.
        elements: every flow node, also in its sub-processes.
        calls: keys of processes that it calls.
        decisions: ids of decisions that it asks for.
        operations: operations of its service tasks.
        messages: names of messages that it catches anywhere.
    """

    key: str
    file: str
    title_vi: str
    title_en: str
    owner: str
    may_start: str
    business_key: str
    documentation: str
    clauses: Mapping[str, tuple[str, ...]]
    starts: tuple[StartInfo, ...]
    user_tasks: tuple[TaskInfo, ...]
    lanes: tuple[LaneInfo, ...]
    elements: tuple[ElementInfo, ...]
    calls: tuple[str, ...]
    decisions: tuple[str, ...]
    operations: tuple[str, ...]
    messages: tuple[str, ...]

    @property
    def message_starts(self) -> tuple[StartInfo, ...]:
        """The starts that a message brings about."""
        return tuple(start for start in self.starts if start.kind == "message")

    @property
    def timer_starts(self) -> tuple[StartInfo, ...]:
        """The starts that the calendar brings about."""
        return tuple(start for start in self.starts if start.kind == "timer")

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values, field by field."""
        return asdict(self)


def read_process_infos(bundle: Bundle) -> tuple[ProcessInfo, ...]:
    """Return the executable processes of a bundle, the one that it is named after first."""
    model, _ = read_model(bundle, Environment())
    infos = [_read(process) for process in model.processes if process.is_executable]
    return tuple(sorted(infos, key=lambda info: info.key != bundle.key))


def _read(process: Container) -> ProcessInfo:
    own = properties_of(process.xml)
    nodes = [node for container in process.walk() for node in container.nodes]
    return ProcessInfo(
        key=process.id,
        file=process.diagram.file,
        title_vi=own.get("title_vi", "").strip(),
        title_en=own.get("title_en", "").strip(),
        owner=own.get("owner", "").strip(),
        may_start=feel_text(own.get("may_start")),
        business_key=feel_text(own.get("business_key")),
        documentation=_text(process.xml.find(bpmn("documentation"))),
        clauses=_clauses(process, nodes),
        starts=tuple(_start(node) for node in process.starts()),
        user_tasks=tuple(_task(process, node) for node in nodes if node.tag in HUMAN_TASKS),
        lanes=tuple(
            _lane(xml) for one in process.xml.iterchildren(bpmn("laneSet")) for xml in one.iter(bpmn("lane"))
        ),
        elements=tuple(_element(node) for node in nodes),
        calls=_unique(
            str(node.xml.get("calledElement") or "") for node in nodes if node.tag == "callActivity"
        ),
        decisions=_unique(_text(xml) for node in nodes for xml in extension_of(node.xml, "calledDecisionId")),
        operations=_unique(_operation(node) for node in nodes if node.tag == "serviceTask"),
        messages=_unique(
            _message(node) for node in nodes if node.tag not in {"endEvent", "intermediateThrowEvent"}
        ),
    )


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _text(xml: etree._Element | None) -> str:
    return str(xml.text or "").strip() if xml is not None else ""


def _clauses(process: Container, nodes: list[Node]) -> dict[str, tuple[str, ...]]:
    holders = {process.id: process.xml} | {node.id: node.xml for node in nodes}
    for container in process.walk():
        holders |= {flow.id: flow.xml for flow in container.flows}
    named = {key: tuple(properties_of(xml).get("clauses", "").split()) for key, xml in holders.items()}
    return {key: clauses for key, clauses in named.items() if clauses}


def _start(node: Node) -> StartInfo:
    timer = _timer(node)
    return StartInfo(
        element_id=node.id,
        name=node.name,
        kind=node.triggers[0] if node.triggers else "none",
        message=_message(node),
        timer_kind=timer[0],
        timer=timer[1],
        result_variable=node.properties.get("result_variable", "").strip(),
    )


def _timer(node: Node) -> tuple[str, str]:
    for definition in node.definitions:
        for tag, kind in _TIMER_KINDS.items():
            for xml in definition.iterchildren(bpmn(tag)):
                return kind, _text(xml)
    return "", ""


def _message(node: Node) -> str:
    """Return the name of the message or signal that a node names; empty if it names none."""
    for xml in (node.xml, *node.definitions):
        for attribute in ("messageRef", "signalRef"):
            target = node.diagram.by_id.get(str(xml.get(attribute) or ""))
            if target is not None:
                return str(target.get("name") or "")
    return ""


def _operation(node: Node) -> str:
    operator = operator_of(node)
    return str(operator.get("id") or "") if operator is not None else ""


def _lane_name(node: Node) -> str:
    lane = lane_of(node)
    return str(lane.get("name") or "") if lane is not None else ""


def _task(process: Container, node: Node) -> TaskInfo:
    return TaskInfo(
        element_id=node.id,
        name=node.name,
        tag=node.tag,
        form_key=form_key_of(process, node),
        lane=_lane_name(node),
        potential_owners=feel_text(node.properties.get("potential_owners") or lane_owners_of(node)),
        properties=dict(node.properties),
    )


def _lane(xml: etree._Element) -> LaneInfo:
    nodes = tuple(_text(entry) for entry in xml.iterchildren(bpmn("flowNodeRef")))
    owners = feel_text(properties_of(xml).get("potential_owners"))
    return LaneInfo(str(xml.get("id") or ""), str(xml.get("name") or ""), owners, nodes)


def _element(node: Node) -> ElementInfo:
    return ElementInfo(
        id=node.id,
        tag=node.tag,
        name=node.name,
        lane=_lane_name(node),
        milestone=node.properties.get("milestone", "").strip(),
        clauses=tuple(node.properties.get("clauses", "").split()),
        parent="" if node.container.is_process else node.container.id,
    )
