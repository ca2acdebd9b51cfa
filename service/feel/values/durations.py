"""The two kinds of duration, exact spans and calendar months, which FEEL never mixes (DMN 1.5, 10.3.2.3).

A month has no fixed length: "30 days" and "1 month" are of different kinds and do not compare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NANOSECONDS_PER_SECOND: Final = 1_000_000_000
SECONDS_PER_DAY: Final = 86_400
NANOSECONDS_PER_DAY: Final = SECONDS_PER_DAY * NANOSECONDS_PER_SECOND

_MAX_NANOSECONDS: Final = (2**63 - 1) * NANOSECONDS_PER_SECOND
_MAX_MONTHS: Final = 24_000_000_000
"""The span between the first and the last date there is."""

_MONTHS_TEXT: Final = re.compile(r"(-?)P(?:([0-9]{1,18})Y)?(?:([0-9]{1,18})M)?")
_DAYS_TEXT: Final = re.compile(
    r"(-?)P(?:([0-9]{1,18})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,18})H)?(?:([0-9]{1,18})M)?(?:([0-9]{1,18})(?:\.([0-9]*))?S)?)?"
)


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration: an exact span, possibly negative.

    Attributes:
        nanoseconds: the signed length.
    """

    nanoseconds: int

    @property
    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds and nanoseconds, each with the sign of the whole."""
        sign = -1 if self.nanoseconds < 0 else 1
        seconds, nanoseconds = divmod(abs(self.nanoseconds), NANOSECONDS_PER_SECOND)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return sign * days, sign * hours, sign * minutes, sign * seconds, sign * nanoseconds

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        days, hours, minutes, seconds, nanoseconds = (abs(part) for part in self.parts)
        text = f"{days}D" if days else ""
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if seconds or nanoseconds:
            clock += f"{seconds}{fraction_text(nanoseconds)}S"
        return f"{'-' if self.nanoseconds < 0 else ''}P{text}{'T' + clock if clock else ''}"


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, possibly negative.

    Attributes:
        months: the signed length; a year is 12.
    """

    months: int

    @property
    def parts(self) -> tuple[int, int]:
        """Years and months, each with the sign of the whole."""
        sign = -1 if self.months < 0 else 1
        years, months = divmod(abs(self.months), 12)
        return sign * years, sign * months

    def __str__(self) -> str:
        years, months = (abs(part) for part in self.parts)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.months < 0 else ''}P{text}"


def fraction_text(nanoseconds: int) -> str:
    """Write the fraction of a second: ``.5`` for half of one, nothing for none."""
    return f".{nanoseconds:09d}".rstrip("0") if nanoseconds else ""


def days_duration(nanoseconds: int) -> DaysDuration | None:
    """Build a days and time duration; None when it is longer than any pair of date-times is apart."""
    return DaysDuration(nanoseconds) if abs(nanoseconds) <= _MAX_NANOSECONDS else None


def months_duration(months: int) -> MonthsDuration | None:
    """Build a years and months duration; None when it is longer than any pair of dates is apart."""
    return MonthsDuration(months) if abs(months) <= _MAX_MONTHS else None


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    """Read an ISO 8601 duration of one kind: ``P2DT3H`` or ``P1Y6M``; None for anything else.

    Only the forms of XML Schema are read: no weeks, and no mix of months and days.
    """
    months = _MONTHS_TEXT.fullmatch(text)
    if months is not None and any(months.groups()[1:]):
        sign = -1 if months[1] else 1
        return months_duration(sign * (int(months[2] or 0) * 12 + int(months[3] or 0)))
    days = _DAYS_TEXT.fullmatch(text)
    if days is None or not any(days.groups()[1:5]):
        return None
    sign = -1 if days[1] else 1
    seconds = int(days[2] or 0) * SECONDS_PER_DAY + int(days[3] or 0) * 3600 + int(days[4] or 0) * 60
    nanoseconds = int(((days[6] or "") + "000000000")[:9])
    return days_duration(sign * ((seconds + int(days[5] or 0)) * NANOSECONDS_PER_SECOND + nanoseconds))
