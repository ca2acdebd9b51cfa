"""The life of an instance: who starts it, how it is held and ended, what its timeline tells."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from service.actions import instances
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.queries import instances as lists
from service.queries.instances import InstanceFilter
from tests.engine.rows.house import (
    COLLEAGUE,
    JOB,
    SPECIALIST,
    SUPERVISOR,
    TIMER,
    House,
    form,
    process,
    task,
)
from tests.engine.spiff.bpmn import boundary, end, exclusive, flow, path, script, service, start, timer

NOTE = {"form": "shared/note"}
CLERK = "vanthu"


def simple(house: House, **properties: str) -> None:
    house.deploy(process("note", start(), task("write", **NOTE), end(), path("s write e"), **properties))


def suspend(house: House, instance) -> None:
    house.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "chờ xác minh"))


def resume(house: House, instance) -> None:
    house.do(SUPERVISOR, lambda unit: instances.resume(house.engine, unit, instance))


def terminate(house: House, instance, login: str = SUPERVISOR) -> None:
    house.do(login, lambda unit: instances.terminate(house.engine, unit, instance, "nhập nhầm"))


def set_variables(house: House, instance, reason: str = "sửa lỗi nhập", **patch) -> None:
    house.do(SUPERVISOR, lambda unit: instances.set_variables(house.engine, unit, instance, patch, reason))


def test_only_those_whom_the_process_names_may_start_it(house: House) -> None:
    simple(house)
    with pytest.raises(Forbidden, match=r"process\.may_not_start"):
        house.start("note", login=CLERK)
    assert house.state(house.start("note", login=SPECIALIST)) == "active"


def test_a_process_without_an_active_version_cannot_be_started(house: House) -> None:
    with pytest.raises(NotFound):
        house.start("nothing")


def test_the_engines_own_variables_cannot_be_given_by_the_starter(house: House) -> None:
    simple(house)
    instance = house.start("note", {"initiator": "user:chanhvp", "agency": "other", "topic": "a"})
    variables = house.variables(instance)
    assert variables["initiator"] == f"user:{SPECIALIST}"
    assert (variables["agency"], variables["topic"]) == ("vptu", "a")
    assert variables["instance_id"] == str(instance)
    assert variables["started_at"] == house.clock.now()


def test_the_business_key_is_the_callers_or_the_processs_own(house: House) -> None:
    simple(house, business_key='"CV-" + number')
    given, made = house.start("note", {"number": "7"}, business_key="X"), house.start("note", {"number": "7"})
    assert house.detail(given).view.business_key == "X"
    assert house.detail(made).view.business_key == "CV-7"
    assert house.variables(made)["business_key"] == "CV-7"


def test_a_start_leaves_history_and_audit(house: House) -> None:
    simple(house)
    instance = house.start("note", {"topic": "a"}, business_key="CV-1")
    (entry,) = house.timeline(instance)
    assert (entry.action, entry.actor, entry.actor_name) == ("start", SPECIALIST, "Vũ Ngọc Mai")
    assert entry.data == {"topic": "a"}
    (event,) = house.audit("process_instance.start")
    assert event.object_id == instance
    assert event.details == {"key": "note", "version": 1, "business_key": "CV-1"}


def test_a_held_instance_moves_in_no_way_until_it_is_let_go_on(house: House) -> None:
    simple(house)
    instance = house.start("note")
    suspend(house, instance)
    assert house.state(instance) == "suspended"
    assert [one.state for one in house.tasks(instance)] == ["suspended"]
    with pytest.raises(Conflict, match="suspended"):
        house.complete("write", instance=instance)
    with pytest.raises(Conflict, match="suspended"):
        set_variables(house, instance, a=1)
    with pytest.raises(Conflict, match="suspended"):
        suspend(house, instance)
    resume(house, instance)
    house.complete("write", instance=instance)
    assert house.state(instance) == "completed"


def test_only_a_held_instance_can_be_let_go_on(house: House) -> None:
    simple(house)
    with pytest.raises(Conflict):
        resume(house, house.start("note"))


@pytest.mark.parametrize("is_held", [False, True])
def test_a_terminated_instance_leaves_nothing_that_waits(house: House, is_held: bool) -> None:
    parts = (
        start(),
        task("write", **NOTE),
        boundary("late", "write", timer("timeDuration", "PT1H"), interrupting=False),
        service("post", "test.post"),
        end("e1"),
        end("e2"),
        path("s write e1"),
        path("late post e2"),
    )
    house.deploy(process("note", *parts))
    instance = house.start("note")
    house.advance(hours=2)
    house.fire()
    waiting = house.start("note")
    if is_held:
        suspend(house, instance)
        suspend(house, waiting)
    terminate(house, instance)
    terminate(house, waiting)
    assert house.state(instance) == house.state(waiting) == "terminated"
    assert house.tasks() == []
    assert {one.state for one in house.tasks(state="obsolete")} == {"obsolete"}
    assert [row.state for row in house.rows(JOB)] == ["cancelled"]
    assert house.rows(TIMER) == []
    assert house.run_jobs() == 0
    view = house.detail(instance).view
    assert (view.end_reason, view.ended_at) == ("nhập nhầm", house.clock.now())
    assert house.timeline(instance)[-1].reason == "nhập nhầm"
    with pytest.raises(Conflict, match="terminated"):
        terminate(house, instance)


def test_holding_and_ending_are_for_supervisors_and_need_a_reason(house: House) -> None:
    simple(house)
    instance = house.start("note")
    with pytest.raises(Forbidden):
        terminate(house, instance, SPECIALIST)
    with pytest.raises(InvalidInput, match=r"reason\.required"):
        house.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "  "))
    with pytest.raises(NotFound):
        terminate(house, uuid4())
    assert house.state(instance) == "active"


def test_correcting_variables_moves_what_waited_for_them_and_keeps_both_digests(house: House) -> None:
    simple(house)
    instance = house.start("note", {"amount": 1})
    set_variables(house, instance, amount=2, note="b")
    set_variables(house, instance, amount=2)
    assert (house.variables(instance)["amount"], house.variables(instance)["note"]) == (2, "b")
    first, second = house.audit("process_instance.set_variables")
    assert first.before_sha256 != first.after_sha256 == second.before_sha256 == second.after_sha256
    assert first.details == {"names": ["amount", "note"], "reason": "sửa lỗi nhập"}
    assert house.timeline(instance)[-1].action == "set_variables"


def test_the_timeline_tells_who_did_what_and_which_way_it_went(house: House) -> None:
    flows = (
        path("s write is_large"),
        flow("is_large", "check_it", "amount > 10"),
        flow("is_large", "e"),
        path("check_it e"),
    )
    numbers = form(amount={"type": "integer"})
    parts = (start(), task("write", clauses="S0-3.3 S0-6.4"), exclusive("is_large", "is_large_e"))
    house.deploy(
        process("note", *parts, task("check_it", **NOTE), end(), *flows), forms={"note/write": numbers}
    )
    instance = house.start("note")
    house.complete("write", {"amount": 11})
    house.advance(minutes=5)
    house.complete("check_it", {"note": "được"}, COLLEAGUE)
    begun, written, checked = house.timeline(instance)
    assert [(one.action, one.actor) for one in (begun, written, checked)] == [
        ("start", SPECIALIST),
        ("complete", SPECIALIST),
        ("complete", COLLEAGUE),
    ]
    assert checked.at - written.at == timedelta(minutes=5)
    assert [(step.kind, step.element_id) for step in written.steps] == [
        ("completed", "write"),
        ("flow", "write_is_large"),
        ("completed", "is_large"),
        ("flow", "is_large_check_it"),
        ("entered", "check_it"),
    ]
    assert written.steps[0].clauses == ["S0-3.3", "S0-6.4"]
    assert written.data == {"amount": 11}
    assert [one.rev for one in (begun, written, checked)] == [1, 2, 3]


def test_a_timeline_comes_in_pages(house: House) -> None:
    simple(house)
    instance = house.start("note")
    for value in range(4):
        set_variables(house, instance, value=value)
    seen, cursor = [], None
    while True:
        with house.unit(SUPERVISOR) as unit:
            page = lists.read_timeline(house.engine, unit, instance, cursor, 2)
        seen += [entry.rev for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [1, 2, 3, 4, 5]


def test_the_tokens_and_what_they_wait_for_can_be_read(house: House) -> None:
    late = boundary("late", "write", timer("timeDuration", "PT1H"))
    parts = (start(), task("write", **NOTE), late, end(), end("e2"), path("s write e"), path("late e2"))
    house.deploy(process("note", *parts))
    detail = house.detail(house.start("note"))
    assert [(one.element_id, one.state) for one in detail.tokens if one.element_id == "write"] == [
        ("write", "ready")
    ]
    assert [one.element_id for one in detail.waiting.user_tasks] == ["write"]
    assert [one.due_at - house.clock.now() for one in detail.waiting.timers] == [timedelta(hours=1)]


def test_variables_of_every_type_survive_being_stored(house: House) -> None:
    text = '{ price: 0.1 + 0.2, day: @"2026-03-05", span: @"P1Y2M", at: @"2026-03-05T08:00:00+07:00", long: @"PT90M" }'
    parts = (start(), script("compute", text, "result"), task("write", **NOTE), end())
    house.deploy(process("note", *parts, path("s compute write e")))
    instance = house.start("note", {"typename": "x", "__bpmn": [1, None, {"a": True}]})
    stored = house.variables(instance)
    assert stored["result"]["price"] == Decimal("0.3")
    assert stored["result"]["long"] == timedelta(minutes=90)
    assert (stored["typename"], stored["__bpmn"]) == ("x", [1, None, {"a": True}])
    house.complete("write", {"note": "a"})
    again = house.variables(instance)
    assert again["result"] == stored["result"]
    assert house.state(instance) == "completed"


def test_people_see_the_instances_they_started_or_work_on_and_watchers_all(house: House) -> None:
    house.deploy(process("note", start(), task("write", '"role:clerk"', **NOTE), end(), path("s write e")))
    instance = house.start("note")

    def seen(login: str) -> bool:
        with house.unit(login) as unit:
            page = lists.list_instances(unit, InstanceFilter(), None, None)
        try:
            house.do(login, lambda unit: lists.read_view(unit, instance))
        except NotFound:
            assert list(page.items) == []
            return False
        assert [one.id for one in page.items] == [instance]
        return True

    assert [login for login in (SPECIALIST, CLERK, SUPERVISOR, COLLEAGUE, "chanhvp") if seen(login)] == [
        SPECIALIST,
        CLERK,
        SUPERVISOR,
        "chanhvp",
    ]


def test_an_aide_sees_the_instance_of_a_task_that_waits_for_the_leader(house: House) -> None:
    house.deploy(process("note", start(), task("write", '"user:chanhvp"', **NOTE), end(), path("s write e")))
    instance = house.start("note")
    assert house.do("troly", lambda unit: lists.read_view(unit, instance)).id == instance


def test_lists_of_instances_filter_count_and_page(house: House) -> None:
    simple(house)
    started = []
    for number in range(5):
        started.append(house.start("note", business_key=f"CV-{number}"))
        house.advance(minutes=1)
    house.complete("write", instance=started[0])
    terminate(house, started[1])
    suspend(house, started[2])
    with house.unit(SUPERVISOR) as unit:
        page = lists.list_instances(unit, InstanceFilter(state="active"), None, None)
        keyed = lists.list_instances(unit, InstanceFilter(business_key="CV-3"), None, None)
        none = lists.list_instances(unit, InstanceFilter(process="other"), None, None)
        first = lists.list_instances(unit, InstanceFilter(), None, 3)
        rest = lists.list_instances(unit, InstanceFilter(), first.next_cursor, 3)
    assert [one.id for one in page.items] == [started[4], started[3]]
    assert page.counts == {"active": 2, "completed": 1, "terminated": 1, "suspended": 1}
    assert [one.id for one in keyed.items] == [started[3]]
    assert list(none.items) == []
    assert [one.id for one in (*first.items, *rest.items)] == started[::-1]
    assert rest.next_cursor is None
