"""Deadline rules that name a day of the calendar: a weekday, a day of the month, a date, a day that was set.

They are appointments: a pause of the work does not move them.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from service.domain import deadline_texts as texts
from service.domain.calendar import WorkingCalendar
from service.domain.deadline_rules import DeadlineError, DeadlineRule, Ending, Pause

_ONE_DAY: Final = timedelta(days=1)
_LAST: Final = -1


def weekday(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, _pauses: Sequence[Pause]
) -> Ending:
    """Return the next such weekday, or the Nth of a month, at its time (S0-13: Friday 9:00)."""
    number = rule.weekday or 1
    day, due = _first_after(rule, start, calendar, _weekdays(rule, start.date()))
    moved_vi, moved_en = _moved(day, due)
    return Ending(
        due,
        None,
        f"{texts.weekday_vi(number)} lúc {texts.clock(due)}: {texts.day_vi(due)}{moved_vi}",
        f"{texts.weekday_en(number)} at {texts.clock(due)}: {texts.day_en(due)}{moved_en}",
    )


def _weekdays(rule: DeadlineRule, day: date) -> Iterator[date]:
    """Yield the days that the rule means, from shortly before ``day`` on."""
    weekday = (rule.weekday or 1) - 1
    if rule.nth is None:
        found = day + _ONE_DAY * ((weekday - day.weekday()) % 7 - 7)
        while True:
            yield found
            found += timedelta(days=7)
    for year, month in _months_from(day):
        first, length = monthrange(year, month)
        days = range(1 + (weekday - first) % 7, length + 1, 7)
        if rule.nth == _LAST:
            yield date(year, month, days[-1])
        elif rule.nth <= len(days):
            yield date(year, month, days[rule.nth - 1])


def month_day(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, _pauses: Sequence[Pause]
) -> Ending:
    """Return the next such day of a month or year, moved off a day off (S0-13: the 25th)."""
    day, due = _first_after(rule, start, calendar, _month_days(rule, start.date()))
    moved_vi, moved_en = _moved(day, due)
    return Ending(
        due,
        None,
        f"ngày {day:%d/%m}: {texts.day_vi(due)}, đến {texts.clock(due)}{moved_vi}",
        f"on {day:%d/%m}: {texts.day_en(due)}, until {texts.clock(due)}{moved_en}",
    )


def before_date(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, _pauses: Sequence[Pause]
) -> Ending:
    """Return the end of the day before the next such date (S4-13a: before 15/12)."""
    for day in _month_days(rule, start.date()):
        last = calendar.working_day_near(day - _ONE_DAY, rule.shift)
        due = calendar.end_of_day(last)
        if due > start:
            break
    moved_vi, moved_en = (
        ("", "") if last == day - _ONE_DAY else _moved(day - _ONE_DAY, calendar.at(last, time(0)))
    )
    return Ending(
        due,
        calendar.close_of(last),
        f"trước ngày {day:%d/%m/%Y}: hết {texts.day_vi(last)}{moved_vi}",
        f"before {day:%d/%m/%Y}: until the end of {texts.day_en(last)}{moved_en}",
    )


def _month_days(rule: DeadlineRule, day: date) -> Iterator[date]:
    for year, month in _months_from(day):
        if rule.month in {None, month}:
            yield date(year, month, min(rule.day or 1, monthrange(year, month)[1]))


def _months_from(day: date) -> Iterator[tuple[int, int]]:
    """Yield (year, month) from the month before ``day`` on: a holiday may move a day into the next month."""
    index = day.year * 12 + day.month - 2
    while True:
        yield index // 12, index % 12 + 1
        index += 1


def _first_after(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, days: Iterator[date]
) -> tuple[date, datetime]:
    """Return the first day whose due instant comes after the start, with that instant."""
    for day in days:
        moved = calendar.working_day_near(day, rule.shift)
        close = calendar.close_of(moved) or calendar.end_of_day(moved)
        due = close if rule.at is None else calendar.at(moved, rule.at)
        if due > start:
            return day, due
    raise DeadlineError("the rule's days end")  # pragma: no cover - the iterators never do


def _moved(day: date, due: datetime) -> tuple[str, str]:
    if due.date() == day:
        return "", ""
    return f" ({texts.day_vi(day)} là ngày nghỉ)", f" ({texts.day_en(day)} is a day off)"


def fixed(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, _pauses: Sequence[Pause]) -> Ending:
    """Return office close, or the set time, of the day that a person set."""
    day = rule.on or start.date()
    close = calendar.close_of(day) or calendar.end_of_day(day)
    due = close if rule.at is None else calendar.at(day, rule.at)
    return Ending(
        due,
        None,
        f"hạn do người giao đặt: {texts.day_vi(due)}, đến {texts.clock(due)}",
        f"set by the person who assigned: {texts.day_en(due)}, until {texts.clock(due)}",
    )
