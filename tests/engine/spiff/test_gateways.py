"""Choices and joins, saved and restored around every step."""

from itertools import permutations

import pytest

from tests.engine.spiff.bench import Bench
from tests.engine.spiff.bpmn import (
    end,
    exclusive,
    flow,
    inclusive,
    model,
    parallel,
    path,
    script,
    start,
    user,
)

CHOICE = model(
    start(),
    exclusive("big", default="big_c"),
    user("a"),
    user("b"),
    user("c"),
    end(),
    flow("s", "big"),
    flow("big", "a", "amount > 100"),
    flow("big", "b", "amount > 10"),
    flow("big", "c"),
    path("a e") + path("b e") + path("c e"),
)


@pytest.mark.parametrize(("amount", "task"), [(500, "a"), (50, "b"), (5, "c")])
def test_an_exclusive_gateway_takes_the_first_flow_that_holds_in_file_order(amount, task):
    run = Bench(CHOICE, amount=amount)
    assert run.open == [task]
    run.complete(task)
    assert run.done


def test_a_null_condition_is_a_failure_with_feels_reasons_and_never_the_default_flow():
    run = Bench(CHOICE)
    assert run.open == []
    failure = run.failures[0]
    assert (failure.element_id, failure.code) == ("big", "condition.not_boolean")
    assert failure.details["expression"] == "amount > 100"
    assert "amount" in failure.en
    assert failure.vi
    run.retry(amount=50)
    assert run.open == ["b"]
    assert run.failures == []


def test_a_condition_that_gives_no_boolean_is_a_failure():
    bpmn = model(
        start(),
        exclusive("g", default="g_e"),
        end(),
        user("a"),
        flow("s", "g"),
        flow("g", "a", '"yes"'),
        flow("g", "e"),
    )
    assert Bench(bpmn).failures[0].details["kind"] == "str"


def test_no_condition_that_holds_and_no_default_is_a_failure_that_can_be_skipped():
    bpmn = model(
        start(),
        exclusive("g"),
        user("a"),
        user("b"),
        flow("s", "g"),
        flow("g", "a", "x = 1"),
        flow("g", "b", "x = 2"),
    )
    run = Bench(bpmn, x=3)
    assert run.failures[0].code == "gateway.no_flow"
    run.act(lambda execution: execution.skip(run.failures[0].token_id, "g_b"))
    assert run.open == ["b"]


FORK = model(
    start(), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), user("z"), end(),
    path("s f a j z e"), path("f b j"), path("f c j"),
)  # fmt: skip


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_a_parallel_join_waits_for_every_branch_in_every_order(order):
    run = Bench(FORK)
    assert run.open == ["a", "b", "c"]
    for task in order[:-1]:
        run.complete(task)
        assert "z" not in run.open
    run.complete(order[-1])
    assert run.open == ["z"]
    run.complete("z")
    assert run.done


REWORK = model(
    start(), exclusive("again"), parallel("f"), user("a"), user("b"), parallel("j"), exclusive("ok", default="ok_e"),
    end(), path("s again f a j ok e"), path("f b j"), flow("ok", "again", 'verdict = "rework"'),
)  # fmt: skip


@pytest.mark.parametrize("orders", [("ab", "ab"), ("ab", "ba"), ("ba", "ab"), ("ba", "ba")])
def test_two_person_approval_needs_both_people_in_every_round(orders):
    run = Bench(REWORK)
    for order in orders:
        run.complete(order[0], verdict="rework")
        assert run.open == [order[1]]
        run.complete(order[1])
        assert run.open == ["a", "b"]
    run.complete("a", verdict="fine")
    assert run.open == ["b"]
    run.complete("b")
    assert run.done


INCLUSIVE = model(
    start(), exclusive("again"), inclusive("f", default="f_c"), user("a"), user("b"), user("c"), inclusive("j"),
    exclusive("ok", default="ok_e"), end(), path("s again f"), flow("f", "a", "wa"), flow("f", "b", "wb"), flow("f", "c"),
    path("a j ok e"), path("b j"), path("c j"), flow("ok", "again", "rework"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("wa", "wb", "tasks"), [(True, True, "ab"), (True, False, "a"), (False, True, "b"), (False, False, "c")]
)
def test_an_inclusive_gateway_waits_for_just_the_branches_it_started_in_every_round(wa, wb, tasks):
    for order in permutations(tasks):
        run = Bench(INCLUSIVE, wa=wa, wb=wb, rework=True)
        for _ in range(2):
            assert run.open == sorted(tasks)
            for task in order:
                run.complete(task)
        assert run.open == sorted(tasks)
        run.act(lambda execution: execution.set_variables(None, {"rework": False}))
        for task in order:
            run.complete(task)
        assert run.done


def test_an_inclusive_join_does_not_wait_for_a_branch_that_ended_early():
    bpmn = model(
        start(), inclusive("f"), user("a"), exclusive("stop"), user("b"), inclusive("j"), user("z"), end("e1"), end("e2"),
        path("s f a stop"), flow("stop", "e1", "halt"), flow("stop", "j", "not(halt)"), path("f b j z e2"),
    )  # fmt: skip
    run = Bench(bpmn)
    run.complete("b")
    assert run.open == ["a"]
    run.complete("a", halt=True)
    assert run.open == ["z"]


def test_nested_forks_join_inside_out():
    bpmn = model(
        start(), parallel("f"), parallel("g"), user("a"), user("b"), user("c"), parallel("i"), parallel("j"), end(),
        path("s f g a i j e"), path("g b i"), path("f c j"),
    )  # fmt: skip
    run = Bench(bpmn)
    for task in "acb":
        run.complete(task)
    assert run.done


def test_two_tokens_run_a_task_without_join_twice():
    run = Bench(
        model(
            start(), parallel("f"), user("t"), end(), path("s f t e"), flow("f", "t").replace("f_t", "f_t2")
        )
    )
    assert run.open == ["t", "t"]
    run.complete("t")
    assert not run.done
    run.complete("t")
    assert run.done
    assert run.taken().count("t") == 2


def test_tokens_too_many_on_one_flow_wait_for_the_next_firing_of_the_join():
    bpmn = model(
        start(), parallel("f"), exclusive("m"), user("a"), user("b"), parallel("j"), user("z"), end(),
        path("s f m a j z e"), flow("f", "m").replace("f_m", "f_m2"), path("f b j"),
    )  # fmt: skip
    run = Bench(bpmn)
    assert run.open == ["a", "a", "b"]
    run.complete("a")
    run.complete("a")
    assert run.open == ["b"]
    run.complete("b")
    assert run.open == ["z"]
    run.complete("z")
    assert run.failures[0].code == "gateway.never_complete"
    assert run.failures[0].element_id == "j"


def test_a_parallel_join_that_can_never_complete_is_a_failure():
    bpmn = model(
        start(),
        exclusive("x", default="x_b"),
        user("a"),
        user("b"),
        parallel("j"),
        end(),
        flow("s", "x"),
        flow("x", "a", "1 = 2"),
        flow("x", "b"),
        path("a j e"),
        path("b j"),
    )
    run = Bench(bpmn)
    run.complete("b")
    assert run.failures[0].code == "gateway.never_complete"
    run.act(lambda execution: execution.skip(run.failures[0].token_id))
    assert run.done


def test_several_flows_out_of_a_task_are_an_implicit_fork():
    run = Bench(
        model(start(), user("t"), user("a"), user("b"), end("x"), end("y"), path("s t a x"), path("t b y"))
    )
    run.complete("t")
    assert run.open == ["a", "b"]
    run.complete("a")
    run.complete("b")
    assert run.done


def test_a_condition_on_a_flow_out_of_a_task_is_obeyed():
    bpmn = model(
        start(), user("t", attributes='default="t_c"'), user("a"), user("b"), user("c"), path("s t"),
        flow("t", "a", "x > 1"), flow("t", "b", "x > 2"), flow("t", "c"),
    )  # fmt: skip
    for x, tasks in ((3, ["a", "b"]), (2, ["a"]), (1, ["c"])):
        run = Bench(bpmn)
        run.complete("t", x=x)
        assert run.open == tasks


def test_a_null_condition_behind_a_task_keeps_the_submission_and_can_be_retried():
    run = Bench(
        model(
            start(),
            user("t"),
            user("a"),
            user("b"),
            path("s t"),
            flow("t", "a", "x > 1"),
            flow("t", "b", "x <= 1"),
        )
    )
    run.complete("t", y=5)
    assert run.failures[0].element_id == "t"
    assert run.variables == {"y": 5}
    run.retry(x=0)
    assert run.open == ["b"]
    assert run.variables == {"y": 5, "x": 0}


def test_a_loop_straight_back_into_a_task_runs_it_again():
    run = Bench(
        model(
            start(), user("t"), exclusive("g", default="g_e"), end(), path("s t g e"), flow("g", "t", "again")
        )
    )
    run.complete("t", again=True)
    run.complete("t", again=True)
    run.complete("t", again=False)
    assert run.done


def test_parallel_branches_see_each_others_writes_and_a_join_merges_nothing():
    bpmn = model(
        start(), parallel("f"), user("a"), user("b"), parallel("j"), script("x", "count(log)", "n"), end(),
        path("s f a j x e"), path("f b j"),
    )  # fmt: skip
    run = Bench(bpmn, log=[])
    run.complete("a", log=[1, 2])
    assert run.execution.variables_of(run.tasks("b")[0].token_id)["log"] == [1, 2]
    run.complete("b", log=[1, 2, 3])
    assert run.variables == {"log": [1, 2, 3], "n": 3}
