"""Deadlines against the minute walk, over twenty years of calendars with seasons, holidays and swaps."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

import pytest

from service.domain.calendar import OFFICE_SESSIONS, ExceptionalDay, Season, WorkingCalendar, WorkSession
from service.domain.deadlines import DeadlineRule, Pause, compute_deadline
from service.domain.holidays import official_days
from tests.unit.domain import minute_walk as walk
from tests.unit.domain.minute_walk import DAY, MinuteTable

FIRST, LAST = date(2014, 1, 1), date(2034, 12, 31)
SUITE_CASES, NIGHTLY_CASES = 2_000, 100_000
WEEKS = (
    dict.fromkeys(range(5), ((450, 690), (810, 1020))),
    dict.fromkeys(range(5), ((420, 690), (780, 1050))),
    {**dict.fromkeys(range(5), ((480, 720), (780, 1020))), 5: ((480, 720),)},
    dict.fromkeys(range(4), ((480, 960),)),
)
KINDS = (
    "same_day",
    "next_morning",
    "in_working_day",
    "same_day_or_next_morning",
    "clock",
    "working_hours",
    "working_days",
    "weekday",
    "month_day",
    "before_date",
    "fixed",
)


@dataclass
class Pair:
    """The same office twice: as the code knows it, and as a table of minutes."""

    calendar: WorkingCalendar
    table: MinuteTable


def _sessions(minutes) -> tuple[WorkSession, ...]:
    return tuple(
        WorkSession(time(opens // 60, opens % 60), time(closes // 60, closes % 60))
        for opens, closes in minutes
    )


def _office(random: Random, week: dict, summer: dict | None) -> Pair:
    exceptions: dict[date, bool] = {
        day.on: day.is_working
        for year in range(FIRST.year, LAST.year + 1)
        for day in official_days(year, WorkingCalendar())
    }
    for _ in range(150):
        exceptions[FIRST + timedelta(days=random.randrange((LAST - FIRST).days))] = random.random() < 0.3
    seasons = []
    if summer:
        for year in range(FIRST.year, LAST.year + 1):
            days = (date(year, 4, 16), date(year, 10, 15))
            seasons.append(Season(*days, {day: _sessions(found) for day, found in summer.items()}))
    calendar = WorkingCalendar(
        week={day: _sessions(found) for day, found in week.items()},
        exceptions={on: ExceptionalDay(works, "thử") for on, works in exceptions.items()},
        seasons=tuple(seasons),
    )
    table = MinuteTable(FIRST)
    day = FIRST
    while day <= LAST:
        in_summer = summer and (4, 16) <= (day.month, day.day) <= (10, 15)
        sessions = _walked_sessions(day, summer if in_summer else week, exceptions, bool(in_summer))
        table.add_day(sessions)
        day += timedelta(days=1)
    return Pair(calendar, table)


def _walked_sessions(day: date, week: dict, exceptions: dict, in_summer: bool):
    usual = week.get(day.weekday(), ())
    match exceptions.get(day):
        case None:
            return usual
        case False:
            return ()
    if usual:
        return usual
    return next(iter(week.values())) if in_summer else ((450, 690), (810, 1020))


@pytest.fixture(scope="module")
def offices() -> list[Pair]:
    random = Random(20260305)
    assert _sessions(((450, 690), (810, 1020))) == OFFICE_SESSIONS
    return [
        _office(random, WEEKS[0], None),
        _office(random, WEEKS[0], WEEKS[1]),
        _office(random, WEEKS[2], None),
        _office(random, WEEKS[3], WEEKS[2]),
    ]


def _pauses(random: Random, start: int) -> list[tuple[int, int]]:
    found = []
    for _ in range(random.choice((0, 0, 1, 2))):
        begin = start + random.randrange(-DAY, 3 * DAY)
        found.append((begin, begin + random.randrange(1, 3 * DAY)))
    return found


def _rule(random: Random, kind: str, start: date) -> DeadlineRule:
    shift = random.choice(("before", "after", "none"))
    at = random.choice((None, time(9, 0), time(16, 30)))
    match kind:
        case "clock" | "working_hours":
            return DeadlineRule(kind, span=timedelta(minutes=random.randrange(1, 3000)))
        case "working_days":
            return DeadlineRule(kind, days=random.randrange(1, 8))
        case "weekday":
            nth = random.choice((None, None, 1, 2, 3, 4, 5, -1))
            return DeadlineRule(kind, weekday=random.randrange(1, 8), nth=nth, at=at, shift=shift)
        case "month_day" | "before_date":
            month = random.choice((None, random.randrange(1, 13)))
            at = None if kind == "before_date" else at
            return DeadlineRule(kind, day=random.randrange(1, 32), month=month, at=at, shift=shift)
        case "fixed":
            return DeadlineRule(kind, on=start + timedelta(days=random.randrange(60)), at=at)
    return DeadlineRule(kind)


def _matches(rule: DeadlineRule):
    def is_meant(day: date) -> bool:
        length = monthrange(day.year, day.month)[1]
        if rule.kind == "weekday":
            if day.isoweekday() != rule.weekday:
                return False
            if rule.nth == -1:
                return day.day + 7 > length
            return rule.nth is None or (day.day - 1) // 7 + 1 == rule.nth
        return rule.month in {None, day.month} and day.day == min(rule.day, length)

    return is_meant


def _walked(rule: DeadlineRule, table: MinuteTable, start: int, pauses: list[tuple[int, int]]) -> int:
    minute = None if rule.at is None else rule.at.hour * 60 + rule.at.minute
    match rule.kind:
        case "clock":
            return walk.walk_clock(table, start, int(rule.span.total_seconds() // 60), pauses)
        case "working_hours":
            return walk.walk_working_minutes(table, start, int(rule.span.total_seconds() // 60), pauses)
        case "working_days":
            return walk.walk_working_days(table, start, rule.days, pauses)
        case "weekday" | "month_day":
            return walk.walk_matching_day(table, start, _matches(rule), rule.shift, minute)
        case "before_date":
            meant = _matches(rule)
            return walk.walk_matching_day(
                table, start, lambda day: meant(day + timedelta(days=1)), rule.shift, DAY
            )
        case "fixed":
            return walk.walk_matching_day(table, start - 90 * DAY, lambda day: day == rule.on, "none", minute)
    return walk.walk_pauses(table, start, pauses, rule.kind)


def _agree(offices: list[Pair], seed: int, count: int) -> None:
    random = Random(seed)
    for number in range(count):
        pair = random.choice(offices)
        start = random.randrange(400 * DAY, len(pair.table.minutes) - 1000 * DAY)
        at = pair.table.instant(start)
        rule = _rule(random, KINDS[number % len(KINDS)], at.date())
        pauses = _pauses(random, start)
        stops = [Pause(pair.table.instant(begin), pair.table.instant(end)) for begin, end in pauses]
        found = compute_deadline(rule, at, pair.calendar, stops)
        expected = pair.table.instant(_walked(rule, pair.table, start, pauses))
        assert found.due_at == expected, (rule, at, stops)
        assert found.warn_at <= found.due_at


def test_two_thousand_random_deadlines_are_those_of_the_minute_walk(offices) -> None:
    _agree(offices, 1, SUITE_CASES)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_random_deadlines_are_those_of_the_minute_walk(offices) -> None:
    _agree(offices, 2, NIGHTLY_CASES)


def test_working_time_between_two_instants_is_the_number_of_open_minutes(offices) -> None:
    random = Random(3)
    for _ in range(300):
        pair = random.choice(offices)
        start = random.randrange(len(pair.table.minutes) - 40 * DAY)
        end = start + random.randrange(30 * DAY)
        found = pair.calendar.working_time(pair.table.instant(start), pair.table.instant(end))
        assert found == timedelta(minutes=pair.table.minutes[start:end].count(1))
