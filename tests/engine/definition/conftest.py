"""Draws small diagrams from a few words, so that each test shows only what is wrong with them.

start begin                     one element a line: kind, id, attributes, then its content after `|`
user do_it clauses="S0-6.4" | <x/>
sub box {                       a container, closed by a line of its own
}
begin -> do_it -> done          sequence flows, ids `begin__do_it`, …
gate -> left : x > 1            a condition; `: default` makes it the default flow
^<bpmn:message id="m" name="m"/>    a root element before the process
$<bpmndi:BPMNDiagram/>              a root element after it
<anything/>                     XML as it stands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pytest

from service.domain.errors import Finding
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.definition.checker import check_bundle
from service.engine.definition.environment import Environment, OperationSpec

KINDS = {
    "start": "startEvent",
    "end": "endEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "user": "userTask",
    "manual": "manualTask",
    "service": "serviceTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "task": "task",
    "call": "callActivity",
    "xor": "exclusiveGateway",
    "or": "inclusiveGateway",
    "and": "parallelGateway",
    "complex": "complexGateway",
    "events": "eventBasedGateway",
    "sub": "subProcess",
    "transaction": "transaction",
    "adhoc": "adHocSubProcess",
}
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    targetNamespace="http://congvan.example/test">"""
_ELEMENT = re.compile(r"(\w+) ([\w.\-]+)((?: [\w:]+=\"[^\"]*\")*)\s*(\{|\|.*)?")
_FLOW = re.compile(r"([\w.\-]+(?: -> [\w.\-]+)+)(?: : (.*))?")
_PROPERTIES = ("title_vi", "title_en", "potential_owners", "clauses", "result_variable", "correlation_key")
_ATTRIBUTE = re.compile(r"([\w:]+)=\"([^\"]*)\"")


def properties(**values: str) -> str:
    """Return extension elements with the given properties, on one line."""
    inside = "".join(
        f'<spiffworkflow:property name="{name}" value="{value}"/>' for name, value in values.items()
    )
    wrapped = f"<spiffworkflow:properties>{inside}</spiffworkflow:properties>"
    return f"<bpmn:extensionElements>{wrapped}</bpmn:extensionElements>"


class _Pen:
    """Turns the lines of a sketch into XML, one element a line."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self.after: list[str] = []
        self.body: list[str] = []
        self.defaults: dict[str, str] = {}
        self._open: list[str] = []

    def draw(self, line: str) -> None:
        if line.startswith("^"):
            self.roots.append(line[1:])
        elif line.startswith("$"):
            self.after.append(line[1:])
        elif line.startswith("<"):
            self.body.append(line)
        elif line == "}":
            self.body.append(f"</bpmn:{self._open.pop()}>")
        elif (flow := _FLOW.fullmatch(line)) is not None:
            self._flows(flow[1].split(" -> "), flow[2])
        elif (element := _ELEMENT.fullmatch(line)) is not None and element[1] in KINDS:
            self._element(*element.groups())
        else:
            raise AssertionError(f"not a line of a sketch: {line}")

    def _element(self, kind: str, identifier: str, attributes: str, rest: str | None) -> None:
        tag = KINDS[kind]
        given = dict(_ATTRIBUTE.findall(attributes or ""))
        own = {name: given.pop(name) for name in _PROPERTIES if name in given}
        if kind == "user":
            own.setdefault("potential_owners", "initiator")
            given.setdefault("name", "Việc")
        own = {name: value for name, value in own.items() if value != "-"}
        if kind == "script":
            given.setdefault("scriptFormat", "feel")
        written = "".join(f' {name}="{value}"' for name, value in given.items())
        opening = f'<bpmn:{tag} id="{identifier}"{written}>' + (properties(**own) if own else "")
        if rest == "{":
            self._open.append(tag)
            self.body.append(opening)
        else:
            self.body.append(f"{opening}{(rest or '|')[1:].strip()}</bpmn:{tag}>")

    def _flows(self, nodes: list[str], condition: str | None) -> None:
        for source, target in pairwise(nodes):
            identifier = f"{source}__{target}"
            inside = ""
            if condition == "default":
                self.defaults[source] = identifier
            elif condition is not None:
                inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>"
            ends = f'sourceRef="{source}" targetRef="{target}"'
            self.body.append(f'<bpmn:sequenceFlow id="{identifier}" {ends}>{inside}</bpmn:sequenceFlow>')


def draw(sketch: str, process: str | None = None) -> str:
    """Return the BPMN file of a sketch; ``process`` replaces the opening of its process."""
    pen = _Pen()
    for line in filter(None, map(str.strip, sketch.strip().splitlines())):
        pen.draw(line)
    body = "\n".join(pen.body)
    for source, flow in pen.defaults.items():
        body = body.replace(f'id="{source}"', f'id="{source}" default="{flow}"')
    opening = process or '<bpmn:process id="p" isExecutable="true">' + properties(
        title_vi="Thử", title_en="Test"
    )
    return "\n".join([HEAD, *pen.roots, opening, body, "</bpmn:process>", *pen.after, "</bpmn:definitions>"])


ENVIRONMENT = Environment(
    operations={
        "record.register": OperationSpec(
            "record.register",
            parameters=frozenset({"document_id", "book"}),
            required=frozenset({"document_id"}),
            errors=frozenset({"BOOK_CLOSED"}),
        )
    },
    process_keys=frozenset({"shared_approval"}),
    decisions=frozenset({"shared_deadline"}),
    form_keys=frozenset({"shared/opinion"}),
    functions=frozenset({"working deadline"}),
    clause_ids=frozenset({"S0-6.4", "S1-6.4"}),
)
"""What the test bundles may rely on."""


@dataclass(frozen=True)
class Checked:
    """A bundle and what was found."""

    xml: str
    findings: list[Finding]

    def line_of(self, needle: str) -> int:
        """Return the number of the only line that holds ``needle``."""
        lines = [number for number, line in enumerate(self.xml.splitlines(), 1) if needle in line]
        assert len(lines) == 1, (needle, lines, self.xml)
        return lines[0]

    @property
    def codes(self) -> list[str]:
        """The codes found, in order."""
        return [finding.code for finding in self.findings]


CheckSketch = Callable[..., Checked]


def check_sketch(
    sketch: str,
    *,
    process: str | None = None,
    files: Mapping[str, str] | None = None,
    environment: Environment = ENVIRONMENT,
) -> Checked:
    """Check the bundle of a sketch; every user task gets an empty form unless ``files`` gives its own."""
    xml = draw(sketch, process)
    forms = {f"forms/p/{task}.form.json": "{}" for task in re.findall(r"<bpmn:userTask id=\"(\w+)\"", xml)}
    texts = {"p.bpmn": xml} | forms | dict(files or {})
    bundle = Bundle("p", tuple(BundleFile(path, text.encode()) for path, text in texts.items() if text))
    return Checked(xml, check_bundle(bundle, environment))


@pytest.fixture
def check() -> CheckSketch:
    """Check a sketch: see :func:`check_sketch`."""
    return check_sketch


@pytest.fixture
def drawn() -> Callable[..., str]:
    """Draw a sketch: see :func:`draw`."""
    return draw


@pytest.fixture
def environment() -> Environment:
    """The environment that sketches are checked for."""
    return ENVIRONMENT
