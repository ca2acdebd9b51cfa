"""Jobs of service tasks: tried again, caught, given up, put right by an operator, never run for nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from handlers.contract import BpmnError, RetryLater
from service.actions import incidents, instances
from service.actions.jobs import MAX_ATTEMPTS, back_off
from service.domain.errors import Conflict, Forbidden, InvalidInput
from service.worker import rounds
from tests.engine.rows.house import JOB, SPECIALIST, SUPERVISOR, House, process, task
from tests.engine.rows.parallel import at_once, errors
from tests.engine.spiff.bpmn import (
    boundary,
    end,
    error,
    exclusive,
    flow,
    path,
    rule,
    script,
    service,
    start,
    timer,
)

NOTE = {"form": "shared/note"}


@pytest.fixture
def posting(house: House) -> House:
    """A process that posts something and then waits; a refusal by the receiver is caught."""
    parts = (
        start(),
        service("post", "test.post", result="receipt", to="receiver"),
        boundary("is_refused", "post", error("refused")),
        boundary("late", "post", timer("timeDuration", "P30D")),
        task("after", **NOTE),
        task("refused_by_them", **NOTE),
        end("e1"),
        end("e2"),
        end("e3"),
    )
    ways = (path("s post after e1"), path("is_refused refused_by_them e2"), path("late e3"))
    house.deploy(process("note", *parts, *ways), errors="refused")
    return house


def begin(house: House, receiver: str | None = "H01"):
    return house.start("note", {"receiver": receiver})


def job(house: House, instance):
    (row,) = house.rows(JOB, JOB.c.instance_id == instance, JOB.c.state != "cancelled")
    return row


def resolve(house: House, verb, **arguments):
    (incident,) = house.incidents()
    return house.do(SUPERVISOR, lambda unit: verb(house.engine, unit, incident.id, **arguments))


def give_up(house: House) -> None:
    """Let every attempt fail."""
    house.post.outcomes = [RetryLater("không trả lời")] * MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS):
        house.run_jobs()
        house.advance(hours=1)


def test_a_job_runs_with_its_parameters_and_gives_its_result(posting: House) -> None:
    instance = begin(posting)
    assert posting.tickets() == 1
    assert posting.run_jobs() == 1
    assert posting.waits_at(instance) == ["after"]
    assert posting.variables(instance)["receipt"] == {"receipt": 1}
    assert posting.post.calls == [({"to": "H01"}, job(posting, instance).token_id)]
    assert (job(posting, instance).state, job(posting, instance).attempts) == ("done", 1)
    assert posting.timeline(instance)[-1].action == "job"
    assert posting.run_jobs() == 0


def test_a_passing_fault_is_tried_again_later_and_later(posting: House) -> None:
    instance = begin(posting)
    posting.post.outcomes = [RetryLater("bận"), RetryLater("bận"), {"receipt": 7}]
    waited = []
    for _ in range(2):
        before = posting.clock.now()
        assert posting.run_jobs() == 0
        assert posting.run_jobs() == 0, "not before its time"
        waited.append(job(posting, instance).due_at - before)
        posting.clock.set(job(posting, instance).due_at)
    assert waited == [timedelta(seconds=5), timedelta(seconds=10)]
    assert posting.run_jobs() == 1
    assert len({key for _params, key in posting.post.calls}) == 1, "the same key each time"
    assert posting.variables(instance)["receipt"] == {"receipt": 7}


def test_the_handler_may_say_when_to_try_again(posting: House) -> None:
    instance = begin(posting)
    posting.post.outcomes = [RetryLater("đang bảo trì", timedelta(hours=3))]
    posting.run_jobs()
    assert job(posting, instance).due_at == posting.clock.now() + timedelta(hours=3)
    assert job(posting, instance).last_error == "đang bảo trì"


def test_waiting_times_double_up_to_half_an_hour() -> None:
    assert [back_off(attempts).total_seconds() for attempts in (1, 2, 3, 9, 10, 1000)] == [
        5,
        10,
        20,
        1280,
        1800,
        1800,
    ]


def test_a_declared_error_goes_the_way_that_the_diagram_draws(posting: House) -> None:
    instance = begin(posting)
    posting.post.outcomes = [BpmnError("refused", "sai định dạng")]
    posting.run_jobs()
    assert posting.waits_at(instance) == ["refused_by_them"]
    assert posting.incidents() == []


@pytest.mark.parametrize("fault", [RetryLater("không trả lời"), RuntimeError("bug"), KeyError("x")])
def test_a_job_that_keeps_failing_becomes_an_incident(posting: House, fault: Exception) -> None:
    instance = begin(posting)
    posting.post.outcomes = [fault] * MAX_ATTEMPTS
    for _ in range(MAX_ATTEMPTS + 2):
        posting.run_jobs()
        posting.advance(hours=1)
    (incident,) = posting.incidents()
    assert len(posting.post.calls) == MAX_ATTEMPTS
    assert (incident.element_id, incident.instance_id) == ("post", instance)
    assert incident.details == {"operation": "test.post", "attempts": MAX_ATTEMPTS}
    assert incident.job_id == job(posting, instance).id
    assert job(posting, instance).state == "failed"
    assert posting.detail(instance).view.has_incident
    assert "bug" not in incident.vi + incident.en, "what an exception says stays in the log"


def test_a_fault_that_will_not_pass_is_an_incident_at_once(posting: House) -> None:
    begin(posting)
    posting.post.outcomes = [InvalidInput("post.address", "Sai nơi nhận.", "A wrong receiver.")]
    posting.run_jobs()
    (incident,) = posting.incidents()
    assert (incident.code, incident.vi) == ("post.address", "Sai nơi nhận.")


def test_an_undeclared_error_of_the_diagram_is_an_incident(posting: House) -> None:
    begin(posting)
    posting.post.outcomes = [BpmnError("unheard_of")]
    posting.run_jobs()
    (incident,) = posting.incidents()
    assert incident.element_id == "post"
    resolve(posting, incidents.retry)
    assert posting.run_jobs() == 1


def test_an_operator_retries_with_corrected_variables_and_the_handler_sees_them(posting: House) -> None:
    instance = begin(posting, "wrong")
    give_up(posting)
    view = resolve(posting, incidents.retry, variables={"receiver": "right"})
    assert (view.resolution, view.resolved_by) == ("retried", SUPERVISOR)
    assert posting.run_jobs() == 1
    assert posting.post.calls[-1][0] == {"to": "right"}
    assert posting.waits_at(instance) == ["after"]
    assert posting.incidents() == []
    assert len(posting.audit("incident.open")) == len(posting.audit("incident.retry")) == 1


def test_a_retried_job_has_all_its_attempts_again(posting: House) -> None:
    begin(posting)
    give_up(posting)
    resolve(posting, incidents.retry)
    give_up(posting)
    assert len(posting.incidents(is_open=None)) == 2
    assert len(posting.incidents()) == 1


def test_an_operator_skips_the_job_and_gives_what_it_should_have_given(posting: House) -> None:
    instance = begin(posting)
    give_up(posting)
    resolve(posting, incidents.skip, variables={"receipt": {"receipt": "bằng tay"}})
    assert posting.waits_at(instance) == ["after"]
    assert posting.variables(instance)["receipt"] == {"receipt": "bằng tay"}
    assert posting.run_jobs() == 0


def test_an_incident_is_resolved_once_and_by_a_supervisor(posting: House) -> None:
    begin(posting)
    give_up(posting)
    (incident,) = posting.incidents()
    with pytest.raises(Forbidden):
        posting.do(SPECIALIST, lambda unit: incidents.retry(posting.engine, unit, incident.id))
    calls = [lambda: resolve(posting, incidents.retry), lambda: resolve(posting, incidents.skip)]
    assert len([one for one in errors(at_once(calls)) if isinstance(one, Conflict | ValueError)]) == 1


def test_an_incident_goes_with_its_instance(posting: House) -> None:
    instance = begin(posting)
    give_up(posting)
    posting.do(SUPERVISOR, lambda unit: instances.terminate(posting.engine, unit, instance, "bỏ"))
    assert posting.incidents() == []
    (incident,) = posting.incidents(is_open=None)
    assert incident.resolution == "cancelled"


def test_an_incident_of_a_held_instance_waits_for_it(posting: House) -> None:
    instance = begin(posting)
    give_up(posting)
    posting.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "chờ"))
    for verb in (incidents.retry, incidents.skip):
        with pytest.raises(Conflict, match="suspended"):
            resolve(posting, verb)
    posting.do(SUPERVISOR, lambda unit: instances.resume(posting.engine, unit, instance))
    resolve(posting, incidents.retry)
    assert posting.run_jobs() == 1


def test_a_job_goes_when_its_token_goes(posting: House) -> None:
    instance = begin(posting)
    posting.advance(days=31)
    posting.fire()
    assert [row.state for row in posting.rows(JOB)] == ["cancelled"]
    assert posting.run_jobs() == 0
    assert posting.post.calls == []
    assert posting.state(instance) == "completed"


def test_a_result_that_comes_too_late_has_no_effect(posting: House) -> None:
    instance = begin(posting)

    def overtaken(context):
        posting.do(SUPERVISOR, lambda unit: instances.terminate(posting.engine, unit, instance, "bỏ"))
        context.unit.session.execute(text("UPDATE account SET position = 'changed' WHERE login = 'vanthu'"))
        return {}

    posting.post.outcomes = [overtaken]
    assert posting.run_jobs() == 0
    assert posting.state(instance) == "terminated"
    assert posting.audit("job.run") == []
    changed = posting.do(
        None,
        lambda unit: unit.session.execute(text("SELECT count(*) FROM account WHERE position = 'changed'")),
    )
    assert changed.scalar_one() == 0, "what the handler wrote goes with it"


def test_a_held_instances_job_waits_until_it_goes_on(posting: House) -> None:
    instance = begin(posting)
    posting.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "chờ"))
    posting.advance(hours=3)
    assert posting.run_jobs() == 0
    assert rounds.requeue_lost_jobs(posting.runtime) == 0
    tickets = posting.tickets()
    posting.do(SUPERVISOR, lambda unit: instances.resume(posting.engine, unit, instance))
    assert posting.tickets() == tickets + 1
    assert posting.run_jobs() == 1
    assert posting.waits_at(instance) == ["after"]


def test_a_job_held_while_it_failed_is_tried_again_when_its_instance_goes_on(posting: House) -> None:
    instance = begin(posting)

    def held(_context):
        posting.do(SUPERVISOR, lambda unit: instances.suspend(unit, instance, "chờ"))
        raise RetryLater("bận")

    posting.post.outcomes = [held]
    posting.run_jobs()
    posting.do(SUPERVISOR, lambda unit: instances.resume(posting.engine, unit, instance))
    posting.advance(hours=1)
    assert posting.run_jobs() == 1


def test_a_lost_ticket_is_written_again_and_one_that_is_there_is_not(posting: House) -> None:
    instance = begin(posting)
    posting.advance(minutes=5)
    assert rounds.requeue_lost_jobs(posting.runtime) == 0
    posting.do(None, lambda unit: unit.session.execute(text("DELETE FROM procrastinate_jobs")))
    assert rounds.requeue_lost_jobs(posting.runtime) == 1
    assert posting.tickets() == 1
    assert rounds.requeue_lost_jobs(posting.runtime) == 0
    assert posting.run_jobs() == 1
    assert posting.waits_at(instance) == ["after"]


def test_two_workers_with_the_same_ticket_run_the_handler_once(posting: House) -> None:
    instance = begin(posting)
    inside, may_end = threading.Event(), threading.Event()

    def slow(_context):
        inside.set()
        assert may_end.wait(20)
        return {"receipt": 1}

    posting.post.outcomes = [slow]
    row = job(posting, instance)
    ticket = (posting.office.agency_id, posting.office.code, row.id)
    outcomes: list[str] = []
    first = threading.Thread(target=lambda: outcomes.append(rounds.run_job(posting.runtime, *ticket)))
    first.start()
    assert inside.wait(20)
    assert rounds.run_job(posting.runtime, *ticket) == "skipped"
    may_end.set()
    first.join()
    assert outcomes == ["done"]
    assert len(posting.post.calls) == 1


def test_an_inline_handlers_fault_stops_the_step_and_keeps_nothing_that_it_wrote(house: House) -> None:
    parts = (start(), task("write", **NOTE), service("note_it", "test.note", result="noted"), end())
    house.deploy(process("note", *parts, path("s write note_it e")))
    instance = house.start("note")

    def half_done(context):
        context.unit.session.execute(text("UPDATE account SET position = 'changed' WHERE login = 'vanthu'"))
        context.unit.send("elsewhere", "x", {}, "k")
        raise InvalidInput("note.bad", "Sai.", "Wrong.")

    for fault in (half_done, RetryLater("bận")):
        house.note.outcomes.append(fault)
    house.complete("write")
    (incident,) = house.incidents()
    assert (incident.code, incident.element_id) == ("note.bad", "note_it")
    changed = text("SELECT count(*) FROM account WHERE position = 'changed'")
    assert house.do(None, lambda unit: unit.session.execute(changed).scalar_one()) == 0
    assert house.send() == 0
    resolve(house, incidents.retry)
    (again,) = house.incidents()
    assert again.code == "handler.not_now"
    resolve(house, incidents.retry)
    assert house.state(instance) == "completed"


def decided(house: House) -> None:
    """A gateway whose condition may be null, behind a task."""
    parts = (
        start(),
        script("prepare", "0", "ready"),
        exclusive("is_large", "is_large_e2"),
        end("e1"),
        end("e2"),
    )
    flows = (path("s prepare is_large"), flow("is_large", "e1", "amount > 10"), flow("is_large", "e2"))
    house.deploy(process("note", *parts, *flows))


def test_a_condition_that_is_null_is_an_incident_with_the_reasons(house: House) -> None:
    decided(house)
    instance = house.start("note", {"amount": None})
    (incident,) = house.incidents()
    assert incident.element_id == "is_large"
    assert incident.details["expression"] == "amount > 10"
    assert incident.details["warnings"], "FEEL tells why"
    assert house.state(instance) == "active"


def test_a_null_condition_is_put_right_by_correcting_the_variable(house: House) -> None:
    decided(house)
    instance = house.start("note", {"amount": None})
    resolve(house, incidents.retry, variables={"amount": 11})
    assert house.state(instance) == "completed"
    assert house.completed(instance)[-1] == "e1"
    entry = house.timeline(instance)[-1]
    assert (entry.action, entry.actor, entry.data) == ("retry", SUPERVISOR, {"amount": 11})


def test_a_null_condition_is_passed_by_choosing_a_way(house: House) -> None:
    decided(house)
    instance = house.start("note", {"amount": None})
    with pytest.raises(InvalidInput):
        resolve(house, incidents.skip)
    with pytest.raises(InvalidInput):
        resolve(house, incidents.skip, outgoing="nowhere")
    resolve(house, incidents.skip, outgoing="is_large_e1")
    assert house.completed(instance)[-1] == "e1"
    assert house.incidents() == []


def test_a_retry_that_fails_again_is_a_new_incident(house: House) -> None:
    decided(house)
    house.start("note", {"amount": None})
    house.advance(minutes=1)
    resolve(house, incidents.retry, variables={"amount": "x"})
    (incident,) = house.incidents()
    assert len(house.incidents(is_open=None)) == 2
    assert incident.created_at == house.clock.now()


def test_a_failed_retry_within_the_same_instant_is_a_new_incident_too(house: House) -> None:
    decided(house)
    house.start("note", {"amount": None})
    resolve(house, incidents.retry)
    assert len(house.incidents()) == 1
    assert len(house.incidents(is_open=None)) == 2


DECISION = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:test">
  <inputData id="in_amount" name="amount"/>
  <decision id="level" name="level">
    <informationRequirement id="r1"><requiredInput href="#in_amount"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i"><inputExpression id="ie"><text>amount</text></inputExpression></input>
      <output id="o"/>
      <rule id="high"><inputEntry id="a"><text>&gt;= 10.5</text></inputEntry><outputEntry id="b"><text>"high"</text></outputEntry></rule>
      <rule id="low"><inputEntry id="c"><text>&lt; 5</text></inputEntry><outputEntry id="e"><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""


def test_a_decision_leaves_its_explanation_and_an_undecided_one_an_incident(house: House) -> None:
    parts = (start(), rule("decide", "level"), task("after", **NOTE), end())
    house.deploy(process("note", *parts, path("s decide after e")), files={"level.dmn": DECISION})
    instance = house.start("note", {"amount": 12.5})
    assert house.variables(instance)["level"] == "high"
    (step,) = [one for one in house.timeline(instance)[0].steps if one.element_id == "decide"]
    assert step.kind == "completed"
    assert "high" in str(step.extra["explanation"])
    house.start("note", {"amount": 7})
    (incident,) = house.incidents()
    assert (incident.code, incident.element_id) == ("decision.no_result", "decide")
    resolve(house, incidents.retry, variables={"amount": 3})
    assert house.incidents() == []
