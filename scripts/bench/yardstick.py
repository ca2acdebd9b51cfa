"""The same process in SpiffWorkflow alone, in memory: what everything else is measured against."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

STOCK_MODEL = Path(__file__).with_name("models") / "stock.bpmn"


def submission(step: str) -> dict[str, Any]:
    """Return what is submitted at ``step_N``."""
    number = step.removeprefix("step_")
    return {f"amount_{number}": 600, f"note_{number}": f"Ghi chú của bước {number}"}


class Yardstick:
    """Runs the reference process in memory."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(STOCK_MODEL.read_bytes())
        self._spec = parser.get_spec("reference")

    def run(self) -> int:
        """Run one instance to its end; return the number of user tasks."""
        workflow = BpmnWorkflow(self._spec, script_engine=PythonScriptEngine())
        workflow.do_engine_steps()
        completed = 0
        while not workflow.is_completed():
            task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
            task.set_data(**submission(task.task_spec.name))
            task.run()
            workflow.do_engine_steps()
            completed += 1
        return completed

    def cpu_ms(self, instances: int = 40) -> float:
        """Return the CPU milliseconds of one instance, the mean over ``instances``."""
        before = time.process_time()
        for _ in range(instances):
            self.run()
        return (time.process_time() - before) * 1000 / instances
