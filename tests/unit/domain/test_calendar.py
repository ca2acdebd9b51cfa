"""The working calendar, and the table of deadlines that the regulations give (domain rules B6)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendar import (
    OFFICE_SESSIONS,
    CalendarError,
    ExceptionalDay,
    WorkingCalendar,
    WorkSession,
)
from service.domain.deadlines import DeadlineError, DeadlineRule, compute_deadline, read_rule
from service.domain.holidays import exceptional_days, official_days

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar(exceptions=exceptional_days(official_days(2026, WorkingCalendar())))


def _at(day: int, month: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=HANOI)


def _due(rule: dict, start: datetime) -> tuple[datetime, datetime]:
    deadline = compute_deadline(read_rule(rule), start, CALENDAR)
    return deadline.warn_at, deadline.due_at


@pytest.mark.clause("S0-6.4")
def test_arrival_in_office_hours_is_due_the_same_day_with_a_warning_at_close() -> None:
    start = _at(5, 3, 16, 50)
    assert CALENDAR.is_office_hours(start)
    assert _due({"rule": "same_day"}, start) == (_at(5, 3, 17), _at(6, 3, 0))


@pytest.mark.clause("S0-6.4")
@pytest.mark.parametrize(
    ("start", "due"),
    [
        (_at(6, 3, 18, 10), _at(9, 3, 11, 30)),
        (_at(9, 3, 5, 30), _at(9, 3, 11, 30)),
        (_at(2, 1, 9), _at(5, 1, 11, 30)),
    ],
    ids=["friday evening", "before opening", "a day that was swapped off"],
)
def test_arrival_out_of_hours_is_due_the_next_working_morning(start: datetime, due: datetime) -> None:
    assert not CALENDAR.is_office_hours(start)
    assert _due({"rule": "next_morning"}, start)[1] == due


def test_a_make_up_saturday_is_a_working_day() -> None:
    start = _at(10, 1, 9)
    assert CALENDAR.is_office_hours(start)
    assert _due({"rule": "same_day"}, start)[1] == _at(11, 1, 0)


@pytest.mark.clause("S1-6.4", "S3-10.4a")
def test_what_is_signed_before_tet_goes_out_that_day_or_the_first_working_morning_after() -> None:
    assert _due({"rule": "same_day_or_next_morning"}, _at(13, 2, 17, 30)) == (
        _at(14, 2, 0),
        _at(23, 2, 11, 30),
    )


@pytest.mark.clause("S0-7.2")
def test_twenty_four_hours_are_clock_hours_over_a_weekend_too() -> None:
    assert _due({"rule": "clock", "hours": 24}, _at(6, 3, 16))[1] == _at(7, 3, 16)


@pytest.mark.clause("S0-7.3")
def test_four_hours_are_clock_hours_past_closing() -> None:
    assert _due({"rule": "clock", "hours": 4}, _at(6, 3, 16))[1] == _at(6, 3, 20)


@pytest.mark.clause("S2-9.2")
def test_one_working_day_ends_at_the_close_of_the_next_working_day() -> None:
    assert _due({"rule": "working_days", "days": 1}, _at(6, 3, 14))[1] == _at(9, 3, 17)


@pytest.mark.clause("S0-7.4")
def test_within_the_working_day_ends_at_close_and_after_close_moves_to_the_next_morning() -> None:
    assert _due({"rule": "in_working_day"}, _at(5, 3, 9))[1] == _at(5, 3, 17)
    assert _due({"rule": "in_working_day"}, _at(5, 3, 17))[1] == _at(6, 3, 11, 30)


def test_a_day_that_a_person_set_ends_at_close() -> None:
    assert _due({"rule": "fixed", "on": "2026-03-12"}, _at(5, 3, 9))[1] == _at(12, 3, 17)


def test_lunch_counts_as_office_hours_and_the_closing_minute_does_not() -> None:
    assert CALENDAR.is_office_hours(_at(5, 3, 12, 15))
    assert CALENDAR.is_office_hours(_at(5, 3, 7, 30))
    assert not CALENDAR.is_office_hours(_at(5, 3, 17))


def test_a_deadline_says_why_in_both_languages() -> None:
    rule = read_rule({"rule": "next_morning", "clause": "S0-6.4"})
    deadline = compute_deadline(rule, _at(6, 3, 18, 10), CALENDAR)
    assert deadline.derivation_vi == (
        "Nhận 18:10 Thứ Sáu 06/03/2026, ngoài giờ hành chính → "
        "buổi sáng của ngày làm việc tiếp theo: Thứ Hai 09/03/2026, đến 11:30 (S0-6.4)"
    )
    assert "the morning of the next working day: Mon 09/03/2026, until 11:30" in deadline.derivation_en
    assert deadline.as_context()["clause"] == "S0-6.4"
    assert deadline.calendar == "Lịch làm việc hành chính"


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "soon"},
        {"rule": "clock"},
        {"rule": "working_days", "days": 0},
        {"rule": "fixed"},
        {"rule": "fixed", "on": "mai"},
        {"rule": "clock", "hours": "bốn"},
        "clock",
    ],
)
def test_a_rule_that_says_nothing_is_refused(rule: dict | str) -> None:
    with pytest.raises(DeadlineError):
        read_rule(rule)


def test_a_session_must_close_after_it_opens() -> None:
    with pytest.raises(ValueError, match="close after it opens"):
        WorkSession(time(12), time(8))


def test_a_calendar_without_a_working_day_says_so() -> None:
    empty = WorkingCalendar(week={})
    with pytest.raises(CalendarError):
        empty.morning_after(_at(5, 3, 9))
    with pytest.raises(CalendarError):
        empty.working_day_after(date(2026, 3, 5))


def test_a_day_off_in_the_week_has_no_sessions_and_a_make_up_day_has_those_of_the_office() -> None:
    own = WorkingCalendar(exceptions={date(2026, 3, 8): ExceptionalDay(is_working=True, label="bù")})
    assert own.sessions_on(date(2026, 3, 7)) == ()
    assert own.sessions_on(date(2026, 3, 8)) == OFFICE_SESSIONS
    assert own.close_of(date(2026, 3, 7)) is None


# --- against a walk minute by minute ---

_sessions = st.sampled_from(
    [
        OFFICE_SESSIONS,
        (WorkSession(time(7, 0), time(11, 0)), WorkSession(time(13, 0), time(17, 30))),
        (WorkSession(time(8, 0), time(16, 0)),),
    ],
)
_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_exceptions = st.dictionaries(
    _days, st.booleans().map(lambda working: ExceptionalDay(working, "thử")), max_size=12
)
_starts = st.integers(0, 350 * 24 * 60).map(lambda minutes: _at(1, 1, 0) + timedelta(minutes=minutes))


def _calendar(sessions, exceptions) -> WorkingCalendar:
    return WorkingCalendar(
        week=dict.fromkeys(range(5), sessions), exceptions=exceptions, make_up_sessions=sessions
    )


def _is_open(calendar: WorkingCalendar, at: datetime) -> bool:
    sessions = calendar.sessions_on(at.date())
    return any(one.opens <= at.time() < one.closes for one in sessions)


@given(_sessions, _exceptions, _starts)
def test_the_next_morning_is_the_first_opening_that_a_walk_finds(sessions, exceptions, start) -> None:
    calendar = _calendar(sessions, exceptions)
    opens, closes = calendar.morning_after(start)
    step = start + timedelta(minutes=1)
    while True:
        is_first = _is_open(calendar, step) and step.time() == calendar.sessions_on(step.date())[0].opens
        if is_first:
            break
        step += timedelta(minutes=30 - step.minute % 30)
    assert opens == step
    while _is_open(calendar, step):
        step += timedelta(minutes=30)
    assert closes == step


@given(_sessions, _exceptions, _starts, st.integers(1, 8))
def test_working_days_are_counted_as_a_person_counts_them(sessions, exceptions, start, days) -> None:
    calendar = _calendar(sessions, exceptions)
    deadline = compute_deadline(DeadlineRule("working_days", days=days), start, calendar)
    end = deadline.due_at.astimezone(HANOI).date()
    between = [start.date() + timedelta(days=one) for one in range(1, (end - start.date()).days + 1)]
    assert sum(calendar.is_working_day(day) for day in between) == days
    assert calendar.is_working_day(end)


@given(_sessions, _exceptions, _starts)
def test_no_deadline_lies_before_its_start_nor_its_warning_after_it(sessions, exceptions, start) -> None:
    calendar = _calendar(sessions, exceptions)
    for rule in ("same_day", "in_working_day", "next_morning", "same_day_or_next_morning"):
        deadline = compute_deadline(DeadlineRule(rule), start, calendar)
        assert start < deadline.due_at
        assert deadline.warn_at <= deadline.due_at
