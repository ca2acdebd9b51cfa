"""Reasons speak the reader's language: Vietnamese kinds of value in Vietnamese, FEEL's names in English."""

from __future__ import annotations

import pytest

from service.feel import Runtime, compile_expression
from service.feel.types import BUILT_IN, ContextType, FunctionType, ListType


@pytest.mark.parametrize(
    ("text", "vi", "en"),
    [
        ("1 + true", "số + giá trị đúng/sai", "number + boolean"),
        ('"a" < 1', "chuỗi < số", "string < number"),
        ('(function(x: number) x)("a")', "phải là số, nhưng là chuỗi", "must be number, but is string"),
        ("(function(x: list<date>) x)(1)", "phải là danh sách (ngày), nhưng là số", "must be list<date>"),
        ("substring(1, 2)", "phải là chuỗi, nhưng là số", "must be string, but is number"),
        ("day of week(1)", "phải là ngày hoặc ngày giờ, nhưng là số", "must be date | date and time"),
        ("for x in [1..true] return x", "số và giá trị đúng/sai", "number and boolean"),
        ("some x in [1] satisfies x", "nhưng là số", "but is number"),
        ("{a: 1}.b", "kiểu ngữ cảnh", "This context"),
        ("5()", "đây là số", "this is a number"),
    ],
)
def test_a_reason_names_kinds_in_each_language(text, vi, en):
    warning = compile_expression(text).evaluate({}, Runtime()).warnings[0]
    assert vi in warning.vi
    assert en in warning.en


def test_every_built_in_type_has_vietnamese_words():
    kept = {"Null"}
    assert [name for name, type_ in BUILT_IN.items() if type_.vi == name and name not in kept] == []


def test_types_of_parts_are_told_with_their_parts():
    number = BUILT_IN["number"]
    assert ListType(ListType(number)).vi == "danh sách (danh sách (số))"
    assert ContextType((("a", number),)).vi == "ngữ cảnh (a: số)"
    assert FunctionType((number,), number).vi == "hàm"
