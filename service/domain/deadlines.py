"""Deadlines of the regulations: computed from a rule, and kept with the rule, the clause and the derivation.

"24 giờ", "4 giờ" and "2 giờ" are clock hours as written; "trong ngày", "buổi sáng của ngày làm việc tiếp
theo" and "ngày làm việc" need the working calendar. A deadline is never only an instant: who reads it must
see why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, cast, get_args

from service.domain.calendar import WorkingCalendar

RuleKind = Literal[
    "same_day",
    "in_working_day",
    "next_morning",
    "same_day_or_next_morning",
    "working_days",
    "clock",
    "fixed",
]
"""``fixed``: the day that a person set, until office close."""

WARN_SHARE: Final = 0.8
"""Share of a clock span after which a warning is due (the regulations give no reminder lead)."""

_WEEKDAYS_VI: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class DeadlineError(ValueError):
    """A rule that cannot be understood."""


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What a clause demands.

    Attributes:
        kind: how the end is found.
        clause: clause ids separated by spaces, ``""`` when nobody but a person demands it.
        span: for ``clock``.
        days: for ``working_days``.
        on: for ``fixed``: the day that a person set.
    """

    kind: RuleKind
    clause: str = ""
    span: timedelta | None = None
    days: int | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(RuleKind):
            raise DeadlineError(f"unknown deadline rule {self.kind!r}")
        if self.kind == "clock" and (self.span is None or self.span <= timedelta(0)):
            raise DeadlineError("a clock rule needs a positive span")
        if self.kind == "working_days" and (self.days is None or self.days < 1):
            raise DeadlineError("a working-days rule needs a positive number of days")
        if self.kind == "fixed" and self.on is None:
            raise DeadlineError("a fixed rule needs its day")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something must be done, and why.

    Attributes:
        due_at: aware; the breach begins here.
        warn_at: aware; when to remind.
        rule: what was applied.
        start: aware; from when it counts.
        calendar: name of the working calendar.
        derivation_vi: the reasoning, Vietnamese.
        derivation_en: the same in English.
    """

    due_at: datetime
    warn_at: datetime
    rule: DeadlineRule
    start: datetime
    calendar: str
    derivation_vi: str
    derivation_en: str

    def as_context(self) -> dict[str, Any]:
        """Return it as a FEEL context: instants aware, texts plain; a ``UserTask.deadline`` after JSON."""
        return {
            "due_at": self.due_at,
            "warn_at": self.warn_at,
            "rule": self.rule.kind,
            "clause": self.rule.clause,
            "start": self.start,
            "calendar": self.calendar,
            "derivation": self.derivation_vi,
            "derivation_vi": self.derivation_vi,
            "derivation_en": self.derivation_en,
        }


def read_rule(value: Mapping[str, Any] | str) -> DeadlineRule:
    """Return the rule that a decision table or a diagram names.

    Args:
        value: a rule's name, or ``{rule, clause, hours | minutes | days | on}``.

    Raises:
        DeadlineError: it names no rule.
    """
    if isinstance(value, str):
        return DeadlineRule(cast("RuleKind", value))
    kind = value.get("rule")
    span = timedelta(hours=_number(value, "hours"), minutes=_number(value, "minutes"))
    days = int(_number(value, "days"))
    return DeadlineRule(
        cast("RuleKind", kind),
        str(value.get("clause") or ""),
        span or None,
        days or None,
        _day(value.get("on")),
    )


def _day(value: Any) -> date | None:
    if value in (None, "") or isinstance(value, date):
        return value or None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise DeadlineError(f"the day of a deadline rule must be YEAR-MONTH-DAY, not {value!r}") from None


def _number(value: Mapping[str, Any], name: str) -> float:
    number = value.get(name)
    if number is None:
        return 0.0
    try:
        return float(number)
    except (TypeError, ValueError):
        raise DeadlineError(f"{name} of a deadline rule must be a number, not {number!r}") from None


def compute_deadline(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    """Return the deadline that ``rule`` sets for something that began at ``start`` (aware).

    Raises:
        CalendarError: the calendar has no working day in sight.
    """
    return _COMPUTE[rule.kind](rule, start.astimezone(calendar.zone), calendar)


def _same_day(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    due = calendar.end_of_day(start.date())
    warn = calendar.close_of(start.date()) or due
    why_vi = f"trong ngày {_day_vi(start)}: nhắc lúc {_clock(warn)}, quá hạn từ 24:00"
    why_en = f"the same day, {_day_en(start)}: reminder at {_clock(warn)}, late from 24:00"
    return _deadline(rule, start, calendar, due, warn, why=(why_vi, why_en))


def _in_working_day(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    close = calendar.close_of(start.date())
    if close is None or close <= start:
        return _next_morning(rule, start, calendar)
    why_vi = f"trong ngày làm việc {_day_vi(start)}, đến giờ nghỉ {_clock(close)}"
    why_en = f"within the working day, {_day_en(start)}, until the office closes at {_clock(close)}"
    return _deadline(rule, start, calendar, close, None, why=(why_vi, why_en))


def _next_morning(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    opens, closes = calendar.morning_after(start)
    why_vi = f"buổi sáng của ngày làm việc tiếp theo: {_day_vi(closes)}, đến {_clock(closes)}"
    why_en = f"the morning of the next working day: {_day_en(closes)}, until {_clock(closes)}"
    return _deadline(rule, start, calendar, closes, opens, why=(why_vi, why_en))


def _same_day_or_next_morning(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    _, closes = calendar.morning_after(start)
    warn = calendar.end_of_day(start.date())
    why_vi = (
        f"ngay trong ngày {_day_vi(start)}, chậm nhất buổi sáng của ngày làm việc tiếp theo: "
        f"{_day_vi(closes)}, đến {_clock(closes)}"
    )
    why_en = (
        f"the same day, {_day_en(start)}, at the latest the morning of the next working day: "
        f"{_day_en(closes)}, until {_clock(closes)}"
    )
    return _deadline(rule, start, calendar, closes, warn, why=(why_vi, why_en))


def _working_days(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    days = rule.days or 1
    day = calendar.working_day_after(start.date(), days)
    due = calendar.close_of(day) or calendar.end_of_day(day)
    why_vi = f"{days} ngày làm việc sau {_day_vi(start)}: {_day_vi(due)}, đến {_clock(due)}"
    why_en = f"{days} working day(s) after {_day_en(start)}: {_day_en(due)}, until {_clock(due)}"
    return _deadline(rule, start, calendar, due, None, why=(why_vi, why_en))


def _clock_span(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    span = rule.span or timedelta(0)
    due = start + span
    why_vi = f"{_span_vi(span)} theo đồng hồ kể từ {_clock(start)} {_day_vi(start)}"
    why_en = f"{_span_en(span)} by the clock from {_clock(start)} on {_day_en(start)}"
    return _deadline(rule, start, calendar, due, start + span * WARN_SHARE, why=(why_vi, why_en))


def _fixed(rule: DeadlineRule, start: datetime, calendar: WorkingCalendar) -> Deadline:
    day = rule.on or start.date()
    due = calendar.close_of(day) or calendar.end_of_day(day)
    why_vi = f"hạn do người giao đặt: {_day_vi(due)}, đến {_clock(due)}"
    why_en = f"set by the person who assigned: {_day_en(due)}, until {_clock(due)}"
    return _deadline(rule, start, calendar, due, None, why=(why_vi, why_en))


_COMPUTE: Final = {
    "same_day": _same_day,
    "in_working_day": _in_working_day,
    "next_morning": _next_morning,
    "same_day_or_next_morning": _same_day_or_next_morning,
    "working_days": _working_days,
    "clock": _clock_span,
    "fixed": _fixed,
}


def _deadline(
    rule: DeadlineRule,
    start: datetime,
    calendar: WorkingCalendar,
    due: datetime,
    warn: datetime | None,
    *,
    why: tuple[str, str],
) -> Deadline:
    suffix = f" ({rule.clause})" if rule.clause else ""
    warn_at = warn if warn is not None else start + (due - start) * WARN_SHARE
    return Deadline(due, min(warn_at, due), rule, start, calendar.name, why[0] + suffix, why[1] + suffix)


def _day_vi(at: datetime) -> str:
    return f"{_WEEKDAYS_VI[at.weekday()]} {at:%d/%m/%Y}"


def _day_en(at: datetime) -> str:
    return f"{_WEEKDAYS_EN[at.weekday()]} {at:%d/%m/%Y}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def _span_vi(span: timedelta) -> str:
    return _span(span, "giờ", "phút")


def _span_en(span: timedelta) -> str:
    return _span(span, "h", "min")


def _span(span: timedelta, hours_word: str, minutes_word: str) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    parts = [f"{hours} {hours_word}"] if hours else []
    parts += [f"{minutes} {minutes_word}"] if minutes or not hours else []
    return " ".join(parts)
