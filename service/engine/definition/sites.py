"""Every place in a bundle's diagrams where a FEEL expression stands, with what is in scope there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary

from lxml import etree

from service.domain.errors import InvalidInput
from service.engine.definition.dialect import FEEL_PROPERTIES
from service.engine.definition.model import (
    Container,
    Diagram,
    Flow,
    Model,
    Node,
    operator_of,
    parameters_of,
    property_elements,
)
from service.engine.definition.vocabulary import bpmn
from service.feel import Expression, compile_expression

_TIMER_TAGS: Final = ("timeDate", "timeDuration", "timeCycle")
_LOOP_TAGS: Final = ("loopCardinality", "completionCondition", "loopCondition")
LOOP_VARIABLES: Final = frozenset(
    {
        "loopCounter",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
"""Variables that the engine sets around the passes of a loop (BPMN 2.0.2, 10.3 Loop Characteristics)."""


@dataclass(eq=False)
class Site:
    """One expression in a diagram.

    Attributes:
        diagram: the file.
        xml: the element that holds the text; its line is reported.
        what: ``condition``, ``timer``, ``parameter document_id``, ``property due``, …
        text: the FEEL text, a leading ``=`` dropped.
        container: the process or sub-process whose variables it sees.
        node: the node it belongs to; None for conditions of flows and properties of processes and lanes.
        may_be_absent: whether a blank text means that there is no expression.
        functions: names of functions of ours, which may hold spaces.
    """

    diagram: Diagram
    xml: etree._Element
    what: str
    text: str
    container: Container
    node: Node | None = None
    may_be_absent: bool = False
    functions: frozenset[str] = frozenset()

    @cached_property
    def _compiled(self) -> Expression | InvalidInput:
        try:
            return compile_expression(self.text, names=self.functions)
        except InvalidInput as error:
            return error

    @property
    def expression(self) -> Expression | None:
        """The compiled expression; None where the text is blank or not FEEL."""
        if not self.text or not isinstance(self._compiled, Expression):
            return None
        return self._compiled

    @property
    def error(self) -> InvalidInput | None:
        """Why the text is not FEEL; None where it is, or is blank."""
        if not self.text or isinstance(self._compiled, Expression):
            return None
        return self._compiled


def feel_text(raw: str | None) -> str:
    """Return a FEEL text as the dialect writes it: trimmed, one leading ``=`` dropped."""
    return (raw or "").strip().removeprefix("=").strip()


_SITES: WeakKeyDictionary[Model, tuple[Site, ...]] = WeakKeyDictionary()


def expression_sites(model: Model) -> tuple[Site, ...]:
    """Return every expression of the bundle's diagrams, process by process; found once for each model."""
    known = _SITES.get(model)
    if known is None:
        known = _SITES[model] = tuple(_find_sites(model))
        for site in known:
            site.functions = model.environment.functions
    return known


def _find_sites(model: Model) -> Iterator[Site]:
    for container in model.containers:
        yield from _properties(container, container.xml if container.is_process else None)
        for flow in container.flows:
            yield from _condition(container, flow)
        for node in container.nodes:
            yield from _of_node(container, node)


def literal_timers(model: Model) -> Iterator[tuple[Node, etree._Element, str]]:
    """Yield node, element and text of every timer that is literal text, not an expression."""
    for node in model.nodes:
        for xml in _timer_texts(node):
            text = str(xml.text or "").strip()
            if text and not text.startswith("="):
                yield node, xml, text


def _properties(container: Container, xml: etree._Element | None) -> Iterator[Site]:
    if xml is not None:
        yield from _property_sites(container, xml, None)
    for lane_set in container.xml.iterchildren(bpmn("laneSet")):
        for lane in lane_set.iter(bpmn("lane")):
            yield from _property_sites(container, lane, None)


def _property_sites(container: Container, holder: etree._Element, node: Node | None) -> Iterator[Site]:
    for one in property_elements(holder):
        name = str(one.get("name") or "")
        if name in FEEL_PROPERTIES:
            text = feel_text(one.get("value"))
            yield Site(container.diagram, one, f"property {name}", text, container, node, may_be_absent=True)


def _condition(container: Container, flow: Flow) -> Iterator[Site]:
    if flow.condition is not None:
        yield Site(container.diagram, flow.condition, "condition", feel_text(flow.condition.text), container)


def _of_node(container: Container, node: Node) -> Iterator[Site]:
    yield from _property_sites(container, node.xml, node)
    for xml in _timer_texts(node):
        text = str(xml.text or "").strip()
        if text.startswith("=") or not text:
            yield Site(container.diagram, xml, "timer", feel_text(text), container, node)
    for definition in node.definitions:
        for xml in definition.iterchildren(bpmn("condition")):
            text = feel_text(xml.text)
            yield Site(container.diagram, xml, "condition", text, container, node, may_be_absent=True)
    yield from _loops(container, node)
    yield from _scripts_and_parameters(container, node)


def _timer_texts(node: Node) -> Iterator[etree._Element]:
    for definition, trigger in zip(node.definitions, node.triggers, strict=True):
        if trigger == "timer":
            for tag in _TIMER_TAGS:
                yield from definition.iterchildren(bpmn(tag))


def _loops(container: Container, node: Node) -> Iterator[Site]:
    for tag in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        for loop in node.xml.iterchildren(bpmn(tag)):
            for part in _LOOP_TAGS:
                for xml in loop.iterchildren(bpmn(part)):
                    text = feel_text(xml.text)
                    yield Site(container.diagram, xml, part, text, container, node, may_be_absent=True)


def _scripts_and_parameters(container: Container, node: Node) -> Iterator[Site]:
    if node.tag == "scriptTask" and "feel" in str(node.xml.get("scriptFormat") or "").lower():
        for xml in node.xml.iterchildren(bpmn("script")):
            text = feel_text(xml.text)
            yield Site(container.diagram, xml, "script", text, container, node, may_be_absent=True)
    operator = operator_of(node) if node.tag == "serviceTask" else None
    for xml, name in parameters_of(operator) if operator is not None else []:
        text = feel_text(xml.get("value"))
        yield Site(container.diagram, xml, f"parameter {name}", text, container, node)
