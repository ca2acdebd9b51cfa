"""What moves by itself once no token is ready: fulfilled conditions, inclusive joins, dead ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.engine.spiff.failures import StepFailure
from service.engine.spiff.token import WAITING, Token

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance
    from service.engine.spiff.scopes import Scope


def wake(instance: Instance) -> bool:
    """Look at every scope once; return whether a token became ready."""
    if instance.is_dirty:
        instance.is_dirty = False
        for scope in instance.scopes():
            if scope.spec.has_conditionals:
                _wake_conditions(instance, scope)
    for scope in instance.scopes():
        if scope.spec.has_joins and not instance.queue:
            _wake_joins(instance, scope)
    return bool(instance.queue)


def _wake_conditions(instance: Instance, scope: Scope) -> None:
    for token in list(scope.tasks.values()):
        if token.state != WAITING or token.task_spec.event.kind != "conditional" or not token.is_alive:
            continue
        condition = token.task_spec.event.text or ""
        try:
            is_met = instance.engine.is_fulfilled(scope.view(token), condition)
            was_met = token.internal_data.get("met", False)
            token.internal_data["met"] = is_met
            if is_met and not was_met:
                token.task_spec.catch(token, None)
        except StepFailure as failure:
            instance.fail(token, failure)


def _wake_joins(instance: Instance, scope: Scope) -> None:
    joins = [token for token in scope.tasks.values() if _is_gathering(token)]
    for token in joins:
        if token.task_spec.bpmn_type == "inclusiveGateway" and not _may_still_receive(scope, token):
            token.task_spec.catch(token, None)
            return
    if joins and all(_is_gathering(token) or _is_idle(token) for token in scope.tasks.values()):
        for token in joins:
            instance.fail(token, _never_complete(token))


def _is_gathering(token: Token) -> bool:
    return bool(token.state == WAITING) and "arrived" in token.internal_data


def _is_idle(token: Token) -> bool:
    return bool(token.state == WAITING) and token.task_spec.bpmn_type == "eventSubProcess"


def _may_still_receive(scope: Scope, join: Token) -> bool:
    """Return whether a token elsewhere keeps an inclusive join waiting (BPMN 2.0, 13.4.3).

    It does if it can come to an incoming flow that is still empty and to none that already holds a token.
    """
    gateway = join.task_spec
    filled = set(join.internal_data["arrived"])
    empty = set(gateway.incoming) - filled
    for other in scope.tasks.values():
        if other is join or other.task_spec is gateway:
            continue
        reached = scope.spec.flows_reached(other.task_spec.name, gateway.name)
        if reached & empty and not reached & filled:
            return True
    return False


def _never_complete(token: Token) -> StepFailure:
    return StepFailure(
        "gateway.never_complete",
        "Cổng hợp nhánh chờ một nhánh không còn lượt nào đi tới.",
        "The gateway waits for a branch that no token can come from any more.",
        {"arrived": sorted(token.internal_data["arrived"])},
    )
