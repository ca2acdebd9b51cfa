"""From models to the compiled graph: references resolved, every expression compiled, cycles found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from service.domain.errors import Finding
from service.feel.dmn.boxed import compile_boxed, compile_function
from service.feel.dmn.checks import checked_as
from service.feel.dmn.environment import Environment
from service.feel.dmn.graph import (
    DecisionNode,
    Graph,
    GraphNode,
    InputNode,
    Key,
    KnowledgeNode,
    Need,
    ServiceNode,
)
from service.feel.dmn.item_types import TypeTable, checking_within
from service.feel.dmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    InformationItem,
    InputData,
    Place,
    Reference,
)
from service.feel.dmn.source import finding_at
from service.feel.dmn.texts import Vocabulary
from service.feel.dmn.vocabulary import special_names
from service.feel.limits import Limits
from service.feel.runtime import Run, Runtime
from service.feel.signature import Parameter, Signature
from service.feel.types import FeelType, FunctionType

_PROBE_LIMITS: Final = Limits(steps=100_000)
"""What testing the constants of all cells of a set of models may cost together."""


def link(
    models: Sequence[Definitions], main: str, functions: Iterable[str], findings: list[Finding]
) -> Graph:
    """Return the graph of ``models``.

    Args:
        models: the files that were read, in order.
        main: namespace of the model whose elements come first.
        functions: names of the host's own functions.
        findings: receives everything that is wrong.
    """
    vocabulary = Vocabulary(special_names(models), frozenset(functions))
    probe = Run(Runtime(limits=_PROBE_LIMITS))
    with checking_within(probe):
        linker = _Linker(models, vocabulary, findings, probe)
        ordered = sorted(linker.models.values(), key=lambda model: model.namespace != main)
        nodes = {
            Key(model.namespace, element.id): linker.compile(model, element)
            for model in ordered
            for element in model.elements.values()
        }
    _report_cycles(nodes, findings)
    return Graph(nodes, main)


class _Linker:
    """Resolves what the elements of a set of models say about one another."""

    def __init__(
        self, models: Sequence[Definitions], vocabulary: Vocabulary, findings: list[Finding], probe: Run
    ) -> None:
        self.models: dict[str, Definitions] = {}
        self._vocabulary = vocabulary
        self._findings = findings
        self._tables: dict[str, TypeTable] = {}
        self._probe = probe
        for model in models:
            self._add(model)
        for model in self.models.values():
            self._table(model)

    def _add(self, model: Definitions) -> None:
        if model.namespace in self.models:
            self._report(
                model.place,
                "dmn.duplicate_namespace",
                f"Không gian tên {model.namespace!r} đã có ở tệp {self.models[model.namespace].place.file}.",
                f"Namespace {model.namespace!r} is taken by file {self.models[model.namespace].place.file}.",
            )
        self.models[model.namespace] = model

    def compile(self, model: Definitions, element: DrgElement) -> GraphNode:
        """Return the node of ``element``."""
        match element:
            case InputData():
                return InputNode(element, self._type(model, element.variable))
            case Decision():
                return self._decision(model, element)
            case BusinessKnowledgeModel():
                return self._knowledge(model, element)
            case DecisionService():
                return self._service(model, element)

    def _decision(self, model: Definitions, element: Decision) -> GraphNode:
        needs = tuple(self._needs(model, (*element.requires, *element.knowledge)))
        if element.logic is None:
            return DecisionNode(element, needs, None)
        env = self._environment(model, needs)
        code = compile_boxed(element.logic, env)
        return DecisionNode(
            element, needs, checked_as(code, self._type(model, element.variable), element.place)
        )

    def _knowledge(self, model: Definitions, element: BusinessKnowledgeModel) -> GraphNode:
        needs = tuple(self._needs(model, element.knowledge))
        if element.logic is None:
            return KnowledgeNode(element, needs, Signature(), None)
        env = self._environment(model, needs).with_names((element.variable.name,))
        signature, code = compile_function(element.logic, env)
        result = _result_type(self._type(model, element.variable))
        return KnowledgeNode(element, needs, signature, checked_as(code, result, element.place))

    def _service(self, model: Definitions, element: DecisionService) -> GraphNode:
        parameters = tuple(self._needs(model, (*element.input_data, *element.input_decisions)))
        outputs = tuple(self._needs(model, element.output_decisions))
        # What a service encapsulates is found through its outputs; here only the links are checked.
        tuple(self._needs(model, element.encapsulated_decisions))
        signature = Signature(
            tuple(Parameter(need.name, self._type_of(need.key)) for need in parameters),
            _result_type(self._type(model, element.variable)),
        )
        return ServiceNode(element, parameters, signature, outputs)

    def _environment(self, model: Definitions, needs: Sequence[Need]) -> Environment:
        return Environment(
            vocabulary=self._vocabulary,
            names=frozenset(need.alias or need.name for need in needs),
            types_of={need.name: self._type_of(need.key) for need in needs if not need.alias},
            types=self._table(model),
            findings=self._findings,
            probe=self._probe,
        )

    def _needs(self, model: Definitions, references: Iterable[Reference]) -> Iterator[Need]:
        for reference in references:
            namespace = reference.namespace or model.namespace
            other = self.models.get(namespace)
            element = None if other is None else other.elements.get(reference.element)
            alias = self._alias(model, namespace)
            if element is None or alias is None:
                self._report_dangling(reference)
                continue
            yield Need(Key(namespace, element.id), alias, element.variable.name)

    def _alias(self, model: Definitions, namespace: str) -> str | None:
        """Return the name under which ``model`` imports ``namespace``: empty for itself, ``None`` if not."""
        if namespace == model.namespace:
            return ""
        return next((entry.name for entry in model.imports if entry.namespace == namespace), None)

    def _type(self, model: Definitions, item: InformationItem) -> FeelType:
        return self._table(model).get(item.type_ref, item.place)

    def _type_of(self, key: Key) -> FeelType:
        model = self.models[key.namespace]
        return self._table(model).get(model.elements[key.id].variable.type_ref)

    def _table(self, model: Definitions) -> TypeTable:
        if model.namespace not in self._tables:
            self._tables[model.namespace] = TypeTable(replace(model, item_definitions=()), {}, [])
            imported = {}
            for entry in model.imports:
                other = self.models.get(entry.namespace)
                if other is None:
                    self._report_missing_import(entry.place, entry.namespace)
                else:
                    imported[entry.name] = self._table(other)
            self._tables[model.namespace] = TypeTable(model, imported, self._findings)
        return self._tables[model.namespace]

    def _report_dangling(self, reference: Reference) -> None:
        shown = f"{reference.namespace}#{reference.element}"
        self._report(
            reference.place,
            "dmn.unknown_reference",
            f"Không có phần tử {shown!r} trong tệp này hoặc trong các mô hình đã nhập.",
            f"There is no element {shown!r} in this file or in the models it imports.",
        )

    def _report_missing_import(self, place: Place, namespace: str) -> None:
        self._report(
            place,
            "dmn.unknown_import",
            f"Không có tệp nào có không gian tên {namespace!r}.",
            f"No file has the namespace {namespace!r}.",
        )

    def _report(self, place: Place, code: str, vi: str, en: str) -> None:
        self._findings.append(finding_at(place, code, vi, en))


def _result_type(declared: FeelType) -> FeelType:
    """Return the type of what a function gives: DMN 1.1 declared it directly, later a function type."""
    return declared.result if isinstance(declared, FunctionType) else declared


def _report_cycles(nodes: Mapping[Key, GraphNode], findings: list[Finding]) -> None:
    """Report every decision that needs itself, however far around."""
    done: set[Key] = set()
    for start in nodes:
        path: list[Key] = []
        waiting: list[tuple[Key, bool]] = [(start, False)]
        while waiting:
            key, is_leaving = waiting.pop()
            if is_leaving:
                path.pop()
                done.add(key)
            elif key in path:
                findings.append(_cycle_finding(nodes, path[path.index(key) :]))
            elif key not in done:
                path.append(key)
                waiting.append((key, True))
                waiting.extend((inner, False) for inner in _decisions_needed(nodes, key))


def _decisions_needed(nodes: Mapping[Key, GraphNode], key: Key) -> Iterator[Key]:
    node = nodes.get(key)
    if isinstance(node, DecisionNode):
        for need in node.needs:
            if isinstance(nodes.get(need.key), DecisionNode):
                yield need.key


def _cycle_finding(nodes: Mapping[Key, GraphNode], cycle: Sequence[Key]) -> Finding:
    names = " → ".join(nodes[key].element.name for key in (*cycle, cycle[0]))
    return finding_at(
        nodes[cycle[0]].element.place,
        "dmn.requirement_cycle",
        f"Các quyết định cần lẫn nhau thành vòng: {names}.",
        f"The decisions need one another in a circle: {names}.",
    )
