"""The named parts of values, and their texts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from service.feel.errors import FeelLimitError
from service.feel.values import (
    Range,
    comparison,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_number,
    parse_time,
)
from service.feel.values.operations import MISSING, property_names, property_of
from service.feel.values.reasons import kind_words
from service.feel.values.text import text_of
from tests.unit.feel.values.strategies import values


@pytest.mark.parametrize(
    ("value", "name", "part"),
    [
        (parse_date("2026-11-24"), "year", Decimal(2026)),
        (parse_date("2026-11-24"), "weekday", Decimal(2)),
        (parse_date_time("2026-11-24T08:30:15+07:00"), "hour", Decimal(8)),
        (parse_date_time("2026-11-24T08:30:15+07:00"), "day", Decimal(24)),
        (parse_date_time("2026-07-01T00:00:00@Europe/Paris"), "time offset", parse_duration("PT2H")),
        (parse_date_time("2026-07-01T00:00:00@Europe/Paris"), "timezone", "Europe/Paris"),
        (parse_date_time("2026-07-01T00:00:00"), "time offset", None),
        (parse_time("08:30:15"), "second", Decimal(15)),
        (parse_time("08:30:15"), "timezone", None),
        (parse_time("08:30:15-03:00"), "time offset", parse_duration("-PT3H")),
        (parse_duration("P5DT4H3M2S"), "days", Decimal(5)),
        (parse_duration("P5DT4H3M2S"), "seconds", Decimal(2)),
        (parse_duration("-P1Y2M"), "months", Decimal(-2)),
        (Range(Decimal(1), Decimal(5), True, False), "end included", False),
        (comparison("<", Decimal(5)), "start", None),
        (comparison("<=", Decimal(5)), "end", Decimal(5)),
        ({"a": None}, "a", None),
    ],
)
def test_parts(value, name, part):
    assert property_of(value, name) == part
    assert name in property_names(value)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (parse_date("2026-11-24"), "hour"),
        (parse_duration("P1Y"), "days"),
        (parse_duration("P1D"), "years"),
        ({"a": 1}, "b"),
        ("text", "upper"),
        (Decimal(1), "real"),
        ([], "append"),
        (None, "a"),
        (parse_date("2026-11-24"), "__class__"),
        (parse_date("2026-11-24"), "epoch_day"),
    ],
)
def test_nothing_else_of_a_value_can_be_reached(value, name):
    assert property_of(value, name) is MISSING


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (Decimal("-0"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        ("Công văn", "Công văn"),
        (parse_date("2026-11-24"), "2026-11-24"),
        (parse_duration("PT90M"), "PT1H30M"),
        (
            [Decimal(1), 'say "a"\n', None, parse_date("2026-11-24")],
            '[1, "say \\"a\\"\\n", null, @"2026-11-24"]',
        ),
        ({"đơn vị": "A", "n": [False]}, '{"đơn vị": "A", n: [false]}'),
        (Range(Decimal(1), Decimal(5), False, True), "(1..5]"),
        (comparison(">=", "a"), '(>= "a")'),
    ],
)
def test_texts(value, text):
    assert text_of(value) == text


@given(values)
def test_every_value_has_a_text_and_a_kind(value):
    assert isinstance(text_of(value), str)
    assert all(kind_words(value))
    assert kind_words(value).en != "unknown value"


def test_a_value_that_is_not_of_feel_has_no_kind():
    assert kind_words(object()).en == "unknown value"


def test_deep_and_wide_values_end_in_a_limit():
    deep, wide = [], [Decimal(1)]
    for _ in range(200):
        deep = [deep]
    for _ in range(50):
        wide = [wide, wide]
    for value in (deep, wide, {"a": deep}):
        with pytest.raises(FeelLimitError):
            text_of(value)


@pytest.mark.parametrize(
    ("text", "number"), [("1.50", "1.50"), ("-.5", "-0.5"), ("1e3", "1000"), ("007", "7")]
)
def test_number_texts(text, number):
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "1.", "+1", "1,5", "NaN", "Infinity", "1e99999", "9" * 1001, "0x1", "１"]
)
def test_what_is_no_number_is_not_read(text):
    assert parse_number(text) is None
