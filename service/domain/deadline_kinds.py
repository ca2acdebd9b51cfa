"""How each kind of deadline rule finds its end, in one table that the documentation is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from service.domain import deadline_texts as texts
from service.domain.calendar import WorkingCalendar
from service.domain.deadline_dates import before_date, fixed, month_day, weekday
from service.domain.deadline_rules import WARN_SHARE, DeadlineRule, Ending, Pause, RuleKind

_NOTHING: Final = timedelta(0)


Find = Callable[[DeadlineRule, datetime, WorkingCalendar, Sequence[Pause]], Ending]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule.

    Attributes:
        find: from rule, start (local), calendar and merged pauses to the ending.
        is_received: whether its derivation begins with when the matter came.
        parameters: members that a decision table gives beside ``rule`` and ``clause``.
        vi: what it means.
        en: the same in English.
    """

    find: Find
    is_received: bool
    parameters: str
    vi: str
    en: str


def _restarting(find: Callable[[datetime, WorkingCalendar], Ending]) -> Find:
    """Return a finder for rules of one day: after a pause they begin anew when the clock goes on."""

    def restarted(
        _rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause]
    ) -> Ending:
        ending = find(start, calendar)
        for pause in pauses:
            if pause.from_at < ending.due_at and pause.to_at > start:
                start = pause.to_at.astimezone(calendar.zone)
                ending = find(start, calendar)
        return ending

    return restarted


def _same_day(start: datetime, calendar: WorkingCalendar) -> Ending:
    due = calendar.end_of_day(start.date())
    warn = calendar.close_of(start.date()) or due
    return Ending(
        due,
        warn,
        f"trong ngày {texts.day_vi(start)}: nhắc lúc {texts.clock(warn)}, quá hạn từ 24:00",
        f"the same day, {texts.day_en(start)}: reminder at {texts.clock(warn)}, late from 24:00",
    )


def _in_working_day(start: datetime, calendar: WorkingCalendar) -> Ending:
    close = calendar.close_of(start.date())
    if close is None or close <= start:
        return _next_morning(start, calendar)
    return Ending(
        close,
        None,
        f"trong ngày làm việc {texts.day_vi(start)}, đến giờ nghỉ {texts.clock(close)}",
        f"within the working day, {texts.day_en(start)}, until the office closes at {texts.clock(close)}",
    )


def _next_morning(start: datetime, calendar: WorkingCalendar) -> Ending:
    opens, closes = calendar.morning_after(start)
    off_vi, off_en = texts.skipped(start.date(), closes.date(), calendar)
    until = texts.clock(closes)
    return Ending(
        closes,
        opens,
        f"buổi sáng của ngày làm việc tiếp theo: {texts.day_vi(closes)}, đến {until}{off_vi}",
        f"the morning of the next working day: {texts.day_en(closes)}, until {until}{off_en}",
    )


def _same_day_or_next_morning(start: datetime, calendar: WorkingCalendar) -> Ending:
    morning = _next_morning(start, calendar)
    return Ending(
        morning.due_at,
        calendar.end_of_day(start.date()),
        f"ngay trong ngày {texts.day_vi(start)}, chậm nhất {morning.vi}",
        f"the same day, {texts.day_en(start)}, at the latest {morning.en}",
    )


def _working_days(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> Ending:
    days = rule.days or 1
    day = calendar.working_day_after(start.date(), days)
    if pauses:
        day = _last_running_day(start.date(), days, calendar, pauses)
    close = calendar.close_of(day) or calendar.end_of_day(day)
    off_vi, off_en = texts.skipped(start.date(), day, calendar)
    until = texts.clock(close)
    return Ending(
        close,
        None,
        f"{days} ngày làm việc sau {texts.day_vi(start)}: {texts.day_vi(day)}, đến {until}{off_vi}",
        f"{days} working day(s) after {texts.day_en(start)}: {texts.day_en(day)}, until {until}{off_en}",
    )


def _last_running_day(start: date, days: int, calendar: WorkingCalendar, pauses: Sequence[Pause]) -> date:
    """Count the working days at whose close the clock was running."""
    day, left = start, days
    while left:
        day = calendar.working_day_after(day)
        close = calendar.close_of(day) or calendar.end_of_day(day)
        left -= not any(pause.from_at < close <= pause.to_at for pause in pauses)
    return day


def _working_hours(
    rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> Ending:
    span = rule.span or _NOTHING
    begin = _beginning(rule, start, calendar)
    due = _after_working_time(begin, span, calendar, pauses)
    warn = _after_working_time(begin, span * WARN_SHARE, calendar, pauses)
    off_vi, off_en = texts.skipped(start.date(), due.date(), calendar)
    until = texts.clock(due)
    return Ending(
        due,
        warn,
        f"{texts.span_vi(span)} làm việc: {texts.day_vi(due)}, đến {until}{off_vi}",
        f"{texts.span_en(span)} of working time: {texts.day_en(due)}, until {until}{off_en}",
    )


def _after_working_time(
    start: datetime, span: timedelta, calendar: WorkingCalendar, pauses: Sequence[Pause]
) -> datetime:
    left, cursor = span, start
    for pause in pauses:
        if pause.to_at <= cursor:
            continue
        worked = calendar.working_time(cursor, pause.from_at)
        if worked >= left:
            break
        left -= worked
        cursor = pause.to_at.astimezone(calendar.zone)
    return calendar.add_working_time(cursor, left)


def _clock(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause]) -> Ending:
    span = rule.span or _NOTHING
    begin = _beginning(rule, start, calendar)
    due, warn = _after_clock_time(begin, span, pauses), _after_clock_time(begin, span * WARN_SHARE, pauses)
    from_vi, from_en = texts.day_vi(begin), texts.day_en(begin)
    since = texts.clock(begin)
    return Ending(
        due,
        warn,
        f"{texts.span_vi(span)} theo đồng hồ kể từ {since} {from_vi}: đến {texts.clock(due)}"
        f" {texts.day_vi(due)}",
        f"{texts.span_en(span)} by the clock from {since} on {from_en}: until {texts.clock(due)}"
        f" {texts.day_en(due)}",
    )


def _after_clock_time(start: datetime, span: timedelta, pauses: Sequence[Pause]) -> datetime:
    due = start + span
    for pause in pauses:
        begins = max(pause.from_at, start)
        if begins < due and pause.to_at > begins:
            due += pause.to_at - begins
    return due


def _beginning(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> datetime:
    if rule.starts == "next_day":
        return calendar.end_of_day(start.date())
    if rule.starts == "at_opening" and not calendar.is_office_hours(start):
        return calendar.morning_after(start)[0]
    return start


KINDS: Final[Mapping[RuleKind, Kind]] = MappingProxyType(
    {
        "same_day": Kind(
            _restarting(_same_day),
            True,
            "",
            "trong ngày: quá hạn từ 24:00, nhắc khi hết giờ làm việc",
            "the same day: late from 24:00, reminder at office close",
        ),
        "in_working_day": Kind(
            _restarting(_in_working_day),
            True,
            "",
            "trong ngày làm việc: đến giờ nghỉ; nhận sau giờ thì buổi sáng của ngày làm việc tiếp theo",
            "within the working day: until office close; received later, the morning of the next working day",
        ),
        "next_morning": Kind(
            _restarting(_next_morning),
            True,
            "",
            "buổi sáng của ngày làm việc tiếp theo: hết buổi sáng đầu tiên mở cửa sau lúc nhận",
            "the morning of the next working day: the end of the first morning that opens after the start",
        ),
        "same_day_or_next_morning": Kind(
            _restarting(_same_day_or_next_morning),
            True,
            "",
            "ngay trong ngày, chậm nhất buổi sáng của ngày làm việc tiếp theo",
            "the same day, at the latest the morning of the next working day",
        ),
        "working_days": Kind(
            _working_days,
            True,
            "days",
            "N ngày làm việc, tính từ ngày sau ngày nhận, đến giờ nghỉ của ngày cuối",
            "N working days, counted from the day after the start, until office close of the last",
        ),
        "working_hours": Kind(
            _working_hours,
            True,
            "hours, minutes, starts",
            "N giờ làm việc: chỉ tính các buổi làm việc",
            "N working hours: only work sessions count",
        ),
        "clock": Kind(
            _clock,
            True,
            "hours, minutes, starts",
            "N giờ theo đồng hồ, kể cả đêm và ngày nghỉ",
            "N hours by the clock, nights and days off included",
        ),
        "weekday": Kind(
            weekday,
            False,
            "weekday, nth, at, shift",
            "thứ trong tuần (hoặc lần thứ N trong tháng) vào một giờ",
            "a weekday (the next one, or the Nth of the month) at a time",
        ),
        "month_day": Kind(
            month_day,
            False,
            "day, month, at, shift",
            "ngày trong tháng (hoặc trong năm), dời khi trùng ngày nghỉ",
            "a day of the month (or of the year), moved when it is a day off",
        ),
        "before_date": Kind(
            before_date,
            False,
            "day, month, shift",
            "trước một ngày: hết ngày liền trước, dời khi trùng ngày nghỉ",
            "before a date: until the end of the day before, moved when that is a day off",
        ),
        "fixed": Kind(
            fixed,
            False,
            "on, at",
            "ngày do người giao đặt, đến giờ nghỉ",
            "the day that a person set, until office close",
        ),
    },
)
"""Every kind of rule."""
