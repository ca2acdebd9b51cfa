"""Functions that draw one figure from many values: sum, mean, min, mode… (DMN 1.5, table 76)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values import CONTEXT
from service.feel.values.comparisons import greater, less
from service.feel.values.numbers import ONE, ZERO, number_from_int
from service.feel.values.reasons import OUT_OF_RANGE, Reason

STATISTICS: Final = Library()

_EMPTY: Final = Reason("feel.empty_list", "danh sách rỗng.", "the list is empty.")
_NULL_ITEM: Final = Reason("feel.null_item", "danh sách có phần tử null.", "an item of the list is null.")
_HALF: Final = Decimal("0.5")


def _figures(items: list[Decimal | None], least: int = 1) -> list[Decimal] | Reason:
    """Make sure that there are numbers enough and none is null."""
    if len(items) < least:
        return _EMPTY if not items else _too_few(least)
    figures = [item for item in items if item is not None]
    return figures if len(figures) == len(items) else _NULL_ITEM


def _too_few(least: int) -> Reason:
    return Reason("feel.too_few", f"cần ít nhất {least} giá trị.", f"at least {least} values are needed.")


def _total(figures: list[Decimal]) -> Decimal:
    return reduce(CONTEXT.add, figures, ZERO)


def _finite(result: Decimal) -> Decimal | Reason:
    return result if result.is_finite() else OUT_OF_RANGE


@STATISTICS.function("min(...c: Any?) -> Any")
@STATISTICS.function("min(list: list<Any>) -> Any")
def smallest(run: Run, items: list[Any]) -> Any:
    """Give the smallest of numbers, strings, dates, times or durations."""
    return _extreme(run, items, less)


@STATISTICS.function("max(...c: Any?) -> Any")
@STATISTICS.function("max(list: list<Any>) -> Any")
def largest(run: Run, items: list[Any]) -> Any:
    """Give the largest of numbers, strings, dates, times or durations."""
    return _extreme(run, items, greater)


def _extreme(run: Run, items: list[Any], beats: Callable[..., bool | None]) -> Any:
    if not items:
        return _EMPTY
    run.spend(len(items))
    reasons: list[Reason] = []
    best = items[0]
    # The first item is compared with itself, so that a lone item without order is found out.
    for item in items:
        is_better = beats(item, best, lambda code, vi, en: reasons.append(Reason(code, vi, en)))
        if is_better is None:
            return reasons[0]
        best = item if is_better else best
    return best


@STATISTICS.function("sum(...n: number?) -> number")
@STATISTICS.function("sum(list: list<number>) -> number")
def total(items: list[Decimal | None]) -> Decimal | Reason:
    """Add the numbers up."""
    figures = _figures(items)
    return figures if isinstance(figures, Reason) else _finite(_total(figures))


@STATISTICS.function("product(...n: number?) -> number")
@STATISTICS.function("product(list: list<number>) -> number")
def product(items: list[Decimal | None]) -> Decimal | Reason:
    """Multiply the numbers."""
    figures = _figures(items)
    return figures if isinstance(figures, Reason) else _finite(reduce(CONTEXT.multiply, figures, ONE))


@STATISTICS.function("mean(...n: number?) -> number")
@STATISTICS.function("mean(list: list<number>) -> number")
def mean(items: list[Decimal | None]) -> Decimal | Reason:
    """Give the arithmetic mean."""
    figures = _figures(items)
    if isinstance(figures, Reason):
        return figures
    return _finite(CONTEXT.divide(_total(figures), number_from_int(len(figures))))


@STATISTICS.function("median(...n: number?) -> number")
@STATISTICS.function("median(list: list<number>) -> number")
def median(items: list[Decimal | None]) -> Decimal | Reason:
    """Give the middle number, or the mean of the two in the middle."""
    figures = _figures(items)
    if isinstance(figures, Reason):
        return figures
    figures.sort()
    middle = len(figures) // 2
    if len(figures) % 2:
        return figures[middle]
    return _finite(CONTEXT.multiply(CONTEXT.add(figures[middle - 1], figures[middle]), _HALF))


@STATISTICS.function("stddev(...n: number?) -> number")
@STATISTICS.function("stddev(list: list<number>) -> number")
def standard_deviation(items: list[Decimal | None]) -> Decimal | Reason:
    """Give the standard deviation of a sample of at least two numbers."""
    figures = _figures(items, 2)
    if isinstance(figures, Reason):
        return figures
    average = CONTEXT.divide(_total(figures), number_from_int(len(figures)))
    distances = [CONTEXT.subtract(figure, average) for figure in figures]
    squares = _total([CONTEXT.multiply(distance, distance) for distance in distances])
    return _finite(CONTEXT.sqrt(CONTEXT.divide(squares, number_from_int(len(figures) - 1))))


@STATISTICS.function("mode(...n: number?) -> list<number>")
@STATISTICS.function("mode(list: list<number>) -> list<number>")
def mode(items: list[Decimal | None]) -> list[Decimal] | Reason:
    """Give the numbers that occur most often, ascending."""
    figures = _figures(items, 0)
    if isinstance(figures, Reason):
        return figures
    counts = Counter(figures)
    most = max(counts.values(), default=0)
    return sorted(figure for figure, times in counts.items() if times == most)
