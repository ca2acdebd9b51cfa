"""An independent count of deadlines: a clock that walks minute by minute over a table of open minutes.

It shares nothing with the code under test but the calendar's raw data, and is slow on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = 1440


@dataclass
class MinuteTable:
    """Every minute from ``first`` on: 1 = in a session, 2 = between sessions of a working day, 0 = closed."""

    first: date
    minutes: bytearray = field(default_factory=bytearray)

    def add_day(self, sessions: Sequence[tuple[int, int]]) -> None:
        """Append a day; sessions as minutes of the day."""
        day = bytearray(DAY)
        if sessions:
            day[sessions[0][0] : sessions[-1][1]] = b"\x02" * (sessions[-1][1] - sessions[0][0])
        for opens, closes in sessions:
            day[opens:closes] = b"\x01" * (closes - opens)
        self.minutes += day

    def index(self, at: datetime) -> int:
        """Return the minute's place in the table."""
        local = at.astimezone(ZONE)
        return (local.date() - self.first).days * DAY + local.hour * 60 + local.minute

    def instant(self, index: int) -> datetime:
        """Return the instant of a place in the table."""
        days, minute = divmod(index, DAY)
        return datetime.combine(self.first, time(0), ZONE) + timedelta(days=days, minutes=minute)


def stands(index: int, pauses: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= index < end for begin, end in pauses)


def works_on(table: MinuteTable, index: int) -> bool:
    day = index // DAY * DAY
    return 1 in table.minutes[day : day + DAY]


def walk_clock(table: MinuteTable, start: int, minutes: int, pauses: Sequence[tuple[int, int]]) -> int:
    del table
    left, at = minutes, start
    while left:
        left -= not stands(at, pauses)
        at += 1
    return at


def walk_working_minutes(
    table: MinuteTable, start: int, minutes: int, pauses: Sequence[tuple[int, int]]
) -> int:
    left, at = minutes, start
    while left:
        left -= table.minutes[at] == 1 and not stands(at, pauses)
        at += 1
    return at


def walk_working_days(table: MinuteTable, start: int, days: int, pauses: Sequence[tuple[int, int]]) -> int:
    left, at = days, (start // DAY + 1) * DAY
    while True:
        closes = table.minutes[at] == 0 and table.minutes[at - 1] == 1
        if closes and not stands(at - 1, pauses):
            left -= 1
            if not left:
                return at
        at += 1


def walk_next_morning(table: MinuteTable, start: int) -> int:
    at = start + 1
    while not (table.minutes[at] == 1 and 1 not in table.minutes[at // DAY * DAY : at]):
        at += 1
    while table.minutes[at] == 1:
        at += 1
    return at


def walk_in_working_day(table: MinuteTable, start: int) -> int:
    at = start
    end = (start // DAY + 1) * DAY
    last = None
    while at < end:
        if table.minutes[at] == 1:
            last = at
        at += 1
    return walk_next_morning(table, start) if last is None else last + 1


def walk_same_day(start: int) -> int:
    at = start + 1
    while at % DAY:
        at += 1
    return at


def walk_pauses(table: MinuteTable, start: int, pauses: Sequence[tuple[int, int]], kind: str) -> int:
    """One-day rules begin anew when the clock goes on."""
    walk = {
        "same_day": walk_same_day,
        "next_morning": lambda at: walk_next_morning(table, at),
        "in_working_day": lambda at: walk_in_working_day(table, at),
        "same_day_or_next_morning": lambda at: walk_next_morning(table, at),
    }[kind]
    due, at = walk(start), start
    while at < due:
        if stands(at, pauses):
            while stands(at, pauses):
                at += 1
            due = walk(at)
        else:
            at += 1
    return due


def walk_matching_day(table: MinuteTable, start: int, matches, shift: str, minute: int | None) -> int:
    """Find the first day that ``matches`` whose moved due minute lies after the start."""
    day = start // DAY - 40
    while True:
        if matches(table.first + timedelta(days=day)):
            moved = day
            while shift != "none" and not works_on(table, moved * DAY):
                moved += 1 if shift == "after" else -1
            due = moved * DAY + minute if minute is not None else _close(table, moved)
            if due > start:
                return due
        day += 1


def _close(table: MinuteTable, day: int) -> int:
    minutes = table.minutes[day * DAY : (day + 1) * DAY]
    return day * DAY + (minutes.rindex(1) + 1 if 1 in minutes else DAY)
