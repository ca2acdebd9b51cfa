"""Many people at the same moment: nobody is refused for another's sake, nothing happens twice."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from service.actions import instances, user_tasks
from service.domain.errors import Conflict, CongVanError
from service.queries import instances as lists
from service.queries.instances import InstanceFilter
from service.worker import rounds
from tests.engine.rows.house import COLLEAGUE, SPECIALIST, SUPERVISOR, TIMER, House, form, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import boundary, catch, end, message, parallel, path, signal, start, throw, timer

NOTE = {"form": "shared/note"}
PEOPLE = ("cv.tonghop1", "cv.tonghop2", "cv.hanhchinh1", "cv.coyeu1")


def eight_at_once(house: House) -> None:
    names = [f"part_{number}" for number in range(8)]
    parts = (start(), parallel("split"), *(task(name) for name in names), parallel("join"), end())
    flows = (path("s split"), path("join e"), *(path(f"split {name} join") for name in names))
    forms = {f"together/{name}": form(f"{name}_note") for name in names}
    house.deploy(process("together", *parts, *flows), forms=forms)


def test_eight_people_complete_eight_tasks_of_one_instance_at_once(house: House) -> None:
    eight_at_once(house)
    instance = house.start("together")
    tasks = house.tasks(instance)
    calls = [
        lambda found=found, login=PEOPLE[number % 4]: house.do(
            login, house.completion(found.id, {f"{found.element_id}_note": login})
        )
        for number, found in enumerate(tasks)
    ]
    assert errors(at_once(calls)) == []
    assert house.state(instance) == "completed"
    assert Counter(house.completed(instance))["join"] == 1
    variables = house.variables(instance)
    assert [variables[f"part_{number}_note"] in PEOPLE for number in range(8)] == [True] * 8
    assert [entry.rev for entry in house.timeline(instance)] == list(range(1, 10))


def test_a_task_completed_by_two_at_once_is_completed_once(house: House) -> None:
    eight_at_once(house)
    instance = house.start("together")
    found = house.task("part_0", instance)
    calls = [lambda login=login: house.do(login, house.completion(found.id)) for login in PEOPLE]
    outcomes = at_once(calls)
    refused = errors(outcomes)
    assert len(refused) == 3
    assert {type(one) for one in refused} == {Conflict}
    assert house.completed(instance).count("part_0") == 1
    assert len(house.audit("user_task.complete")) == 1


def test_a_task_claimed_by_several_at_once_has_one_owner(house: House) -> None:
    eight_at_once(house)
    house.start("together")
    found = house.task("part_0")
    calls = [
        lambda login=login: house.do(login, lambda unit: user_tasks.claim(unit, found.id, None)).owner
        for login in PEOPLE
    ]
    outcomes = at_once(calls)
    (owner,) = [one for one in outcomes if isinstance(one, str)]
    assert {type(one) for one in errors(outcomes)} == {Conflict}
    assert house.task("part_0").owner == owner


def test_a_completion_and_the_deadline_at_the_same_moment_leave_one_of_them(house: House) -> None:
    late = boundary("late", "write", timer("timeDuration", "PT1H"))
    parts = (start(), task("write", **NOTE), late, end("e1"), end("e2"), path("s write e1"), path("late e2"))
    house.deploy(process("note", *parts))
    for _ in range(6):
        instance = house.start("note")
        found = house.task("write", instance)
        house.advance(hours=1)
        completing = lambda found=found: house.do(SPECIALIST, house.completion(found.id))  # noqa: E731
        outcomes = at_once([completing, house.fire])
        house.fire()
        ends = [one for one in house.completed(instance) if one in {"e1", "e2"}]
        assert len(ends) == 1
        is_refused = isinstance(outcomes[0], Conflict)
        assert ends == (["e2"] if is_refused else ["e1"])
        assert house.state(instance) == "completed"
    assert house.rows(TIMER) == []


def test_the_same_message_sent_twice_at_once_is_taken_once(house: House) -> None:
    parts = (start(), catch("caught", message("reply")), task("after", **NOTE), end())
    house.deploy(process("note", *parts, path("s caught after e")), messages="reply")
    instance = house.start("note")
    outcomes = at_once([lambda: house.message("reply")] * 3)
    assert len(errors(outcomes)) == 2
    assert all(isinstance(one, Conflict) for one in errors(outcomes))
    assert house.completed(instance).count("caught") == 1


def test_a_throng_of_mixed_work_meets_no_deadlock_and_loses_nothing(house: House) -> None:
    names = ["one", "two", "three"]
    late = boundary("late", "one", timer("timeDuration", "PT1H"), interrupting=False)
    parts = (
        start(),
        parallel("split"),
        *(task(name, **NOTE) for name in names),
        late,
        task("remind", **NOTE),
        parallel("join"),
        end(),
        end("e2"),
    )
    flows = (path("s split"), path("join e"), path("late remind e2"))
    flows += tuple(path(f"split {name} join") for name in names)
    house.deploy(process("note", *parts, *flows))
    running = [house.start("note") for _ in range(4)]
    house.advance(hours=2)
    tasks = house.tasks()

    def one_of_the_people(login: str, seed: int) -> list[BaseException]:
        dice, faults = random.Random(seed), []
        mine = dice.sample(tasks, len(tasks))
        for found in mine:
            act = dice.choice(["claim", "complete", "release", "fire", "suspend"])
            try:
                _act(house, act, login, found)
            except CongVanError as error:
                if not isinstance(error, Conflict):
                    faults.append(error)
        return faults

    throng = list(enumerate(PEOPLE * 2))
    calls = [lambda login=login, seed=seed: one_of_the_people(login, seed) for seed, login in throng]
    outcomes = at_once(calls)
    assert errors(outcomes) == []
    assert [fault for faults in outcomes for fault in faults] == []
    _finish(house, running)
    assert {house.state(one) for one in running} == {"completed"}
    for instance in running:
        done = Counter(house.completed(instance))
        assert [done[name] for name in (*names, "join")] == [1, 1, 1, 1]
        assert done["late"] == done["remind"] <= 1, "whichever came first: the deadline or the completion"


def _act(house: House, act: str, login: str, found) -> None:
    if act == "fire":
        house.fire()
    elif act == "suspend":
        house.do(SUPERVISOR, lambda unit: instances.suspend(unit, found.instance_id, "kiểm tra"))
        house.do(SUPERVISOR, lambda unit: instances.resume(house.engine, unit, found.instance_id))
    elif act == "complete":
        house.do(login, house.completion(found.id))
    else:
        house.do(login, lambda unit: getattr(user_tasks, act)(unit, found.id, None))


def _finish(house: House, running: list) -> None:
    """Do what is left."""
    for instance in running:
        if house.state(instance) == "suspended":
            house.do(SUPERVISOR, lambda unit, one=instance: instances.resume(house.engine, unit, one))
    house.fire()
    for found in house.tasks():
        house.do(found.owner or SPECIALIST, house.completion(found.id))


def test_a_signal_and_completions_at_the_same_moment_both_count(house: House) -> None:
    recall = boundary("recalled", "write", signal("recall"), interrupting=False)
    parts = (start(), task("write", **NOTE), recall, end("e1"), end("e2"), path("s write e1"))
    house.deploy(process("note", *parts, path("recalled e2")), signals="recall")
    running = [house.start("note") for _ in range(4)]
    house.signal("recall")
    found = house.tasks()
    calls = [lambda one=one: house.do(COLLEAGUE, house.completion(one.id)) for one in found]
    outcomes = at_once([*calls, lambda: rounds.send_outbox(house.runtime)])
    assert errors(outcomes) == []
    house.send()
    with house.unit(SUPERVISOR) as unit:
        assert lists.list_instances(unit, InstanceFilter(), None, 1).counts == {"completed": len(running)}


@pytest.mark.timeout(60)
def test_two_instances_that_signal_each_other_at_once_do_not_wait_for_each_other(house: House) -> None:
    parts = (
        start(),
        parallel("split"),
        task("write", **NOTE),
        throw("tell", signal("done")),
        catch("told", signal("done")),
        end("e1"),
        end("e2"),
    )
    flows = (path("s split"), path("split write tell e1"), path("split told e2"))
    house.deploy(process("note", *parts, *flows), signals="done")
    for _ in range(2):
        house.start("note")
    calls = [lambda one=one: house.do(SPECIALIST, house.completion(one.id)) for one in house.tasks()]
    assert errors(at_once(calls)) == []
    house.send()
    with house.unit(SUPERVISOR) as unit:
        assert lists.list_instances(unit, InstanceFilter(), None, 1).counts == {"completed": 2}
