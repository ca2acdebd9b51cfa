"""Events that are waited for and thrown, on their own, behind gateways and on the edge of activities."""

from datetime import timedelta

import pytest

from handlers.contract import BpmnError
from tests.engine.spiff.bench import NOON, Bench, BenchHost
from tests.engine.spiff.bpmn import (
    TERMINATE,
    boundary,
    call,
    catch,
    conditional,
    definitions,
    end,
    error,
    escalation,
    event_sub,
    events,
    flow,
    link,
    message,
    model,
    node,
    parallel,
    path,
    process,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)


def test_a_timer_event_waits_for_its_due_time():
    run = Bench(model(start(), catch("t", timer("timeDuration", "PT2H")), end(), path("s t e")))
    wait = run.timers("t")[0]
    assert wait.due_at == NOON + timedelta(hours=2)
    assert wait.kind == "duration"
    assert run.execution.fire_timer(wait.token_id, wait.due_at + timedelta(seconds=1)) is False
    assert run.fire("t") is True
    assert run.done
    assert run.execution.fire_timer(wait.token_id, wait.due_at) is False


def test_a_timer_event_takes_a_feel_duration_and_a_feel_date():
    run = Bench(
        model(
            start(), catch("t", timer("timeDuration", '= duration("PT1H") * factor')), end(), path("s t e")
        ),
        factor=3,
    )
    assert run.timers("t")[0].due_at == NOON + timedelta(hours=3)
    run = Bench(
        model(start(), catch("t", timer("timeDate", "= due")), end(), path("s t e")),
        due=NOON + timedelta(days=1),
    )
    assert run.timers("t")[0].due_at == NOON + timedelta(days=1)


def test_a_timer_without_a_time_is_a_failure_that_can_be_retried():
    run = Bench(model(start(), catch("t", timer("timeDuration", "= wait")), end(), path("s t e")))
    assert run.failures[0].code == "timer.no_time"
    run.retry(wait="PT5M")
    assert run.timers("t")[0].due_at == NOON + timedelta(minutes=5)


def test_a_message_event_waits_under_its_key_and_takes_the_payload():
    bpmn = model(
        start(), catch("m", message("reply"), correlation_key="case_id", result_variable="answer"), end(), path("s m e"),
        messages="reply",
    )  # fmt: skip
    run = Bench(bpmn, case_id="A-7")
    wait = run.subscriptions("m")[0]
    assert (wait.kind, wait.name, wait.correlation_key) == ("message", "reply", "A-7")
    run.deliver("m", verdict="yes")
    assert run.done
    assert run.variables["answer"] == {"verdict": "yes"}


def test_a_message_without_a_key_to_wait_under_is_a_failure():
    run = Bench(model(start(), catch("m", message("r"), correlation_key="nobody"), path("s m"), messages="r"))
    assert run.failures[0].code == "message.no_key"


def test_a_receive_task_waits_for_its_message_and_keeps_its_entries():
    run = Bench(
        model(
            start(),
            node("receiveTask", "r", attributes='messageRef="m_in"'),
            end(),
            path("s r e"),
            messages="in",
        )
    )
    run.deliver("r", x=1, y=2)
    assert run.done
    assert run.variables == {"x": 1, "y": 2}


def test_a_send_task_and_a_message_throw_leave_the_instance_with_key_and_payload():
    bpmn = model(
        start(), node("sendTask", "a", attributes='messageRef="m_out"', payload="{amount: amount * 2}", correlation_key="id"),
        throw("b", message("out")), end(), path("s a b e"), messages="out",
    )  # fmt: skip
    run = Bench(bpmn, amount=21, id=5)
    first, second = run.thrown
    assert (first.kind, first.name, first.correlation_key, first.payload) == (
        "message",
        "out",
        "5",
        {"amount": 42},
    )
    assert (second.element_id, second.payload) == ("b", {})
    assert run.done


def test_a_message_can_end_a_process():
    run = Bench(model(start(), end("e", message("bye"), payload="{x: 1}"), path("s e"), messages="bye"))
    assert run.done
    assert run.thrown[0].payload == {"x": 1}


def test_a_signal_reaches_every_waiting_token_of_its_own_instance_and_leaves_it():
    bpmn = model(
        start(), parallel("f"), catch("c", signal("go")), user("t"), boundary("bt", "t", signal("go")), user("u"),
        throw("w", signal("go"), payload="{who: 1}"), end("e1"), end("e2"), end("e3"),
        path("s f c e1"), path("f t e2"), path("bt e2"), path("f u w e3"), signals="go",
    )  # fmt: skip
    run = Bench(bpmn)
    run.complete("u")
    assert run.done
    assert [(out.kind, out.name) for out in run.thrown] == [("signal", "go")]
    assert run.variables["who"] == 1


def test_a_signal_from_outside_reaches_all_that_wait():
    run = Bench(model(start(), catch("c", signal("go")), end(), path("s c e"), signals="go"))
    assert run.act(lambda execution: execution.signal("stay", {})) == 0
    assert run.act(lambda execution: execution.signal("go", {"x": 1})) == 1
    assert run.done


def test_a_conditional_event_fires_when_variables_make_it_true():
    bpmn = model(
        start(),
        parallel("f"),
        catch("c", conditional("total > 10")),
        user("t"),
        end("e1"),
        end("e2"),
        path("s f c e1"),
        path("f t t2 e2"),
        user("t2"),
    )
    run = Bench(bpmn)
    run.complete("t", total=5)
    assert run.subscriptions("c")[0].kind == "conditional"
    run.act(lambda execution: execution.set_variables(None, {"total": 11}))
    assert "c" in run.taken()
    assert run.failures == []


def test_a_conditional_event_that_already_holds_does_not_wait():
    run = Bench(model(start(), catch("c", conditional("x = 1")), end(), path("s c e")), x=1)
    assert run.done


def test_two_timers_behind_an_event_gateway_have_their_own_due_times_and_the_first_wins():
    bpmn = model(
        start(), events("g"), catch("slow", timer("timeDuration", "PT30S")), catch("quick", timer("timeDuration", "PT0.3S")),
        user("a"), user("b"), path("s g slow a"), path("g quick b"),
    )  # fmt: skip
    run = Bench(bpmn)
    assert run.timers("slow")[0].due_at == NOON + timedelta(seconds=30)
    assert run.timers("quick")[0].due_at == NOON + timedelta(milliseconds=300)
    run.fire("quick")
    assert run.open == ["b"]
    assert run.execution.waiting.timers == []


def test_a_message_wins_over_the_timer_behind_an_event_gateway():
    bpmn = model(
        start(), events("g"), catch("m", message("in")), catch("late", timer("timeDuration", "P1D")),
        user("a"), user("b"), path("s g m a"), path("g late b"), messages="in",
    )  # fmt: skip
    run = Bench(bpmn)
    run.deliver("m")
    assert run.open == ["a"]
    assert run.execution.waiting.timers == []


def test_an_event_gateway_in_a_loop_lets_the_events_race_anew():
    bpmn = model(
        start(), node("exclusiveGateway", "x"), events("g"), catch("m", message("in")), catch("late", timer("timeDuration", "P1D")),
        end(), path("s x g m x"), path("g late e"), messages="in",
    )  # fmt: skip
    run = Bench(bpmn)
    for _ in range(3):
        run.deliver("m")
    assert len(run.execution.waiting.timers) == 1
    run.fire("late")
    assert run.done


def test_an_interrupting_boundary_timer_replaces_its_task():
    bpmn = model(
        start(),
        user("t"),
        boundary("late", "t", timer("timeDuration", "PT1H")),
        user("x"),
        end(),
        path("s t e"),
        path("late x e"),
    )
    run = Bench(bpmn)
    run.fire("late")
    assert run.open == ["x"]
    assert "t" in run.taken("cancelled")
    run.complete("x")
    assert run.done


def test_a_boundary_timer_leaves_with_its_task():
    bpmn = model(
        start(),
        user("t"),
        boundary("late", "t", timer("timeDuration", "PT1H")),
        user("x"),
        end(),
        path("s t e"),
        path("late x e"),
    )
    run = Bench(bpmn)
    wait = run.timers("late")[0]
    run.complete("t")
    assert run.done
    assert run.execution.fire_timer(wait.token_id, wait.due_at) is False


def test_a_non_interrupting_boundary_cycle_fires_as_often_as_it_says():
    bpmn = model(
        start(), user("t"), boundary("remind", "t", timer("timeCycle", "R2/PT1H"), interrupting=False), script("x", "n + 1", "n"),
        end(), end("e2"), path("s t e"), path("remind x e2"),
    )  # fmt: skip
    run = Bench(bpmn, n=0)
    assert run.timers("remind")[0].remaining == 2
    run.fire("remind")
    assert run.variables["n"] == 1
    assert run.timers("remind")[0].due_at == NOON + timedelta(hours=2)
    run.fire("remind")
    assert run.variables["n"] == 2
    assert run.execution.waiting.timers == []
    run.complete("t")
    assert run.done


def test_a_non_interrupting_boundary_message_can_come_again():
    bpmn = model(
        start(), user("t"), boundary("m", "t", message("note"), interrupting=False), script("x", "n + 1", "n"), end(), end("e2"),
        path("s t e"), path("m x e2"), messages="note",
    )  # fmt: skip
    run = Bench(bpmn, n=0)
    run.deliver("m")
    run.deliver("m")
    assert run.variables["n"] == 2
    run.complete("t")
    assert run.done


def test_a_conditional_boundary_interrupts_once_its_condition_becomes_true():
    bpmn = model(
        start(),
        parallel("f"),
        user("t"),
        boundary("c", "t", conditional("recalled")),
        user("u"),
        user("x"),
        path("s f t"),
        path("f u"),
        path("c x"),
    )
    run = Bench(bpmn)
    run.complete("u", recalled=True)
    assert run.open == ["x"]


def test_a_boundary_event_on_a_sub_process_cancels_all_inside():
    inner = sub("p1", start("is"), parallel("f"), user("a"), user("b"), path("is f a"), path("f b"))
    run = Bench(
        model(
            start(),
            inner,
            boundary("stop", "p1", message("stop")),
            user("x"),
            end(),
            path("s p1 e"),
            path("stop x e"),
            messages="stop",
        )
    )
    assert run.open == ["a", "b"]
    run.deliver("stop")
    assert run.open == ["x"]


def failing(code):
    def handler():
        raise BpmnError(code, "vì sao")

    return BenchHost({"do.it": handler})


def test_a_handlers_business_error_goes_to_the_error_boundary():
    bpmn = model(
        start(), service("t", "do.it"), boundary("bad", "t", error("refused")), user("x"), end(), path("s t e"), path("bad x e"),
        errors="refused",
    )  # fmt: skip
    run = Bench(bpmn, host=failing("refused"))
    assert run.open == ["x"]
    assert run.variables == {"error_code": "refused", "error_message": "vì sao"}


def test_an_error_boundary_that_names_the_code_goes_before_one_that_catches_all():
    bpmn = model(
        start(), service("t", "do.it"), boundary("any", "t", error()), boundary("one", "t", error("refused")), user("x"), user("y"),
        path("s t"), path("any x"), path("one y"), errors="refused",
    )  # fmt: skip
    assert Bench(bpmn, host=failing("refused")).open == ["y"]
    assert Bench(bpmn, host=failing("other")).open == ["x"]


def test_an_uncaught_business_error_is_a_failure():
    run = Bench(model(start(), service("t", "do.it"), end(), path("s t e")), host=failing("refused"))
    assert run.failures[0].code == "error.uncaught"
    run.act(lambda execution: execution.skip(run.failures[0].token_id))
    assert run.done


def test_an_error_end_event_leaves_its_sub_process_through_the_error_boundary():
    inner = sub("p1", start("is"), user("a"), end("ie", error("no")), path("is a ie"))
    run = Bench(
        model(
            start(),
            inner,
            boundary("b", "p1", error("no")),
            user("x"),
            end(),
            path("s p1 e"),
            path("b x e"),
            errors="no",
        )
    )
    run.complete("a")
    assert run.open == ["x"]


def test_an_error_passes_through_sub_processes_that_do_not_catch_it():
    inner = sub("p2", start("is2"), end("ie2", error("no")), path("is2 ie2"))
    outer = sub(
        "p1",
        start("is"),
        inner,
        boundary("other", "p2", error("x")),
        end("ie"),
        path("is p2 ie"),
        path("other ie"),
    )
    run = Bench(
        model(
            start(),
            outer,
            boundary("b", "p1", error("no")),
            user("x"),
            end(),
            path("s p1 e"),
            path("b x"),
            errors="no x",
        )
    )
    assert run.open == ["x"]


def test_an_uncaught_error_end_event_is_a_failure():
    run = Bench(model(start(), end("e", error("no")), path("s e"), errors="no"))
    assert run.failures[0].code == "error.uncaught"
    assert run.execution.status == "running"


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_outside_and_only_an_interrupting_catch_ends_the_sub_process(interrupting):
    inner = sub("p1", start("is"), throw("up", escalation("help")), user("a"), end("ie"), path("is up a ie"))
    bpmn = model(
        start(), inner, boundary("b", "p1", escalation("help"), interrupting=interrupting), user("x"), end(), path("s p1 e"), path("b x e"),
        escalations="help",
    )  # fmt: skip
    run = Bench(bpmn)
    assert run.open == (["x"] if interrupting else ["a", "x"])
    assert run.variables["escalation_code"] == "help"
    assert run.thrown == []


def test_an_uncaught_escalation_leaves_the_instance_and_the_flow_goes_on():
    run = Bench(model(start(), throw("up", escalation("help")), end(), path("s up e"), escalations="help"))
    assert run.done
    assert [(out.kind, out.name) for out in run.thrown] == [("escalation", "help")]


def test_a_link_throw_goes_on_at_its_catch():
    bpmn = model(
        start(),
        throw("out", link("A")),
        catch("back", link("A")),
        user("t"),
        end(),
        path("s out"),
        path("back t e"),
    )
    run = Bench(bpmn)
    assert run.open == ["t"]
    run.complete("t")
    assert run.done


def test_a_terminate_end_event_ends_everything_in_its_process():
    run = Bench(
        model(
            start(),
            parallel("f"),
            user("a"),
            user("b"),
            end("stop", TERMINATE),
            end("e"),
            path("s f a stop"),
            path("f b e"),
        )
    )
    run.complete("a")
    assert run.done
    assert "b" in run.taken("cancelled")


def test_a_terminate_end_event_in_a_sub_process_ends_only_that():
    inner = sub(
        "p1",
        start("is"),
        parallel("f"),
        user("a"),
        user("b"),
        end("stop", TERMINATE),
        path("is f a stop"),
        path("f b"),
    )
    run = Bench(model(start(), inner, user("x"), end(), path("s p1 x e")))
    run.complete("a")
    assert run.open == ["x"]


def esp(kind, inner_task="x", interrupting=True, **props):
    flag = "true" if interrupting else "false"
    return event_sub(
        "ev",
        start("es", kind, f'isInterrupting="{flag}"', **props),
        user(inner_task),
        end("ee"),
        path(f"es {inner_task} ee"),
    )


def test_an_interrupting_event_sub_process_takes_over():
    run = Bench(model(start(), user("t"), end(), path("s t e"), esp(message("recall")), messages="recall"))
    assert run.open == ["t"]
    run.deliver("ev", reason="sai")
    assert run.open == ["x"]
    assert run.variables == {"reason": "sai"}
    assert run.execution.waiting.subscriptions == []
    run.complete("x")
    assert run.done


def test_a_non_interrupting_event_sub_process_runs_beside_as_often_as_it_is_started():
    run = Bench(
        model(
            start(),
            user("t"),
            end(),
            path("s t e"),
            esp(message("note"), interrupting=False),
            messages="note",
        )
    )
    run.deliver("ev")
    run.deliver("ev")
    assert run.open == ["t", "x", "x"]
    run.complete("t")
    run.complete("x")
    assert not run.done
    run.complete("x")
    assert run.done


def test_an_event_sub_process_that_stands_by_keeps_nothing_open():
    run = Bench(
        model(
            start(), user("t"), end(), path("s t e"), esp(timer("timeDuration", "PT1H"), interrupting=False)
        )
    )
    assert run.timers("ev")[0].due_at == NOON + timedelta(hours=1)
    run.complete("t")
    assert run.done
    assert run.execution.waiting.timers == []


def test_a_timer_event_sub_process_starts_when_due():
    run = Bench(model(start(), user("t"), end(), path("s t e"), esp(timer("timeDuration", "PT1H"))))
    run.fire("ev")
    assert run.open == ["x"]


def test_an_error_event_sub_process_starts_only_on_its_error():
    bpmn = model(start(), user("t"), end("e", error("no")), path("s t e"), esp(error("no")), errors="no")
    run = Bench(bpmn)
    assert run.open == ["t"]
    run.complete("t")
    assert run.open == ["x"]
    run.complete("x")
    assert run.done


def test_an_escalation_event_sub_process_catches_inside_its_scope():
    run = Bench(
        model(
            start(),
            throw("up", escalation("help")),
            user("t"),
            end(),
            path("s up t e"),
            esp(escalation("help"), interrupting=False),
            escalations="help",
        )
    )
    assert run.open == ["t", "x"]


def test_an_event_sub_process_in_a_sub_process_interrupts_only_that():
    inner = sub("p1", start("is"), user("a"), end("ie"), path("is a ie"), esp(message("recall")))
    run = Bench(
        model(
            start(),
            parallel("f"),
            inner,
            user("t"),
            user("y"),
            end(),
            path("s f p1 y e"),
            path("f t e"),
            messages="recall",
        )
    )
    run.deliver("ev")
    assert run.open == ["t", "x"]
    run.complete("x")
    assert run.open == ["t", "y"]


def test_instances_of_a_process_with_event_sub_processes_do_not_touch_each_other():
    bpmn = model(
        start(), user("t"), end(), path("s t e"), esp(message("note"), interrupting=False), messages="note"
    )
    first = Bench(bpmn)
    first.deliver("ev")
    before = first.definition.dump()
    second = Bench(bpmn)
    second.definition = first.definition
    second.complete("t")
    assert second.done
    assert first.definition.dump() == before


def test_a_process_starts_by_the_message_it_names():
    bpmn = model(
        start("s"),
        start("m", message("packet")),
        user("a"),
        user("b"),
        path("s a"),
        path("m b"),
        messages="packet",
    )
    run = Bench(bpmn)
    assert run.open == ["a"]
    assert [event.kind for event in run.definition.start_events] == ["none", "message"]
    assert Bench(bpmn, message="packet", body="x").open == ["b"]
    assert Bench(bpmn, start_event="m").open == ["b"]


def test_a_called_process_has_its_own_event_sub_process():
    files = definitions(
        process(
            "p",
            start(),
            call("c", "q"),
            boundary("b", "c", error("no")),
            user("x"),
            end(),
            path("s c e"),
            path("b x"),
        ),
        process("q", start("qs"), user("qt"), end("qe", error("no")), path("qs qt qe")),
        errors="no",
    )
    run = Bench(files)
    run.complete("qt")
    assert run.open == ["x"]


def test_a_job_can_fail_with_a_business_error():
    bpmn = model(
        start(),
        service("t", "ext.call"),
        boundary("b", "t", error("no")),
        user("x"),
        end(),
        path("s t e"),
        path("b x"),
        errors="no",
    )
    run = Bench(bpmn, host=BenchHost(jobs=("ext.call",)))
    job = run.execution.waiting.jobs[0]
    run.act(lambda execution: execution.fail_job_with_bpmn_error(job.token_id, "no", "hỏng"))
    assert run.open == ["x"]
    assert run.variables["error_message"] == "hỏng"


def test_a_boundary_timer_cancels_a_running_job():
    bpmn = model(
        start(),
        service("t", "ext.call"),
        boundary("late", "t", timer("timeDuration", "PT1H")),
        user("x"),
        end(),
        path("s t e"),
        path("late x"),
    )
    run = Bench(bpmn, host=BenchHost(jobs=("ext.call",)))
    run.fire("late")
    assert run.open == ["x"]
    assert run.execution.waiting.jobs == []


def test_a_condition_flow_names_its_history():
    run = Bench(model(start(), user("t"), end(), path("s t e")))
    run.complete("t")
    assert [(step.kind, step.element_id) for step in run.steps if step.kind in {"flow", "entered"}] == [
        ("entered", "s"), ("flow", "s_t"), ("entered", "t"), ("flow", "t_e"), ("entered", "e"),
    ]  # fmt: skip
    assert flow("a", "b") in path("a b")


def test_a_condition_that_cannot_be_told_fails_the_watching_event_alone():
    bpmn = model(
        start(),
        user("t"),
        boundary("c", "t", conditional("x + 1")),
        user("u"),
        end(),
        path("s t e"),
        path("c u"),
    )
    run = Bench(bpmn)
    run.act(lambda execution: execution.set_variables(None, {"x": 1}))
    assert (run.failures[0].element_id, run.failures[0].code) == ("c", "condition.not_boolean")
    assert run.open == ["t"]
    run.retry()
    assert run.failures[0].element_id == "c"
    run.act(lambda execution: execution.skip(run.failures[0].token_id))
    assert (run.open, run.failures) == (["t"], [])
    run.complete("t")
    assert run.done


def test_retrying_a_join_that_can_never_complete_lets_it_wait_again():
    bpmn = model(
        start(),
        parallel("f"),
        user("a"),
        user("b"),
        parallel("j"),
        end("x", TERMINATE),
        end(),
        path("s f a j e"),
        path("f b"),
    )
    bpmn = bpmn.replace(b"</bpmn:process>", path("q j").encode() + user("q").encode() + b"</bpmn:process>")
    run = Bench(bpmn)
    run.complete("b")
    run.complete("a")
    assert run.failures[0].code == "gateway.never_complete"
    run.retry()
    assert run.failures[0].code == "gateway.never_complete"


def test_an_event_sub_process_whose_timer_has_no_time_fails_and_can_be_retried_or_dropped():
    run = Bench(model(start(), user("t"), end(), path("s t e"), esp(timer("timeDuration", "= wait"))))
    assert (run.open, run.failures[0].element_id) == (["t"], "ev")
    run.retry(wait="PT1H")
    assert run.timers("ev")[0].due_at == NOON + timedelta(hours=1)
    other = Bench(model(start(), user("t"), end(), path("s t e"), esp(timer("timeDuration", "= wait"))))
    other.act(lambda execution: execution.skip(other.failures[0].token_id))
    other.complete("t")
    assert other.done


def test_two_pools_are_two_processes():
    files = definitions(
        '<bpmn:collaboration id="co"><bpmn:participant id="p1" processRef="p"/><bpmn:participant id="p2" processRef="q"/></bpmn:collaboration>',
        process("p", start(), throw("ask", message("ask"), payload="{n: 1}"), catch("answer", message("answer")), end(), path("s ask answer e")),
        process("q", start("qs", message("ask")), throw("qt", message("answer"), payload="{n: n + 1}"), end("qe"), path("qs qt qe")),
        messages="ask answer",
    )  # fmt: skip
    asking = Bench(files)
    asked = Bench(files, process_id="q", message="ask", **asking.thrown[0].payload)
    asking.deliver("answer", **asked.thrown[0].payload)
    assert asking.done
    assert asking.variables == {"n": 2}


def test_an_event_sub_process_starts_on_a_signal_and_on_a_condition():
    run = Bench(model(start(), user("t"), end(), path("s t e"), esp(signal("go")), signals="go"))
    run.act(lambda execution: execution.signal("go", {}))
    assert run.open == ["x"]
    run = Bench(
        model(start(), user("t"), end(), path("s t e"), esp(conditional("amount > 5"), interrupting=False))
    )
    for amount in (1, 6, 7, 2, 8):
        run.act(lambda execution, amount=amount: execution.set_variables(None, {"amount": amount}))
    # It starts each time the condition becomes true, not each time it is.
    assert run.open == ["t", "x", "x"]


def test_an_end_event_may_throw_an_escalation_or_a_signal():
    inner = sub(
        "p1",
        start("is"),
        parallel("f"),
        end("up", escalation("help")),
        end("go", signal("go")),
        path("is f up"),
        path("f go"),
    )
    bpmn = model(
        start(), inner, boundary("b", "p1", escalation("help"), interrupting=False), user("x"), end(), path("s p1 e"), path("b x"),
        escalations="help", signals="go",
    )  # fmt: skip
    run = Bench(bpmn)
    assert run.open == ["x"]
    assert [(out.kind, out.name) for out in run.thrown] == [("signal", "go")]
    assert "e" in run.taken()


def test_an_error_of_an_interrupting_event_sub_process_is_not_caught_by_its_own_scope():
    events_inside = event_sub("ev", start("es", error("no")), end("ee", error("no")), path("es ee"))
    inner = sub("p1", start("is"), end("ie", error("no")), path("is ie"), events_inside)
    run = Bench(
        model(
            start(),
            inner,
            boundary("b", "p1", error("no")),
            user("x"),
            path("s p1"),
            path("b x"),
            errors="no",
        )
    )
    assert run.open == ["x"]
    assert run.taken("entered").count("ev") == 1


def test_an_event_that_cancels_its_own_thrower_does_not_let_it_go_on():
    inner = sub("p1", start("is"), throw("go", signal("go")), user("never"), path("is go never"))
    run = Bench(
        model(
            start(),
            inner,
            boundary("b", "p1", signal("go")),
            user("x"),
            end(),
            path("s p1 e"),
            path("b x e"),
            signals="go",
        )
    )
    assert run.open == ["x"]
    run.complete("x")
    assert run.done
