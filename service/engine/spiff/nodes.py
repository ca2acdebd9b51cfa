"""Elements of a process as SpiffWorkflow task specs that move tokens along sequence flows.

SpiffWorkflow calls ``_update_hook``, ``_run_hook`` and ``_on_complete`` through the life of a task. Here they
place, run and pass on one token; nothing is predicted, inherited or kept behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from service.engine.spiff.events import Event
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.token import CANCELLED, READY

if TYPE_CHECKING:
    from service.engine.spiff.processes import ProcessSpec
    from service.engine.spiff.scopes import Scope
    from service.engine.spiff.token import Token


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow, seen from its source.

    Attributes:
        id: BPMN id.
        target: id of the element it leads to.
        condition: FEEL, or None.
        is_default: whether it is its source's default flow.
    """

    id: str
    target: str
    condition: str | None = None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """Loop characteristics of an activity (BPMN 2.0, 10.3.8).

    Attributes:
        kind: ``standard``, ``sequential`` or ``parallel``.
        cardinality: FEEL giving the number of instances.
        collection: variable with the list of inputs.
        item: variable that holds one input in its instance.
        outputs: variable that takes the list of results.
        output: variable of an instance that is its result.
        condition: completion condition; for ``standard`` the loop condition.
        test_before: whether ``standard`` tests before the first pass.
        maximum: most passes of ``standard``.
    """

    kind: str
    cardinality: str | None = None
    collection: str | None = None
    item: str | None = None
    outputs: str | None = None
    output: str | None = None
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None


class FlowNode(BpmnSpecMixin):
    """One element of a process.

    Attributes:
        bpmn_type: the BPMN name, such as ``userTask``.
        flows: outgoing sequence flows in the order of the file.
        incoming: ids of the incoming sequence flows.
        boundary: ids of the boundary events attached to the activity.
        loop: loop characteristics, or None.
        event: what an event throws or waits for.
        properties: the dialect's extension properties.
        options: what else the kind of element needs; JSON values only.
        line: line in its file.
    """

    is_activity: ClassVar[bool] = False
    _wf_spec: ProcessSpec
    name: str
    bpmn_name: str | None
    lane: str | None

    def __init__(
        self,
        wf_spec: ProcessSpec,
        bpmn_id: str,
        *,
        bpmn_type: str = "task",
        flows: list[Flow] | None = None,
        incoming: list[str] | None = None,
        boundary: list[str] | None = None,
        loop: Loop | None = None,
        event: Event | None = None,
        properties: dict[str, str] | None = None,
        options: dict[str, Any] | None = None,
        line: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.bpmn_type = bpmn_type
        self.flows = flows or []
        self.incoming = incoming or []
        self.boundary = boundary or []
        self.loop = loop
        self.event = event or Event()
        self.properties = properties or {}
        self.options = options or {}
        self.line = line

    def own_attributes(self) -> dict[str, Any]:
        """Return what the constructor takes beyond SpiffWorkflow's attributes, as JSON values."""
        return {
            "bpmn_type": self.bpmn_type,
            "flows": [[flow.id, flow.target, flow.condition, flow.is_default] for flow in self.flows],
            "incoming": self.incoming,
            "boundary": self.boundary,
            "loop": None if self.loop is None else asdict(self.loop),
            "event": self.event.to_dict(),
            "properties": self.properties,
            "options": self.options,
            "line": self.line,
        }

    @property
    def process_spec(self) -> ProcessSpec:
        """The process or sub-process that directly holds the element."""
        return self._wf_spec

    def test(self) -> None:
        """Structure is checked at deployment, not at every step."""

    # --- a token's way through the element ---

    def arrive(self, scope: Scope, flow_id: str | None = None) -> None:  # noqa: ARG002 - joins look at it
        """Place a token on the element."""
        token = scope.add(self)
        scope.instance.record("entered", token)
        self.begin(token)

    def begin(self, token: Token) -> None:
        """Start the element's work for a token that has just been placed, or again after a failure."""
        instance = token.workflow.instance
        try:
            if self.loop is not None and not token.is_instance:
                instance.start_loop(token)
                return
            if self.boundary and not token.is_instance:
                instance.open_boundary(token)
            self._update(token)
        except StepFailure as failure:
            instance.fail(token, failure)

    def _update_hook(self, token: Token) -> bool:
        return self.open(token)

    def _on_ready_hook(self, token: Token) -> None:
        if not self.manual:
            token.workflow.instance.queue.append(token)

    def _run_hook(self, token: Token) -> bool | None:
        notes = token.internal_data
        if not notes.get("done"):
            if not self.perform(token):
                return None
            notes["done"] = True
        if not token.is_instance:
            notes["taken"] = [flow.id for flow in self.choose(token)]
        return True

    def _on_complete(self, token: Token) -> None:
        scope = token.workflow
        instance = scope.instance
        taken = token.internal_data.get("taken", ())
        scope.remove(token)
        if token.is_instance:
            instance.finish_loop_instance(token)
            return
        for flow in self.flows:
            if flow.id in taken:
                instance.take(scope, flow, token)
        scope.settle()

    # --- what kinds of element define ---

    def open(self, token: Token) -> bool:  # noqa: ARG002
        """Prepare the work; return whether it can run or be done now (False = it waits for an event)."""
        return True

    def perform(self, token: Token) -> bool:  # noqa: ARG002
        """Do the work; return False if it goes on outside or inside and is finished later."""
        return True

    def catch(self, token: Token, payload: Mapping[str, Any] | None) -> None:
        """Take what a waiting token has waited for and make it ready."""
        win_race(token)
        if payload:
            token.workflow.instance.assign_result(token, payload)
        token._set_state(READY)  # noqa: SLF001 - Token is this package's own
        token.workflow.instance.queue.append(token)

    def choose(self, token: Token) -> list[Flow]:
        """Return the outgoing flows that the token takes (BPMN 2.0, 13.2.1: all whose condition holds)."""
        if not any(flow.condition for flow in self.flows):
            return [flow for flow in self.flows if not flow.is_default] or list(self.flows)
        chosen = [
            flow
            for flow in self.flows
            if not flow.is_default
            and (flow.condition is None or token.workflow.instance.holds(token, flow.condition, flow.id))
        ]
        if any(flow.condition for flow in chosen):
            return chosen
        default = [flow for flow in self.flows if flow.is_default]
        if not chosen and not default:
            raise no_flow(self)
        return chosen + default

    def expressions(self) -> list[tuple[str, str]]:
        """Return every FEEL text on the element with a word for where it stands."""
        found = [(f"sequenceFlow {flow.id}", flow.condition) for flow in self.flows if flow.condition]
        if self.loop is not None:
            loop = self.loop
            found += [(place, text) for place, text in _loop_texts(loop) if text]
        return found


def no_flow(node: FlowNode) -> StepFailure:
    """Return the failure for conditions of which none holds, with no default flow."""
    label = node.bpmn_name or node.name
    return StepFailure(
        "gateway.no_flow",
        f"Không có nhánh nào thỏa điều kiện tại “{label}” và không có nhánh mặc định.",
        f"No outgoing flow's condition holds at '{label}' and there is no default flow.",
        {"flows": [flow.id for flow in node.flows]},
    )


def win_race(token: Token) -> None:
    """Cancel the other events behind the same event-based gateway."""
    race = token.internal_data.pop("race", None)
    if race is None:
        return
    scope = token.workflow
    for other in list(scope.tasks.values()):
        if other is not token and other.internal_data.get("race") == race:
            scope.remove(other, CANCELLED)


def _loop_texts(loop: Loop) -> list[tuple[str, str | None]]:
    return [
        ("loopCardinality", loop.cardinality),
        ("loopDataInputRef", loop.collection),
        ("loopCondition" if loop.kind == "standard" else "completionCondition", loop.condition),
    ]
