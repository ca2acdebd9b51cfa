"""Which variables can exist in a process: declared, computed, submitted, received or set by the engine.

A process is *closed* when every source of its variables is known: its start inputs are declared by an
``ioSpecification`` with data inputs (BPMN 2.0.2, 10.4), and no payload, script or call spreads entries of
unknown names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from service.domain.errors import InvalidInput
from service.engine.definition.model import Container, Model, Node, extension_of, operator_of
from service.engine.definition.sites import feel_text
from service.engine.definition.vocabulary import ENGINE_VARIABLES, HUMAN_TASKS, bpmn
from service.feel import compile_expression
from service.feel.ast import ContextLiteral

_PAYLOAD_TAGS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_CARRIES_PAYLOAD = frozenset({"message", "signal"})
_SET_BY_CATCHING = {"error": {"error_code", "error_message"}, "escalation": {"escalation_code"}}


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of one process and all its sub-processes.

    Attributes:
        names: those that are known to be set somewhere.
        is_closed: whether no other can exist.
    """

    names: frozenset[str]
    is_closed: bool


_VARIABLES: WeakKeyDictionary[Container, Variables] = WeakKeyDictionary()


def variables_of(model: Model, process: Container) -> Variables:
    """Return the variables that can exist in ``process``; found once for each process of a model."""
    known = _VARIABLES.get(process)
    if known is None:
        known = _VARIABLES[process] = _find_variables(model, process)
    return known


def _find_variables(model: Model, process: Container) -> Variables:
    names = set(ENGINE_VARIABLES)
    is_closed = _declared(process, "dataInput") is not None
    for xml in process.xml.iter(*_declaring_tags()):
        names |= {str(value) for value in (xml.get("id"), xml.get("name")) if value}
    for container in process.walk():
        for node in container.nodes:
            found, spreads = _set_by(model, process, node)
            names |= found
            is_closed = is_closed and not spreads
    return Variables(frozenset(names), is_closed)


def _declared(process: Container, tag: str) -> set[str] | None:
    """Return the names of the declared inputs (or outputs) of a process; None where it declares none."""
    items = process.xml.findall(f"{bpmn('ioSpecification')}/{bpmn(tag)}")
    return {str(item.get("name") or item.get("id")) for item in items} or None


def _outputs_of_call(model: Model, node: Node) -> set[str] | None:
    """Return what a called process of the bundle hands back; None where that is not declared."""
    called = str(node.xml.get("calledElement") or "")
    process = next((one for one in model.processes if one.id == called), None)
    return _declared(process, "dataOutput") if process is not None else None


def _declaring_tags() -> Iterator[str]:
    tags = ("dataObject", "dataObjectReference", "dataInput", "dataOutput", "inputDataItem", "outputDataItem")
    return (bpmn(tag) for tag in tags)


def _set_by(model: Model, process: Container, node: Node) -> tuple[set[str], bool]:
    """Return the variables that a node sets, and whether it may set others whose names are not known."""
    result = node.properties.get("result_variable", "").strip()
    names = {result} if result else set()
    names |= {str(ref.text).strip() for ref in node.xml.iter(bpmn("loopDataOutputRef")) if ref.text}
    if node.tag in HUMAN_TASKS:
        return (names, False) if result else _form_fields(model, process, node)
    if node.tag == "scriptTask":
        return (names, False) if result else _script_entries(node)
    if node.tag == "serviceTask":
        operator = operator_of(node)
        variable = str(operator.get("resultVariable") or "") if operator is not None else ""
        return names | ({variable} if variable else set()), False
    if node.tag == "businessRuleTask":
        called = {str(one.text or "").strip() for one in extension_of(node.xml, "calledDecisionId")}
        return names or called, False
    if node.tag == "callActivity":
        outputs = _outputs_of_call(model, node)
        return (names, True) if outputs is None else (names | outputs, False)
    for trigger in node.triggers if node.tag in _PAYLOAD_TAGS else ():
        names |= _SET_BY_CATCHING.get(trigger, set())
    return names, _spreads_payload(node, result)


def _spreads_payload(node: Node, result: str) -> bool:
    carries = node.tag == "receiveTask" or bool(_CARRIES_PAYLOAD.intersection(node.triggers))
    return node.tag in _PAYLOAD_TAGS and carries and not result


def form_key_of(process: Container, node: Node) -> str:
    """Return the form key of a user or manual task: the property, or ``<process id>/<element id>``."""
    return node.properties.get("form", "").strip() or f"{process.id}/{node.id}"


def _form_fields(model: Model, process: Container, node: Node) -> tuple[set[str], bool]:
    """Return the top-level fields of a task's form; a form that cannot be read counts as open."""
    file = model.bundle.forms().get(form_key_of(process, node))
    if file is None:
        return set(), node.tag == "userTask"
    try:
        schema = json.loads(file.content)
    except (ValueError, RecursionError):
        return set(), True
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return set(), True
    return {str(name) for name in properties}, False


def _script_entries(node: Node) -> tuple[set[str], bool]:
    """Return the keys of a script that is one context literal; of any other nothing is known."""
    script = node.xml.find(bpmn("script"))
    text = feel_text(script.text) if script is not None else ""
    try:
        tree = compile_expression(text).tree if text else None
    except InvalidInput:
        return set(), True
    if not isinstance(tree, ContextLiteral):
        return set(), True
    return {entry.key for entry in tree.entries}, False
