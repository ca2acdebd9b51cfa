"""The ladder of reminders: when a task with a deadline is brought to mind, and to whom (S4-7b, S1-4.2a).

A rung is a share of the time between start and due, or a daily call once it is late. Shares of a rule that
works by the calendar are shares of working time, so that nobody is reminded at night of half a day gone.
Late calls come at the opening of each working day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, cast, get_args

from service.domain.calendar import WorkingCalendar

Party = Literal["assignee", "head"]
"""``assignee``: the owner, or those who may take it; ``head``: their unit's head, else the head of office."""

LATE: Final = "daily"
_CLOCK_RULES: Final = frozenset({"clock"})
_NO_TIME: Final = timedelta(0)


class LadderError(ValueError):
    """A ladder that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder.

    Attributes:
        share: of the time between start and due, above 0 up to 1; None = each working day once it is late.
        to: whom to tell.
    """

    share: float | None
    to: tuple[Party, ...]

    def __post_init__(self) -> None:
        if self.share is not None and not 0 < self.share <= 1:
            raise LadderError("a share lies above 0 and up to 1")
        if not self.to or not set(self.to) <= set(get_args(Party)):
            raise LadderError("a rung tells assignee, head or both")


DEFAULT_LADDER: Final = (
    Rung(0.5, ("assignee",)),
    Rung(0.8, ("assignee",)),
    Rung(1.0, ("assignee", "head")),
    Rung(None, ("assignee", "head")),
)
"""50 %, 80 %, due, then daily; the head hears of what is due or late."""


@dataclass(frozen=True, slots=True)
class Call:
    """A reminder at an instant; ``key`` names its rung for good: ``0.5``, ``late:2026-03-09``."""

    at: datetime
    key: str
    rung: Rung


def read_ladder(rungs: Sequence[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """Return the ladder of ``[{"at": 0.5, "to": ["assignee"]}, {"at": "daily", "to": […]}]``.

    Raises:
        LadderError: a rung is malformed or stands twice.
    """
    found = []
    for rung in rungs:
        at, parties = rung.get("at"), rung.get("to")
        if at != LATE and (isinstance(at, bool) or not isinstance(at, int | float | Decimal)):
            raise LadderError(f"at is a share or {LATE!r}, not {at!r}")
        if not isinstance(parties, list | tuple):
            raise LadderError("to is a list")
        found.append(Rung(None if at == LATE else float(cast("float", at)), tuple(parties)))
    if len({rung.share for rung in found}) != len(found):
        raise LadderError("a rung stands twice")
    return tuple(found)


def write_ladder(ladder: Sequence[Rung]) -> list[dict[str, Any]]:
    """Return a ladder as it is kept."""
    return [{"at": LATE if rung.share is None else rung.share, "to": list(rung.to)} for rung in ladder]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a deadline gives: from when to when, and the kind of its rule."""

    start: datetime
    due_at: datetime
    rule: str


def next_call(
    ladder: Sequence[Rung], span: Span, after: datetime | None, calendar: WorkingCalendar
) -> Call | None:
    """Return the first call after an instant, None where there is no more; ``after`` None = from the start.

    Raises:
        CalendarError: no working day in sight for a late call.
    """
    calls = [_shared(rung, span, calendar) for rung in ladder if rung.share is not None]
    ahead = [call for call in calls if after is None or call.at > after]
    if ahead:
        return min(ahead, key=lambda call: call.at)
    late = next((rung for rung in ladder if rung.share is None), None)
    if late is None:
        return None
    opens, _ = calendar.morning_after(span.due_at if after is None else max(after, span.due_at))
    return Call(opens, f"late:{opens:%Y-%m-%d}", late)


def calls_until(
    ladder: Sequence[Rung], span: Span, after: datetime | None, now: datetime, calendar: WorkingCalendar
) -> list[Call]:
    """Return the calls after one instant up to another; to join those that were missed is the caller's."""
    found: list[Call] = []
    call = next_call(ladder, span, after, calendar)
    while call is not None and call.at <= now:
        found.append(call)
        call = next_call(ladder, span, call.at, calendar)
    return found


def _shared(rung: Rung, span: Span, calendar: WorkingCalendar) -> Call:
    assert rung.share is not None
    return Call(_moment(rung.share, span, calendar), str(rung.share), rung)


def _moment(share: float, span: Span, calendar: WorkingCalendar) -> datetime:
    if share >= 1:
        return span.due_at
    by_clock = span.start + (span.due_at - span.start) * share
    if span.rule in _CLOCK_RULES:
        return by_clock
    working = calendar.working_time(span.start, span.due_at)
    return by_clock if working <= _NO_TIME else calendar.add_working_time(span.start, working * share)
