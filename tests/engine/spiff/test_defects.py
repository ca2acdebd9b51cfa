"""The defects of SpiffWorkflow 3.2.0 that were reproduced: each behaves here as it should.

Joins in loops, two-timer gateways, event sub-processes, link events, key order, type tags and multi-instance
behind boundary events have their tests beside their subject.
"""

import sys
import threading
from pathlib import Path

import pytest
import SpiffWorkflow.bpmn.workflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from service.domain.errors import InvalidInput
from service.engine.definition.support import UNSUPPORTED_ELEMENTS
from service.engine.spiff.definition import Definition
from service.engine.spiff.elements import UNSUPPORTED
from service.engine.spiff.execution import Execution
from service.engine.spiff.expressions import FeelEnvironment, FeelScriptEngine
from service.engine.spiff.failures import StepFailure
from tests.engine.spiff.bench import Bench, BenchHost
from tests.engine.spiff.bpmn import (
    HEAD,
    boundary,
    catch,
    conditional,
    end,
    exclusive,
    flow,
    looped,
    many,
    message,
    model,
    node,
    parallel,
    path,
    script,
    service,
    start,
    timer,
    user,
)

LOOP = model(
    start(),
    exclusive("m"),
    user("t"),
    exclusive("g", default="g_e"),
    end(),
    path("s m t g e"),
    flow("g", "m", "again"),
)


def test_a_user_loop_of_1500_passes_keeps_its_size_and_its_place():
    run = Bench(LOOP)
    run.complete("t", again=True)
    size, count = len(run.state), len(run.execution.tokens)
    for _ in range(1500):
        run.complete("t", again=True)
        run.steps.clear()
    assert (len(run.state), len(run.execution.tokens)) == (size, count)
    assert not run.done
    run.complete("t", again=False)
    assert run.done


def test_a_parallel_loop_of_300_passes_keeps_its_size():
    run = Bench(
        model(start(), exclusive("m"), parallel("f"), user("a"), user("b"), parallel("j"), exclusive("g", default="g_e"), end(),
              path("s m f a j g e"), path("f b j"), flow("g", "m", "again")),
        again=True,
    )  # fmt: skip
    sizes = set()
    for _ in range(300):
        run.complete("a")
        run.complete("b")
        sizes.add(len(run.state))
        run.steps.clear()
    assert len(sizes) == 1


def test_a_script_loop_of_2000_passes_runs_in_one_call():
    run = Bench(
        model(start(), exclusive("m"), script("x", "n + 1", "n"), exclusive("g", default="g_e"), end(), path("s m x g e"), flow("g", "m", "n < 2000")),
        n=0,
    )  # fmt: skip
    assert run.done
    assert run.variables == {"n": 2000}


def test_a_line_of_1200_tasks_is_parsed_and_run():
    names = [f"t{n}" for n in range(1200)]
    run = Bench(
        model(
            start(),
            *(script(name, "n + 1", "n") for name in names),
            end(),
            path("s " + " ".join(names) + " e"),
        ),
        n=0,
    )
    assert run.done
    assert run.variables == {"n": 1200}
    assert sys.getrecursionlimit() <= 1000


def test_the_stored_state_does_not_grow_with_what_is_still_to_come():
    names = [f"t{n}" for n in range(200)]
    run = Bench(model(start(), *(user(name) for name in names), end(), path("s " + " ".join(names) + " e")))
    assert len(run.state) < 250


def test_one_definition_serves_many_threads_at_once():
    bpmn = model(
        start(), parallel("f"), user("vote", many(cardinality="3", outputs="o", output="v"), result_variable="v"), user("b"),
        boundary("late", "b", timer("timeDuration", "PT1H")), user("x", looped(maximum=2)), parallel("j"), end(), end("e2"),
        path("s f vote j e"), path("f b x j"), path("late e2"),
    )  # fmt: skip
    definition = Definition.parse({"p": bpmn}, "p")
    wrong = []

    def walk():
        for _ in range(10):
            run = Execution.start(definition, BenchHost(), {})
            while run.waiting.user_tasks:
                run.complete(run.waiting.user_tasks[-1].token_id, {"v": 1})
                run = Execution.load(definition, BenchHost(), run.dump())
            if run.status != "completed" or run.variables["o"] != [{"v": 1}] * 3:
                wrong.append(run.variables)

    threads = [threading.Thread(target=walk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert definition.dump() == Definition.parse({"p": bpmn}, "p").dump()


HOSTILE = [
    "__import__('os').system('touch {mark}')",
    "open('{mark}', 'w')",
    "().__class__.__base__.__subclasses__()",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "lambda: 1",
    "exec('x = 1')",
    "eval('1')",
    "globals()",
    "'{{0.__class__}}'.format(1)",
    "import os",
    "x == 1",
]

PLACES = {
    "flow": lambda text: model(start(), exclusive("g", default="g_e"), user("a"), end(), flow("s", "g"), flow("g", "a", text), flow("g", "e")),
    "script": lambda text: model(start(), script("x", text, "r"), path("s x")),
    "parameter": lambda text: model(start(), service("x", "op.x", p=text), path("s x")),
    "cardinality": lambda text: model(start(), user("x", many(cardinality=text)), path("s x")),
    "completion": lambda text: model(start(), script("x", "1", "r", many(cardinality="1", until=text)), path("s x")),
    "loop": lambda text: model(start(), script("x", "1", "r", looped(text, before=True)), path("s x")),
    "timer": lambda text: model(start(), catch("x", timer("timeDuration", "=" + text)), path("s x")),
    "conditional": lambda text: model(start(), catch("x", conditional(text)), path("s x")),
    "key": lambda text: model(start(), catch("x", message("m"), correlation_key=text), path("s x"), messages="m"),
    "payload": lambda text: model(start(), node("sendTask", "x", attributes='messageRef="m_m"', payload=text), path("s x"), messages="m"),
    "owners": lambda text: model(start(), user("x", potential_owners=text), path("s x")),
    "excluded": lambda text: model(start(), user("x", excluded_owners=text), path("s x")),
    "due": lambda text: model(start(), user("x", due=text), path("s x")),
    "subject": lambda text: model(start(), user("x", subject=text), path("s x")),
    "rule": lambda text: model(start(), user("x", deadline_rule=text), path("s x")),
    "urgency": lambda text: model(start(), user("x", urgency=text), path("s x")),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_python_runs_from_any_place_of_a_model(place, tmp_path):
    mark = tmp_path / "mark"
    for template in HOSTILE:
        text = template.format(mark=mark)
        try:
            run = Bench(PLACES[place](text), host=BenchHost({"op.x": lambda **params: params}))
        except InvalidInput:
            continue
        held = repr(run.variables)
        assert "class" not in held
        assert "<" not in held
    assert not mark.exists()


@pytest.mark.parametrize(
    "text", ["x == 1", "[x for x in y]", "lambda: 1", "import os", "x if y else z", "a and not b"]
)
def test_python_syntax_is_refused_when_the_process_is_parsed(text):
    with pytest.raises(InvalidInput) as refused:
        Bench(PLACES["flow"](text))
    finding = refused.value.findings[0]
    assert finding.element == "g"
    assert finding.line


def test_a_python_script_task_is_refused():
    bpmn = model(start(), node("scriptTask", "x", "<bpmn:script>1</bpmn:script>"), path("s x"))
    with pytest.raises(InvalidInput) as refused:
        Bench(bpmn)
    assert refused.value.findings[0].code == "script.language"
    with pytest.raises(InvalidInput):
        Bench(bpmn.replace(b'id="x" ', b'id="x" scriptFormat="python"'))


def test_a_workflow_that_nobody_gave_an_engine_gets_feel_never_python():
    assert SpiffWorkflow.bpmn.workflow.PythonScriptEngine is FeelScriptEngine
    run = Bench(LOOP)
    plain = BpmnWorkflow(run.definition.root, deserializing=True)
    assert isinstance(plain.script_engine, FeelScriptEngine)
    with pytest.raises(StepFailure):
        plain.script_engine.environment.evaluate("__import__('os').getpid()", {})
    assert plain.script_engine.environment.evaluate("1 + 1", {}) == 2


def test_a_restored_instance_has_feel_as_its_engine():
    run = Bench(LOOP)
    instance = run.execution._instance
    assert isinstance(instance.script_engine, FeelScriptEngine)
    assert instance.script_engine.environment.evaluate("2 * n", {"n": 4}) == 8


def test_the_environment_runs_neither_scripts_nor_services():
    environment = FeelEnvironment()
    with pytest.raises(StepFailure):
        environment.execute("x = 1", {})
    with pytest.raises(StepFailure):
        environment.call_service({}, operation_name="x")


def test_a_token_runs_only_when_it_is_ready():
    run = Bench(model(start(), user("a"), user("b"), path("s a b")), reload=False)
    instance = run.execution._instance
    token = instance.find(run.tasks("a")[0].token_id)
    token._set_state(8)
    with pytest.raises(RuntimeError):
        token.run()
    token._set_state(16)
    run.complete("a")
    with pytest.raises(RuntimeError):
        token.run()


REFUSED = {
    "complexGateway": node("complexGateway", "x"),
    "transaction": node("transaction", "x"),
    "adHocSubProcess": node("adHocSubProcess", "x"),
    "dataStoreReference": node("dataStoreReference", "x"),
    "compensateEventDefinition": node("intermediateThrowEvent", "x", "<bpmn:compensateEventDefinition/>"),
    "cancelEventDefinition": node("endEvent", "x", "<bpmn:cancelEventDefinition/>"),
    "eventDefinitionRef": node("startEvent", "x", "<bpmn:eventDefinitionRef>d1</bpmn:eventDefinitionRef>"),
    "isForCompensation": node("userTask", "x", attributes='isForCompensation="true"'),
    "instantiate": node("receiveTask", "x", attributes='instantiate="true"'),
    "parallelMultiple": node("intermediateCatchEvent", "x", message("m"), 'parallelMultiple="true"'),
    "startQuantity": user("x", attributes='startQuantity="2"'),
    "completionQuantity": user("x", attributes='completionQuantity="2"'),
    "behavior": user("x", '<bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopCardinality>1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'),
    "eventGatewayType": node("eventBasedGateway", "x", attributes='eventGatewayType="Parallel"'),
    "multiple event definitions": node("intermediateCatchEvent", "x", message("m") + timer("timeDuration", "PT1H")),
    "transformation": user("x", "<bpmn:dataOutputAssociation><bpmn:transformation>1</bpmn:transformation></bpmn:dataOutputAssociation>"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_engine_does_not_run_is_refused_by_name(name):
    with pytest.raises(InvalidInput) as refused:
        Bench(model(start(), user("a"), path("s a"), REFUSED[name], messages="m"))
    finding = next(finding for finding in refused.value.findings if finding.code == "bpmn.unsupported")
    assert name in finding.en
    assert finding.element == "x"
    assert finding.file == "p.bpmn"


def test_the_deploy_check_refuses_all_that_the_engine_does_not_run():
    assert UNSUPPORTED_ELEMENTS.keys() >= UNSUPPORTED


@pytest.mark.parametrize(
    ("bpmn", "code"),
    [
        (model(user("a")), "process.no_start"),
        (model(start(), exclusive("g"), flow("g", "nowhere"), path("s g")), "flow.dangling"),
        (model(start(), boundary("b", "s", message("m")), messages="m"), "boundary.no_activity"),
        (model(start(), node("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="L"/>'), path("s x")), "link.no_target"),
        (model(start(), service("x", ""), path("s x")), "service.no_operation"),
        (model(start(), catch("x", message("m")), path("s x")), "event.no_name"),
        (model(start(), user("x", looped()), path("s x")), "loop.endless"),
        (model(start(), user("x", many()), path("s x")), "loop.no_source"),
        (model(start(), node("eventBasedGateway", "g"), user("a"), path("s g a")), "event_gateway.target"),
    ],
)  # fmt: skip
def test_a_model_that_could_not_run_is_refused_when_it_is_parsed(bpmn, code):
    with pytest.raises(InvalidInput) as refused:
        Bench(bpmn)
    assert code in {finding.code for finding in refused.value.findings}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<a>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "y">]>' + LOOP,
        LOOP.replace(b"</bpmn:definitions>", LOOP[LOOP.index(b"<bpmn:process") :]),
    ],
)
def test_a_file_that_may_not_be_read_is_refused_without_a_traceback(data):
    with pytest.raises(InvalidInput):
        Definition.parse({"p.bpmn": data}, "p")


def test_a_document_type_in_the_head_is_refused():
    assert HEAD.encode() in LOOP
    with pytest.raises(InvalidInput) as refused:
        Definition.parse({"p.bpmn": b"<!DOCTYPE x>" + LOOP}, "p")
    assert refused.value.code == "bpmn.unreadable"


def test_no_module_of_the_package_names_eval_exec_or_pickle():
    package = Path(sys.modules["service.engine.spiff"].__file__).parent
    for file in package.glob("*.py"):
        text = file.read_text()
        assert "eval(" not in text.replace("evaluate(", ""), file
        assert "exec(" not in text, file
        assert "pickle" not in text, file
