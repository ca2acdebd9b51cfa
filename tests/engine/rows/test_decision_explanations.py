"""The history of an instance keeps why each of its decisions came out as it did."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from service.app import create_app
from tests.api.callers import Caller
from tests.engine.rows.house import SUPERVISOR, House, process, task
from tests.engine.spiff.bpmn import end, path, rule, start
from tests.factories import open_session

FEES = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="urn:fees">
<inputData id="pages" name="pages"><variable name="pages"/></inputData>
<inputData id="rows" name="rows"><variable name="rows"/></inputData>
<decision id="fee" name="fee"><variable name="fee"/>
  <informationRequirement id="r1"><requiredInput href="#pages"/></informationRequirement>
  <informationRequirement id="r2"><requiredInput href="#rows"/></informationRequirement>
  <decisionTable id="fee_table" hitPolicy="FIRST">
    <input id="i" label="Trang"><inputExpression id="ie"><text>pages</text></inputExpression></input>
    <output id="o"/>
    <annotation name="note"/>
    <rule id="few"><inputEntry id="a"><text>&lt;= 10.5</text></inputEntry>
      <outputEntry id="b"><text>pages * 0.1</text></outputEntry><annotationEntry><text>few</text></annotationEntry></rule>
    <rule id="many"><inputEntry id="c"><text>-</text></inputEntry>
      <outputEntry id="d"><text>100</text></outputEntry><annotationEntry><text>many</text></annotationEntry></rule>
  </decisionTable>
</decision></definitions>"""


@pytest.fixture
def deciding(house: House) -> House:
    """A house with a process that asks for a fee and then waits for a task."""
    parts = (start(), rule("ask_fee", "fee"), task("after", form="shared/note"), end())
    house.deploy(process("deciding", *parts, path("s ask_fee after e")), files={"fees.dmn": FEES})
    return house


def explanation_of(steps: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [step["extra"]["explanation"] for step in steps if "explanation" in step["extra"]]
    return found


def told_by_api(house: House, instance: object) -> dict[str, Any]:
    client = create_app(house.runtime).test_client()
    caller = Caller(client, open_session(house.runtime.database, house.office.actor_for(SUPERVISOR)))
    answer = caller.get(f"/api/v1/instances/{instance}/timeline")
    assert answer.status_code == 200, answer.text
    return explanation_of([step for entry in answer.json["items"] for step in entry["steps"]])


def test_the_timeline_tells_the_rule_that_matched_its_cells_and_the_result(deciding: House) -> None:
    instance = deciding.start("deciding", {"pages": Decimal("2.5"), "rows": []})
    steps = [step for entry in deciding.timeline(instance) for step in entry.steps]
    explanation = explanation_of([{"extra": step.extra} for step in steps])
    (step,) = explanation["steps"]
    (table,) = step["tables"]
    (matched,) = table["matched"]
    assert step["value"] == Decimal("0.25")
    assert matched["id"] == "few"
    assert matched["cells"] == [{"input": "Trang", "value": Decimal("2.5"), "test": "<= 10.5"}]
    assert matched["annotations"] == ["few"]
    assert deciding.variables(instance)["fee"] == Decimal("0.25")


def test_the_timeline_resource_gives_it_as_json(deciding: House) -> None:
    instance = deciding.start("deciding", {"pages": Decimal("12345678901234.567"), "rows": []})
    (step,) = told_by_api(deciding, instance)["steps"]
    assert step["inputs"]["pages"] == Decimal("12345678901234.567")
    assert step["value"] == 100


def test_large_inputs_do_not_swell_the_history(deciding: House) -> None:
    rows = [{"title": "Về việc " * 40, "number": number} for number in range(3_000)]
    instance = deciding.start("deciding", {"pages": 3, "rows": rows})
    explanation = told_by_api(deciding, instance)
    assert explanation["steps"][0]["inputs"]["rows"][-1] == {"left_out": 2_950}
    assert len(str(explanation)) < 100_000
