"""A step costs the same however old its instance is."""

from __future__ import annotations

from time import process_time

from service.queries.instances import INSTANCE
from tests.engine.rows.house import SPECIALIST, House, form, process, task
from tests.engine.spiff.bpmn import end, exclusive, flow, path, start

PASSES = 300
MOST_GROWTH = 2


def test_three_hundred_passes_through_a_loop_cost_the_same_first_and_last(house: House) -> None:
    flows = (path("s write is_done"), flow("is_done", "e", "done"), flow("is_done", "write"))
    parts = (start(), task("write"), exclusive("is_done", "is_done_write"), end())
    fields = form("note", done={"type": "boolean"}, required=["done"])
    house.deploy(process("loop", *parts, *flows), forms={"loop/write": fields})
    instance = house.start("loop", {"done": False})
    found = house.task("write", instance).id
    seconds, sizes = [], []
    for number in range(PASSES):
        before = process_time()
        view = house.do(SPECIALIST, house.completion(found, {"done": False, "note": f"lần {number}"}))
        seconds.append(process_time() - before)
        found = view.next_tasks[0].id
        (row,) = house.rows(INSTANCE, INSTANCE.c.id == instance)
        sizes.append(len(row.execution))
    tenth = PASSES // 10
    assert max(sizes[-tenth:]) < MOST_GROWTH * min(sizes[:tenth])
    assert min(seconds[-tenth:]) < MOST_GROWTH * sorted(seconds[:tenth])[tenth // 2]
    house.do(SPECIALIST, house.completion(found, {"done": True}))
    assert house.state(instance) == "completed"
