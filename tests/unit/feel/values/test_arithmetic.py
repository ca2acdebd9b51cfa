"""The operators: exact numbers, moments and spans, and a reason for every null."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.feel.errors import FeelLimitError
from service.feel.values import (
    DaysDuration,
    MonthsDuration,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)
from service.feel.values.durations import NANOSECONDS_PER_DAY
from service.feel.values.operations import add, divide, multiply, negate, power, subtract
from tests.unit.feel.values.strategies import (
    date_times,
    dates,
    days_durations,
    months_durations,
    numbers,
    values,
)


def quiet(code: str, vi: str, en: str) -> None:
    """Take a reason that the test does not look at."""


def read(text: str):
    return parse_date(text) or parse_date_time(text) or parse_time(text) or parse_duration(text)


@given(numbers, numbers)
def test_money_is_exact(a, b):
    assert subtract(add(a, b, quiet), b, quiet) == a
    assert multiply(a, b, quiet) == multiply(b, a, quiet)


def test_numbers_have_34_digits_and_round_half_even(reasons):
    assert divide(Decimal(1), Decimal(3), reasons) == Decimal("0." + "3" * 34)
    assert add(Decimal("9" * 34), Decimal("0.5"), reasons) == Decimal("1E34")
    assert not reasons


def test_the_threads_own_decimal_context_changes_nothing(reasons):
    with decimal.localcontext(prec=2, rounding=decimal.ROUND_UP, traps=[decimal.Inexact]):
        assert add(Decimal("1.234"), Decimal("0.001"), reasons) == Decimal("1.235")
        assert negate(Decimal("1.2345"), reasons).compare_total(Decimal("-1.2345")) == 0
        assert power(Decimal("1.11"), Decimal(2), reasons) == Decimal("1.2321")
        assert multiply(Decimal("1.5"), parse_duration("P1D"), reasons) == parse_duration("PT36H")


@pytest.mark.parametrize(
    ("base", "exponent", "result"),
    [("5", "-2", "0.04"), ("0", "0", "1"), ("4", "0.5", "2"), ("-2", "3", "-8")],
)
def test_powers(base, exponent, result, reasons):
    assert power(Decimal(base), Decimal(exponent), reasons) == Decimal(result)


def test_what_has_no_finite_value_is_null_with_a_reason(reasons):
    assert divide(Decimal(1), Decimal(0), reasons) is None
    assert power(Decimal(0), Decimal(-1), reasons) is None
    assert power(Decimal(-2), Decimal("0.5"), reasons) is None
    assert multiply(Decimal("9E6000"), Decimal("9E6000"), reasons) is None
    assert divide(parse_duration("P1D"), Decimal(0), reasons) is None
    assert divide(parse_duration("P1Y"), parse_duration("P0M"), reasons) is None
    assert reasons == [
        "feel.division_by_zero", "feel.division_by_zero", "feel.out_of_range", "feel.out_of_range",
        "feel.division_by_zero", "feel.division_by_zero",
    ]  # fmt: skip


def test_a_huge_exponent_is_over_the_limit(reasons):
    with pytest.raises(FeelLimitError):
        power(Decimal(2), Decimal(10_001), reasons)


def test_a_string_cannot_grow_without_bound(reasons):
    with pytest.raises(FeelLimitError):
        add("x" * 600_000, "x" * 600_000, reasons)


@given(date_times, days_durations)
def test_a_moment_moved_by_a_span_is_that_span_away(moment, span):
    moved = add(moment, span, quiet)
    assume(moved is not None)
    assert subtract(moved, moment, quiet) == span


@given(dates, st.integers(-100_000, 100_000))
def test_dates_count_days(date, days):
    moved = add(date, DaysDuration(days * NANOSECONDS_PER_DAY), quiet)
    assume(moved is not None)
    assert subtract(moved, date, quiet) == DaysDuration(days * NANOSECONDS_PER_DAY)


@given(days_durations, days_durations, months_durations, months_durations)
def test_durations_add_up(a, b, c, d):
    assert subtract(add(a, b, quiet), b, quiet) == a
    assert subtract(add(c, d, quiet), d, quiet) == c
    assert negate(negate(a, quiet), quiet) == a


@given(days_durations, st.integers(1, 1000))
def test_a_duration_divided_by_what_it_was_multiplied_with_is_itself(span, factor):
    assume(abs(span.nanoseconds) < 10**20)
    assert divide(multiply(span, Decimal(factor), quiet), Decimal(factor), quiet) == span


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2026-11-24", "PT36H", "2026-11-25"),
        ("2026-11-24", "-PT1H", "2026-11-23"),
        ("2026-11-24T16:30:00+07:00", "P5D", "2026-11-29T16:30:00+07:00"),
        ("2026-01-31T08:00:00@Asia/Ho_Chi_Minh", "P1M", "2026-02-28T08:00:00@Asia/Ho_Chi_Minh"),
        ("2026-03-29T01:30:00@Europe/Paris", "PT1H", "2026-03-29T03:30:00@Europe/Paris"),
        ("2026-03-28T12:00:00@Europe/Paris", "P1D", "2026-03-29T13:00:00@Europe/Paris"),
        ("23:30:00", "PT1H", "00:30:00"),
        ("23:30:00+07:00", "P1D", "23:30:00+07:00"),
        ("P1D", "PT12H", "P1DT12H"),
        ("P1Y", "P6M", "P1Y6M"),
    ],
)
def test_sums(left, right, result, reasons):
    assert str(add(read(left), read(right), reasons)) == result
    assert str(add(read(right), read(left), reasons)) == result
    assert not reasons


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("2026-03-31", "P1M", "2026-02-28"),
        ("2026-11-24", "2026-11-20", "P4D"),
        ("2026-11-24", "PT1S", "2026-11-23"),
        ("2026-11-24T08:00:00+07:00", "2026-11-24", "PT1H"),
        ("2026-11-25", "2026-11-24T07:00:00+07:00", "P1D"),
        ("2026-10-26T00:00:00@Europe/Paris", "2026-10-25T00:00:00@Europe/Paris", "P1DT1H"),
        ("10:00:00+07:00", "02:00:00Z", "PT1H"),
        ("00:15:00", "PT30M", "23:45:00"),
    ],
)
def test_differences(left, right, result, reasons):
    assert str(subtract(read(left), read(right), reasons)) == result
    assert not reasons


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2026-11-24T08:00:00", "2026-11-24T08:00:00Z"),
        ("2026-11-24T08:00:00", "2026-11-24"),
        ("08:00:00", "08:00:00Z"),
    ],
)
def test_a_moment_without_a_zone_has_no_distance_to_one_with(left, right, reasons):
    assert subtract(read(left), read(right), reasons) is None
    assert reasons == ["feel.zone_on_one_side"]


def test_leaving_the_years_is_null(reasons):
    assert add(parse_date("999999999-12-31"), parse_duration("P1D"), reasons) is None
    assert add(parse_date_time("999999999-12-31T23:00:00"), parse_duration("PT2H"), reasons) is None
    assert add(MonthsDuration(24_000_000_000), MonthsDuration(1), reasons) is None
    assert reasons == ["feel.out_of_range"] * 3


def test_strings_join_but_never_with_numbers(reasons):
    assert add("Công ", "văn", reasons) == "Công văn"
    assert add("số ", Decimal(1), reasons) is None
    assert add(Decimal(1), None, reasons) is None
    assert negate("x", reasons) is None
    assert negate(None, reasons) is None
    assert reasons == ["feel.wrong_kinds", "feel.null_operand", "feel.wrong_kinds", "feel.null_operand"]


@given(values, values)
def test_every_operator_takes_every_value_and_a_null_has_a_reason(left, right):
    for operator in (add, subtract, multiply, divide, power):
        told = []
        try:
            result = operator(left, right, lambda *reason, told=told: told.append(reason))
        except FeelLimitError:
            continue
        assert (result is None) == bool(told)
