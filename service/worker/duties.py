"""The worker's threads: each repeats one round until the worker stops."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from service.domain.errors import Unavailable

log = logging.getLogger("congvan.worker")

LONGEST_PAUSE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Duty:
    """A round that is run again and again.

    Attributes:
        name: for the log.
        round: returns how much it did; a full round is followed by the next at once.
        pause_seconds: between rounds that found little.
        full: from how much on a round counts as full.
    """

    name: str
    round: Callable[[], int]
    pause_seconds: float
    full: int = 100


class DutyThread(threading.Thread):
    """Repeats a duty; while the database is away it waits longer and longer, up to half a minute."""

    def __init__(self, duty: Duty, stop: threading.Event, on_lost: Callable[[str], None]) -> None:
        super().__init__(name=f"duty-{duty.name}", daemon=True)
        self._duty = duty
        self._stop_event = stop
        self._on_lost = on_lost

    def run(self) -> None:
        """Repeat until told to stop; the round under way is finished first. An unforeseen fault ends it."""
        try:
            self._repeat()
        finally:
            if not self._stop_event.is_set():
                self._on_lost(self._duty.name)

    def _repeat(self) -> None:
        pause = self._duty.pause_seconds
        while not self._stop_event.is_set():
            try:
                done = self._duty.round()
                pause = 0.0 if done >= self._duty.full else self._duty.pause_seconds
            except (SQLAlchemyError, Unavailable):
                pause = min(max(pause, self._duty.pause_seconds) * 2, LONGEST_PAUSE_SECONDS)
                facts = {"action": "duty.fault", "duty": self._duty.name, "next_try_seconds": pause}
                log.warning("the database does not serve this duty", extra=facts, exc_info=True)
            self._stop_event.wait(pause)
