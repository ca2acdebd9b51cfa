"""Sub-processes, calls and the scopes of variables."""

from decimal import Decimal

import pytest

from service.domain.errors import InvalidInput
from tests.engine.spiff.bench import Bench
from tests.engine.spiff.bpmn import (
    call,
    definitions,
    end,
    exclusive,
    flow,
    model,
    path,
    process,
    script,
    start,
    sub,
    user,
)


def test_a_sub_process_writes_through_to_its_process():
    inner = sub("p1", start("is"), user("a"), end("ie"), path("is a ie"))
    run = Bench(model(start(), inner, user("b"), end(), path("s p1 b e")), x=1)
    task = run.tasks("a")[0]
    assert task.scope == (run.token("p1"),)
    run.complete("a", x=2, y=3)
    assert run.variables == {"x": 2, "y": 3}
    run.complete("b")
    assert run.done


def test_a_data_object_declared_in_a_sub_process_lives_and_ends_with_it():
    inner = sub(
        "p1", '<bpmn:dataObject id="draft"/>', start("is"), user("a"), user("b"), end("ie"), path("is a b ie")
    )
    run = Bench(model(start(), inner, user("c"), path("s p1 c")), draft="outside")
    run.complete("a", draft="inside", other=1)
    assert run.execution.variables_of(run.tasks("b")[0].token_id)["draft"] == "inside"
    run.complete("b")
    assert run.variables == {"draft": "outside", "other": 1}


def test_a_data_object_of_the_process_begins_as_null():
    run = Bench(model('<bpmn:dataObject id="note"/>', start(), user("a"), path("s a")))
    assert run.variables == {"note": None}


def test_a_sub_process_without_start_event_starts_at_every_element_that_nothing_leads_to():
    inner = sub("p1", user("a"), user("b"))
    run = Bench(model(start(), inner, end(), path("s p1 e")))
    assert run.open == ["a", "b"]
    run.complete("a")
    run.complete("b")
    assert run.done


CALLED = process("q", start("qs"), user("qt"), script("qx", "x + 1", "y"), end("qe"), path("qs qt qx qe"))


def test_a_called_process_gets_a_copy_and_gives_back_what_it_wrote():
    files = {
        "p.bpmn": definitions(process("p", start(), call("c", "q"), user("z"), end(), path("s c z e"))),
        "q.bpmn": definitions(CALLED),
    }
    run = Bench(files, x=1, untouched="a")
    run.act(lambda execution: execution.set_variables(None, {"untouched": "changed meanwhile", "x": 100}))
    assert run.tasks("qt")[0].form == "q/qt"
    run.complete("qt", note="n")
    assert run.variables == {"x": 100, "untouched": "changed meanwhile", "y": 2, "note": "n"}


def test_a_called_process_that_declares_inputs_and_outputs_gets_and_gives_just_those():
    io = (
        '<bpmn:ioSpecification><bpmn:dataInput id="i1" name="x"/><bpmn:dataOutput id="o1" name="y"/>'
        "<bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>"
    )
    called = CALLED.replace('isExecutable="true">', f'isExecutable="true">{io}', 1)
    files = definitions(process("p", start(), call("c", "q"), user("z"), path("s c z")), called)
    run = Bench(files, x=1, secret="s")
    assert run.execution.variables_of(run.tasks("qt")[0].token_id) == {"x": 1}
    run.complete("qt", junk=1)
    assert run.variables == {"x": 1, "secret": "s", "y": 2}
    failure = Bench(files, secret="s").failures[0]
    assert (failure.code, failure.details) == ("call.missing_input", {"missing": ["x"]})


FACTORIAL = definitions(
    process(
        "p",
        start(),
        exclusive("more", default="more_one"),
        script("less", "n - 1", "n"),
        call("rec", "p"),
        script("one", "1", "product"),
        script("times", "product * (n + 1)", "product"),
        end(),
        end("e2"),
        path("s more"),
        flow("more", "less", "n > 1"),
        flow("more", "one"),
        path("less rec times e"),
        path("one e2"),
    )
)


def test_a_process_may_call_itself():
    run = Bench(FACTORIAL, n=5)
    assert run.done
    assert run.failures == []
    # What the callee writes comes back, n too, so that each of the four callers doubles.
    assert (run.variables["n"], run.variables["product"]) == (1, 16)


def test_a_process_that_calls_itself_without_end_becomes_a_failure():
    run = Bench(definitions(process("p", start(), call("c", "p"), end(), path("s c e"))))
    assert run.failures[0].code == "process.too_deep"


def test_a_called_process_that_is_not_in_the_bundle_is_refused():
    with pytest.raises(InvalidInput) as refused:
        Bench(definitions(process("p", start(), call("c", "nowhere"), path("s c"))))
    assert refused.value.findings[0].code == "process.unknown"


def test_numbers_keep_every_digit():
    run = Bench(
        model(start(), script("x", "price * 3", "total"), user("a"), path("s x a")),
        price=Decimal("19.990"),
        big=2**90,
        rate=0.1,
    )
    assert run.variables["total"] == Decimal("59.970")
    assert run.variables["big"] == 2**90
    assert (run.variables["rate"], str(run.variables["price"])) == (0.1, "19.990")


def test_a_submission_is_copied_so_that_no_caller_can_reach_into_a_variable():
    run = Bench(model(start(), user("a"), user("b"), path("s a b")), reload=False)
    held = {"list": [1]}
    run.complete("a", held=held)
    held["list"].append(2)
    assert run.variables["held"] == {"list": [1]}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), {1: "x"}, object(), "\ud800", {"a": {"b": {1, 2}}}]
)
def test_a_value_that_no_variable_can_hold_is_refused_with_its_place(value):
    run = Bench(model(start(), user("a"), user("b"), path("s a b")))
    with pytest.raises(InvalidInput) as refused:
        run.execution.complete(run.tasks("a")[0].token_id, {"x": value})
    assert refused.value.findings[0].pointer.startswith("/x")
    assert run.open == ["a"]


def test_a_task_in_a_sub_process_belongs_to_the_lane_of_the_sub_process():
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="Văn thư"><bpmn:extensionElements><spiffworkflow:properties>'
        '<spiffworkflow:property name="potential_owners" value="&quot;role:clerk&quot;"/></spiffworkflow:properties>'
        "</bpmn:extensionElements><bpmn:flowNodeRef>p1</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    inner = sub("p1", start("is"), user("a"), path("is a"))
    run = Bench(model(lanes, start(), inner, path("s p1")))
    assert run.tasks("a")[0].potential_owners == ("role:clerk",)
    assert run.definition.element("a").lane == "Văn thư"
