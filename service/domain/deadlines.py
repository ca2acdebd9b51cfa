"""Deadlines of the regulations, computed from a rule to an instant that says why.

What a rule is stands in :mod:`service.domain.deadline_rules`, how each kind ends in
:mod:`service.domain.deadline_kinds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from service.domain import deadline_texts as texts
from service.domain.calendar import WorkingCalendar
from service.domain.deadline_kinds import KINDS
from service.domain.deadline_rules import (
    WARN_SHARE,
    Deadline,
    DeadlineError,
    DeadlineRule,
    Pause,
    RuleKind,
    read_rule,
)


def compute_deadline(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()
) -> Deadline:
    """Return the deadline that ``rule`` sets for something that began at ``start`` (aware).

    Args:
        rule: what the clause demands.
        start: when it began.
        calendar: of the office.
        pauses: when the clock stood still, in any order (the suspension ledger).

    Raises:
        CalendarError: the calendar has no working day in sight.
    """
    start = start.astimezone(calendar.zone)
    kind = KINDS[rule.kind]
    stops = merge_pauses(pauses) if pauses else ()
    ending = kind.find(rule, start, calendar, stops)
    before = texts.received(start, calendar) if kind.is_received else ("", "")
    count = sum(pause.from_at < ending.due_at and pause.to_at > start for pause in stops)
    remark = texts.paused(count)
    clause = f" ({rule.clause})" if rule.clause else ""
    warn_at = ending.warn_at if ending.warn_at is not None else start + (ending.due_at - start) * WARN_SHARE
    return Deadline(
        due_at=ending.due_at,
        warn_at=min(warn_at, ending.due_at),
        rule=rule,
        start=start,
        calendar=calendar.name,
        derivation_vi=f"{before[0]}{ending.vi}{remark[0]}{clause}",
        derivation_en=f"{before[1]}{ending.en}{remark[1]}{clause}",
    )


def merge_pauses(pauses: Sequence[Pause]) -> tuple[Pause, ...]:
    """Return pauses in order, those that touch each other as one; empty ones are dropped."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: one.from_at):
        if pause.to_at <= pause.from_at:
            continue
        if merged and pause.from_at <= merged[-1].to_at:
            merged[-1] = Pause(merged[-1].from_at, max(merged[-1].to_at, pause.to_at))
        else:
            merged.append(pause)
    return tuple(merged)


__all__ = [
    "WARN_SHARE",
    "Deadline",
    "DeadlineError",
    "DeadlineRule",
    "Pause",
    "RuleKind",
    "compute_deadline",
    "merge_pauses",
    "read_rule",
]
