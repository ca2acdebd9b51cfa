"""Expressions over plain Python data, and conversion both ways."""

from __future__ import annotations

import datetime as dt
from collections import ChainMap
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from service.feel import to_feel, to_json
from service.feel.values import Range, comparison, parse_date, parse_date_time, parse_duration, parse_time


class Urgency(Enum):
    """A Python enumeration that a host might pass."""

    FLASH = "flash"


def test_ints_and_floats_become_exact_decimals(value):
    assert value("price * 100 = 1999", price=19.99) is True
    assert value("a + b", a=1, b=0.1) == Decimal("1.1")
    assert value("n", n=float("nan")) is None
    assert value("n > 1", n=Decimal("NaN")) is None
    assert value("c.n > 1", c={"n": Decimal("sNaN")}) is None
    assert value("[1, 2][n]", n=Decimal("1E+6000")) is None
    assert value("n", n=10**400) == Decimal(10**400)
    assert value("n", n=10**7000) is None
    assert value("string(n)", n=Decimal("1E+999999")) is None
    assert value("n", n=Decimal("1E-999999")) is None
    assert value("n = 0", n=Decimal("0E+999999")) is True


def test_data_is_reached_without_being_walked(value):
    class Untouchable(dict):
        def items(self):
            raise AssertionError

        values = items

    data = {"amount": 5, "rest": Untouchable(x=1)}
    assert value("order.amount > 3", order=data) is True
    assert value("orders[amount > 3][1].amount", orders=[data]) == Decimal(5)
    assert value("for o in orders return o.amount", orders=[data]) == [Decimal(5)]


def test_whole_lists_and_contexts_are_converted_where_they_are_used(value):
    assert value("x", x={"a": [1, {"b": 2.5}]}) == {"a": [Decimal(1), {"b": Decimal("2.5")}]}
    assert all(type(item) is Decimal for item in value("xs", xs=(1, 2)))
    assert value("xs = [1, 2]", xs=[1, 2]) is True
    assert value("row in rows", row={"a": 1}, rows=[{"a": 1}]) is True
    assert value("rows[a = 2]", rows=[{"a": 1}, {"a": 2}]) == [{"a": Decimal(2)}]
    assert type(value("rows[1].a", rows=[{"a": 1}])) is Decimal


def test_the_data_of_the_host_is_never_changed(value):
    data = {"rows": [{"a": 1}], "n": 2}
    value("{r: rows, f: rows[a = n], g: for x in rows return x}", **data)
    assert data == {"rows": [{"a": 1}], "n": 2}
    assert type(data["rows"][0]["a"]) is int


def test_any_mapping_may_hold_the_variables(runtime):
    from service.feel import compile_expression

    expression = compile_expression("a + b.c")
    for variables in (
        ChainMap({"a": 1}, {"b": {"c": 2}}),
        MappingProxyType({"a": 1, "b": MappingProxyType({"c": 2})}),
    ):
        assert expression.evaluate(variables, runtime).value == 3


@pytest.mark.parametrize(
    ("python", "feel"),
    [
        (dt.date(2026, 3, 5), parse_date("2026-03-05")),
        (dt.time(7, 30), parse_time("07:30:00")),
        (dt.datetime.fromisoformat("2026-03-05T07:30:00"), parse_date_time("2026-03-05T07:30:00")),
        (
            dt.datetime(2026, 3, 5, 7, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
            parse_date_time("2026-03-05T07:30:00@Asia/Ho_Chi_Minh"),
        ),
        (dt.timedelta(days=1, hours=2), parse_duration("P1DT2H")),
        (Urgency.FLASH, "flash"),
        ({3}, [Decimal(3)]),
        (float("inf"), None),
        (Decimal("NaN"), None),
        (object(), None),
        ({1: 2}, {"1": Decimal(2)}),
        (True, True),
    ],
)
def test_python_values_become_feel_values(python, feel):
    assert to_feel(python) == feel


@pytest.mark.parametrize(
    ("feel", "json"),
    [
        (Decimal("3.00"), 3),
        (Decimal("2.5"), Decimal("2.5")),
        (Decimal("1E+40"), Decimal("1E+40")),
        (parse_date("2026-03-05"), "2026-03-05"),
        (parse_date_time("2026-03-05T07:30:00+07:00"), "2026-03-05T07:30:00+07:00"),
        (parse_duration("P1DT2H"), "P1DT2H"),
        (parse_duration("P14M"), "P1Y2M"),
        ([Decimal(1), {"a": None}], [1, {"a": None}]),
        (Range(Decimal(1), Decimal(5), low_included=True, high_included=False), "[1..5)"),
        (comparison("<", Decimal(5)), "(< 5)"),
        (Range("a", "b"), '["a".."b"]'),
        ("x", "x"),
        (True, True),
    ],
)
def test_feel_values_become_json(feel, json):
    result = to_json(feel)
    assert result == json
    assert type(result) is type(json)


def test_functions_become_null_in_json(value):
    assert to_json([value("function() 1")]) == [None]
