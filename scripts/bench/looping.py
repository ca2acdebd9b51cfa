"""What a step costs as an instance grows old: a user task in a loop, completed again and again."""

from __future__ import annotations

import statistics
import time
from typing import Any

from service.actions.deployments import deploy
from service.actions.instances import start
from service.actions.user_tasks import complete
from service.bootstrap import Runtime
from service.domain.actors import Actor
from service.engine.definition import Bundle, BundleFile
from service.queries.instances import read_view

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="looping_definitions" targetNamespace="http://congvan.vn/bench">
  <bpmn:process id="looping" name="Lặp" isExecutable="true">
    <bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="title_vi" value="Lặp"/><spiffworkflow:property name="title_en" value="Looping"/><spiffworkflow:property name="may_start" value="[&quot;role:specialist&quot;]"/></spiffworkflow:properties></bpmn:extensionElements>
    <bpmn:startEvent id="started"><bpmn:outgoing>to_again</bpmn:outgoing></bpmn:startEvent>
    <bpmn:exclusiveGateway id="again"><bpmn:incoming>to_again</bpmn:incoming><bpmn:incoming>back</bpmn:incoming><bpmn:outgoing>to_work</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:userTask id="work_on" name="Làm"><bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="potential_owners" value="&quot;role:specialist&quot;"/></spiffworkflow:properties></bpmn:extensionElements><bpmn:incoming>to_work</bpmn:incoming><bpmn:outgoing>to_is_done</bpmn:outgoing></bpmn:userTask>
    <bpmn:exclusiveGateway id="is_done" default="back"><bpmn:incoming>to_is_done</bpmn:incoming><bpmn:outgoing>back</bpmn:outgoing><bpmn:outgoing>to_end</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:endEvent id="finished"><bpmn:incoming>to_end</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="to_again" sourceRef="started" targetRef="again"/>
    <bpmn:sequenceFlow id="to_work" sourceRef="again" targetRef="work_on"/>
    <bpmn:sequenceFlow id="to_is_done" sourceRef="work_on" targetRef="is_done"/>
    <bpmn:sequenceFlow id="back" sourceRef="is_done" targetRef="again"/>
    <bpmn:sequenceFlow id="to_end" sourceRef="is_done" targetRef="finished"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">passes &lt; 0</bpmn:conditionExpression></bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>
"""  # noqa: E501 - a diagram

FORM = """{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Làm", "x-title-en": "Work",
"type": "object", "required": ["passes"], "additionalProperties": false, "properties": {"passes":
{"type": "integer", "minimum": 0, "x-label-vi": "Lượt", "x-label-en": "Pass"}}}"""


def cost_of_age(runtime: Runtime, deployer: Actor, worker: Actor, passes: int = 1_500) -> dict[str, Any]:
    """Return the CPU of a completion in the first and the last tenth of the passes, in milliseconds."""
    files = (
        BundleFile("looping.bpmn", BPMN.encode()),
        BundleFile("forms/looping/work_on.form.json", FORM.encode()),
    )
    with runtime.database.unit_of_work(deployer) as unit:
        deploy(runtime.checker, unit, Bundle("looping", files))
    with runtime.database.unit_of_work(worker) as unit:
        started = start(runtime.engine, unit, "looping", {})
    task_id = started.next_tasks[0].id
    costs = []
    for number in range(passes):
        before = time.process_time()
        with runtime.database.unit_of_work(worker) as unit:
            view = complete(runtime.engine, unit, task_id, None, {"passes": number})
        costs.append((time.process_time() - before) * 1000)
        task_id = view.next_tasks[0].id
    with runtime.database.unit_of_work(worker) as unit:
        assert read_view(unit, started.instance_id).state == "active"
    tenth = passes // 10
    first, last = statistics.median(costs[:tenth]), statistics.median(costs[-tenth:])
    return {
        "passes": passes,
        "first_tenth_cpu_ms": round(first, 3),
        "last_tenth_cpu_ms": round(last, 3),
        "ratio": round(last / first, 2),
    }
