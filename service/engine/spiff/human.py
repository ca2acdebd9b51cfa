"""What people see of a task: who may do it, until when, how urgent; evaluated once, when it becomes ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.engine.spiff.durations import BadTimerText, instant, parse_duration, parse_instant
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.values import admit_value

if TYPE_CHECKING:
    from service.engine.spiff.token import Token

URGENCIES: Final = frozenset({"normal", "urgent", "very_urgent", "flash"})


def describe(token: Token) -> dict[str, Any]:
    """Return the evaluated properties of a user task, absent ones left out.

    Keys: ``owners``, ``excluded`` (lists of owner references), ``assigner`` (user reference), ``subject``,
    ``due`` (aware instant), ``rule`` (context), ``urgency``, ``at`` (instant of creation).

    Raises:
        StepFailure: a property gives something other than it must.
    """
    node = token.task_spec
    instance = token.workflow.instance
    found: dict[str, Any] = {"at": instance.now}
    owners = node.properties.get("potential_owners") or node.options.get("lane_owners")
    texts = {
        "owners": owners,
        "excluded": node.properties.get("excluded_owners"),
        "assigner": node.properties.get("assigner"),
        "subject": node.properties.get("subject"),
        "due": node.properties.get("due"),
        "rule": node.properties.get("deadline_rule"),
        "urgency": node.properties.get("urgency"),
    }
    view = token.workflow.view(token)
    for key, text in texts.items():
        if text:
            value = admit_value(instance.engine.evaluate_text(view, text, key))
            checked = _CHECKS[key](value, instance.now)
            if checked is _WRONG:
                raise _wrong(key, text, value)
            if checked is not None:
                found[key] = checked
    return found


_WRONG: Final = object()


def _references(value: Any, now: datetime) -> Any:  # noqa: ARG001 - one signature for every check
    if value is None:
        return _WRONG
    items = value if isinstance(value, list) else [value]
    return list(items) if all(isinstance(item, str) for item in items) else _WRONG


def _person(value: Any, now: datetime) -> Any:  # noqa: ARG001
    if value is None:
        return None
    is_person = isinstance(value, str) and (value == "initiator" or value.startswith("user:"))
    return value if is_person else _WRONG


def _subject(value: Any, now: datetime) -> Any:  # noqa: ARG001
    if value is None:
        return None
    return value if isinstance(value, str) else _WRONG


def _urgency(value: Any, now: datetime) -> Any:  # noqa: ARG001
    if value is None:
        return None
    return value if value in URGENCIES else _WRONG


def _rule(value: Any, now: datetime) -> Any:  # noqa: ARG001
    if value is None:
        return None
    return value if isinstance(value, Mapping) else _WRONG


def _due(value: Any, now: datetime) -> Any:
    """Return a date and time, or a duration from creation, as an instant."""
    if value is None:
        return None
    if isinstance(value, timedelta):
        return now + value
    if isinstance(value, datetime | date):
        return instant(value)
    text = str(value)
    try:
        return parse_duration(text).after(now) if "P" in text else parse_instant(text)
    except BadTimerText:
        return _WRONG


_CHECKS: Final = {
    "owners": _references,
    "excluded": _references,
    "assigner": _person,
    "subject": _subject,
    "due": _due,
    "rule": _rule,
    "urgency": _urgency,
}


def _wrong(key: str, text: str, value: Any) -> StepFailure:
    return StepFailure(
        "task.bad_property",
        f"Thuộc tính “{key}” của công việc cho giá trị không dùng được.",
        f"The task's property '{key}' gives a value that cannot be used.",
        {"property": key, "expression": text, "value": None if value is None else str(value)[:200]},
    )
