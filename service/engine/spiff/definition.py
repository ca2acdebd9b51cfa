"""A deployed process version: parsed once, never changed, shared by all its instances and threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, cast

import orjson
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from service.domain.errors import Finding, InvalidInput
from service.engine.spiff import durations
from service.engine.spiff.activities import DecisionEvaluator, Element, StartEvent, TimerKind
from service.engine.spiff.expressions import compiled
from service.engine.spiff.nodes import FlowNode
from service.engine.spiff.parser import parse_processes
from service.engine.spiff.processes import ProcessSpec
from service.engine.spiff.serializer import processes_from_dict, processes_to_dict
from service.engine.spiff.structure import structural_findings

FORMAT: Final = 1
"""Version of the stored form; another one is refused."""


class Definition:
    """All processes that one process of a bundle can come to.

    Args:
        process_id: id of the process that instances start.
        processes: processes and sub-processes by id.
    """

    def __init__(self, process_id: str, processes: Mapping[str, ProcessSpec]) -> None:
        self.process_id = process_id
        self.processes = dict(processes)
        self.root = self.processes[process_id]

    @classmethod
    def parse(
        cls, bpmn: Mapping[str, bytes], process_id: str, *, decisions: DecisionEvaluator | None = None
    ) -> Definition:
        """Return the definition of ``process_id`` from the BPMN files of a bundle, by file name.

        Raises:
            InvalidInput: with a finding (file, element, line) for everything the engine cannot run.
        """
        try:
            specs, parser = parse_processes(bpmn, process_id)
        except ValidationException as error:
            text = str(error).partition("\n")[0]
            raise _invalid([Finding("bpmn.invalid", f"BPMN sai: {text}", f"Bad BPMN: {text}")]) from error
        findings = list(parser.findings) or [*_check(specs, decisions)]
        if findings:
            raise _invalid(findings)
        # Restoring through the registry gives the very object that every later load gives.
        return cls.restore(cls(process_id, specs).dump())

    def dump(self) -> bytes:
        """Return the definition for the database."""
        return orjson.dumps(
            {"format": FORMAT, "process": self.process_id, "specs": processes_to_dict(self.processes)}
        )

    @classmethod
    def restore(cls, data: bytes) -> Definition:
        """Return a stored definition.

        Raises:
            InvalidInput: it was stored in another format.
        """
        stored = orjson.loads(data)
        if stored.get("format") != FORMAT:
            raise InvalidInput(
                "definition.format",
                "Định nghĩa quy trình được lưu ở dạng không đọc được.",
                f"The stored definition has format {stored.get('format')!r}, this engine reads {FORMAT}.",
            )
        return cls(stored["process"], processes_from_dict(stored["specs"]))

    @property
    def properties(self) -> Mapping[str, str]:
        """The dialect's properties of the process."""
        return self.root.properties

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """Every element by id; in a bundle of several processes the nearest to the root wins."""
        found: dict[str, Element] = {}
        for spec in self.processes.values():
            for node in spec.task_specs.values():
                found.setdefault(node.name, _element(node))
        return found

    def element(self, element_id: str) -> Element:
        """Return one element.

        Raises:
            KeyError: there is none of this id.
        """
        return self.elements[element_id]

    @cached_property
    def start_events(self) -> tuple[StartEvent, ...]:
        """Every way to start the process."""
        return tuple(_start_event(node) for node in self.root.start_nodes)

    @property
    def start_messages(self) -> tuple[StartEvent, ...]:
        """The messages that start the process."""
        return tuple(event for event in self.start_events if event.kind == "message")

    @property
    def start_timers(self) -> tuple[StartEvent, ...]:
        """The timers that start the process."""
        return tuple(event for event in self.start_events if event.kind == "timer")

    @cached_property
    def operations(self) -> frozenset[str]:
        """The handlers' operations that service tasks call."""
        return frozenset(
            node.options["operation"]
            for spec in self.processes.values()
            for node in spec.of_type("serviceTask")
        )

    @cached_property
    def decisions(self) -> frozenset[str]:
        """The decisions that business rule tasks ask."""
        return frozenset(
            node.options["decision"]
            for spec in self.processes.values()
            for node in spec.of_type("businessRuleTask")
        )


def _element(node: FlowNode) -> Element:
    return Element(
        node.name,
        node.bpmn_type,
        node.bpmn_name or "",
        node.lane,
        node.process_spec.name,
        node.properties,
        node.documentation,
        node.line,
    )


def _start_event(node: FlowNode) -> StartEvent:
    event = node.event
    if event.kind in {"message", "signal"}:
        return StartEvent(node.name, event.kind, event.name or "")
    if event.kind == "timer":
        return StartEvent(node.name, "timer", event.text or "", cast("TimerKind", event.timer_kind))
    if event.kind == "conditional":
        return StartEvent(node.name, "conditional", event.text or "")
    return StartEvent(node.name, "none")


def _check(specs: Mapping[str, ProcessSpec], decisions: DecisionEvaluator | None) -> Iterator[Finding]:
    for spec in specs.values():
        yield from structural_findings(spec)
        for node in spec.task_specs.values():
            yield from _expression_findings(spec, node)
            decision = node.options.get("decision")
            if decisions is not None and decision and not decisions.has_decision(decision):
                yield _finding(spec, node, "decision.unknown", f"quyết định “{decision}” không có", decision)


def _expression_findings(spec: ProcessSpec, node: FlowNode) -> Iterator[Finding]:
    for place, text in node.expressions():
        try:
            compiled(text)
        except InvalidInput as error:
            for found in error.findings or (Finding(error.code, error.vi, error.en),):
                vi, en = f"{place}: {found.vi}", f"{place}: {found.en}"
                yield Finding(found.code, vi, en, file=spec.file, element=node.name, line=node.line)
    text = (node.event.text or "").strip()
    if node.event.kind == "timer" and not text.startswith("="):
        try:
            _TIMER_PARSERS[node.event.timer_kind or ""](text)
        except (durations.BadTimerText, KeyError):
            yield _finding(spec, node, "timer.no_time", f"hẹn giờ “{text}” sai", text)


_TIMER_PARSERS: Final = {
    "date": durations.parse_instant,
    "duration": durations.parse_duration,
    "cycle": durations.parse_cycle,
}


def _finding(spec: ProcessSpec, node: FlowNode, code: str, vi: str, subject: str) -> Finding:
    en = f"'{node.name}': {code.replace('.', ' ').replace('_', ' ')}: '{subject}'."
    return Finding(code, f"“{node.name}”: {vi}.", en, file=spec.file, element=node.name, line=node.line)


def _invalid(findings: list[Finding]) -> InvalidInput:
    return InvalidInput(
        "definition.invalid",
        "Quy trình có chỗ mà Công Văn không chạy được.",
        "The process holds something that the engine cannot run.",
        findings,
    )
