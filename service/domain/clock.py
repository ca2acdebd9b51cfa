"""The only source of time: production reads the system clock, tests move their own.

Instants are aware UTC everywhere; local rules use :data:`OFFICE_ZONE`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

OFFICE_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
"""The one time zone of the offices (S3-18.1b: a uniform Vietnam time zone; UTC+7, no summer time)."""


class Clock(Protocol):
    """A source of the current instant."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that reads the machine's clock


class ManualClock:
    """A clock that stands still until it is moved.

    Args:
        at: the first instant, aware.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant the clock stands at, aware, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move the clock to ``at`` (aware), forwards or backwards."""
        self._at = at.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        """Move the clock forwards by ``step``."""
        self._at += step
