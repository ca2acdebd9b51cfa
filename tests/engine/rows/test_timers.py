"""Timers of instances and timer starts of processes: each fires once, at its time, whatever came between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from service.actions import deployments, incidents, instances
from service.domain.errors import Conflict, InvalidInput
from service.engine.instances import lock_instance
from service.queries import instances as lists
from service.queries.instances import InstanceFilter
from service.storage.models import TimerStart, table_of
from service.worker import rounds
from tests.engine.rows.house import ANALYST, SUPERVISOR, TIMER, House, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import boundary, catch, end, path, script, start, timer

NOTE = {"form": "shared/note"}
TIMER_START = table_of(TimerStart)


def guarded(house: House, kind: str, text: str, *, interrupting: bool = True) -> None:
    """A task with a timer on it that leads to a reminder."""
    parts = (
        start(),
        task("write", **NOTE),
        boundary("late", "write", timer(kind, text), interrupting=interrupting),
        task("remind", **NOTE),
        end("e1"),
        end("e2"),
    )
    house.deploy(process("note", *parts, path("s write e1"), path("late remind e2")))


def started(house: House, key: str) -> list:
    with house.unit(SUPERVISOR) as unit:
        page = lists.list_instances(unit, InstanceFilter(process=key), None, 200)
    return sorted(page.items, key=lambda one: one.id)


def test_nothing_fires_before_its_time(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    instance = house.start("note")
    house.advance(minutes=59, seconds=59)
    assert house.fire() == 0
    house.advance(seconds=1)
    assert house.fire() == 1
    assert house.waits_at(instance) == ["remind"]
    assert house.fire() == 0


def test_an_interrupting_timer_takes_the_task_away(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    house.start("note")
    lost = house.task("write")
    house.advance(hours=1)
    house.fire()
    (obsolete,) = house.tasks(state="obsolete")
    assert obsolete.id == lost.id
    entry = house.timeline(lost.instance_id)[-1]
    assert (entry.action, entry.actor) == ("timer", None)


def test_a_timer_that_does_not_interrupt_leaves_the_task(house: House) -> None:
    guarded(house, "timeDuration", "PT1H", interrupting=False)
    instance = house.start("note")
    house.advance(hours=5)
    assert house.fire() == 1
    assert house.waits_at(instance) == ["remind", "write"]
    assert house.rows(TIMER) == []


def test_a_task_done_in_time_takes_its_timer_along(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    instance = house.start("note")
    house.complete("write")
    assert house.rows(TIMER) == []
    house.advance(hours=2)
    assert house.fire() == 0
    assert house.state(instance) == "completed"


def test_a_date_fires_at_that_date(house: House) -> None:
    guarded(house, "timeDate", "2026-03-05T17:00:00+07:00")
    instance = house.start("note")
    (row,) = house.rows(TIMER)
    assert row.due_at.isoformat() == "2026-03-05T10:00:00+00:00"
    house.clock.set(row.due_at)
    house.fire()
    assert house.waits_at(instance) == ["remind"]


def test_a_cycle_keeps_to_its_beat_however_late_the_worker_is(house: House) -> None:
    guarded(house, "timeCycle", "R3/PT1H", interrupting=False)
    house.start("note")
    begun = house.clock.now()
    due = []
    for delay in (0, 20, 50):
        (row,) = house.rows(TIMER)
        due.append(row.due_at)
        house.clock.set(row.due_at + timedelta(minutes=delay))
        assert house.fire() == 1
    assert due == [begun + timedelta(hours=hours) for hours in (1, 2, 3)]
    assert house.rows(TIMER) == []


def test_a_held_instances_timer_fires_once_when_it_goes_on(house: House) -> None:
    guarded(house, "timeCycle", "R/PT1H", interrupting=False)
    instance = house.start("note")
    begun = house.clock.now()
    house.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "chờ"))
    house.advance(hours=5, minutes=30)
    assert house.fire() == 0
    house.do(SUPERVISOR, lambda unit: instances.resume(house.engine, unit, instance))
    assert house.fire() == 1
    assert house.fire() == 0
    assert house.completed(instance).count("late") == 1
    (row,) = house.rows(TIMER)
    assert row.due_at == begun + timedelta(hours=6), "the beat is the declared one"


def test_several_timers_of_one_instance_fire_in_the_order_of_their_times(house: House) -> None:
    parts = (
        start(),
        task("write", **NOTE),
        boundary("first", "write", timer("timeDuration", "PT1H"), interrupting=False),
        boundary("second", "write", timer("timeDuration", "PT2H"), interrupting=False),
        boundary("third", "write", timer("timeDuration", "PT3H")),
        *(end(f"e{number}") for number in range(4)),
    )
    ways = (path("s write e0"), path("first e1"), path("second e2"), path("third e3"))
    house.deploy(process("note", *parts, *ways))
    instance = house.start("note")
    house.advance(hours=4)
    assert house.fire() == 3
    assert [one for one in house.completed(instance) if one in {"first", "second", "third"}] == [
        "first",
        "second",
        "third",
    ]
    assert house.state(instance) == "completed"


def test_an_interrupting_timer_silences_the_later_ones_of_the_same_round(house: House) -> None:
    parts = (
        start(),
        task("write", **NOTE),
        boundary("first", "write", timer("timeDuration", "PT1H")),
        boundary("second", "write", timer("timeDuration", "PT2H"), interrupting=False),
        *(end(f"e{number}") for number in range(3)),
    )
    house.deploy(process("note", *parts, path("s write e0"), path("first e1"), path("second e2")))
    instance = house.start("note")
    house.advance(hours=4)
    assert house.fire() == 1
    assert "second" not in house.completed(instance)
    assert house.rows(TIMER) == []
    assert house.fire() == 0


def test_a_row_whose_token_is_gone_is_swept_without_effect(house: House) -> None:
    guarded(house, "timeDuration", "PT1H", interrupting=False)
    instance = house.start("note")
    house.advance(hours=2)
    earlier = house.clock.now() - timedelta(minutes=90)
    house.do(None, lambda unit: unit.session.execute(update(TIMER).values(due_at=earlier)))
    assert house.fire() == 0
    assert house.rows(TIMER) == []
    assert house.waits_at(instance) == ["write"]


def test_an_instance_that_somebody_holds_is_left_for_the_next_round(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    instance = house.start("note")
    house.advance(hours=2)
    with house.unit(SUPERVISOR) as unit:
        assert lock_instance(unit, instance)
        assert house.fire() == 0
    assert house.fire() == 1


def test_one_bad_instance_does_not_stop_the_others_timers(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    bad, good = house.start("note"), house.start("note")
    table = lists.INSTANCE
    broken = update(table).where(table.c.id == bad).values(execution=b"broken")
    house.do(None, lambda unit: unit.session.execute(broken))
    house.advance(hours=2)
    assert house.fire() == 1
    assert house.waits_at(good) == ["remind"]
    (incident,) = house.incidents()
    assert (incident.code, incident.instance_id) == ("timer.held", bad)
    assert incident.details["elements"] == ["late"]
    assert house.fire() == 0
    (row,) = house.rows(TIMER)
    assert row.held, "it is not tried again before an operator says so"


def test_a_timer_that_could_not_fire_fires_once_its_incident_is_retried(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    instance = house.start("note")
    table = lists.INSTANCE
    (kept,) = [row.execution for row in house.rows(table)]

    def store(execution: bytes) -> None:
        house.do(None, lambda unit: unit.session.execute(update(table).values(execution=execution)))

    house.advance(hours=2)
    store(b"broken")
    house.fire()
    store(kept)
    (incident,) = house.incidents()
    with pytest.raises(Conflict, match="not_skippable"):
        house.do(SUPERVISOR, lambda unit: incidents.skip(house.engine, unit, incident.id))
    house.do(SUPERVISOR, lambda unit: incidents.retry(house.engine, unit, incident.id))
    assert house.fire() == 1
    assert house.waits_at(instance) == ["remind"]
    assert house.incidents() == []


def test_instances_that_cannot_fire_do_not_starve_the_rest(house: House) -> None:
    guarded(house, "timeDuration", "PT1H")
    bad = [house.start("note") for _ in range(3)]
    house.advance(minutes=1)
    good = house.start("note")
    table = lists.INSTANCE
    broken = update(table).where(table.c.id.in_(bad)).values(execution=b"broken")
    house.do(None, lambda unit: unit.session.execute(broken))
    house.advance(hours=2)
    for _ in range(3):
        rounds.fire_timers(house.runtime, limit=2)
    assert house.waits_at(good) == ["remind"]


def due_at_once(house: House, count: int) -> list:
    parts = (start(), catch("waited", timer("timeDuration", "PT1H")), script("note_it", "1", "seen"), end())
    house.deploy(process("note", *parts, path("s waited note_it e")))
    instance_ids = [house.start("note") for _ in range(count)]
    house.advance(hours=1)
    return instance_ids


def fire_everything(house: House, threads: int) -> int:
    """Run rounds in several threads until none finds anything; return how many timers fired."""

    def work() -> int:
        total = 0
        while fired := rounds.fire_timers(house.runtime):
            total += fired
        return total

    outcomes = at_once([work] * threads)
    assert errors(outcomes) == []
    while fired := rounds.fire_timers(house.runtime):  # what one thread held when the others looked last
        outcomes.append(fired)
    return sum(outcomes)


@pytest.mark.parametrize(
    "count", [300, pytest.param(10_000, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])]
)
def test_many_timers_due_at_once_are_neither_lost_nor_fired_twice(house: House, count: int) -> None:
    due_at_once(house, count)
    assert fire_everything(house, threads=4) == count
    assert house.rows(TIMER) == []
    with house.unit(SUPERVISOR) as unit:
        assert lists.list_instances(unit, InstanceFilter(), None, 1).counts == {"completed": count}
    history = house.rows(lists.HISTORY, lists.HISTORY.c.action == "timer")
    assert len(history) == len({row.instance_id for row in history}) == count


def starting(house: House, kind: str, text: str, key: str = "report"):
    parts = (start(inner=timer(kind, text)), task("write", **NOTE), end())
    return house.deploy(process(key, *parts, path("s write e")))


def test_a_cycle_starts_its_process_on_the_beat_and_makes_up_what_it_missed(house: House) -> None:
    starting(house, "timeCycle", "R3/PT24H")
    begun = house.clock.now()
    assert rounds.start_processes(house.runtime) == 0
    house.advance(hours=49)
    while rounds.start_processes(house.runtime):
        pass
    house.advance(hours=200)
    while rounds.start_processes(house.runtime):
        pass
    assert rounds.start_processes(house.runtime) == 0
    found = started(house, "report")
    assert [house.variables(one.id)["scheduled_at"] for one in found] == [
        begun + timedelta(hours=hours) for hours in (24, 48, 72)
    ]
    assert {one.initiator for one in found} == {None}
    assert house.rows(TIMER_START) == []


def test_a_date_starts_its_process_once(house: House) -> None:
    starting(house, "timeDate", "2026-03-05T08:00:00+07:00")
    house.advance(days=10)
    assert [rounds.start_processes(house.runtime) for _ in range(3)] == [1, 0, 0]
    assert len(started(house, "report")) == 1


def test_several_workers_start_a_due_process_once(house: House) -> None:
    starting(house, "timeCycle", "R/P1D")
    house.advance(days=1)
    outcomes = at_once([lambda: rounds.start_processes(house.runtime)] * 4)
    assert errors(outcomes) == []
    assert sum(outcomes) == 1
    assert len(started(house, "report")) == 1


def test_only_the_active_version_starts_by_its_timer(house: House) -> None:
    first = starting(house, "timeCycle", "R/PT1H")
    second = starting(house, "timeCycle", "R/PT2H")
    assert [row.definition_id for row in house.rows(TIMER_START)] == [second.id]
    house.do(ANALYST, lambda unit: deployments.roll_back(unit, "report"))
    assert [row.definition_id for row in house.rows(TIMER_START)] == [first.id]
    house.do(ANALYST, lambda unit: deployments.deactivate(unit, first.id))
    assert house.rows(TIMER_START) == []
    house.advance(hours=5)
    assert rounds.start_processes(house.runtime) == 0


def test_a_start_time_that_cannot_be_is_refused_at_deployment(house: House) -> None:
    with pytest.raises((InvalidInput, AssertionError)):
        starting(house, "timeDuration", "= null")
