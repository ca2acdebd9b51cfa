"""``for``, ``some``, ``every`` and ``if``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from service.feel import ast
from service.feel.analysis import mentions
from service.feel.compiler.builder import Builder, Code
from service.feel.compiler.paths import compile_raw, reaches_data
from service.feel.runtime import Run
from service.feel.scope import Scope
from service.feel.values import CONTEXT, Date, Range
from service.feel.values import operations as op
from service.feel.values.dates import plus_days
from service.feel.values.reasons import kind_words

_ONE: Final = Decimal(1)
_MINUS_ONE: Final = Decimal(-1)
_COPIED_PER_STEP: Final = 64


class _Loop:
    """One iterator of a loop, compiled."""

    __slots__ = ("domain", "end", "name", "place", "raw")

    def __init__(self, builder: Builder, node: ast.Iterator) -> None:
        self.name = node.name
        self.domain = compile_raw(builder, node.domain) if node.end is None else builder.compile(node.domain)
        self.end = builder.compile(node.end) if node.end is not None else None
        self.raw = node.end is None and reaches_data(node.domain)
        self.place = builder.place(node)

    def items(self, scope: Scope) -> Iterable[Any] | None:
        """Return the values to go through; None with a reason when the domain is not one."""
        start = self.domain(scope)
        run = scope.run
        if self.raw and not isinstance(start, (list, tuple)):
            start = run.convert(start)
        if self.end is not None:
            found = _span(start, self.end(scope))
        elif isinstance(start, Range):
            found = _range_items(start)
        elif isinstance(start, (list, tuple)):
            return start
        else:
            found = None if start is None else [start]
        if found is None:
            run.place = self.place
            _report_domain(run, start)
        return found


def _report_domain(run: Run, start: Any) -> None:
    kind = kind_words(start)
    run.report(
        "feel.loop_domain",
        f"Không lặp được qua giá trị này ({kind.vi}); cần danh sách, hoặc khoảng số nguyên hay ngày.",
        f"This {kind.en} cannot be gone through; a list or a range of whole numbers or dates is needed.",
    )


def _span(low: Any, high: Any) -> Iterable[Any] | None:
    """Return the whole numbers or days from ``low`` to ``high``, downwards too; None for other kinds."""
    if type(low) is Decimal and type(high) is Decimal:
        whole = low == low.to_integral_value(context=CONTEXT) and high == high.to_integral_value(
            context=CONTEXT
        )
        return _numbers(low, high) if whole else None
    if type(low) is Date and type(high) is Date:
        return _days(low, high)
    return None


def _range_items(domain: Range) -> Iterable[Any] | None:
    """Return the whole numbers or days in a range; None for other kinds, or when the ends are swapped."""
    if op.less(domain.high, domain.low, _ignore) is True:
        return None
    found = _span(domain.low, domain.high)
    if found is None or (domain.low_included and domain.high_included):
        return found
    outside = {
        end
        for end, included in ((domain.low, domain.low_included), (domain.high, domain.high_included))
        if not included
    }
    return (item for item in found if item not in outside)


def _ignore(code: str, vi: str, en: str) -> None:
    """Take the reason why ends do not compare; the caller reports its own."""


def _numbers(low: Decimal, high: Decimal) -> Iterator[Decimal]:
    step = _ONE if low <= high else _MINUS_ONE
    value = low
    while value != high:
        yield value
        value = CONTEXT.add(value, step)
    yield value


def _days(low: Date, high: Date) -> Iterator[Date]:
    first, last = low.epoch_day, high.epoch_day
    step = 1 if first <= last else -1
    for number in range(0, last - first + step, step):
        day = plus_days(low, number)
        if day is not None:
            yield day


class _Stopped(Exception):  # noqa: N818 - a signal between the functions of this module, never seen outside
    """A domain cannot be gone through; the reason is reported."""


def _scopes(loops: tuple[_Loop, ...], scope: Scope, steps: int, at: int = 0) -> Iterator[Scope]:
    """Yield a scope for each combination of values, the last iterator turning fastest.

    Each costs ``steps``, whatever is done with it.
    """
    loop = loops[at]
    items = loop.items(scope)
    if items is None:
        raise _Stopped
    run = scope.run
    last = at == len(loops) - 1
    for item in items:
        run.place = loop.place
        run.spend(steps)
        inner = Scope({loop.name: item}, scope, run, raw=loop.raw)
        if last:
            yield inner
        else:
            yield from _scopes(loops, inner, steps, at + 1)


def compile_for(builder: Builder, node: ast.For) -> Code:
    """``for x in xs return body``; ``partial`` is the list of results so far."""
    loops = tuple(_Loop(builder, iterator) for iterator in node.iterators)
    body, steps = builder.compile_body(node.body)
    looks_back = mentions(node, "partial")
    place = builder.place(node)

    def evaluate(scope: Scope) -> list[Any] | None:
        run = scope.run
        most = run.limits.list_items
        results: list[Any] = []
        so_far: dict[str, Any] = {}
        outer = Scope(so_far, scope, run) if looks_back else scope
        try:
            for inner in _scopes(loops, outer, steps):
                if looks_back:
                    run.spend(len(results) // _COPIED_PER_STEP)
                    so_far["partial"] = results.copy()
                results.append(body(inner))
                if len(results) > most:
                    run.place = place
                    run.check_list(len(results))
        except _Stopped:
            return None
        return results

    return evaluate


def compile_quantified(builder: Builder, node: ast.Quantified) -> Code:
    """``some`` and ``every``; a condition that is neither true nor false makes it null."""
    loops = tuple(_Loop(builder, iterator) for iterator in node.iterators)
    condition, steps = builder.compile_body(node.condition)
    every, place = node.every, builder.place(node)

    def evaluate(scope: Scope) -> bool | None:
        answer: bool | None = every
        try:
            for inner in _scopes(loops, scope, steps):
                value = condition(inner)
                if value is None or not isinstance(value, bool):
                    scope.run.place = place
                    _report_condition(scope.run, value)
                    return None
                if value is not every:
                    answer = value
        except _Stopped:
            return None
        return answer

    return evaluate


def _report_condition(run: Run, value: Any) -> None:
    kind = kind_words(value)
    run.report(
        "feel.condition",
        f"Điều kiện phải là đúng hoặc sai, nhưng là {kind.vi}.",
        f"The condition must be true or false, but is {kind.en}.",
    )


def compile_if(builder: Builder, node: ast.If) -> Code:
    """``if c then a else b``: false and null take the ``else``; what is no boolean makes it null."""
    branches = tuple(
        (builder.compile(condition), builder.compile(result), builder.place(condition))
        for condition, result in node.branches
    )
    otherwise = builder.compile(node.otherwise)

    def evaluate(scope: Scope) -> Any:
        for condition, result, place in branches:
            value = condition(scope)
            if value is True:
                return result(scope)
            if value is not False:
                scope.run.place = place
                _report_condition(scope.run, value)
                if value is not None:
                    return None
        return otherwise(scope)

    return evaluate
