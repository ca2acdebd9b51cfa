"""Durations, dates and cycles on the injected clock."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import InvalidInput
from service.engine.spiff import timers
from service.engine.spiff.durations import BadTimerText, parse_cycle, parse_duration, parse_instant
from tests.engine.spiff.bench import NOON, Bench, BenchHost
from tests.engine.spiff.bpmn import boundary, catch, end, model, path, start, timer, user


@pytest.mark.parametrize(
    ("text", "days"),
    [("P1D", 1), ("P2W", 14), ("PT36H", 1.5), ("-PT12H", -0.5), ("P1DT12H", 1.5), ("PT0.5S", 0.5 / 86400)],
)
def test_a_duration_is_read(text, days):
    assert parse_duration(text).after(NOON) == NOON + timedelta(days=days)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1H", "PT1D", "P-1D", "P1Y2", "PT1H1", "P99999999999D", "P1DT"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(BadTimerText):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R",
        "R3",
        "R3/",
        "R0/PT1H",
        "R3/PT0S",
        "R3/-PT1H",
        "R-1/PT1H",
        "3/PT1H",
        "R/x/PT1H",
        "R3/PT1H/2026-01-01",
    ],
)
def test_what_is_no_cycle_is_refused(text):
    with pytest.raises(BadTimerText):
        parse_cycle(text)


def test_a_date_without_zone_is_told_in_the_offices_zone():
    assert parse_instant("2026-03-05T17:00:00") == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert parse_instant("2026-03-05") == datetime(2026, 3, 4, 17, tzinfo=UTC)
    assert parse_instant("2026-03-05T17:00:00Z") == datetime(2026, 3, 5, 17, tzinfo=UTC)


def office(month, day, year=2026, hour=8):
    return datetime(year, month, day, hour, tzinfo=OFFICE_ZONE).astimezone(UTC)


def test_months_are_counted_on_the_calendar_from_the_anchor():
    wait = timers.start("cycle", "R5/2026-01-31T08:00:00+07:00/P1M", office(1, 1))
    dues = [wait.due_at]
    while wait.advance(wait.due_at):
        dues.append(wait.due_at)
    assert dues == [office(1, 31), office(2, 28), office(3, 31), office(4, 30), office(5, 31)]


def test_a_month_before_midnight_utc_is_a_month_of_the_office():
    # 31 January 06:00 in Hanoi is still 30 January in UTC.
    assert parse_duration("P1M").after(office(1, 31, hour=6)) == office(2, 28, hour=6)


def test_a_cycle_with_a_start_fires_first_at_its_start_and_stays_anchored_however_late_it_is_fired():
    wait = timers.start("cycle", "R4/2026-03-02T13:00:00+07:00/PT1H", NOON)
    assert (wait.due_at, wait.remaining) == (NOON + timedelta(hours=1), 4)
    assert wait.advance(NOON + timedelta(hours=1, minutes=50))
    assert (wait.due_at, wait.remaining) == (NOON + timedelta(hours=2), 3)


def test_missed_firings_coalesce_into_one_and_count():
    wait = timers.start("cycle", "R5/PT1H", NOON)
    assert wait.due_at == NOON + timedelta(hours=1)
    assert wait.advance(NOON + timedelta(hours=3, minutes=30))
    assert (wait.due_at, wait.remaining) == (NOON + timedelta(hours=4), 2)
    assert not wait.advance(NOON + timedelta(days=2))


def test_a_cycle_that_began_long_ago_goes_on_at_its_next_firing_without_walking_all_of_them():
    wait = timers.start("cycle", "R/1990-01-01T00:00:00Z/PT1S", NOON + timedelta(milliseconds=500))
    assert (wait.due_at, wait.remaining) == (NOON + timedelta(seconds=1), None)


def test_a_cycle_that_is_wholly_past_is_due_once_at_once():
    wait = timers.start("cycle", "R2/2026-01-01T00:00:00Z/P1D", NOON)
    assert wait.due_at < NOON
    assert wait.remaining == 1
    assert not wait.advance(NOON)


def test_a_date_in_the_past_is_due_at_once():
    run = Bench(model(start(), catch("t", timer("timeDate", "2020-01-01T00:00:00Z")), end(), path("s t e")))
    assert run.timers("t")[0].due_at < NOON
    run.fire("t")
    assert run.done


def test_a_negative_feel_duration_is_due_at_once():
    run = Bench(
        model(
            start(),
            catch("t", timer("timeDuration", '= deadline - date and time("2026-03-02T12:00:00+07:00")')),
            end(),
            path("s t e"),
        ),
        deadline=NOON - timedelta(hours=1),
    )
    assert run.timers("t")[0].due_at == NOON - timedelta(hours=1)


def test_a_timer_keeps_its_due_time_when_it_is_stored_and_the_clock_moves():
    run = Bench(model(start(), catch("t", timer("timeDuration", "PT10H")), end(), path("s t e")))
    run.advance(hours=3)
    run.act(lambda execution: execution.set_variables(None, {"x": 1}))
    assert run.timers("t")[0].due_at == NOON + timedelta(hours=10)


def test_a_feel_cycle_is_text():
    run = Bench(
        model(start(), user("t"), boundary("b", "t", timer("timeCycle", '= "R" + string(n) + "/PT1H"'), interrupting=False), end(), end("e2"), path("s t e"), path("b e2")),
        n=3,
    )  # fmt: skip
    assert run.timers("b")[0].remaining == 3


def test_a_late_firing_of_a_suspended_instance_happens_once():
    run = Bench(
        model(
            start(),
            user("t"),
            boundary("b", "t", timer("timeCycle", "R/PT1H"), interrupting=False),
            user("x"),
            path("s t"),
            path("b x"),
        )
    )
    wait = run.timers("b")[0]
    run.advance(days=3)
    assert run.act(lambda execution: execution.fire_timer(wait.token_id, wait.due_at)) is True
    assert run.open == ["t", "x"]
    assert run.execution.fire_timer(wait.token_id, wait.due_at) is False
    assert run.timers("b")[0].due_at == NOON + timedelta(days=3, hours=1)


def test_a_literal_that_is_no_time_is_refused_when_the_process_is_parsed():
    for kind, text in (
        ("timeDuration", "5 minutes"),
        ("timeDate", "soon"),
        ("timeCycle", "0 0 * * *"),
        ("timeDuration", "'PT5M'"),
    ):
        with pytest.raises(InvalidInput) as refused:
            Bench(model(start(), catch("t", timer(kind, text)), path("s t")))
        assert refused.value.findings[0].code == "timer.no_time"
        assert refused.value.findings[0].element == "t"


def test_the_start_timers_of_a_process_are_told():
    run = Bench(
        model(
            start(),
            start("daily", timer("timeCycle", "R/2026-01-01T08:00:00+07:00/P1D")),
            user("a"),
            path("s a"),
            path("daily a"),
        ),
        host=BenchHost(),
    )
    (event,) = run.definition.start_timers
    assert (event.element_id, event.timer_kind) == ("daily", "cycle")
    assert timers.start(event.timer_kind, event.name, NOON).due_at == office(3, 3)
