"""Literals, lists, contexts and ranges."""

from __future__ import annotations

from typing import Any

from service.feel import ast
from service.feel.compiler.builder import Builder, Code
from service.feel.compiler.inference import parse_temporal
from service.feel.scope import Scope
from service.feel.values import (
    Range,
    comparison,
)
from service.feel.values.reasons import kind_words


def constant(value: Any) -> Code:
    """Return code that always gives ``value``."""

    def evaluate(_scope: Scope) -> Any:
        return value

    return evaluate


def compile_number(_builder: Builder, node: ast.Number) -> Code:
    """A number is itself."""
    return constant(node.value)


def compile_text(_builder: Builder, node: ast.Text) -> Code:
    """A string is itself."""
    return constant(node.value)


def compile_boolean(_builder: Builder, node: ast.Boolean) -> Code:
    """A boolean is itself."""
    return constant(node.value)


def compile_null(_builder: Builder, _node: ast.Null) -> Code:
    """Null is itself."""
    return constant(None)


def compile_temporal(builder: Builder, node: ast.Temporal) -> Code:
    """``@"…"`` is the date, time, date and time or duration that the text names, else null."""
    text = node.text
    value = parse_temporal(text)
    if value is not None:
        return constant(value)
    place = builder.place(node)

    def unreadable(scope: Scope) -> None:
        scope.run.place = place
        scope.run.report(
            "feel.temporal",
            f"'{text}' không phải ngày, giờ hay thời lượng.",
            f"'{text}' is no date, time or duration.",
        )

    return unreadable


def compile_list(builder: Builder, node: ast.ListLiteral) -> Code:
    """A list of the values of its items."""
    items = builder.compile_all(node.items)
    size, place = len(items), builder.place(node)

    def evaluate(scope: Scope) -> list[Any]:
        run = scope.run
        run.place = place
        run.spend(size)
        return [item(scope) for item in items]

    return evaluate


def compile_context(builder: Builder, node: ast.ContextLiteral) -> Code:
    """A context; each entry sees those before it. A key given twice makes the whole null (§10.3.2.6)."""
    entries = tuple((entry.key, builder.compile(entry.value)) for entry in node.entries)
    twice = _first_repeated(node.entries)
    if twice is not None:
        return _repeated_key(builder, twice)

    def evaluate(scope: Scope) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inner = Scope(values, scope, scope.run)
        for key, value in entries:
            values[key] = value(inner)
        return values

    return evaluate


def _first_repeated(entries: tuple[ast.Entry, ...]) -> ast.Entry | None:
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            return entry
        seen.add(entry.key)
    return None


def _repeated_key(builder: Builder, entry: ast.Entry) -> Code:
    place = builder.place(entry)

    def evaluate(scope: Scope) -> None:
        scope.run.place = place
        scope.run.report(
            "feel.duplicate_key",
            f"Thành phần '{entry.key}' được khai hai lần trong một ngữ cảnh.",
            f"The entry '{entry.key}' is given twice in one context.",
        )

    return evaluate


def compile_range(builder: Builder, node: ast.RangeLiteral) -> Code:
    """A range; ends of different kinds make it null."""
    low, high = builder.compile(node.low), builder.compile(node.high)
    low_included, high_included = node.low_included, node.high_included
    place = builder.place(node)

    def evaluate(scope: Scope) -> Range | None:
        first, last = low(scope), high(scope)
        if type(first) is type(last) or first is None or last is None:
            return Range(first, last, low_included, high_included)
        scope.run.place = place
        lower, upper = kind_words(first), kind_words(last)
        scope.run.report(
            "feel.range_ends",
            f"Hai đầu khoảng khác kiểu: {lower.vi} và {upper.vi}.",
            f"The ends of the range are of different kinds: {lower.en} and {upper.en}.",
        )
        return None

    return evaluate


def compile_one_sided(builder: Builder, node: ast.OneSided) -> Code:
    """``(< 5)`` as a value: a range without the other end."""
    operator, operand = node.operator, builder.compile(node.operand)

    def evaluate(scope: Scope) -> Range:
        return comparison(operator, operand(scope))

    return evaluate
