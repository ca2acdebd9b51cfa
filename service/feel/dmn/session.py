"""One evaluation over the graph: each element once, services in a session of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.feel.compiler.calls import bind
from service.feel.dmn.checks import fitted, read_texts, report_mismatch
from service.feel.dmn.graph import (
    DecisionNode,
    Graph,
    InputNode,
    Key,
    KnowledgeNode,
    Need,
    ServiceNode,
)
from service.feel.dmn.run import DecisionRun, StepTrace
from service.feel.dmn.texts import marker
from service.feel.runtime import Arguments, Run, Value
from service.feel.scope import Scope
from service.feel.signature import Signature
from service.feel.types import ANY, MISMATCH, FeelType
from service.feel.values import FeelFunction

_UNDER_WAY: Final = object()


class Session:
    """The values of elements that have been asked for so far.

    Args:
        graph: the elements.
        inputs: values of input data by name or id, FEEL or plain Python.
        run: the evaluation under way.
        given: values that stand in for elements, as the arguments of a service do.
    """

    def __init__(
        self,
        graph: Graph,
        inputs: Mapping[str, Any],
        run: DecisionRun,
        given: Mapping[Key, Value] | None = None,
    ) -> None:
        self._graph = graph
        self._inputs = inputs
        self._run = run
        self._values: dict[Key, Value] = dict(given or {})

    def value_of(self, key: Key) -> Value:
        """Return the value of an element, evaluated at its first use; null with a reason in a cycle."""
        found = self._values.get(key, self)
        if found is _UNDER_WAY:
            self._run.place = marker(self._graph.nodes[key].element.place)
            self._run.report(
                "dmn.requirement_cycle",
                "Quyết định cần chính kết quả của nó.",
                "The decision needs its own result.",
            )
            return None
        if found is not self:
            return found
        self._values[key] = _UNDER_WAY
        value = self._values[key] = self._evaluate(key)
        return value

    def _evaluate(self, key: Key) -> Value:
        node = self._graph.nodes[key]
        match node:
            case InputNode():
                return self._input(node)
            case DecisionNode():
                return self._decide(node)
            case KnowledgeNode():
                return KnowledgeFunction(node, self)
            case ServiceNode():
                return ServiceFunction(node, self._graph, self._run)

    def _input(self, node: InputNode) -> Value:
        element = node.element
        for name in (element.variable.name, element.name, element.id):
            if name in self._inputs:
                what = f"'{name}'"
                return typed_input(self._inputs[name], node.type, self._run, marker(element.place), what)
        self._run.place = marker(element.place)
        self._run.report(
            "dmn.input_missing",
            f"Chưa có giá trị cho '{element.name}'.",
            f"There is no value for '{element.name}'.",
        )
        return None

    def _decide(self, node: DecisionNode) -> Value:
        scope = self.scope_of(node.needs)
        run = self._run
        run.open_step(StepTrace(node.element, scope.names))
        value = self._undecided(node) if node.code is None else node.code(scope)
        run.close_step(value)
        return value

    def _undecided(self, node: DecisionNode) -> Value:
        """Return what the caller says about a decision that only people can take."""
        element = node.element
        for name in (element.variable.name, element.name, element.id):
            if name in self._inputs:
                return self._run.convert(self._inputs[name])
        self._run.place = marker(element.place)
        self._run.report(
            "dmn.no_logic",
            f"Quyết định '{element.name}' không có nội dung tính được.",
            f"Decision '{element.name}' has no logic to evaluate.",
        )
        return None

    def scope_of(self, needs: Iterable[Need]) -> Scope:
        """Return the scope of an element: its needs by name, imported ones in a context per import."""
        names: dict[str, Value] = {}
        for need in needs:
            value = self.value_of(need.key)
            if need.alias:
                names.setdefault(need.alias, {})[need.name] = value
            else:
                names[need.name] = value
        return Scope(names, None, self._run)


class KnowledgeFunction(FeelFunction):
    """A business knowledge model as a function value of one session."""

    __slots__ = ("_node", "_session")

    def __init__(self, node: KnowledgeNode, session: Session) -> None:
        self._node = node
        self._session = session

    @property
    def signature(self) -> Signature:
        """What the model takes and gives."""
        return self._node.signature

    def invoke(self, arguments: Arguments, run: Run) -> Value:
        """Call the model: null with a reason when the arguments do not fit or there is no logic.

        Raises:
            FeelLimitError: functions call one another too deep, or the steps are used up.
        """
        node = self._node
        given = bind(node.signature, arguments, run)
        if given is None or node.body is None:
            return None
        outer = self._session.scope_of(node.needs)
        scope = Scope({node.element.variable.name: self}, outer, run)
        return _traced(node, given, node.body, Scope(given, scope, run))


class ServiceFunction(FeelFunction):
    """A decision service as a function value."""

    __slots__ = ("_graph", "_node", "_run")

    def __init__(self, node: ServiceNode, graph: Graph, run: DecisionRun) -> None:
        self._node = node
        self._graph = graph
        self._run = run

    @property
    def signature(self) -> Signature:
        """What the service takes and gives."""
        return self._node.signature

    def invoke(self, arguments: Arguments, run: Run) -> Value:
        """Call the service: null with a reason when the arguments do not fit.

        Raises:
            FeelLimitError: services call one another too deep, or the steps are used up.
        """
        given = bind(self._node.signature, arguments, run)
        return None if given is None else self.serve(given)

    def serve(self, given: Mapping[str, Value]) -> Value:
        """Return the service's result for arguments that fit, by name."""
        values = {need.key: given[need.name] for need in self._node.parameters}
        session = Session(self._graph, {}, self._run, values)
        return _traced(self._node, given, lambda _: self._result(session), Scope({}, None, self._run))

    def _result(self, session: Session) -> Value:
        outputs = self._node.outputs
        if len(outputs) == 1:
            value = session.value_of(outputs[0].key)
        else:
            value = {need.name: session.value_of(need.key) for need in outputs}
        wanted = self._node.signature.result
        if wanted is not ANY:
            self._run.pay_for(value)
        result = value if wanted is ANY else fitted(value, wanted)
        if result is MISMATCH:
            self._run.place = marker(self._node.element.place)
            report_mismatch(self._run, value, wanted)
            return None
        return result


def _traced(node: KnowledgeNode | ServiceNode, given: Mapping[str, Value], code: Any, scope: Scope) -> Value:
    run = scope.run
    run.enter()
    try:
        if not isinstance(run, DecisionRun):
            return code(scope)
        run.open_step(StepTrace(node.element, given))
        value = code(scope)
        run.close_step(value)
        return value
    finally:
        run.leave()


def typed_input(data: Any, wanted: FeelType, run: Run, place: Any, what: str) -> Value:
    """Return what a caller gives for an input as a value of the declared type, null with a reason otherwise.

    Text is read as a date, a time or a duration where one is declared: JSON has no such values.
    """
    value = run.convert(data)
    if wanted is ANY or value is None:
        return value
    run.pay_for(value)
    result = fitted(value, wanted)
    if result is MISMATCH:
        result = fitted(read_texts(value, wanted), wanted)
    if result is MISMATCH:
        run.place = place
        report_mismatch(run, value, wanted, f"Đầu vào {what}", f"The input {what}")
        return None
    return result
