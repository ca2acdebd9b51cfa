"""The entry to DMN: load a set of files, list its decisions, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from service.domain.errors import Finding, InvalidInput, NotFound
from service.feel.dmn.explanation import Explanation, explain_steps, findings_of_conflicts
from service.feel.dmn.graph import DecisionNode, Graph, GraphNode, InputNode, Key, KnowledgeNode, ServiceNode
from service.feel.dmn.item_types import checking_within
from service.feel.dmn.linker import link
from service.feel.dmn.reader import read_definitions
from service.feel.dmn.run import DecisionRun, DecisionWarning, StepTrace
from service.feel.dmn.session import ServiceFunction, Session, typed_input
from service.feel.dmn.source import normal_name
from service.feel.dmn.texts import marker
from service.feel.expression import too_deep
from service.feel.runtime import Runtime, Value


@dataclass(frozen=True)
class DecisionResult:
    """What a decision gave.

    Attributes:
        value: a FEEL value; null with the reasons in ``warnings``.
        warnings: why the value or a part of it is null, in the order of evaluation.
        steps: the record of the evaluation.
    """

    value: Value
    warnings: tuple[DecisionWarning, ...]
    steps: tuple[StepTrace, ...]

    @cached_property
    def explanation(self) -> Explanation:
        """The evaluation as JSON data: inputs, rules that matched and why, nested decisions in order."""
        return explain_steps(self.steps)


@dataclass(frozen=True, slots=True)
class RequiredInput:
    """A value that a decision needs from its caller; ``type`` as FEEL writes it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """A decision or decision service that can be asked for.

    Attributes:
        inputs: what it needs, through other decisions too, in the order of first need.
    """

    id: str
    name: str
    file: str
    question: str
    inputs: tuple[RequiredInput, ...]
    is_service: bool = False


class DmnModels:
    """A set of models, checked and compiled; immutable, for any number of threads.

    Attributes:
        findings: what is wrong with the models; empty unless they were loaded leniently.
    """

    def __init__(self, graph: Graph, findings: tuple[Finding, ...]) -> None:
        self._graph = graph
        self.findings = findings
        self._keys = _keys_by_name(graph)

    def decide(
        self, name_or_id: str, inputs: Mapping[str, Any], runtime: Runtime, *, strict: bool = False
    ) -> DecisionResult:
        """Evaluate a decision, decision service or knowledge model.

        Args:
            name_or_id: which one; an id, or a name of the main model, or a name that only one model has.
            inputs: values by the name or id of input data (of parameters for a service), FEEL or plain
                Python; a text stands for a date, time or duration where the model declares one.
            runtime: clock, zone, limits and the host's functions.
            strict: rules that contradict the hit policy are an error instead of null.

        Raises:
            NotFound: there is no such decision, or several models have one of that name.
            FeelLimitError: the evaluation is over a limit.
            InvalidInput: ``strict`` and rules contradict the hit policy of their table.
        """
        key = self._key(name_or_id)
        run = DecisionRun(runtime)
        given = {normal_name(name): value for name, value in inputs.items()}
        try:
            with checking_within(run):
                value = _value(self._graph, key, given, run)
        except RecursionError:
            raise too_deep(marker(self._graph.nodes[key].element.place)) from None
        if strict:
            _refuse_conflicts(run.steps)
        return DecisionResult(value, run.warnings(), tuple(run.steps))

    def decisions(self) -> tuple[DecisionInfo, ...]:
        """Return the decisions and decision services, those of the main model first."""
        nodes = self._graph.nodes
        return tuple(
            DecisionInfo(
                id=node.element.id,
                name=node.element.name,
                file=node.element.place.file,
                question=node.element.question if isinstance(node, DecisionNode) else "",
                inputs=tuple(_inputs_of(node, nodes)),
                is_service=isinstance(node, ServiceNode),
            )
            for node in nodes.values()
            if isinstance(node, (DecisionNode, ServiceNode))
        )

    def _key(self, name_or_id: str) -> Key:
        keys = self._keys.get(normal_name(name_or_id), ())
        own = [key for key in keys if key.namespace == self._graph.main]
        for candidates in (own, keys):
            if len(candidates) == 1:
                return candidates[0]
        raise NotFound(
            "decision.not_found",
            f"Không có quyết định {name_or_id!r}, hoặc có nhiều quyết định cùng tên; hãy dùng mã.",
            f"There is no decision {name_or_id!r}, or several have this name; use the id.",
        )


def load_models(
    files: Mapping[str, bytes],
    *,
    main: str | None = None,
    functions: Iterable[str] = (),
    lenient: bool = False,
) -> DmnModels:
    """Read, check and compile a set of DMN files; every cell is compiled here, none when deciding.

    Args:
        files: contents by file name.
        main: the file whose decisions come first, the first one unless given.
        functions: names of the host's functions that expressions may call.
        lenient: keep what is wrong as ``findings`` and let it evaluate to null, instead of raising.

    Raises:
        InvalidInput: a file is not DMN, or something in it is wrong and ``lenient`` is not set; the findings
            name file, element, line and cell.
    """
    findings: list[Finding] = []
    models = []
    for name, content in files.items():
        definitions, problems = read_definitions(content, name)
        models.append(definitions)
        findings.extend(problems)
    wanted = main or next(iter(files), "")
    first = next((model.namespace for model in models if model.place.file == wanted), "")
    graph = link(models, first, functions, findings)
    findings = list(dict.fromkeys(findings))
    if findings and not lenient:
        raise InvalidInput(
            "dmn.invalid",
            f"Mô hình quyết định có lỗi ({len(findings)}): {findings[0].vi}",
            f"The decision model is wrong in {len(findings)} places: {findings[0].en}",
            tuple(findings),
        )
    return DmnModels(graph, tuple(findings))


def _keys_by_name(graph: Graph) -> dict[str, tuple[Key, ...]]:
    """Return the keys of what can be decided by id and by name; an id hides equal names of other elements."""
    by_id: dict[str, tuple[Key, ...]] = {}
    by_name: dict[str, tuple[Key, ...]] = {}
    for key, node in graph.nodes.items():
        if not isinstance(node, InputNode):
            by_id[key.id] = (*by_id.get(key.id, ()), key)
            by_name[node.element.name] = (*by_name.get(node.element.name, ()), key)
    return by_name | by_id


def _value(graph: Graph, key: Key, inputs: Mapping[str, Any], run: DecisionRun) -> Value:
    node = graph.nodes[key]
    session = Session(graph, inputs, run)
    if isinstance(node, ServiceNode):
        return ServiceFunction(node, graph, run).serve(_arguments(node, inputs, run))
    value = session.value_of(key)
    if isinstance(node, KnowledgeNode):
        return value.invoke(_arguments(node, inputs, run), run)
    return value


def _arguments(
    node: ServiceNode | KnowledgeNode, inputs: Mapping[str, Any], run: DecisionRun
) -> dict[str, Value]:
    """Return what a caller gives for each parameter; null with a reason for one of another type."""
    place = marker(node.element.place)
    return {
        parameter.name: typed_input(
            inputs.get(parameter.name), parameter.type, run, place, f"'{parameter.name}'"
        )
        for parameter in node.signature.parameters
    }


def _inputs_of(node: GraphNode, nodes: Mapping[Key, GraphNode]) -> Iterator[RequiredInput]:
    if isinstance(node, ServiceNode):
        for parameter in node.signature.parameters:
            yield RequiredInput(parameter.name, parameter.type.name)
        return
    seen: set[Key] = set()
    waiting = [need.key for need in reversed(node.needs)] if isinstance(node, DecisionNode) else []
    while waiting:
        key = waiting.pop()
        if key in seen:
            continue
        seen.add(key)
        needed = nodes[key]
        if isinstance(needed, InputNode):
            yield RequiredInput(needed.element.variable.name, needed.type.name)
        elif isinstance(needed, DecisionNode):
            waiting.extend(need.key for need in reversed(needed.needs))


def _refuse_conflicts(steps: Iterable[StepTrace]) -> None:
    findings = tuple(findings_of_conflicts(steps))
    if findings:
        raise InvalidInput("decision.rules_overlap", findings[0].vi, findings[0].en, findings)
