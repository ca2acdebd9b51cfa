"""Scripts, services, decisions, and what happens when they cannot go on."""

import pytest

from service.domain.errors import Conflict
from service.engine.spiff.execution import NotWaiting
from service.engine.spiff.instance import STEP_BUDGET
from tests.engine.spiff.bench import Bench, BenchHost
from tests.engine.spiff.bpmn import end, exclusive, flow, model, path, rule, script, service, start, user


def test_a_script_keeps_its_value_under_its_result_variable_or_entry_by_entry():
    run = Bench(
        model(start(), script("a", "1 + 2", "x"), script("b", "{y: x * 2, z: [y]}"), end(), path("s a b e"))
    )
    assert run.variables == {"x": 3, "y": 6, "z": [6]}


def test_a_script_without_result_variable_that_gives_no_context_is_a_failure():
    assert Bench(model(start(), script("a", "1"), path("s a"))).failures[0].code == "result.no_name"


def test_an_inline_handler_gets_json_parameters_and_its_result_is_kept():
    host = BenchHost({"record.register": lambda **params: {"number": 7, **params}})
    bpmn = model(
        start(),
        service("t", "record.register", "registration", document="doc.id", price="1.50", at="due"),
        end(),
        path("s t e"),
    )
    run = Bench(bpmn, host=host, doc={"id": "d1"}, due=None)
    operation, params, activity = host.calls[0]
    assert operation == "record.register"
    assert params == {"document": "d1", "price": 1.5, "at": None}
    assert activity.element_id == "t"
    assert run.variables["registration"]["number"] == 7


def test_a_handlers_error_is_a_failure_with_both_languages_and_can_be_retried():
    answers = [Conflict("number.taken", "Số đã dùng.", "The number is taken."), {"ok": True}]

    def handler():
        answer = answers.pop(0)
        if isinstance(answer, Conflict):
            raise answer
        return answer

    run = Bench(
        model(start(), service("t", "do.it", "r"), end(), path("s t e")), host=BenchHost({"do.it": handler})
    )
    failure = run.failures[0]
    assert (failure.code, failure.vi, failure.en) == ("number.taken", "Số đã dùng.", "The number is taken.")
    run.retry()
    assert run.done
    assert run.variables["r"] == {"ok": True}


def test_an_unknown_handler_is_a_failure():
    assert Bench(model(start(), service("t", "no.such"), path("s t"))).failures[0].code == "handler.unknown"


def test_a_job_waits_with_its_parameters_and_is_finished_once():
    run = Bench(
        model(start(), service("t", "mail.send", "receipt", to="address"), end(), path("s t e")),
        host=BenchHost(jobs=("mail.send",)), address="a@b.vn",
    )  # fmt: skip
    job = run.execution.waiting.jobs[0]
    assert (job.operation, job.params) == ("mail.send", {"to": "a@b.vn"})
    run.act(lambda execution: execution.finish_job(job.token_id, {"id": 1}))
    assert run.done
    assert run.variables["receipt"] == {"id": 1}
    with pytest.raises(NotWaiting):
        run.execution.finish_job(job.token_id, {})


def test_a_decision_is_kept_under_its_name_and_explained_in_the_history():
    host = BenchHost(decisions={"deadline": lambda seen: {"days": seen["n"] + 1}})
    run = Bench(
        model(
            start(),
            rule("d", "deadline"),
            rule("d2", "deadline", result_variable="second"),
            end(),
            path("s d d2 e"),
        ),
        host=host,
        n=4,
    )
    assert run.variables["deadline"] == {"days": 5}
    assert run.variables["second"] == {"days": 5}
    step = next(step for step in run.steps if step.kind == "completed" and step.element_id == "d")
    assert step.extra["explanation"] == {"decision": "deadline", "matched": [1]}


def test_a_failed_task_property_can_be_retried():
    run = Bench(model(start(), user("t", due="P", urgency='"very_urgent"'), path("s t")), P="soon")
    assert run.failures[0].code == "task.bad_property"
    assert run.failures[0].details["property"] == "due"
    run.retry(P="2026-03-05T17:00:00+07:00")
    assert run.tasks("t")[0].due_at.isoformat() == "2026-03-05T10:00:00+00:00"
    assert run.tasks("t")[0].urgency == "very_urgent"


def test_a_due_duration_counts_from_creation_and_a_rule_is_kept():
    bpmn = model(
        start(),
        user("t", due='duration("PT8H")', deadline_rule='{rule: "same day", clause: "S0-6.4"}'),
        path("s t"),
    )
    task = Bench(bpmn).tasks("t")[0]
    assert (task.due_at - task.created_at).total_seconds() == 8 * 3600
    assert task.deadline_rule == {"rule": "same day", "clause": "S0-6.4"}


def test_a_runaway_loop_ends_as_a_failure_and_can_go_on():
    bpmn = model(
        start(),
        exclusive("m"),
        script("x", "n + 1", "n"),
        exclusive("g", default="g_e"),
        end(),
        path("s m x g e"),
        flow("g", "m", "n < limit"),
    )
    run = Bench(bpmn, n=0, limit=10**9)
    assert run.failures[0].code == "process.runaway"
    assert run.variables["n"] > STEP_BUDGET / 4
    run.retry(limit=0)
    assert run.done


def test_a_skipped_step_may_bring_what_it_would_have_written():
    run = Bench(
        model(start(), service("t", "no.such", "r"), script("x", "r.n + 1", "y"), end(), path("s t x e"))
    )
    run.act(lambda execution: execution.skip(run.failures[0].token_id, variables={"r": {"n": 1}}))
    assert run.variables["y"] == 2
