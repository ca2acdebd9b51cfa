"""Types: their names, conformance, and the implicit conversions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.feel.signature import Parameter, Signature
from service.feel.types import (
    ANY,
    BOOLEAN,
    BUILT_IN,
    DATE,
    DATE_TIME,
    MISMATCH,
    NULL,
    NUMBER,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    coerce,
    conforms,
    instance_of,
    is_subtype,
    kind_of,
    type_of,
)
from service.feel.values import Range, parse_date, parse_date_time

ROW = ContextType((("a", NUMBER), ("b", STRING)))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "Null"),
        (True, "boolean"),
        (Decimal(1), "number"),
        ("x", "string"),
        ([Decimal(1), Decimal(2)], "list<number>"),
        ([Decimal(1), "x"], "list<Any>"),
        ([], "list<Any>"),
        ({"a": Decimal(1)}, "context<a: number>"),
        ({}, "context"),
        (Range(Decimal(1), None), "range<number>"),
        (parse_date("2026-03-05"), "date"),
        (object(), "Any"),
    ],
)
def test_a_value_has_a_type_with_a_name(value, name):
    assert type_of(value).name == name


@pytest.mark.parametrize(
    ("narrow", "wide", "conforming"),
    [
        (NUMBER, ANY, True),
        (NULL, NUMBER, True),
        (NUMBER, STRING, False),
        (ListType(NUMBER), ListType(ANY), True),
        (ListType(ANY), ListType(NUMBER), False),
        (RangeType(NUMBER), RangeType(ANY), True),
        (ListType(NUMBER), RangeType(NUMBER), False),
        (ROW, ContextType((("a", NUMBER),)), True),
        (ContextType((("a", NUMBER),)), ROW, False),
        (FunctionType((ANY,), NUMBER), FunctionType((STRING,), ANY), True),
        (FunctionType((STRING,), NUMBER), FunctionType((ANY,), NUMBER), False),
        (FunctionType((NUMBER,), NUMBER), FunctionType((NUMBER, NUMBER), NUMBER), False),
        (FunctionType((NUMBER,), NUMBER), FunctionType(), True),
        (FunctionType(), FunctionType((NUMBER,), NUMBER), False),
        (FunctionType((NUMBER,), ANY), FunctionType((NUMBER,), NUMBER), True),
        (FunctionType((NUMBER,), STRING), FunctionType((NUMBER,), NUMBER), False),
    ],
)
def test_conformance_of_types(narrow, wide, conforming):
    assert is_subtype(narrow, wide) is conforming


def test_null_conforms_to_every_type_but_is_an_instance_of_null_alone():
    for kind in BUILT_IN.values():
        assert conforms(None, kind)
        assert instance_of(None, kind) is (kind == NULL)


def test_a_boolean_is_no_number_and_no_value_is_two_kinds():
    assert not instance_of(True, NUMBER)
    assert not instance_of(Decimal(1), BOOLEAN)
    assert not instance_of(parse_date("2026-03-05"), DATE_TIME)
    assert not instance_of(parse_date_time("2026-03-05T10:00:00"), DATE)


@pytest.mark.parametrize(
    ("value", "wanted", "result"),
    [
        (Decimal(1), NUMBER, Decimal(1)),
        ([Decimal(1)], NUMBER, Decimal(1)),
        (Decimal(1), ListType(NUMBER), [Decimal(1)]),
        ([[Decimal(1)]], NUMBER, MISMATCH),
        ([Decimal(1), Decimal(2)], NUMBER, MISMATCH),
        ("x", NUMBER, MISMATCH),
        ("x", ListType(NUMBER), MISMATCH),
        (None, NUMBER, None),
        ([], NUMBER, MISMATCH),
        ({"a": Decimal(1), "b": "x", "c": None}, ROW, {"a": Decimal(1), "b": "x", "c": None}),
        ({"a": Decimal(1)}, ROW, MISMATCH),
    ],
)
def test_implicit_conversions(value, wanted, result):
    assert coerce(value, wanted) == result


def test_a_date_becomes_midnight_in_utc():
    assert str(coerce(parse_date("2026-03-05"), DATE_TIME)) in {
        "2026-03-05T00:00:00Z",
        "2026-03-05T00:00:00@UTC",
    }


def test_types_are_named_as_they_are_written():
    kind = FunctionType((ListType(ROW), RangeType(DATE)), BOOLEAN)
    assert kind.name == "function<list<context<a: number, b: string>>, range<date>> -> boolean"


def test_a_signature_is_a_function_type():
    assert Signature((Parameter("n", NUMBER),), STRING).function_type == FunctionType((NUMBER,), STRING)


def test_kinds_are_plain_words():
    assert [kind_of(value) for value in (None, [], {}, Range(None, None), "x")] == [
        "null",
        "list",
        "context",
        "range",
        "string",
    ]
