"""Multi-instance activities and standard loops."""

import pytest

from tests.engine.spiff.bench import Bench, BenchHost
from tests.engine.spiff.bpmn import (
    boundary,
    call,
    definitions,
    end,
    error,
    looped,
    many,
    message,
    model,
    node,
    path,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
)


def voting(**loop):
    return model(
        start(), user("vote", many(item="member", outputs="votes", output="vote_of", **loop), result_variable="vote_of"),
        user("z"), end(), path("s vote z e"),
    )  # fmt: skip


def test_a_parallel_multi_instance_task_collects_results_in_the_order_of_the_inputs():
    run = Bench(voting(over="members"), members=["an", "ba", "chi"])
    assert run.open == ["vote"] * 3
    assert [task.index for task in run.tasks("vote")] == [0, 1, 2]
    seen = run.execution.variables_of(run.tasks("vote")[1].token_id)
    assert (seen["member"], seen["loopCounter"]) == ("ba", 2)
    run.complete("vote", nth=2, yes=3)
    assert run.variables["votes"] == [{"yes": 3}]
    run.complete("vote", nth=0, yes=1)
    assert run.variables["votes"] == [{"yes": 1}, {"yes": 3}]
    run.complete("vote", yes=2)
    assert run.open == ["z"]
    assert run.variables == {"members": ["an", "ba", "chi"], "votes": [{"yes": 1}, {"yes": 2}, {"yes": 3}]}


def test_a_sequential_multi_instance_task_runs_one_after_the_other():
    run = Bench(voting(over="members", sequential=True), members=["an", "ba"])
    for index in range(2):
        assert run.open == ["vote"]
        assert run.tasks("vote")[0].index == index
        run.complete("vote", n=index)
    assert run.open == ["z"]
    assert run.variables["votes"] == [{"n": 0}, {"n": 1}]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_completion_condition_ends_the_rest(sequential):
    run = Bench(voting(cardinality="5", sequential=sequential, until="count(votes) = 2"))
    run.complete("vote", ok=True)
    run.complete("vote", ok=True)
    assert run.open == ["z"]
    assert len(run.variables["votes"]) == 2


def test_a_completion_condition_may_use_the_counts_of_bpmn():
    run = Bench(voting(cardinality="4", until="numberOfCompletedInstances / numberOfInstances >= 0.5"))
    run.complete("vote", ok=True)
    run.complete("vote", ok=True)
    assert run.open == ["z"]


@pytest.mark.parametrize("loop", [{"over": "members"}, {"cardinality": "0"}])
def test_no_instances_pass_at_once(loop):
    run = Bench(voting(**loop), members=[])
    assert run.open == ["z"]
    assert run.variables["votes"] == []


def test_a_collection_that_is_no_list_is_a_failure_that_can_be_retried():
    run = Bench(voting(over="members"), members=None)
    assert run.failures[0].code == "loop.no_list"
    run.retry(members=["an"])
    assert run.open == ["vote"]


def test_a_cardinality_that_is_no_whole_number_is_a_failure():
    assert Bench(voting(cardinality="2.5")).failures[0].code == "loop.no_number"
    assert Bench(voting(cardinality="nothing")).failures[0].code == "loop.no_number"


def test_a_null_completion_condition_is_a_failure_and_keeps_the_result():
    run = Bench(voting(cardinality="3", until="enough"))
    run.complete("vote", ok=1)
    assert run.failures[0].code == "condition.not_boolean"
    assert run.open == ["vote", "vote"]
    run.retry(enough=True)
    assert run.open == ["z"]
    assert run.variables["votes"] == [{"ok": 1}]


def test_instances_keep_what_they_write():
    bpmn = model(start(), user("t", many(cardinality="2")), user("z"), path("s t z"))
    run = Bench(bpmn, note="outside")
    run.complete("t", note="first")
    assert run.execution.variables_of(run.tasks("t")[0].token_id)["note"] == "outside"
    run.complete("t", note="second")
    assert run.variables == {"note": "outside"}


def test_a_parallel_multi_instance_task_behind_a_boundary_event_runs():
    bpmn = model(
        start(), user("t"), boundary("late", "t", timer("timeDuration", "PT1H")), user("vote", many(cardinality="2")), end(),
        path("s t e"), path("late vote e"),
    )  # fmt: skip
    run = Bench(bpmn)
    run.fire("late")
    assert run.open == ["vote", "vote"]
    run.complete("vote")
    run.complete("vote")
    assert run.done


def test_a_boundary_event_cancels_every_instance():
    bpmn = model(
        start(), user("vote", many(cardinality="3")), boundary("late", "vote", timer("timeDuration", "PT1H")), user("x"),
        path("s vote"), path("late x"),
    )  # fmt: skip
    run = Bench(bpmn)
    run.complete("vote")
    run.fire("late")
    assert run.open == ["x"]


def test_a_multi_instance_sub_process_gives_each_instance_its_own_variables():
    inner = sub(
        "units", start("is"), user("do"), script("x", "answer * 10", "result"), user("check"), end("ie"),
        path("is do x check ie"), many(over="list", item="unit", outputs="results", output="result"),
    )  # fmt: skip
    run = Bench(model(start(), inner, user("z"), path("s units z")), list=["a", "b"])
    assert run.open == ["do", "do"]
    assert [task.index for task in run.tasks("do")] == [0, 1]
    run.complete("do", answer=1)
    run.complete("do", answer=2)
    seen = [run.execution.variables_of(task.token_id) for task in run.tasks("check")]
    assert [(view["unit"], view["result"]) for view in seen] == [("a", 10), ("b", 20)]
    run.complete("check")
    run.complete("check")
    assert run.variables["results"] == [10, 20]
    assert "answer" not in run.variables


def test_a_multi_instance_call_activity_calls_once_per_item():
    files = definitions(
        process(
            "p",
            start(),
            call("c", "q", many(over="list", item="x", outputs="out", output="y", sequential=True)),
            end(),
            path("s c e"),
        ),
        process("q", start("qs"), script("qx", "x * x", "y"), end("qe"), path("qs qx qe")),
    )
    run = Bench(files, list=[1, 2, 3])
    assert run.done
    assert run.variables == {"list": [1, 2, 3], "out": [1, 4, 9]}


def test_a_multi_instance_service_task_runs_its_handler_for_each_item():
    host = BenchHost({"send.one": lambda to: {"to": to}})
    bpmn = model(
        start(),
        service(
            "t", "send.one", "receipt", many(over="list", item="x", outputs="out", output="receipt"), to="x"
        ),
        end(),
        path("s t e"),
    )
    run = Bench(bpmn, host=host, list=["a", "b"])
    assert run.variables["out"] == [{"to": "a"}, {"to": "b"}]


def test_multi_instance_receive_tasks_wait_each_under_its_own_key():
    bpmn = model(
        start(), node("receiveTask", "r", many(over="list", item="x"), 'messageRef="m_in"', correlation_key="x"), end(), path("s r e"),
        messages="in",
    )  # fmt: skip
    run = Bench(bpmn, list=["k1", "k2"])
    assert [wait.correlation_key for wait in run.subscriptions("r")] == ["k1", "k2"]
    run.deliver("r", nth=1)
    run.deliver("r")
    assert run.done


def test_an_error_in_one_instance_leaves_the_whole_activity_through_its_boundary():
    inner = sub("p1", start("is"), user("a"), end("ie", error("no")), path("is a ie"), many(cardinality="2"))
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
    run.complete("a")
    assert run.open == ["x"]


def test_a_standard_loop_runs_while_its_condition_holds():
    run = Bench(model(start(), user("t", looped("again")), end(), path("s t e")))
    run.complete("t", again=True)
    assert run.tasks("t")[0].index == 1
    run.complete("t", again=False)
    assert run.done


def test_a_standard_loop_may_test_first_and_has_a_maximum():
    assert Bench(model(start(), user("t", looped("n > 0", before=True)), end(), path("s t e")), n=0).done
    run = Bench(model(start(), script("t", "n + 1", "n", looped(maximum=3)), end(), path("s t e")), n=0)
    assert run.done
    assert run.variables["n"] == 3


def test_a_multi_instance_activity_with_a_message_boundary_goes_on_after_a_non_interrupting_one():
    bpmn = model(
        start(), user("t", many(cardinality="2")), boundary("b", "t", message("m"), interrupting=False), user("x"), end(), end("e2"),
        path("s t e"), path("b x e2"), messages="m",
    )  # fmt: skip
    run = Bench(bpmn)
    run.deliver("b")
    assert run.open == ["t", "t", "x"]
