"""Messages reach one instance, signals all that wait, each once; both also start processes."""

from __future__ import annotations

import pytest

from service.actions import instances
from service.actions.messages import check_may_send
from service.domain.errors import Conflict, Forbidden
from tests.engine.rows.house import OUTBOX, SPECIALIST, SUPERVISOR, House, process, task
from tests.engine.spiff.bpmn import catch, end, message, path, signal, start, throw

NOTE = {"form": "shared/note"}


def waiting(name: str = "waiting", event: str = "", **properties: str) -> str:
    """A process that waits for one event and then for a task."""
    parts = (start(), catch("caught", event, **properties), task("after", **NOTE), end())
    return process(name, *parts, path("s caught after e"))


def test_a_message_reaches_the_instance_with_its_key_and_no_other(house: House) -> None:
    house.deploy(waiting(event=message("reply"), correlation_key="number"), messages="reply")
    first, second = (house.start("waiting", {"number": number}) for number in ("1", "2"))
    house.message("reply", "2", answer="đồng ý")
    assert house.waits_at(first) == []
    assert house.waits_at(second) == ["after"]
    assert house.variables(second)["answer"] == "đồng ý"
    (event,) = house.audit("message.correlate")
    assert event.object_id == second


def test_a_message_that_two_instances_wait_for_reaches_neither(house: House) -> None:
    house.deploy(waiting(event=message("reply")), messages="reply")
    both = [house.start("waiting"), house.start("waiting")]
    with pytest.raises(Conflict, match=r"message\.ambiguous"):
        house.message("reply")
    assert [house.waits_at(one) for one in both] == [[], []]


def test_a_message_that_nobody_waits_for_is_a_conflict(house: House) -> None:
    with pytest.raises(Conflict, match=r"message\.no_receiver"):
        house.message("reply", "7")


def test_a_delivered_message_is_not_delivered_again(house: House) -> None:
    house.deploy(waiting(event=message("reply")), messages="reply")
    instance = house.start("waiting")
    house.message("reply")
    with pytest.raises(Conflict, match=r"message\.no_receiver"):
        house.message("reply")
    assert house.waits_at(instance) == ["after"]


def test_a_message_starts_the_process_that_begins_with_it(house: House) -> None:
    parts = (start(inner=message("letter")), task("read_it", **NOTE), end())
    house.deploy(process("reading", *parts, path("s read_it e")), messages="letter")
    progress = house.message("letter", None, subject="Công văn 12")
    assert house.waits_at(progress.instance_id) == ["read_it"]
    assert house.variables(progress.instance_id)["subject"] == "Công văn 12"
    assert house.detail(progress.instance_id).view.initiator is None


def test_a_message_for_a_suspended_instance_waits_in_the_outbox_until_it_goes_on(house: House) -> None:
    house.deploy(waiting(event=message("reply")), messages="reply")
    instance = house.start("waiting")
    house.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "kiểm tra"))
    house.do(None, lambda unit: unit.send("message", "reply", {"name": "reply", "payload": {}}, "m-1"))
    assert house.send() == 0
    assert [row.state for row in house.rows(OUTBOX)] == ["pending"]
    house.do(SUPERVISOR, lambda unit: instances.resume(house.engine, unit, instance))
    house.advance(hours=1)
    assert house.send() == 1
    assert house.waits_at(instance) == ["after"]


def test_a_signal_reaches_every_waiting_instance_once(house: House) -> None:
    house.deploy(waiting(event=signal("recall")), signals="recall")
    waiters = [house.start("waiting") for _ in range(3)]
    assert house.signal("recall", reason="thu hồi") == 3
    assert house.send() == 3
    assert [house.waits_at(one) for one in waiters] == [["after"]] * 3
    assert {house.variables(one)["reason"] for one in waiters} == {"thu hồi"}
    assert house.send() == 0
    assert [house.completed(one).count("caught") for one in waiters] == [1, 1, 1]


def test_an_instance_that_went_on_before_its_signal_came_does_not_stop_the_others(house: House) -> None:
    house.deploy(waiting(event=signal("recall")), signals="recall")
    gone, alive = house.start("waiting"), house.start("waiting")
    house.signal("recall")
    house.do(SUPERVISOR, lambda unit: instances.terminate(house.engine, unit, gone, "nhập nhầm"))
    house.send()
    assert house.waits_at(alive) == ["after"]
    assert house.state(gone) == "terminated"


def test_a_thrown_message_reaches_another_instance_through_the_outbox(house: House) -> None:
    house.deploy(waiting(event=message("reply"), correlation_key="number"), messages="reply")
    thrower = process(
        "asking",
        start(),
        throw("say", message("reply"), correlation_key="number", payload="{ answer: text }"),
        end(),
        path("s say e"),
    )
    house.deploy(thrower, messages="reply")
    receiver = house.start("waiting", {"number": "12"})
    sender = house.start("asking", {"number": "12", "text": "đã chuyển"})
    assert house.state(sender) == "completed"
    assert house.waits_at(receiver) == []
    assert house.send() == 1
    assert house.waits_at(receiver) == ["after"]
    assert house.variables(receiver)["answer"] == "đã chuyển"


def test_a_thrown_signal_reaches_the_others_once_and_the_thrower_within_its_own_step(house: House) -> None:
    house.deploy(waiting(event=signal("recall")), signals="recall")
    thrower = process("calling", start(), throw("call_out", signal("recall")), end(), path("s call_out e"))
    house.deploy(thrower, signals="recall")
    waiters = [house.start("waiting") for _ in range(2)]
    house.start("calling")
    house.send()
    assert [house.completed(one).count("caught") for one in waiters] == [1, 1]


def test_only_supervisors_and_the_system_send_messages_by_hand(house: House) -> None:
    house.do(SUPERVISOR, check_may_send)
    house.do(None, check_may_send)
    with pytest.raises(Forbidden):
        house.do(SPECIALIST, check_may_send)
