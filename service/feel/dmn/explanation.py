"""The record of an evaluation as JSON data: what went in, which rules matched and why, what was taken.

Shape::

    {"left_out": 0,
     "steps": [{"kind": "decision", "id": …, "name": …, "inputs": {name: value}, "value": …,
                "tables": [{"id": …, "hit_policy": "FIRST", "aggregation": null,
                            "inputs": [{"label": …, "value": …}],
                            "matched": [{"rule": 3, "id": …, "annotations": […],
                                         "cells": [{"input": label, "value": …, "test": "< 5"}]}],
                            "taken": [3], "is_default": false,
                            "left_out": 0, "conflict": null or {"vi": …, "en": …}, "value": …}]}]}

Steps are in the order in which they ended: what a decision needs comes before it, the asked one is last. Long
values are cut (see :mod:`service.feel.dmn.abridgement`); ``left_out`` counts the steps before those that are
told, and the matching rules behind those that are told. Of more than 50 tables in one step the last are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from service.domain.errors import Finding
from service.feel.dmn.abridgement import MAX_ITEMS, Abridgement
from service.feel.dmn.model import BusinessKnowledgeModel, Decision, DecisionService, Rule
from service.feel.dmn.run import StepTrace, TableTrace
from service.feel.dmn.source import finding_at

Explanation: TypeAlias = dict[str, Any]

MAX_STEPS: Final = 200

_KINDS: Final[Mapping[type, str]] = {
    Decision: "decision",
    DecisionService: "decision_service",
    BusinessKnowledgeModel: "knowledge_model",
}


def explain_steps(steps: Sequence[StepTrace]) -> Explanation:
    """Return the explanation of an evaluation; of very many steps the last ones, which the asked one ends.

    The asked decision is written first, so that room is left for it whatever came before.
    """
    abridgement = Abridgement()
    told = [_step(step, abridgement) for step in reversed(steps[-MAX_STEPS:])]
    return {"left_out": len(steps) - len(told), "steps": told[::-1]}


def findings_of_conflicts(steps: Iterable[StepTrace]) -> Iterator[Finding]:
    """Yield a finding for each table whose matching rules contradict its hit policy."""
    for step in steps:
        for table in step.tables:
            if table.choice.conflict is not None:
                vi, en = table.choice.conflict
                yield finding_at(table.table.place, "dmn.rules_overlap", vi, en)


def _step(step: StepTrace, abridgement: Abridgement) -> dict[str, Any]:
    element = step.element
    return {
        "kind": _KINDS[type(element)],
        "id": element.id,
        "name": element.name,
        "value": abridgement.value(step.value),
        "tables": _tables(step.tables, abridgement),
        "inputs": abridgement.value(dict(step.inputs)),
    }


def _tables(traces: Sequence[TableTrace], abridgement: Abridgement) -> list[dict[str, Any]]:
    return [_table(trace, abridgement) for trace in traces[-MAX_ITEMS:]]


def _table(trace: TableTrace, abridgement: Abridgement) -> dict[str, Any]:
    table, choice = trace.table, trace.choice
    conflict = choice.conflict
    hits = () if abridgement.is_full else trace.hits[:MAX_ITEMS]
    return {
        "id": table.place.element,
        "hit_policy": table.hit_policy.value,
        "aggregation": None if table.aggregation is None else table.aggregation.value,
        "inputs": [
            {"label": abridgement.text(clause.label), "value": abridgement.value(value)}
            for clause, value in zip(table.inputs, trace.inputs, strict=False)
        ],
        "matched": [_rule(table.rules[index], trace, abridgement) for index in hits],
        "left_out": len(trace.hits) - len(hits),
        "taken": [index + 1 for index in choice.taken[:MAX_ITEMS]],
        "is_default": trace.is_default,
        "conflict": None if conflict is None else {"vi": conflict[0], "en": conflict[1]},
        "value": abridgement.value(choice.value),
    }


def _rule(rule: Rule, trace: TableTrace, abridgement: Abridgement) -> dict[str, Any]:
    cells = zip(trace.table.inputs, trace.inputs, rule.inputs, strict=False)
    return {
        "rule": rule.number,
        "id": rule.place.element,
        "annotations": [abridgement.text(text) for text in rule.annotations if text],
        "cells": [
            {
                "input": abridgement.text(clause.label),
                "value": abridgement.value(value),
                "test": abridgement.text(" ".join(text.text.split())),
            }
            for clause, value, text in cells
            if text.text.strip() not in {"", "-"}
        ],
    }
