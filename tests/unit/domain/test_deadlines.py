"""The table of deadlines that the regulations give, and the rules around it: start, stop, words."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.domain.calendar import Season, WorkingCalendar, WorkSession
from service.domain.deadlines import (
    DeadlineError,
    DeadlineRule,
    Pause,
    compute_deadline,
    merge_pauses,
    read_rule,
)
from service.domain.holidays import exceptional_days, official_days

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar(exceptions=exceptional_days(official_days(2026, WorkingCalendar())))


def _at(text: str) -> datetime:
    """Return an instant of 2026 from ``05/3 16:50``."""
    return datetime.strptime(f"2026 {text}", "%Y %d/%m %H:%M").replace(tzinfo=HANOI)


def _due(rule: dict, start: str, *pauses: Pause) -> datetime:
    return compute_deadline(read_rule(rule), _at(start), CALENDAR, pauses).due_at


def _transfer(start: str) -> dict:
    """S0-6.4: in office hours the same day, else the morning of the next working day."""
    return {
        "rule": "same_day" if CALENDAR.is_office_hours(_at(start)) else "next_morning",
        "clause": "S0-6.4",
    }


@pytest.mark.clause("S0-6.4")
@pytest.mark.parametrize(
    ("arrives", "due"),
    [
        ("05/3 16:50", "06/3 00:00"),
        ("06/3 18:10", "09/3 11:30"),
        ("09/3 05:30", "09/3 11:30"),
        ("02/1 09:00", "05/1 11:30"),
        ("10/1 09:00", "11/1 00:00"),
    ],
)
def test_a_transfer_is_due_the_same_day_or_the_next_working_morning(arrives: str, due: str) -> None:
    assert _due(_transfer(arrives), arrives) == _at(due)


@pytest.mark.clause("S1-6.4", "S3-10.4a")
def test_what_is_signed_on_the_eve_of_tet_goes_out_that_day_or_on_the_first_morning_after() -> None:
    found = compute_deadline(read_rule("same_day_or_next_morning"), _at("13/2 17:30"), CALENDAR)
    assert (found.warn_at, found.due_at) == (_at("14/2 00:00"), _at("23/2 11:30"))
    assert "không tính: Tết Nguyên đán 16/02–20/02" in found.derivation_vi


@pytest.mark.clause("S0-7.2")
def test_each_step_has_twenty_four_clock_hours() -> None:
    assert _due({"rule": "clock", "hours": 24}, "06/3 16:00") == _at("07/3 16:00")


@pytest.mark.clause("S0-7.3")
def test_an_urgent_signature_has_four_clock_hours_and_a_normal_one_the_day() -> None:
    assert _due({"rule": "clock", "hours": 4}, "06/3 16:00") == _at("06/3 20:00")
    assert _due({"rule": "same_day"}, "06/3 16:00") == _at("07/3 00:00")


@pytest.mark.clause("S0-7.4")
def test_resubmission_has_two_hours_the_working_day_or_the_next_working_morning() -> None:
    assert _due({"rule": "clock", "hours": 2}, "06/3 16:00") == _at("06/3 18:00")
    assert _due({"rule": "in_working_day"}, "06/3 16:00") == _at("06/3 17:00")
    assert _due({"rule": "in_working_day"}, "06/3 17:20") == _at("09/3 11:30")


@pytest.mark.clause("S2-9.2")
def test_a_notice_of_leaving_has_one_working_day() -> None:
    assert _due({"rule": "working_days", "days": 1}, "06/3 14:00") == _at("09/3 17:00")


@pytest.mark.clause("S0-13")
def test_the_weekly_report_is_due_on_friday_at_nine_and_the_monthly_one_on_the_25th() -> None:
    weekly = {"rule": "weekday", "weekday": 5, "at": "09:00"}
    assert _due(weekly, "04/3 08:00") == _at("06/3 09:00")
    assert _due(weekly, "06/3 09:00") == _at("13/3 09:00")
    assert _due(weekly, "28/4 08:00") == _at("29/4 09:00")  # Friday 1 May is a holiday, Thursday too
    monthly = {"rule": "month_day", "day": 25}
    assert _due(monthly, "02/3 08:00") == _at("25/3 17:00")
    assert _due(monthly, "02/4 08:00") == _at("24/4 17:00")  # the 25th is a Saturday
    assert _due(monthly | {"shift": "after"}, "02/4 08:00") == _at("28/4 17:00")  # 26–27 April are off


@pytest.mark.clause("S4-13a")
def test_the_usage_report_is_due_before_the_fifteenth_of_december() -> None:
    rule = {"rule": "before_date", "day": 15, "month": 12, "clause": "S4-13a"}
    found = compute_deadline(read_rule(rule), _at("02/3 08:00"), CALENDAR)
    assert found.due_at == _at("15/12 00:00")
    assert found.warn_at == _at("14/12 17:00")
    late = compute_deadline(read_rule(rule), _at("15/12 00:00"), CALENDAR)
    assert late.due_at == datetime(2027, 12, 15, tzinfo=HANOI)


def test_working_hours_run_in_sessions_only() -> None:
    assert _due({"rule": "working_hours", "hours": 4}, "06/3 16:00") == _at("09/3 10:30")
    assert _due({"rule": "working_hours", "minutes": 60}, "06/3 16:00") == _at("06/3 17:00")


def test_the_nth_weekday_of_a_month_may_be_its_last() -> None:
    rule = {"rule": "weekday", "weekday": 1, "at": "08:00"}
    assert _due(rule | {"nth": 1}, "10/3 08:00") == _at("06/4 08:00")
    assert _due(rule | {"nth": -1}, "10/3 08:00") == _at("30/3 08:00")


def test_hours_may_begin_at_the_next_opening_or_the_next_day() -> None:
    rule = {"rule": "clock", "hours": 4}
    assert _due(rule | {"starts": "at_opening"}, "06/3 18:00") == _at("09/3 11:30")
    assert _due(rule | {"starts": "at_opening"}, "06/3 12:00") == _at("06/3 16:00")
    assert _due(rule | {"starts": "next_day"}, "06/3 18:00") == _at("07/3 04:00")


def test_the_clock_stands_still_while_the_work_waits() -> None:
    pause = Pause(_at("05/3 10:00"), _at("06/3 15:00"))
    assert _due({"rule": "clock", "hours": 24}, "05/3 08:00", pause) == _at("07/3 13:00")
    assert _due({"rule": "working_hours", "hours": 4}, "05/3 08:00", pause) == _at("06/3 17:00")
    assert _due({"rule": "working_days", "days": 2}, "04/3 08:00") == _at("06/3 17:00")
    assert _due({"rule": "working_days", "days": 2}, "04/3 08:00", pause) == _at("09/3 17:00")
    assert _due({"rule": "same_day"}, "05/3 08:00", pause) == _at("07/3 00:00")
    found = compute_deadline(read_rule({"rule": "clock", "hours": 24}), _at("05/3 08:00"), CALENDAR, [pause])
    assert "đã trừ 1 lần tạm dừng" in found.derivation_vi


def test_pauses_that_touch_are_one_and_empty_ones_none() -> None:
    a, b, c = _at("05/3 08:00"), _at("05/3 09:00"), _at("05/3 10:00")
    assert merge_pauses([Pause(b, c), Pause(a, b), Pause(c, c), Pause(a, a)]) == (Pause(a, c),)


def test_an_appointment_is_not_moved_by_a_pause() -> None:
    pause = Pause(_at("04/3 08:00"), _at("05/3 10:00"))
    assert _due({"rule": "fixed", "on": "2026-03-05"}, "04/3 08:00", pause) == _at("05/3 17:00")


@pytest.mark.clause("S0-6.4")
def test_a_deadline_says_when_it_came_and_why() -> None:
    found = compute_deadline(read_rule(_transfer("05/3 16:50")), _at("05/3 16:50"), CALENDAR)
    assert found.derivation_vi == (
        "Nhận 16:50 Thứ Năm 05/03/2026, trong giờ hành chính → trong ngày Thứ Năm 05/03/2026: "
        "nhắc lúc 17:00, quá hạn từ 24:00 (S0-6.4)"
    )
    assert found.derivation_en == (
        "Received 16:50 Thu 05/03/2026, in office hours → the same day, Thu 05/03/2026: "
        "reminder at 17:00, late from 24:00 (S0-6.4)"
    )


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "clock", "hours": 1.5, "starts": "next_day", "clause": "S0-7.2"},
        {"rule": "working_hours", "minutes": 90, "stops": ["waiting"]},
        {"rule": "working_days", "days": 3},
        {"rule": "weekday", "weekday": 5, "nth": -1, "at": "09:00", "shift": "none"},
        {"rule": "month_day", "day": 31, "month": 2, "shift": "after"},
        {"rule": "before_date", "day": 15, "month": 12},
        {"rule": "fixed", "on": "2026-03-05", "at": "10:00"},
        {"rule": "same_day"},
    ],
)
def test_a_kept_deadline_gives_its_rule_back(rule: dict) -> None:
    read = read_rule(rule)
    kept = compute_deadline(read, _at("02/3 08:00"), CALENDAR).as_context()
    assert read_rule(kept) == read


@pytest.mark.parametrize(
    "rule",
    [
        {"rule": "working_hours"},
        {"rule": "weekday"},
        {"rule": "weekday", "weekday": 8},
        {"rule": "weekday", "weekday": 1, "nth": 6},
        {"rule": "month_day"},
        {"rule": "month_day", "day": 32},
        {"rule": "month_day", "day": 1.5},
        {"rule": "before_date", "day": 15, "month": 13},
        {"rule": "month_day", "day": 1, "shift": "away"},
        {"rule": "weekday", "weekday": 1, "at": "nine"},
        {"rule": "clock", "hours": 1, "starts": "soon"},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict) -> None:
    with pytest.raises(DeadlineError):
        read_rule(rule)


def test_summer_hours_apply_in_summer_and_to_its_make_up_days() -> None:
    early = (WorkSession(time(7), time(11)), WorkSession(time(14), time(17)))
    summer = Season(date(2026, 4, 15), date(2026, 10, 15), dict.fromkeys(range(5), early), "Giờ mùa hè")
    calendar = WorkingCalendar(
        exceptions=exceptional_days(official_days(2026, WorkingCalendar())), seasons=(summer,)
    )
    assert calendar.is_office_hours(_at("08/6 07:00"))
    assert not calendar.is_office_hours(_at("09/3 07:00"))
    assert calendar.sessions_on(date(2026, 8, 22)) == early
    assert calendar.close_of(date(2026, 10, 16)) == _at("16/10 17:00")
    assert calendar.working_time(_at("15/4 00:00"), _at("16/4 00:00")) == timedelta(hours=7)


def test_a_season_must_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Season(date(2026, 5, 1), date(2026, 4, 1), {})


def test_a_rule_of_a_person_is_due_at_close_of_the_day() -> None:
    rule = DeadlineRule("fixed", on=date(2026, 3, 8))
    assert compute_deadline(rule, _at("02/3 08:00"), CALENDAR).due_at == _at("09/3 00:00")
