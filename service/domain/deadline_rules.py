"""Deadline rules as data, and the deadline that a rule gives.

"24 giờ", "4 giờ" and "2 giờ" are clock hours as written; "trong ngày", "buổi sáng của ngày làm việc tiếp
theo" and "ngày làm việc" need the working calendar. A deadline is never only an instant: it keeps its
rule, its start, the calendar and the clause, so that it can be read, checked and computed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal, cast, get_args

from service.domain.calendar import Shift

RuleKind = Literal[
    "same_day",
    "in_working_day",
    "next_morning",
    "same_day_or_next_morning",
    "working_days",
    "working_hours",
    "clock",
    "weekday",
    "month_day",
    "before_date",
    "fixed",
]
"""``fixed``: the day that a person set, until office close. ``docs/deadlines.md`` describes each."""

Start = Literal["at_event", "at_opening", "next_day"]
"""When hours begin to run: at once; when the office is next open; at 00:00 of the next day."""

SPAN_KINDS: Final = frozenset({"clock", "working_hours"})
WARN_SHARE: Final = 0.8
"""Share of a span after which a warning is due (the regulations give no reminder lead)."""

_DAYS_OF_WEEK: Final = range(1, 8)
_DAYS_OF_MONTH: Final = range(1, 32)
_MONTHS: Final = range(1, 13)
_NTHS: Final = (None, 1, 2, 3, 4, 5, -1)


class DeadlineError(ValueError):
    """A rule that cannot be understood."""


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """What a clause demands.

    Attributes:
        kind: how the end is found.
        clause: clause ids separated by spaces, ``""`` when nobody but a person demands it.
        span: for ``clock`` and ``working_hours``.
        days: for ``working_days``.
        on: for ``fixed``: the day that a person set.
        weekday: for ``weekday``: 1 = Monday to 7.
        nth: for ``weekday``: which one of the month, -1 = the last; None = the next one.
        day: for ``month_day`` and ``before_date``: the day of the month, cut to the month's last.
        month: for these two: the month; None = every month.
        at: local time on that day; None = office close.
        shift: for days of the calendar: where one goes that is a day off.
        starts: when the hours of a span begin to run.
        stops: states of the work in which the clock stands still.
    """

    kind: RuleKind
    clause: str = ""
    span: timedelta | None = None
    days: int | None = None
    on: date | None = None
    weekday: int | None = None
    nth: int | None = None
    day: int | None = None
    month: int | None = None
    at: time | None = None
    shift: Shift = "before"
    starts: Start = "at_event"
    stops: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(RuleKind):
            raise DeadlineError(f"unknown deadline rule {self.kind!r}")
        for is_wrong, text in self._faults():
            if is_wrong:
                raise DeadlineError(text)

    def _faults(self) -> Sequence[tuple[bool, str]]:
        is_span, is_dated = self.kind in SPAN_KINDS, self.kind in {"month_day", "before_date"}
        has_span = self.span is not None and self.span > timedelta(0)
        return (
            (is_span and not has_span, f"a {self.kind} rule needs a positive span"),
            (
                self.kind == "working_days" and (self.days or 0) < 1,
                "a working_days rule needs days from 1 up",
            ),
            (self.kind == "fixed" and self.on is None, "a fixed rule needs its day"),
            (self.kind == "weekday" and self.weekday not in _DAYS_OF_WEEK, "weekday must be 1 to 7"),
            (self.nth not in _NTHS, "nth must be 1 to 5 or -1"),
            (is_dated and self.day not in _DAYS_OF_MONTH, "day must be 1 to 31"),
            (self.month is not None and self.month not in _MONTHS, "month must be 1 to 12"),
            (self.shift not in get_args(Shift), f"unknown shift {self.shift!r}"),
            (self.starts not in get_args(Start), f"unknown start rule {self.starts!r}"),
        )

    def parameters(self) -> dict[str, Any]:
        """Return what :func:`read_rule` needs besides kind and clause, as JSON values, defaults left out."""
        minutes = None if self.span is None else self.span.total_seconds() / 60
        found: dict[str, Any] = {
            "minutes": int(minutes) if minutes is not None and minutes.is_integer() else minutes,
            "days": self.days,
            "on": None if self.on is None else self.on.isoformat(),
            "weekday": self.weekday,
            "nth": self.nth,
            "day": self.day,
            "month": self.month,
            "at": None if self.at is None else self.at.isoformat("minutes"),
            "shift": None if self.shift == "before" else self.shift,
            "starts": None if self.starts == "at_event" else self.starts,
            "stops": list(self.stops) or None,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which the clock stood still; both instants aware."""

    from_at: datetime
    to_at: datetime


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
        """Return it as a FEEL context: instants aware, texts plain; a ``UserTask.deadline`` after JSON.

        :func:`read_rule` reads the rule back from it.
        """
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
            **self.rule.parameters(),
        }


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a rule ends, when to remind, and the reasoning in both languages."""

    due_at: datetime
    warn_at: datetime | None
    vi: str
    en: str


def read_rule(value: Mapping[str, Any] | str) -> DeadlineRule:
    """Return the rule that a decision table, a diagram or a kept deadline names.

    Args:
        value: a rule's name, or ``{rule, clause, …}`` with the parameters of its kind, ``hours`` too.

    Raises:
        DeadlineError: it names no rule.
    """
    if isinstance(value, str):
        return DeadlineRule(cast("RuleKind", value))
    span = timedelta(hours=_number(value, "hours"), minutes=_number(value, "minutes"))
    return DeadlineRule(
        kind=cast("RuleKind", value.get("rule")),
        clause=str(value.get("clause") or ""),
        span=span or None,
        days=_whole(value, "days"),
        on=_day(value.get("on")),
        weekday=_whole(value, "weekday"),
        nth=_whole(value, "nth"),
        day=_whole(value, "day"),
        month=_whole(value, "month"),
        at=_time(value.get("at")),
        shift=cast("Shift", value.get("shift") or "before"),
        starts=cast("Start", value.get("starts") or "at_event"),
        stops=tuple(str(state) for state in value.get("stops") or ()),
    )


def _day(value: Any) -> date | None:
    if value in (None, "") or isinstance(value, date):
        return value or None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise DeadlineError(f"the day of a deadline rule must be YEAR-MONTH-DAY, not {value!r}") from None


def _time(value: Any) -> time | None:
    if value in (None, "") or isinstance(value, time):
        return value if isinstance(value, time) else None
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise DeadlineError(f"the time of a deadline rule must be HH:MM, not {value!r}") from None


def _whole(value: Mapping[str, Any], name: str) -> int | None:
    number = value.get(name)
    if number is None:
        return None
    if _number(value, name) != int(_number(value, name)):
        raise DeadlineError(f"{name} of a deadline rule must be a whole number, not {number!r}")
    return int(number)


def _number(value: Mapping[str, Any], name: str) -> float:
    number = value.get(name)
    if number is None:
        return 0.0
    try:
        return float(number)
    except (TypeError, ValueError):
        raise DeadlineError(f"{name} of a deadline rule must be a number, not {number!r}") from None
