"""What an instance waits for, read from its living tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service.engine.spiff.activities import (
    Failure,
    JobWait,
    SubscriptionWait,
    TimerWait,
    TokenView,
    UserTaskWait,
    Waiting,
)
from service.engine.spiff.timers import Timer
from service.engine.spiff.token import ERROR, READY, STARTED, WAITING, Token

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance

_STATES: Final = {READY: "ready", WAITING: "waiting", STARTED: "started", ERROR: "failed"}


def collect(instance: Instance) -> Waiting:
    """Return everything that the instance waits for."""
    found = Waiting()
    for scope in instance.scopes():
        for token in scope.tasks.values():
            _sort(found, token)
    return found


def views(instance: Instance) -> list[TokenView]:
    """Return every living token, for the diagram; events that stand by are left out."""
    found = []
    for scope in instance.scopes():
        for token in scope.tasks.values():
            state = _STATES.get(token.state)
            if state is not None:
                index = token.internal_data.get("index")
                found.append(TokenView(token.id, token.task_spec.name, state, scope.path, index))  # type: ignore[arg-type]
    return found


def _sort(found: Waiting, token: Token) -> None:
    notes = token.internal_data
    if token.state == ERROR:
        found.failures.append(_failure(token))
    elif token.state == READY and "task" in notes:
        found.user_tasks.append(_user_task(token))
    elif token.state == STARTED and "params" in notes:
        operation = token.task_spec.options["operation"]
        found.jobs.append(JobWait(token.id, token.task_spec.name, operation, notes["params"]))
    elif token.state == WAITING:
        _sort_event(found, token)


def _sort_event(found: Waiting, token: Token) -> None:
    event = token.task_spec.event
    name = token.task_spec.name
    notes = token.internal_data
    if event.kind == "timer":
        timer = Timer.from_row(notes["timer"])
        found.timers.append(TimerWait(token.id, name, timer.due_at, timer.kind, timer.remaining))  # type: ignore[arg-type]
    elif event.kind in {"message", "signal"}:
        key = notes.get("key")
        found.subscriptions.append(SubscriptionWait(token.id, name, event.kind, event.name or "", key))
    elif event.kind == "conditional":
        found.subscriptions.append(SubscriptionWait(token.id, name, event.kind, event.text or ""))


def _failure(token: Token) -> Failure:
    held = token.internal_data["failure"]
    return Failure(
        token.id, token.task_spec.name, held["code"], held["vi"], held["en"], held["details"], held["at"]
    )


def _user_task(token: Token) -> UserTaskWait:
    node = token.task_spec
    task = token.internal_data["task"]
    return UserTaskWait(
        token_id=token.id,
        element_id=node.name,
        element_type=node.bpmn_type,
        name=node.bpmn_name or "",
        potential_owners=tuple(task.get("owners", ())),
        excluded_owners=tuple(task.get("excluded", ())),
        subject=task.get("subject"),
        due_at=task.get("due"),
        urgency=task.get("urgency", "normal"),
        deadline_rule=task.get("rule"),
        form=node.properties.get("form") or f"{node.process_spec.root_id}/{node.name}",
        result_variable=node.properties.get("result_variable"),
        scope=token.workflow.path,
        index=_nearest_index(token),
        created_at=task["at"],
        authority=node.properties.get("authority") or "assign",
        assigner=task.get("assigner"),
    )


def _nearest_index(token: Token) -> int | None:
    holder: Token | None = token
    while holder is not None:
        index: int | None = holder.internal_data.get("index")
        if index is not None:
            return index
        holder = holder.workflow.holder
    return None
