#!/usr/bin/env python
"""Time deadlines beside a walk minute by minute; prints a table, or JSON with ``--json``.

A deadline with its derivation in both languages is to take at most 50 µs.
"""

from __future__ import annotations

import argparse
import json
import sys
import timeit
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service.domain.calendar import WorkingCalendar
from service.domain.clock import OFFICE_ZONE
from service.domain.deadlines import compute_deadline, read_rule
from service.domain.holidays import exceptional_days, official_days

LIMIT_MICROSECONDS = 50.0
START = datetime(2026, 2, 13, 16, 20, tzinfo=OFFICE_ZONE)
RULES: tuple[dict[str, Any], ...] = (
    {"rule": "same_day", "clause": "S0-6.4"},
    {"rule": "next_morning", "clause": "S0-6.4"},
    {"rule": "clock", "hours": 24, "clause": "S0-7.2"},
    {"rule": "working_hours", "hours": 40},
    {"rule": "working_days", "days": 5},
    {"rule": "working_days", "days": 20},
    {"rule": "weekday", "weekday": 5, "at": "09:00", "clause": "S0-13"},
    {"rule": "month_day", "day": 25, "clause": "S0-13"},
    {"rule": "before_date", "day": 15, "month": 12, "clause": "S4-13a"},
)


@dataclass(frozen=True)
class Result:
    """Microseconds for one deadline, and for the walk that finds the same instant (None: not walked)."""

    rule: str
    microseconds: float
    walk_microseconds: float | None


def _time(call: Any) -> float:
    timer = timeit.Timer(call, timer=process_time)  # other processes must not count
    number, _ = timer.autorange()
    return min(timer.repeat(5, number)) / number * 1e6


def _walk(due: datetime, calendar: WorkingCalendar) -> datetime:
    """Step minute by minute to the end, asking the calendar each time, as a naive program does."""
    at = START
    minutes = 0
    while at < due:
        at += timedelta(minutes=1)
        minutes += calendar.is_office_hours(at)
    return at


def main() -> int:
    """Print the figures; exit with 1 if a deadline takes longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    days = exceptional_days(
        day for year in (2025, 2026, 2027) for day in official_days(year, WorkingCalendar())
    )
    calendar = WorkingCalendar(exceptions=days)
    results = [_measure(rule, calendar) for rule in RULES]
    if arguments.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        print(f"{'rule':50} {'µs':>8} {'walk µs':>12}")
        for result in results:
            walked = "–" if result.walk_microseconds is None else f"{result.walk_microseconds:12.0f}"
            print(f"{result.rule:50} {result.microseconds:8.1f} {walked:>12}")
    slowest = max(result.microseconds for result in results)
    if slowest > LIMIT_MICROSECONDS:
        print(
            f"the slowest deadline takes {slowest:.1f} µs, over {LIMIT_MICROSECONDS:.0f} µs", file=sys.stderr
        )
        return 1
    return 0


def _measure(rule: dict[str, Any], calendar: WorkingCalendar) -> Result:
    read = read_rule(rule)
    due = compute_deadline(read, START, calendar).due_at
    text = ", ".join(f"{name} {value}" for name, value in rule.items() if name != "clause")
    microseconds = _time(lambda: compute_deadline(read, START, calendar))
    is_near = due.date() - START.date() < date(2026, 4, 1) - date(2026, 2, 13)
    walked = timeit.timeit(lambda: _walk(due, calendar), number=1) * 1e6 if is_near else None
    return Result(text, microseconds, walked)


if __name__ == "__main__":
    sys.exit(main())
