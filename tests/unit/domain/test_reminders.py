"""The ladder of reminders: when each rung is due."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from service.domain.calendar import WorkingCalendar
from service.domain.reminders import (
    DEFAULT_LADDER,
    LadderError,
    Span,
    calls_until,
    next_call,
    read_ladder,
    write_ladder,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = WorkingCalendar()


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=HANOI)


def test_clock_hours_are_reminded_of_by_the_clock() -> None:
    span = Span(_at(6, 16), _at(7, 16), "clock")
    found = calls_until(DEFAULT_LADDER, span, None, _at(7, 16), OFFICE)
    assert [(call.key, call.at) for call in found] == [
        ("0.5", _at(7, 4)),
        ("0.8", _at(7, 11, 12)),
        ("1.0", _at(7, 16)),
    ]


def test_working_time_is_reminded_of_in_working_time() -> None:
    span = Span(_at(6, 16), _at(9, 17), "working_days")  # one hour on Friday, seven and a half on Monday
    found = calls_until(DEFAULT_LADDER, span, None, _at(9, 17), OFFICE)
    assert [call.at for call in found] == [_at(9, 10, 45), _at(9, 15, 18), _at(9, 17)]


def test_a_late_task_is_called_at_the_opening_of_each_working_day() -> None:
    span = Span(_at(5, 8), _at(5, 17), "in_working_day")
    found = calls_until(DEFAULT_LADDER, span, _at(5, 17), _at(10, 12), OFFICE)
    assert [(call.key, call.at) for call in found] == [
        ("late:2026-03-06", _at(6, 7, 30)),
        ("late:2026-03-09", _at(9, 7, 30)),
        ("late:2026-03-10", _at(10, 7, 30)),
    ]


def test_a_ladder_without_a_daily_rung_ends_at_the_due_time() -> None:
    span = Span(_at(5, 8), _at(5, 17), "clock")
    assert next_call(DEFAULT_LADDER[:3], span, _at(5, 17), OFFICE) is None


def test_a_ladder_is_kept_and_read_back() -> None:
    assert read_ladder(write_ladder(DEFAULT_LADDER)) == DEFAULT_LADDER


@pytest.mark.parametrize(
    "rungs",
    [
        [{"at": 0, "to": ["assignee"]}],
        [{"at": 1.5, "to": ["assignee"]}],
        [{"at": "soon", "to": ["assignee"]}],
        [{"at": True, "to": ["assignee"]}],
        [{"at": 0.5, "to": ["everyone"]}],
        [{"at": 0.5, "to": []}],
        [{"at": 0.5, "to": "head"}],
        [{"at": 0.5, "to": ["head"]}, {"at": 0.5, "to": ["head"]}],
    ],
)
def test_a_ladder_that_cannot_be_meant_is_refused(rungs: list) -> None:
    with pytest.raises(LadderError):
        read_ladder(rungs)
