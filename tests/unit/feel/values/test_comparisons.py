"""Equality, order, membership, three-valued logic."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from service.feel.errors import FeelLimitError
from service.feel.values import Range, comparison, parse_date, parse_date_time, parse_duration, parse_time
from service.feel.values.operations import (
    conjunction,
    contains,
    disjunction,
    equal,
    greater,
    greater_equal,
    is_same,
    less,
    less_equal,
)
from tests.unit.feel.values.strategies import comparable, days_durations, values

ONE, TWO, THREE = Decimal(1), Decimal(2), Decimal(3)


def quiet(code: str, vi: str, en: str) -> None:
    """Take a reason that the test does not look at."""


@given(values)
def test_every_value_equals_itself(value):
    assert equal(value, value, quiet) is True


@given(values, values)
def test_equality_is_symmetric_and_a_null_has_a_reason(left, right):
    told = []
    answer = equal(left, right, lambda *reason: told.append(reason))
    assert answer is equal(right, left, quiet)
    assert (answer is None) == bool(told)


@given(comparable, comparable)
def test_orders_agree_with_one_another(left, right):
    told = []
    is_less = less(left, right, lambda *reason: told.append(reason))
    assert (is_less is None) == bool(told)
    assert is_less is greater(right, left, quiet)
    assert less_equal(left, right, quiet) is greater_equal(right, left, quiet)
    if is_less is not None:
        assert less_equal(left, right, quiet) is not greater(left, right, quiet)


@given(days_durations, days_durations)
def test_durations_are_ordered_by_their_length(a, b):
    assert less(a, b, quiet) is (a.nanoseconds < b.nanoseconds)


def test_unlike_kinds_are_neither_equal_nor_unequal(reasons):
    assert equal(Decimal(100), "100", reasons) is None
    assert equal(True, ONE, reasons) is None
    assert equal(parse_duration("P1Y"), parse_duration("P365D"), reasons) is None
    assert less("a", ONE, reasons) is None
    assert less(True, False, reasons) is None
    assert reasons == ["feel.wrong_kinds"] * 5


def test_null_equals_null_alone(reasons):
    assert equal(None, None, reasons) is True
    assert equal(None, ONE, reasons) is False
    assert equal([], None, reasons) is False
    assert not reasons


def test_numbers_are_equal_whatever_their_decimals(reasons):
    assert equal(Decimal("1.50"), Decimal("1.5"), reasons) is True
    assert equal(Decimal("-0"), Decimal("0.00"), reasons) is True


def test_lists_and_contexts_are_equal_part_by_part(reasons):
    assert equal([ONE, {"a": [TWO]}], [ONE, {"a": [Decimal("2.0")]}], reasons) is True
    assert equal({"a": ONE, "b": TWO}, {"b": TWO, "a": ONE}, reasons) is True
    assert equal({"a": ONE}, {"a": ONE, "b": None}, reasons) is False
    assert equal([ONE], ["1"], reasons) is False
    assert equal([], {}, reasons) is None


def test_moments_are_equal_when_they_are_one_instant(reasons):
    hanoi = parse_date_time("2026-11-24T08:00:00@Asia/Ho_Chi_Minh")
    assert equal(hanoi, parse_date_time("2026-11-24T01:00:00Z"), reasons) is True
    assert is_same(hanoi, parse_date_time("2026-11-24T08:00:00+07:00")) is False
    assert is_same(hanoi, hanoi) is True
    assert equal(parse_time("08:00:00.25"), parse_time("08:00:00.75"), reasons) is True
    assert less(parse_time("08:00:00.25"), parse_time("08:00:00.75"), reasons) is True
    assert not reasons
    assert equal(hanoi, parse_date_time("2026-11-24T08:00:00"), reasons) is None
    assert less(parse_time("08:00:00Z"), parse_time("08:00:00"), reasons) is None
    assert reasons == ["feel.zone_on_one_side"] * 2


def test_a_date_is_not_compared_with_a_date_time(reasons):
    assert less(parse_date("2026-11-24"), parse_date_time("2026-11-24T08:00:00"), reasons) is None
    assert reasons == ["feel.wrong_kinds"]


def test_ranges_hold_their_ends_when_told_so(reasons):
    assert [contains(Range(ONE, THREE, True, False), n, reasons) for n in (ONE, TWO, THREE)] == [
        True,
        True,
        False,
    ]
    assert [contains(Range("b", "d", False, True), s, reasons) for s in "abcd"] == [False, False, True, True]
    assert not reasons


def test_a_range_with_a_null_end_holds_nothing_for_certain(reasons):
    assert contains(Range(None, THREE), TWO, reasons) is None
    assert contains(Range(ONE, None), TWO, reasons) is None
    assert contains(Range(ONE, THREE), None, reasons) is None
    assert contains(Range(ONE, THREE), "x", reasons) is None
    assert len(reasons) == 4


@pytest.mark.parametrize(
    ("operator", "held"), [("<", [1]), ("<=", [1, 2]), (">", [3]), (">=", [2, 3]), ("=", [2]), ("!=", [1, 3])]
)
def test_one_sided_tests_as_values(operator, held, reasons):
    test = comparison(operator, TWO)
    assert [n for n in (1, 2, 3) if contains(test, Decimal(n), reasons)] == held
    assert equal(test, comparison(operator, TWO), reasons) is True
    assert equal(test, Range(test.low, test.high, test.low_included, test.high_included), reasons) is False


def test_values_that_share_their_parts_cannot_stall_a_comparison(reasons):
    first, second = [ONE], [ONE]
    for _ in range(60):
        first, second = [first, first], [second, second]
    with pytest.raises(FeelLimitError):
        equal(first, second, reasons)


def test_deep_values_end_in_a_limit(reasons):
    first, second = [], []
    for _ in range(5000):
        first, second = [first], [second]
    with pytest.raises(FeelLimitError):
        equal(first, second, reasons)


def test_and_and_or_have_three_values(reasons):
    assert conjunction(True, True, reasons) is True
    assert conjunction(None, False, reasons) is False
    assert disjunction("x", True, reasons) is True
    assert disjunction(False, False, reasons) is False
    assert not reasons
    assert conjunction(True, None, reasons) is None
    assert conjunction("x", True, reasons) is None
    assert disjunction(False, ONE, reasons) is None
    assert reasons == ["feel.not_boolean"] * 3
