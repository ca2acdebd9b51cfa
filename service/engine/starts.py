"""Timer start events of deployed processes: when the next instance starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.clock import Clock
from service.domain.errors import InvalidInput
from service.engine.spiff.durations import BadTimerText
from service.engine.spiff.timers import Timer, start
from service.feel import Runtime, compile_expression


@dataclass(frozen=True, slots=True)
class NextStart:
    """The next start of a process: when, how many are left with it, and the timer it comes from."""

    due_at: datetime
    remaining: int | None
    timer: list[Any]

    def columns(self) -> dict[str, Any]:
        """Return the columns of a ``timer_start`` row."""
        return {"due_at": self.due_at, "remaining": self.remaining, "timer": self.timer}


def first_start(declared: Mapping[str, Any], clock: Clock) -> NextStart:
    """Return the first start of a timer start event that is activated now.

    Args:
        declared: ``timer_kind`` and ``name`` (the timer's text) of the start event.
        clock: the source of time, for the text's own functions too.

    Raises:
        InvalidInput: the text gives no such time.
    """
    text = str(declared["name"]).strip()
    value: Any = text
    if text.startswith("="):
        value = compile_expression(text[1:]).evaluate({}, Runtime(clock)).value
    try:
        return _as_start(start(str(declared["timer_kind"]), value, clock.now()))
    except BadTimerText:
        raise InvalidInput(
            "timer.no_time",
            f"Hẹn giờ “{text}” không cho thời điểm hay khoảng thời gian hợp lệ.",
            f"The timer '{text}' gives no valid time.",
        ) from None


def next_start(timer: list[Any]) -> NextStart | None:
    """Return the start that follows the one of ``timer``, None if it was the last."""
    running = Timer.from_row(timer)
    return _as_start(running) if running.advance(running.due_at) else None


def due_of(timer: list[Any]) -> datetime:
    """Return the time that a start was declared for, however late it is tried."""
    return Timer.from_row(timer).due_at


def _as_start(timer: Timer) -> NextStart:
    return NextStart(timer.due_at, timer.remaining, timer.row())
