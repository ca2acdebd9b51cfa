"""Event definitions as data: what an event throws or waits for.

SpiffWorkflow compares definitions by exact class and lets them act on its task tree. Ours only say what the
diagram says; catching and throwing is done by :mod:`service.engine.spiff.catching`.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

EventKind = Literal[
    "none", "message", "signal", "timer", "conditional", "error", "escalation", "terminate", "link"
]

WAITING_KINDS: Final = frozenset({"message", "signal", "timer", "conditional"})
"""Kinds that a token waits for; errors and escalations are looked up when they are thrown."""


class Event(EventDefinition):
    """One event definition.

    Args:
        kind: which of the BPMN event kinds.
        name: of the message, signal, error, escalation or link.
        code: ``errorCode`` or ``escalationCode``; None catches every code.
        text: the timer's text or the condition.
        timer_kind: ``date``, ``duration`` or ``cycle``.
    """

    def __init__(  # noqa: PLR0917 - kind and name are the common case, the others are given by name
        self,
        kind: EventKind = "none",
        name: str | None = None,
        code: str | None = None,
        text: str | None = None,
        timer_kind: str | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(name, description)
        self.kind: EventKind = kind
        self.code = code
        self.text = text
        self.timer_kind = timer_kind

    def to_dict(self) -> dict[str, Any]:
        """Return the constructor's arguments, without those that are None."""
        parts = {
            "kind": self.kind,
            "name": self.name,
            "code": self.code,
            "text": self.text,
            "timer_kind": self.timer_kind,
        }
        return {key: value for key, value in parts.items() if value is not None}

    def catches_code(self, code: str | None) -> bool:
        """Return whether an error or escalation with ``code`` is caught (BPMN 2.0, 10.5.1: none = all)."""
        return self.code is None or self.code == code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self.kind, self.name, self.code, self.text))
