"""Running processes and sub-processes: which tokens live in them and which variables they hold.

Variables belong to scopes, not to tokens, so parallel branches see each other's writes and a join merges
nothing. See ``docs/bpmn-support.md`` for who reads and writes what.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from service.engine.spiff.token import CANCELLED, COMPLETED, WAITING, Token

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance
    from service.engine.spiff.nodes import FlowNode
    from service.engine.spiff.processes import ProcessSpec


class Scope:
    """What a running process and a running sub-process have in common.

    Attributes:
        spec: what runs.
        tasks: the living tokens by id, oldest first.
        data: variables written here.
        inputs: variables that a caller passed in; read when ``data`` has no such name.
        holder: the activity's token that this runs inside, None for the process instance itself.
        is_call: whether this runs for a call activity, so nothing is read or written beyond it.
        is_taken_over: whether an interrupting event sub-process replaced the normal run.
        path: ids of the enclosing activities, outermost first.
    """

    spec: ProcessSpec
    tasks: dict[UUID, Token]
    data: dict[str, Any]
    inputs: dict[str, Any]
    holder: Token | None
    is_call: bool
    is_taken_over: bool
    path: tuple[UUID, ...]
    instance: Instance

    # --- tokens ---

    def add(self, spec: FlowNode, *, parent: UUID | None = None) -> Token:
        """Place a new token on an element, without starting it."""
        return Token(self, spec, self.instance.new_id(), parent=parent)

    def children(self, token: Token) -> list[Token]:
        """Return what belongs to an activity's token: its boundary events, or its loop's instances."""
        return [other for other in self.tasks.values() if other.parent_id == token.id]

    def remove(self, token: Token, state: int = COMPLETED) -> None:
        """Take a token out, with everything that belongs to it; does not look whether the scope is done."""
        if self.tasks.pop(token.id, None) is None:
            return
        if token.task_spec.boundary or token.task_spec.loop is not None:
            for child in self.children(token):
                self.remove(child, CANCELLED)
        inner = self.instance.subprocesses.pop(token.id, None)
        if inner is not None:
            inner.clear()
        if state == CANCELLED and not is_standing_by(token):
            token._set_state(CANCELLED)  # noqa: SLF001 - Token is this package's own
            self.instance.record("cancelled", token)
        elif state == COMPLETED:
            self.instance.record("completed", token)

    def clear(self, tokens: Iterable[Token] | None = None) -> None:
        """Cancel these tokens, by default all."""
        for token in list(self.tasks.values() if tokens is None else tokens):
            self.remove(token, CANCELLED)

    def settle(self) -> None:
        """Complete the scope if nothing lives in it but event sub-processes standing by."""
        if all(is_standing_by(token) for token in self.tasks.values()):
            self.instance.complete_scope(self)

    # --- variables ---

    def view(self, token: Token | None = None) -> Mapping[str, Any]:
        """Return the variables that an expression sees here, innermost first."""
        maps: list[dict[str, Any]] = [token.data] if token is not None and token.data else []
        scope: Scope = self
        while True:
            if scope.data:
                maps.append(scope.data)
            if scope.inputs:
                maps.append(scope.inputs)
            holder = scope.holder
            if holder is None or scope.is_call:
                break
            if holder.data:
                maps.append(holder.data)
            scope = holder.workflow
        return maps[0] if len(maps) == 1 else ChainMap(*maps)

    def home_of(self, name: str, token: Token | None = None) -> dict[str, Any]:
        """Return the mapping that a write of ``name`` goes to."""
        if token is not None and has_own_variables(token):
            return token.data
        scope: Scope = self
        while True:
            holder = scope.holder
            if holder is None or scope.is_call or name in scope.spec.locals:
                return scope.data
            if has_own_variables(holder):
                return holder.data
            scope = holder.workflow


class SubScope(Scope, BpmnSubWorkflow):
    """A running sub-process, event sub-process or called process.

    Args:
        spec: what runs.
        holder: the token of the activity that it runs inside.
        is_call: whether it is a called process.
    """

    def __init__(self, spec: ProcessSpec, holder: Token, *, is_call: bool = False) -> None:
        self.instance = holder.workflow.instance
        self.holder = holder
        self.is_call = is_call
        self.is_taken_over = False
        self.inputs = {}
        self.path = (*holder.workflow.path, holder.id)
        super().__init__(spec, holder.id, self.instance, deserializing=True)
        self.instance.subprocesses[holder.id] = self

    def _calculate_depth(self) -> int:
        return len(self.path)

    @property
    def parent_workflow(self) -> Scope:
        """The scope that holds the activity."""
        assert self.holder is not None
        return self.holder.workflow

    def is_completed(self) -> bool:
        """Return whether no token lives here."""
        return not self.tasks


def is_standing_by(token: Token) -> bool:
    """Return whether a token only watches for an event, so that nobody waits for its end."""
    return bool(token.state == WAITING) and token.task_spec.bpmn_type in {"boundaryEvent", "eventSubProcess"}


def has_own_variables(token: Token) -> bool:
    """Return whether the token is an instance of a multi-instance activity, which keeps what it writes."""
    loop = token.task_spec.loop
    return loop is not None and loop.kind != "standard" and token.parent_id is not None
