"""The worker's rounds: every due row gets its turn, whatever another row does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import OperationalError as DriverFault
from sqlalchemy.exc import OperationalError

from handlers.contract import RetryLater
from service.actions.outbox import MAX_ATTEMPTS
from service.domain.errors import InvalidInput, Unavailable
from service.storage.jobs import QUEUE_SERVICE_TASKS, make_job_app
from service.storage.models import TimerStart, table_of
from service.worker import rounds
from tests.engine.rows.house import JOB, OUTBOX, House, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import end, path, service, start, timer

NOTE = {"form": "shared/note"}
TIMER_START = table_of(TimerStart)


class Partner:
    """A channel that does as it is told."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.behave: dict[str, Callable[[], None]] = {}

    def send(self, unit: Any, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        del unit, payload
        self.got.append(dedupe_key)
        self.behave.get(destination, lambda: None)()


def raising(error: BaseException) -> Callable[[], None]:
    def behave() -> None:
        raise error

    return behave


@pytest.fixture
def partner(house: House) -> Partner:
    """A partner behind the channel ``partner``."""
    made = Partner()
    house.runtime = replace(house.runtime, channels={"partner": made})
    return made


def post(house: House, *destinations: str) -> None:
    def write(unit) -> None:
        for destination in destinations:
            unit.send("partner", destination, {"text": "chào"}, destination)

    house.do(None, write)


def outbox(house: House) -> dict[str, Any]:
    return {row.destination: row for row in house.rows(OUTBOX)}


def test_what_the_outbox_holds_is_sent_once(house: House, partner: Partner) -> None:
    post(house, "a", "b")
    assert house.send() == 2
    assert sorted(partner.got) == ["a", "b"]
    assert {row.state for row in outbox(house).values()} == {"sent"}
    assert outbox(house)["a"].sent_at == house.clock.now()


def test_several_workers_send_every_message_once(house: House, partner: Partner) -> None:
    post(house, *(f"to {number}" for number in range(20)))
    outcomes = at_once([lambda: rounds.send_outbox(house.runtime)] * 4)
    assert errors(outcomes) == []
    house.send()
    assert len(partner.got) == len(set(partner.got)) == 20


def test_a_receiver_that_does_not_answer_is_tried_again_and_given_up_in_the_end(
    house: House, partner: Partner
) -> None:
    partner.behave["a"] = raising(RetryLater("không trả lời"))
    post(house, "a", "b")
    begun = house.clock.now()
    for _ in range(MAX_ATTEMPTS):
        house.send()
        house.clock.set(outbox(house)["a"].due_at)
    assert (outbox(house)["a"].state, outbox(house)["a"].attempts) == ("failed", MAX_ATTEMPTS)
    assert outbox(house)["a"].last_error == "không trả lời"
    assert outbox(house)["b"].state == "sent"
    assert timedelta(days=1.5) < house.clock.now() - begun < timedelta(days=2)
    (event,) = house.audit("outbox.give_up")
    assert event.object_id == outbox(house)["a"].id
    assert set(partner.got) == {"a", "b"}, "under the same key each time"


def test_a_refusal_for_good_is_not_repeated(house: House, partner: Partner) -> None:
    partner.behave["a"] = raising(InvalidInput("packet.bad", "Gói sai.", "A bad packet."))
    post(house, "a")
    house.send()
    assert outbox(house)["a"].state == "failed"
    assert "A bad packet." in outbox(house)["a"].last_error
    house.advance(days=1)
    house.send()
    assert partner.got == ["a"]


def test_a_channel_that_crashes_keeps_nobody_waiting(house: House, partner: Partner) -> None:
    partner.behave["a"] = raising(ZeroDivisionError())
    post(house, "a", "b")
    assert rounds.send_outbox(house.runtime) == 1
    assert outbox(house)["b"].state == "sent"
    row = outbox(house)["a"]
    assert (row.state, row.attempts, row.last_error) == ("pending", 1, "ZeroDivisionError")
    assert row.due_at > house.clock.now()
    assert rounds.send_outbox(house.runtime, limit=1) == 0


def test_a_database_that_is_away_ends_the_round_and_costs_no_attempt(house: House, partner: Partner) -> None:
    partner.behave["a"] = raising(OperationalError("SELECT 1", {}, DriverFault("away")))
    post(house, "a")
    with pytest.raises((OperationalError, Unavailable)):
        rounds.send_outbox(house.runtime)
    assert (outbox(house)["a"].state, outbox(house)["a"].attempts) == ("pending", 0)


def test_a_message_without_a_channel_waits_for_one(house: House, partner: Partner) -> None:
    house.runtime = replace(house.runtime, channels={})
    post(house, "a")
    assert house.send() == 0
    house.runtime = replace(house.runtime, channels={"partner": partner})
    house.advance(hours=1)
    assert house.send() == 1


def test_a_process_that_cannot_start_is_tried_again_and_keeps_the_others_beat(house: House) -> None:
    begun = house.clock.now()
    for key, element in (("broken", "test.note"), ("sound", "test.post")):
        parts = (
            start(inner=timer("timeCycle", "R/P1D")),
            service("act", element),
            task("after", **NOTE),
            end(),
        )
        house.deploy(process(key, *parts, path("s act after e")))
    house.note.outcomes = [ZeroDivisionError("bug")]
    house.advance(days=1)
    assert rounds.start_processes(house.runtime) == 1
    assert rounds.start_processes(house.runtime) == 0, "not at once again"
    assert len(house.audit("timer_start.postpone")) == 1
    house.advance(minutes=6)
    assert rounds.start_processes(house.runtime) == 1
    (found,) = [one for one in house.tasks() if one.process_key == "broken"]
    assert house.variables(found.instance_id)["scheduled_at"] == begun + timedelta(days=1)
    assert {row.due_at for row in house.rows(TIMER_START)} == {begun + timedelta(days=2)}


def test_the_queues_own_worker_runs_a_deferred_job(house: House) -> None:
    parts = (start(), service("post", "test.post"), task("after", **NOTE), end())
    house.deploy(process("note", *parts, path("s post after e")))
    instances = [house.start("note") for _ in range(5)]
    assert house.tickets() == 5

    async def drain() -> None:
        app = make_job_app(house.runtime.conninfo, lambda *job: rounds.run_job(house.runtime, *job))
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE_SERVICE_TASKS], concurrency=3, wait=False, delete_jobs="successful"
            )

    asyncio.run(drain())
    assert [house.waits_at(one) for one in instances] == [["after"]] * 5
    assert len(house.post.calls) == 5
    assert house.tickets() == 0
    assert {row.state for row in house.rows(JOB)} == {"done"}


def test_rounds_serve_every_agency_under_its_own_name(house: House, other_office, partner: Partner) -> None:
    with house.runtime.database.unit_of_work(other_office.system) as unit:
        unit.send("partner", "theirs", {}, "theirs")
    post(house, "ours")
    assert house.send() == 2
    assert sorted(partner.got) == ["ours", "theirs"]
    assert list(outbox(house)) == ["ours"]
