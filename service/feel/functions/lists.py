"""List functions and sort (DMN 1.5, tables 76 and 81); positions count from 1, negative ones from the end."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values import Date, DaysDuration, FeelFunction, MonthsDuration
from service.feel.values.comparisons import equal, less
from service.feel.values.nesting import Walk
from service.feel.values.numbers import number_from_int
from service.feel.values.reasons import Reason

LISTS: Final = Library()

_HASHED: Final = frozenset({Decimal, str, bool, Date, DaysDuration, MonthsDuration, type(None)})
"""Kinds whose equality is Python's, so that a set finds them."""


def _no_position(position: int, size: int) -> Reason:
    return Reason(
        "feel.position",
        f"không có vị trí {position} trong danh sách {size} phần tử.",
        f"there is no position {position} in a list of {size} items.",
    )


def _index(position: Decimal, size: int) -> int | Reason:
    """Turn a FEEL position into a Python index."""
    number = int(position)
    if not number or abs(number) > size:
        return _no_position(number, size)
    return number - 1 if number > 0 else size + number


def _is_equal(left: Any, right: Any) -> bool:
    return equal(left, right, _ignore) is True


def _ignore(code: str, vi: str, en: str) -> None:
    """Take a reason that no one needs: items of unlike kinds are not equal."""


@LISTS.function("list contains(list: list<Any>, element: Any?) -> boolean")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Tell whether an item equals the element."""
    run.spend(len(items))
    return any(_is_equal(item, element) for item in items)


@LISTS.function("count(list: list<Any>) -> number")
def count(items: list[Any]) -> Decimal:
    """Count the items."""
    return number_from_int(len(items))


@LISTS.function("all(...b: Any?) -> boolean")
@LISTS.function("all(list: list<Any>) -> boolean")
def every(items: list[Any]) -> bool | Reason:
    """Tell whether all items are true; null when one is no boolean and none is false."""
    if any(item is False for item in items):
        return False
    return _only_booleans(items) or True


@LISTS.function("any(...b: Any?) -> boolean")
@LISTS.function("any(list: list<Any>) -> boolean")
def some(items: list[Any]) -> bool | Reason:
    """Tell whether an item is true; null when one is no boolean and none is true."""
    if any(item is True for item in items):
        return True
    return _only_booleans(items) or False


def _only_booleans(items: list[Any]) -> Reason | None:
    if all(isinstance(item, bool) for item in items):
        return None
    return Reason("feel.not_boolean", "có phần tử không phải đúng/sai.", "an item is not a boolean.")


@LISTS.function("sublist(list: list<Any>, start position: number, length?: number) -> list<Any>")
def sublist(items: list[Any], start_position: Decimal, length: Decimal | None = None) -> list[Any] | Reason:
    """Cut a piece out."""
    start = _index(start_position, len(items))
    if isinstance(start, Reason):
        return start
    if length is None:
        return items[start:]
    if length < 0:
        return Reason("feel.length", "độ dài không được âm.", "the length must not be negative.")
    return items[start : start + int(length)]


@LISTS.function("append(list: list<Any>, ...item: Any?) -> list<Any>")
def append(run: Run, items: list[Any], further: list[Any]) -> list[Any]:
    """Add items at the end."""
    run.check_list(len(items) + len(further))
    return [*items, *further]


@LISTS.function("concatenate(...list: list<Any>) -> list<Any>")
def concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    """Put lists one behind the other."""
    run.check_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


@LISTS.function("insert before(list: list<Any>, position: number, newItem: Any?) -> list<Any>")
def insert_before(run: Run, items: list[Any], position: Decimal, new_item: Any) -> list[Any] | Reason:
    """Insert an item before the one at the position."""
    index = _index(position, len(items))
    if isinstance(index, Reason):
        return index
    run.check_list(len(items) + 1)
    return [*items[:index], new_item, *items[index:]]


@LISTS.function("remove(list: list<Any>, position: number) -> list<Any>")
def remove(items: list[Any], position: Decimal) -> list[Any] | Reason:
    """Take the item at the position out."""
    index = _index(position, len(items))
    return index if isinstance(index, Reason) else items[:index] + items[index + 1 :]


@LISTS.function("list replace(list: list<Any>, position: number, newItem: Any?) -> list<Any>")
def list_replace(items: list[Any], position: Decimal, new_item: Any) -> list[Any] | Reason:
    """Replace the item at the position."""
    index = _index(position, len(items))
    return index if isinstance(index, Reason) else [*items[:index], new_item, *items[index + 1 :]]


@LISTS.function("list replace(list: list<Any>, match: function, newItem: Any?) -> list<Any>")
def list_replace_matches(
    run: Run, items: list[Any], match: FeelFunction, new_item: Any
) -> list[Any] | Reason:
    """Replace the items for which ``match(item, newItem)`` is true."""
    replaced: list[Any] = []
    for item in items:
        run.spend(1)
        answer = match.invoke((item, new_item), run)
        if not isinstance(answer, bool):
            return _not_a_test("match")
        replaced.append(new_item if answer else item)
    return replaced


@LISTS.function("reverse(list: list<Any>) -> list<Any>")
def reverse(items: list[Any]) -> list[Any]:
    """Turn the order around."""
    return items[::-1]


@LISTS.function("index of(list: list<Any>, match: Any?) -> list<number>")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Give the positions of the items that equal the match."""
    run.spend(len(items))
    return [number_from_int(at) for at, item in enumerate(items, 1) if _is_equal(item, match)]


@LISTS.function("union(...list: list<Any>) -> list<Any>")
def union(run: Run, lists: list[list[Any]]) -> list[Any]:
    """Put lists together and keep the first of equal items."""
    return _distinct(run, (item for items in lists for item in items))


@LISTS.function("distinct values(list: list<Any>) -> list<Any>")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Keep the first of equal items."""
    return _distinct(run, items)


def _distinct(run: Run, items: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    compared: list[Any] = []
    seen: set[tuple[type, Any]] = set()
    for item in items:
        if type(item) in _HASHED:
            run.spend(1)
            key = (type(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.spend(len(compared) + 1)
            if any(_is_equal(item, other) for other in compared):
                continue
            compared.append(item)
        kept.append(item)
    run.check_list(len(kept))
    return kept


@LISTS.function("flatten(list: list<Any>) -> list<Any>")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Take the items out of nested lists."""
    flat: list[Any] = []
    _flatten_into(flat, items, Walk())
    run.check_list(len(flat))
    return flat


def _flatten_into(flat: list[Any], items: list[Any], walk: Walk) -> None:
    walk.enter(len(items))
    for item in items:
        if isinstance(item, list):
            _flatten_into(flat, item, walk)
        else:
            flat.append(item)
    walk.leave()


@LISTS.function("sort(list: list<Any>, precedes?: function) -> list<Any>")
def sort(run: Run, items: list[Any], precedes: FeelFunction | None = None) -> list[Any] | Reason:
    """Sort by a function that tells whether its first argument comes before its second, or ascending."""
    order = _Order(run, precedes)
    ordered = sorted(items, key=cmp_to_key(order.compare))
    return order.failure or ordered


class _Order:
    """The order of a sort; keeps the reason why two items could not be compared.

    Attributes:
        failure: the first such reason.
    """

    def __init__(self, run: Run, precedes: FeelFunction | None) -> None:
        self._run = run
        self._precedes = precedes
        self.failure: Reason | None = None

    def compare(self, left: Any, right: Any) -> int:
        """Return -1, 0 or 1."""
        if self._comes_before(left, right):
            return -1
        return 1 if self._comes_before(right, left) else 0

    def _comes_before(self, left: Any, right: Any) -> bool:
        if self.failure is not None:
            return False
        self._run.spend(1)
        if self._precedes is None:
            answer = less(left, right, self._fail)
        else:
            answer = self._precedes.invoke((left, right), self._run)
            if not isinstance(answer, bool):
                self.failure = _not_a_test("precedes")
        return answer is True

    def _fail(self, code: str, vi: str, en: str) -> None:
        self.failure = Reason(code, vi, en)


def _not_a_test(name: str) -> Reason:
    return Reason(
        "feel.not_boolean",
        f"hàm “{name}” phải nhận hai tham số và trả về đúng/sai.",
        f"the function “{name}” must take two arguments and give a boolean.",
    )
