"""Timers of waiting tokens: when they are due, and what is left of a cycle after a firing.

A cycle is anchored: firing ``k`` is due at anchor + k intervals, however late the firing before it was. The
anchor is the declared start, else the instant when the token began to wait. Firings missed while nobody
looked coalesce into one; each missed one counts against the repetitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.engine.spiff.durations import (
    BadTimerText,
    Cycle,
    Duration,
    instant,
    parse_cycle,
    parse_duration,
    parse_instant,
)
from service.engine.spiff.events import Event
from service.engine.spiff.failures import StepFailure
from service.engine.spiff.values import admit_value

if TYPE_CHECKING:
    from service.engine.spiff.expressions import FeelScriptEngine
    from service.engine.spiff.token import Token


@dataclass(slots=True)
class Timer:
    """A running timer.

    Attributes:
        kind: ``date``, ``duration`` or ``cycle``.
        due_at: the next firing, aware UTC.
        remaining: firings left with the next one; None = without end, or not a cycle.
        cycle: text of the cycle, with the anchor's start, else None.
    """

    kind: str
    due_at: datetime
    remaining: int | None = None
    cycle: str | None = None

    def row(self) -> list[Any]:
        """Return the timer as plain values for the stored state."""
        return [self.kind, self.due_at.isoformat(), self.remaining, self.cycle]

    @classmethod
    def from_row(cls, row: list[Any]) -> Timer:
        """Return the timer of a stored row."""
        kind, due_at, remaining, cycle = row
        return cls(kind, datetime.fromisoformat(due_at), remaining, cycle)

    def advance(self, now: datetime) -> bool:
        """Move on after a firing at ``now``; return whether another firing will come."""
        if self.cycle is None:
            return False
        cycle = parse_cycle(self.cycle)
        assert cycle.start is not None
        following = self._first_after(cycle, max(now, self.due_at))
        if following is None:
            return False
        self.due_at, self.remaining = following
        return True

    def _first_after(self, cycle: Cycle, at: datetime) -> tuple[datetime, int | None] | None:
        due, remaining, _ = _first_due(cycle, at, inclusive=False)
        return None if remaining == 0 else (due, remaining)


def arm(engine: FeelScriptEngine, token: Token, event: Event, now: datetime) -> list[Any]:
    """Return the row of the timer that starts to run for a token at ``now``.

    Raises:
        StepFailure: the timer's text or expression gives no such time.
    """
    text = (event.text or "").strip()
    value: Any = text
    if text.startswith("="):
        value = admit_value(
            engine.evaluate_text(token.workflow.view(token), text, f"{event.timer_kind} timer")
        )
    try:
        return start(event.timer_kind or "", value, now).row()
    except BadTimerText:
        raise StepFailure(
            "timer.no_time",
            f"Hẹn giờ “{text}” không cho thời điểm hay khoảng thời gian hợp lệ.",
            f"The timer '{text}' gives no valid time.",
            {"expression": text, "value": None if value is None else str(value)},
        ) from None


def start(kind: str, value: Any, now: datetime) -> Timer:
    """Return the timer that starts at ``now`` with an ISO text or a value.

    Raises:
        BadTimerText: it gives no time of the kind.
    """
    if kind == "date":
        return Timer(kind, _as_instant(value))
    if kind == "duration":
        return Timer(kind, _as_duration(value).after(now))
    if kind == "cycle" and isinstance(value, str):
        return _start_cycle(value, now)
    raise BadTimerText(str(value))


def _start_cycle(text: str, now: datetime) -> Timer:
    cycle = parse_cycle(text)
    if cycle.start is None:
        # The first firing comes one interval after the anchor, and counts.
        anchor = cycle.interval.after(now)
        count = "" if cycle.count is None else str(cycle.count)
        interval = text[text.rindex("/") + 1 :]
        text = f"R{count}/{anchor.isoformat()}/{interval}"
        cycle = parse_cycle(text)
    due, remaining, last = _first_due(cycle, now, inclusive=True)
    if remaining == 0:
        # Every declared firing has passed: the last one is due at once, so that nothing waits for ever.
        return Timer("cycle", last, 1, text)
    return Timer("cycle", due, remaining, text)


def _first_due(cycle: Cycle, at: datetime, *, inclusive: bool) -> tuple[datetime, int | None, datetime]:
    """Return the first firing at or after ``at``, how many are left with it, and the cycle's last one."""
    assert cycle.start is not None
    index = _index_near(cycle, at)
    while _firing(cycle, index) < at or (not inclusive and _firing(cycle, index) == at):
        index += 1
    remaining = None if cycle.count is None else max(0, cycle.count - index)
    return _firing(cycle, index), remaining, _firing(cycle, (cycle.count or 1) - 1)


def _index_near(cycle: Cycle, at: datetime) -> int:
    """Return an index at or before the first firing that may follow ``at``, without walking all of them."""
    assert cycle.start is not None
    longest = timedelta(days=31) * cycle.interval.months + cycle.interval.span
    return max(0, int((at - cycle.start) / longest) - 1)


def _firing(cycle: Cycle, index: int) -> datetime:
    assert cycle.start is not None
    return cycle.interval.after(cycle.start, index)


def _as_instant(value: Any) -> datetime:
    if isinstance(value, datetime | date):
        return instant(value)
    if value is None:
        raise BadTimerText("null")
    return parse_instant(str(value))


def _as_duration(value: Any) -> Duration:
    if isinstance(value, timedelta):
        return Duration(0, value)
    if value is None:
        raise BadTimerText("null")
    return parse_duration(str(value))
