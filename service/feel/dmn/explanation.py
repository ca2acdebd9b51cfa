"""The record of an evaluation as JSON data: what went in, which rules matched and why, what was taken.

Shape::

    {"steps": [{"kind": "decision", "id": …, "name": …, "inputs": {name: value}, "value": …,
                "tables": [{"id": …, "hit_policy": "FIRST", "aggregation": null,
                            "inputs": [{"label": …, "value": …}],
                            "matched": [{"rule": 3, "id": …, "annotations": […],
                                         "cells": [{"input": label, "value": …, "test": "< 5"}]}],
                            "taken": [3], "is_default": false,
                            "conflict": null or {"vi": …, "en": …}, "value": …}]}]}

Steps are in the order in which they ended: what a decision needs comes before it, the asked one is last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from service.domain.errors import Finding
from service.feel.convert import to_json
from service.feel.dmn.model import BusinessKnowledgeModel, Decision, DecisionService, Rule
from service.feel.dmn.run import StepTrace, TableTrace
from service.feel.dmn.source import finding_at
from service.feel.values import FeelFunction

Explanation: TypeAlias = dict[str, Any]

_KINDS: Final[Mapping[type, str]] = {
    Decision: "decision",
    DecisionService: "decision_service",
    BusinessKnowledgeModel: "knowledge_model",
}


def explain_steps(steps: Iterable[StepTrace]) -> Explanation:
    """Return the explanation of an evaluation."""
    return {"steps": [_step(step) for step in steps]}


def findings_of_conflicts(steps: Iterable[StepTrace]) -> Iterator[Finding]:
    """Yield a finding for each table whose matching rules contradict its hit policy."""
    for step in steps:
        for table in step.tables:
            if table.choice.conflict is not None:
                vi, en = table.choice.conflict
                yield finding_at(table.table.place, "dmn.rules_overlap", vi, en)


def _step(step: StepTrace) -> dict[str, Any]:
    element = step.element
    return {
        "kind": _KINDS[type(element)],
        "id": element.id,
        "name": element.name,
        "inputs": {
            name: to_json(value) for name, value in step.inputs.items() if not isinstance(value, FeelFunction)
        },
        "tables": [_table(trace) for trace in step.tables],
        "value": to_json(step.value),
    }


def _table(trace: TableTrace) -> dict[str, Any]:
    table, choice = trace.table, trace.choice
    conflict = choice.conflict
    return {
        "id": table.place.element,
        "hit_policy": table.hit_policy.value,
        "aggregation": None if table.aggregation is None else table.aggregation.value,
        "inputs": [
            {"label": clause.label, "value": to_json(value)}
            for clause, value in zip(table.inputs, trace.inputs, strict=False)
        ],
        "matched": [_rule(table.rules[index], trace) for index in trace.hits],
        "taken": [index + 1 for index in choice.taken],
        "is_default": trace.is_default,
        "conflict": None if conflict is None else {"vi": conflict[0], "en": conflict[1]},
        "value": to_json(choice.value),
    }


def _rule(rule: Rule, trace: TableTrace) -> dict[str, Any]:
    cells = zip(trace.table.inputs, trace.inputs, rule.inputs, strict=False)
    return {
        "rule": rule.number,
        "id": rule.place.element,
        "annotations": [text for text in rule.annotations if text],
        "cells": [
            {"input": clause.label, "value": to_json(value), "test": " ".join(text.text.split())}
            for clause, value, text in cells
            if text.text.strip() not in {"", "-"}
        ],
    }
