"""Looped activities: standard loops, sequential and parallel multi-instance (BPMN 2.0, 10.3.8 and 13.3.6/7).

The activity's own token stays and counts; each instance is a token of the same element that belongs to it. An
instance of a multi-instance activity keeps what it writes; its ``outputDataItem`` goes into the list named by
``loopDataOutputRef``, in the order of the inputs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import ChainMap
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from service.engine.spiff.failures import StepFailure
from service.engine.spiff.token import CANCELLED, STARTED, Token
from service.engine.spiff.values import admit_value

if TYPE_CHECKING:
    from service.engine.spiff.instance import Instance
    from service.engine.spiff.nodes import Loop

MAX_INSTANCES: Final = 2_000
"""Most instances of one multi-instance activity."""


def start(instance: Instance, token: Token) -> None:
    """Begin a looped activity, or go on with it after a failure.

    Raises:
        StepFailure: collection, cardinality or condition give no usable value.
    """
    loop = _loop(token)
    notes = token.internal_data
    if "passed" not in notes:
        if loop.kind == "standard":
            notes.update(passed=0)
        else:
            _prepare(instance, token, loop)
        if token.task_spec.boundary:
            instance.open_boundary(token)
    token._set_state(STARTED)  # noqa: SLF001 - Token is this package's own
    if loop.kind == "parallel" and "opened" not in notes:
        notes["opened"] = True
        for index, item in enumerate(notes.pop("items")):
            _open_instance(instance, token, loop, index, item)
    proceed(instance, token)


def proceed(instance: Instance, token: Token) -> None:
    """Open the next instance of a loop, or end it.

    Raises:
        StepFailure: the condition is neither true nor false.
    """
    loop = _loop(token)
    if loop.kind == "standard":
        _proceed_standard(instance, token, loop)
        return
    notes = token.internal_data
    if notes["passed"] and loop.condition and _is_complete(instance, token, loop):
        for child in _instances(token):
            token.workflow.remove(child, CANCELLED)
        instance.finish(token)
    elif notes["passed"] == notes["total"]:
        instance.finish(token)
    elif loop.kind == "sequential" and not _instances(token):
        _open_instance(instance, token, loop, notes["passed"], notes["items"][notes["passed"]])


def finish_instance(instance: Instance, child: Token) -> None:
    """Take the result of an instance that is done and go on with its loop."""
    scope = child.workflow
    assert child.parent_id is not None
    token = scope.tasks[child.parent_id]
    loop = _loop(token)
    if loop.kind != "standard" and loop.outputs:
        _collect(instance, token, child, loop)
    token.internal_data["passed"] += 1
    try:
        proceed(instance, token)
    except StepFailure as failure:
        instance.fail(token, failure)


def _prepare(instance: Instance, token: Token, loop: Loop) -> None:
    view = token.workflow.view(token)
    if loop.collection is not None:
        items = instance.engine.evaluate_text(view, loop.collection, "loopDataInputRef")
        if not isinstance(items, list):
            raise _no_list(loop.collection)
        items = admit_value(items)
    else:
        items = [None] * _cardinality(instance, token, loop.cardinality or "")
    if len(items) > MAX_INSTANCES:
        raise StepFailure(
            "loop.too_many",
            f"Việc nhiều lượt có {len(items)} lượt, tối đa {MAX_INSTANCES}.",
            f"The multi-instance activity has {len(items)} instances, {MAX_INSTANCES} at most.",
        )
    token.internal_data.update(passed=0, total=len(items), items=items)
    if loop.outputs:
        token.internal_data["order"] = []
        instance.assign(token, {loop.outputs: []})


def _cardinality(instance: Instance, token: Token, text: str) -> int:
    value = instance.engine.evaluate_text(token.workflow.view(token), text, "loopCardinality")
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or value != int(value) or value < 0:
        raise StepFailure(
            "loop.no_number",
            f"Số lượt “{text}” không phải là số nguyên không âm.",
            f"The loop cardinality '{text}' is not a whole number from zero up.",
            {"expression": text, "value": None if value is None else str(value)},
        )
    return int(value)


def _open_instance(instance: Instance, token: Token, loop: Loop, index: int, item: Any) -> None:
    child = token.workflow.add(token.task_spec, parent=token.id)
    child.internal_data["index"] = index
    child.data["loopCounter"] = index + 1
    if loop.item:
        child.data[loop.item] = item
    if loop.output and loop.kind != "standard":
        child.data.setdefault(loop.output, None)
    instance.record("entered", child)
    token.task_spec.begin(child)


def _collect(instance: Instance, token: Token, child: Token, loop: Loop) -> None:
    """Put an instance's result where its index belongs among those that are done."""
    order: list[int] = token.internal_data["order"]
    index: int = child.internal_data["index"]
    place = bisect_left(order, index)
    order.insert(place, index)
    assert loop.outputs is not None
    home = token.workflow.home_of(loop.outputs, token)
    held = home.get(loop.outputs)
    results = list(held) if isinstance(held, list) else []
    results.insert(place, child.data.get(loop.output) if loop.output else None)
    home[loop.outputs] = results
    instance.is_dirty = True


def _is_complete(instance: Instance, token: Token, loop: Loop) -> bool:
    notes = token.internal_data
    counts = {
        "numberOfInstances": notes["total"],
        "numberOfCompletedInstances": notes["passed"],
        "numberOfActiveInstances": len(_instances(token)),
        "numberOfTerminatedInstances": 0,
    }
    view = ChainMap(counts, token.workflow.view(token))  # type: ignore[arg-type] # the view is only read
    return instance.engine.decide_condition(view, loop.condition or "", "completionCondition")


def _proceed_standard(instance: Instance, token: Token, loop: Loop) -> None:
    passed = token.internal_data["passed"]
    if _instances(token):
        return
    is_first = passed == 0 and not loop.test_before
    at_most = loop.maximum is not None and passed >= loop.maximum
    if at_most or not (is_first or loop.condition is None or _goes_on(instance, token, loop, passed)):
        instance.finish(token)
    else:
        _open_instance(instance, token, loop, passed, None)


def _goes_on(instance: Instance, token: Token, loop: Loop, passed: int) -> bool:
    view = ChainMap({"loopCounter": passed}, token.workflow.view(token))  # type: ignore[arg-type]
    return instance.engine.decide_condition(view, loop.condition or "", "loopCondition")


def _instances(token: Token) -> list[Token]:
    return [child for child in token.workflow.children(token) if child.task_spec is token.task_spec]


def _loop(token: Token) -> Loop:
    loop = token.task_spec.loop
    assert loop is not None
    return loop


def _no_list(text: str) -> StepFailure:
    return StepFailure(
        "loop.no_list",
        f"“{text}” không phải là danh sách để lặp qua.",
        f"'{text}' is not a list to go through.",
        {"expression": text},
    )
