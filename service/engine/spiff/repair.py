"""How a failed token goes on: once more, or past the step, as an operator decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.domain.errors import InvalidInput
from service.engine.spiff.token import FUTURE, READY, WAITING, Token

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance


def set_in_again(instance: Instance, token: Token) -> None:
    """Bring a failed token back to where it failed: beginning, running or waiting."""
    phase = token.internal_data.pop("failure")["phase"]
    if phase == "begin":
        token._set_state(FUTURE)  # noqa: SLF001 - Token is this package's own
        token.task_spec.begin(token)
    elif phase == "wait":
        token._set_state(WAITING)  # noqa: SLF001 - Token is this package's own
        instance.is_dirty = True
    else:
        token._set_state(READY)  # noqa: SLF001 - Token is this package's own
        instance.queue.append(token)


def way_past(token: Token, flow_id: str | None) -> list[str]:
    """Return the ids of the sequence flows that a token takes past its step.

    Args:
        token: the failed token.
        flow_id: the one that the operator names; needed where conditions would have chosen.

    Raises:
        InvalidInput: the flow does not leave the element, or must be named.
    """
    node = token.task_spec
    known = [flow.id for flow in node.flows]
    must_choose = any(flow.condition for flow in node.flows) and not token.is_instance
    if flow_id not in known and (flow_id is not None or must_choose):
        raise InvalidInput(
            "skip.flow",
            f"Phải chọn một trong các nhánh ra của “{node.name}”: {', '.join(known)}.",
            f"Name one of the outgoing flows of '{node.name}': {', '.join(known)}.",
        )
    return known if flow_id is None else [flow_id]


def pass_by(token: Token, taken: list[str]) -> None:
    """Complete a failed token without its work; an event that failed while it watched stops watching."""
    token.internal_data.pop("failure")
    watches = token.task_spec.bpmn_type in {"boundaryEvent", "eventSubProcess"}
    if watches and not token.internal_data.get("fired"):
        token.workflow.tasks.pop(token.id)
        token.workflow.settle()
        return
    token.internal_data["taken"] = taken
    token.complete()
