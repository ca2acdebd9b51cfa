"""Named places where a test may kill the process, to show what survives.

A crash point costs one comparison while none is armed. Only the process's own start-up arms one, from its
settings; every name is listed in :data:`CRASH_POINTS`, so that a test can loop over all of them.
"""

from __future__ import annotations

import os
import signal
from typing import Final

CRASH_POINTS: Final = (
    "unit.opened",
    "task.locked",
    "task.written",
    "instance.locked",
    "instance.stepped",
    "instance.saved",
    "register.allotted",
    "register.entered",
    "unit.flushed",
    "unit.committed",
    "job.read",
    "job.handled",
    "job.taken",
    "timer.locked",
    "outbox.read",
    "outbox.sent",
)

_armed: str | None = None
_skips: int = 0


def arm(name: str, after: int = 0) -> None:
    """Kill this process with SIGKILL when it reaches ``name`` for the ``after + 1``-th time.

    Raises:
        ValueError: there is no such crash point.
    """
    global _armed, _skips
    if name not in CRASH_POINTS:
        raise ValueError(f"unknown crash point {name!r}")
    _armed, _skips = name, after


def crashpoint(name: str) -> None:
    """Die here if a test has armed this point."""
    if _armed is not None and name == _armed:
        _die()


def _die() -> None:
    global _skips  # noqa: PLW0603 - counts down to the one wanted
    if _skips > 0:
        _skips -= 1
        return
    os.kill(os.getpid(), signal.SIGKILL)
