"""Durations: their texts, their parts, their two kinds."""

from __future__ import annotations

import pytest
from hypothesis import given

from service.feel.values import DaysDuration, MonthsDuration, parse_duration
from tests.unit.feel.values.strategies import days_durations, months_durations


@given(days_durations)
def test_a_days_duration_is_read_back_from_its_text(duration):
    assert parse_duration(str(duration)) == duration


@given(months_durations)
def test_a_months_duration_is_read_back_from_its_text(duration):
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("P0D", "PT0S"), ("-PT0S", "PT0S"), ("PT90M", "PT1H30M"), ("PT36H", "P1DT12H"), ("P14M", "P1Y2M"), ("P0Y", "P0M"),
     ("-P1Y", "-P1Y"), ("PT1.50S", "PT1.5S"), ("P5DT4H", "P5DT4H")],
)  # fmt: skip
def test_a_duration_has_one_canonical_text(text, canonical):
    assert str(parse_duration(text)) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "P1Y1D", "P1W", "1D", "P-1D", "--P1D", "P1.5D", "PT.5S", "pt1h", f"P{'9' * 19}D", "P999999999999999999D",
     "P999999999999Y", "P１D"],
)  # fmt: skip
def test_what_is_no_duration_is_not_read(text):
    assert parse_duration(text) is None


def test_parts_carry_the_sign_of_the_whole():
    assert parse_duration("-P1DT2H3M4S").parts == (-1, -2, -3, -4, 0)
    assert parse_duration("-P14M").parts == (-1, -2)


def test_thirty_days_and_a_month_are_of_different_kinds():
    assert type(parse_duration("P30D")) is DaysDuration
    assert type(parse_duration("P1M")) is MonthsDuration
