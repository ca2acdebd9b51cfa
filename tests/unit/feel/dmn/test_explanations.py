"""An explanation stays small whatever went in, and tells what it leaves out."""

from __future__ import annotations

import json

from service.feel.dmn import load_models
from service.feel.dmn.abridgement import MAX_CHARACTERS, MAX_ITEMS, ROOM
from service.feel.dmn.explain import explain_lines
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, knowledge, literal, model, table


def explained(content: bytes, **inputs):
    return load_models({"a.dmn": content}).decide("d", inputs, Runtime()).explanation


def size(explanation) -> int:
    return len(json.dumps(explanation, default=str, ensure_ascii=False))


COUNTING = model(input_data("x"), decision("d", literal("count(x)"), inputs=["x"]))


def test_small_values_are_told_whole():
    (step,) = explained(COUNTING, x=[1, {"a": "b"}, None])["steps"]
    assert step["inputs"] == {"x": [1, {"a": "b"}, None]}


def test_a_long_list_ends_with_the_count_of_what_is_left_out():
    (step,) = explained(COUNTING, x=list(range(20_000)))["steps"]
    assert step["value"] == 20_000
    assert step["inputs"]["x"][MAX_ITEMS - 1 :] == [MAX_ITEMS - 1, {"left_out": 20_000 - MAX_ITEMS}]


def test_a_long_text_and_a_large_context_are_cut():
    (step,) = explained(COUNTING, x=["x" * 5_000, {f"k{n}": n for n in range(400)}])["steps"]
    text, context = step["inputs"]["x"]
    assert text == "x" * MAX_CHARACTERS + "…"
    assert context["…"] == {"left_out": 400 - MAX_ITEMS}


def test_an_explanation_has_room_for_so_much_whatever_its_inputs_are():
    rows = [[["x" * 200] * 50] * 50] * 50
    explanation = explained(COUNTING, x=rows)
    assert size(explanation) < 3 * ROOM
    assert explanation["steps"][-1]["value"] == 50


def test_of_many_steps_the_last_are_told_the_asked_one_among_them():
    content = model(
        knowledge("square", literal("n * n"), ["n"]),
        decision("d", literal("sum(for i in 1..1000 return square(i))"), knowledge=["square"]),
    )
    explanation = explained(content)
    assert explanation["left_out"] == 801
    assert explanation["steps"][-1]["value"] == 333_833_500
    assert next(explain_lines(explanation, "en")) == "… 801 left out"


def test_of_many_matching_rules_the_first_are_told():
    rules = [("-", str(n)) for n in range(400)]
    content = model(input_data("x"), decision("d", table("COLLECT", ["x"], rules), inputs=["x"]))
    explanation = explained(content, x=1)
    (found,) = explanation["steps"][0]["tables"]
    assert (len(found["matched"]), found["left_out"]) == (MAX_ITEMS, 400 - MAX_ITEMS)
    assert any("350 được lược bớt" in line for line in explain_lines(explanation))
