"""Models that try to hurt the server end in bounded time with our errors."""

from __future__ import annotations

import pytest

from service.domain.errors import InvalidInput
from service.feel import FeelLimitError
from service.feel.dmn import load_models
from service.feel.dmn.xml import MAX_DEPTH
from service.feel.runtime import Runtime
from tests.unit.feel.dmn.dmn_source import decision, input_data, knowledge, literal, model, table


def test_a_cell_of_a_megabyte_is_refused_at_its_place() -> None:
    rules = [("1", "1 + " * 250_000 + "1")]
    with pytest.raises(InvalidInput) as caught:
        load_models(
            {"a.dmn": model(input_data("x"), decision("d", table("UNIQUE", ["x"], rules), inputs=["x"]))}
        )
    assert caught.value.findings[0].en.startswith("rule 1, output 1: ")


def test_brackets_nested_too_deep_are_refused_at_their_place() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_models({"a.dmn": model(decision("d", literal("(" * 5000 + "1" + ")" * 5000)))})
    assert caught.value.findings[0].element == "d"


def test_boxed_contexts_nested_too_deep_are_refused() -> None:
    depth = MAX_DEPTH
    logic = "<context><contextEntry>" * depth + literal("1") + "</contextEntry></context>" * depth
    with pytest.raises(InvalidInput):
        load_models({"a.dmn": model(decision("d", logic))})


def test_boxed_lists_nested_to_the_limit_are_evaluated() -> None:
    depth = MAX_DEPTH - 10
    logic = "<list>" * depth + literal("1") + "</list>" * depth
    value = load_models({"a.dmn": model(decision("d", logic))}).decide("d", {}, Runtime()).value
    for _ in range(depth):
        (value,) = value
    assert value == 1


def test_doubling_over_decisions_ends_at_the_budget() -> None:
    steps = [decision("d0", literal("[1]"))]
    steps += [
        decision(f"d{n}", literal(f"concatenate(d{n - 1}, d{n - 1})"), decisions=[f"d{n - 1}"])
        for n in range(1, 40)
    ]
    models = load_models({"a.dmn": model(*steps)})
    assert len(models.decide("d5", {}, Runtime()).value) == 32
    with pytest.raises(FeelLimitError):
        models.decide("d39", {}, Runtime())


def test_knowledge_models_that_call_one_another_forever_end_in_our_error() -> None:
    content = model(
        knowledge("ping", literal("pong(n)"), ["n"]).replace(
            "<encapsulatedLogic",
            '<knowledgeRequirement><requiredKnowledge href="#pong"/></knowledgeRequirement><encapsulatedLogic',
        ),
        knowledge("pong", literal("ping(n)"), ["n"]).replace(
            "<encapsulatedLogic",
            '<knowledgeRequirement><requiredKnowledge href="#ping"/></knowledgeRequirement><encapsulatedLogic',
        ),
        decision("d", literal("ping(1)"), knowledge=["ping"]),
    )
    with pytest.raises(FeelLimitError):
        load_models({"a.dmn": content}).decide("d", {}, Runtime())


def test_data_nested_too_deep_ends_in_our_error() -> None:
    data: list[object] = []
    for _ in range(100_000):
        data = [data]
    content = model(input_data("x"), decision("d", literal("count(x)"), inputs=["x"]))
    with pytest.raises(FeelLimitError):
        load_models({"a.dmn": content}).decide("d", {"x": data}, Runtime())


def test_a_table_of_a_thousand_rules_is_decided() -> None:
    rules = [(f"[{n}..{n + 1})", str(n)) for n in range(1000)]
    content = model(input_data("x"), decision("d", table("UNIQUE", ["x"], rules), inputs=["x"]))
    assert load_models({"a.dmn": content}).decide("d", {"x": 999.5}, Runtime()).value == 999


def test_type_checks_of_knowledge_models_pay_for_what_they_walk_through() -> None:
    parameter = '<formalParameter name="rows" typeRef="numbers"/>'
    content = model(
        '<itemDefinition name="numbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>',
        input_data("x"),
        knowledge("first", literal("rows[1]")).replace('kind="FEEL">', f'kind="FEEL">{parameter}'),
        decision("d", literal("for i in 1..10000 return first(x)"), inputs=["x"], knowledge=["first"]),
        decision("e", literal("first(x)"), inputs=["x"], knowledge=["first"]),
    )
    models = load_models({"a.dmn": content})
    data = {"x": list(range(20_000))}
    assert models.decide("e", data, Runtime()).value == 0
    with pytest.raises(FeelLimitError):
        models.decide("d", data, Runtime())
