from pathlib import Path
from uuid import UUID

import pytest

from service.engine.spiff.definition import Definition
from service.engine.spiff.execution import Execution, NotWaiting
from tests.engine.spiff.bench import NOON, Bench, BenchHost

SEQUENCE = Path(__file__).with_name("sequence.bpmn").read_bytes()


def bench(**variables):
    return Bench({"sequence.bpmn": SEQUENCE}, process_id="sequence", **variables)


def test_a_process_runs_from_start_over_its_user_tasks_to_its_end():
    run = bench()
    assert run.open == ["enter_document"]
    run.complete("enter_document", summary="Về việc họp", entered_by="user:an")
    assert run.open == ["check_document"]
    run.complete("check_document", ok=True)
    assert run.done
    assert run.variables == {"summary": "Về việc họp", "entered_by": "user:an", "check": {"ok": True}}
    assert run.taken() == ["begun", "enter_document", "check_document", "ended"]
    assert run.taken("flow") == ["flow_1", "flow_2", "flow_3"]
    assert run.execution.tokens == []


def test_a_user_task_carries_its_evaluated_properties():
    run = bench()
    task = run.tasks("enter_document")[0]
    assert task.potential_owners == ("role:clerk",)
    assert task.form == "sequence/enter_document"
    assert task.urgency == "normal"
    assert task.created_at == NOON
    run.complete("enter_document", summary="Về việc họp", entered_by="user:an")
    task = run.tasks("check_document")[0]
    assert task.potential_owners == ("user:lan", "role:head")
    assert task.excluded_owners == ("user:an",)
    assert (task.subject, task.urgency) == ("Về việc họp", "urgent")
    assert (task.form, task.result_variable) == ("shared/check", "check")


def test_a_task_is_completed_once_only():
    run = bench()
    token = run.tasks("enter_document")[0].token_id
    run.complete("enter_document", entered_by="user:an")
    with pytest.raises(NotWaiting):
        run.execution.complete(token, {})
    assert run.open == ["check_document"]


def test_a_task_that_is_not_reached_cannot_be_completed():
    run = bench()
    with pytest.raises(NotWaiting):
        run.execution.complete(UUID(int=1), {})


def test_elements_tell_what_the_dialect_puts_on_them():
    definition = Definition.parse({"sequence.bpmn": SEQUENCE}, "sequence")
    element = definition.element("enter_document")
    assert (element.type, element.name, element.lane) == ("userTask", "Nhập văn bản", "Văn thư")
    assert element.documentation == "Nhập các trường của văn bản."
    assert element.line > 1
    assert definition.element("check_document").properties["form"] == "shared/check"
    assert definition.properties["title_vi"] == "Hai bước"


def test_a_stored_definition_runs_like_the_parsed_one():
    definition = Definition.restore(Definition.parse({"s": SEQUENCE}, "sequence").dump())
    run = Execution.start(definition, BenchHost(), {})
    assert [task.element_id for task in run.waiting.user_tasks] == ["enter_document"]


def test_a_terminated_instance_holds_nothing_and_keeps_its_reason():
    run = bench()
    run.act(lambda execution: execution.terminate("sai nơi nhận"))
    assert run.execution.status == "terminated"
    assert run.execution.termination_reason == "sai nơi nhận"
    assert run.execution.tokens == []
    with pytest.raises(NotWaiting):
        run.execution.terminate("lần nữa")
