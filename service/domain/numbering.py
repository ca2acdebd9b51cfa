"""Number series and how an arrival number is written (NĐ 30/2020 Điều 22; S0-6.3).

Arrival numbers run without a gap through the calendar year, paper and electronic in one series; secret
documents have a book of their own. The counter itself is a row of the database; this module names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.domain.clock import OFFICE_ZONE


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Which counter a number comes from.

    Attributes:
        issuing_body: whose number it is (one clerical office may register for several bodies, S0-9.1g2).
        book: the register.
        period: the calendar year for arrivals.
    """

    issuing_body: str
    book: str
    period: str


def arrival_series(body: str, secrecy: str, arrived_at: datetime, zone: ZoneInfo = OFFICE_ZONE) -> SeriesKey:
    """Return the counter for an arrival at ``arrived_at`` (aware), by the year in the office's zone."""
    book = "incoming" if secrecy == "none" else "incoming_secret"
    return SeriesKey(body, book, f"{arrived_at.astimezone(zone):%Y}")


def arrival_code(number: int) -> str:
    """Return an arrival number as written: two digits at least."""
    return f"{number:02d}"
