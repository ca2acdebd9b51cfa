"""Decision tables from XML (DMN 1.5 §8.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.feel.dmn.model import (
    Aggregation,
    DecisionTable,
    FeelText,
    HitPolicy,
    InputClause,
    OutputClause,
    Place,
    Rule,
)
from service.feel.dmn.source import Source, children, first_child, normal_name
from service.feel.dmn.xml import Element

_POLICY_LETTERS: Final = {
    "U": HitPolicy.UNIQUE,
    "A": HitPolicy.ANY,
    "F": HitPolicy.FIRST,
    "P": HitPolicy.PRIORITY,
    "R": HitPolicy.RULE_ORDER,
    "O": HitPolicy.OUTPUT_ORDER,
    "C": HitPolicy.COLLECT,
}


def read_decision_table(source: Source, element: Element) -> DecisionTable:
    """Return the table that a ``decisionTable`` element holds."""
    inputs = tuple(
        _read_input(source, child, number) for number, child in enumerate(children(element, "input"), 1)
    )
    outputs = tuple(
        _read_output(source, child, number) for number, child in enumerate(children(element, "output"), 1)
    )
    table = DecisionTable(
        inputs=inputs,
        outputs=outputs,
        annotations=tuple(normal_name(child.get("name")) for child in children(element, "annotation")),
        rules=tuple(
            _read_rule(source, child, number) for number, child in enumerate(children(element, "rule"), 1)
        ),
        hit_policy=_hit_policy(source, element),
        aggregation=_aggregation(source, element),
        type_ref=source.type_ref(element),
        place=source.place(element),
    )
    _check_shape(source, table)
    return table


def _read_input(source: Source, element: Element, number: int) -> InputClause:
    expression = first_child(element, "inputExpression")
    allowed = first_child(element, "inputValues")
    place = source.place(element, f"input {number}")
    text = FeelText("", place) if expression is None else source.feel_text(expression, place.cell)
    return InputClause(
        label=normal_name(element.get("label")) or normal_name(text.text),
        expression=text,
        type_ref=None if expression is None else source.type_ref(expression),
        allowed=_allowed(source, allowed, f"allowed values of {place.cell}"),
        place=place,
    )


def _read_output(source: Source, element: Element, number: int) -> OutputClause:
    default = first_child(element, "defaultOutputEntry")
    place = source.place(element, f"output {number}")
    name = normal_name(element.get("name"))
    return OutputClause(
        name=name,
        label=normal_name(element.get("label")) or name,
        type_ref=source.type_ref(element),
        allowed=_allowed(source, first_child(element, "outputValues"), f"allowed values of {place.cell}"),
        default=None if default is None else source.feel_text(default, f"default of {place.cell}"),
        place=place,
    )


def _allowed(source: Source, element: Element | None, cell: str) -> FeelText | None:
    """Return the unary tests of allowed values; an empty element restricts nothing."""
    if element is None:
        return None
    text = source.feel_text(element, cell)
    return text if text.text.strip() else None


def _read_rule(source: Source, element: Element, number: int) -> Rule:
    cell = f"rule {number}"
    return Rule(
        number=number,
        inputs=tuple(
            source.feel_text(child, f"{cell}, input {column}")
            for column, child in enumerate(children(element, "inputEntry"), 1)
        ),
        outputs=tuple(
            source.feel_text(child, f"{cell}, output {column}")
            for column, child in enumerate(children(element, "outputEntry"), 1)
        ),
        annotations=tuple(
            source.feel_text(child).text.strip() for child in children(element, "annotationEntry")
        ),
        place=source.place(element, cell),
    )


def _hit_policy(source: Source, element: Element) -> HitPolicy:
    raw = normal_name(element.get("hitPolicy")).upper() or HitPolicy.UNIQUE.value
    if raw in _POLICY_LETTERS:
        return _POLICY_LETTERS[raw]
    try:
        return HitPolicy(raw)
    except ValueError:
        source.report(
            "dmn.hit_policy",
            f"Không có quy tắc chọn dòng {raw!r}.",
            f"There is no hit policy {raw!r}.",
            source.place(element),
        )
        return HitPolicy.UNIQUE


def _aggregation(source: Source, element: Element) -> Aggregation | None:
    raw = element.get("aggregation")
    if not raw:
        return None
    try:
        return Aggregation(raw.strip().upper())
    except ValueError:
        source.report(
            "dmn.aggregation",
            f"Không có phép gộp {raw!r}.",
            f"There is no aggregation {raw!r}.",
            source.place(element),
        )
        return None


def _check_shape(source: Source, table: DecisionTable) -> None:
    if not table.outputs:
        source.report(
            "dmn.table_outputs",
            "Bảng quyết định không có cột đầu ra.",
            "The decision table has no output column.",
            table.place,
        )
    if len(table.outputs) > 1:
        _check_output_names(source, table)
    for clause in table.inputs:
        if not clause.expression.text.strip():
            source.report(
                "dmn.input_expression",
                "Cột đầu vào chưa có biểu thức.",
                "The input column has no expression.",
                clause.place,
            )
    for rule in table.rules:
        _check_width(source, rule.place, "input", len(rule.inputs), len(table.inputs))
        _check_width(source, rule.place, "output", len(rule.outputs), len(table.outputs))


def _check_output_names(source: Source, table: DecisionTable) -> None:
    if table.aggregation is not None:
        source.report(
            "dmn.aggregation_outputs",
            "Bảng gộp kết quả (C+, C<, C>, C#) chỉ được có một cột đầu ra.",
            "A table that aggregates (C+, C<, C>, C#) has one output column only.",
            table.place,
        )
    seen: set[str] = set()
    for output in table.outputs:
        if not output.name or output.name in seen:
            source.report(
                "dmn.output_name",
                "Bảng có nhiều cột đầu ra thì mỗi cột phải có tên riêng.",
                "In a table with several outputs each needs a name of its own.",
                output.place,
            )
        seen.add(output.name)


def _check_width(source: Source, place: Place, side: str, found: int, wanted: int) -> None:
    if found != wanted:
        side_vi = "đầu vào" if side == "input" else "đầu ra"
        source.report(
            "dmn.rule_width",
            f"có {found} ô {side_vi}, bảng có {wanted} cột.",
            f"{found} {side} cells where the table has {wanted} columns.",
            replace(place),
        )
