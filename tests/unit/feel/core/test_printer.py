"""Printing and parsing are each other's inverse on trees."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from service.feel.errors import Source
from service.feel.functions import BUILTINS
from service.feel.parser import parse_expression, parse_unary_tests
from service.feel.printer import print_node
from tests.unit.feel.core.trees import SPECIAL_NAMES, cells, expressions

NAMES = (*SPECIAL_NAMES, *BUILTINS)


@given(expressions)
@settings(max_examples=150, deadline=None)
def test_a_printed_expression_is_read_back_as_the_same_tree(tree):
    assert parse_expression(Source(print_node(tree)), NAMES) == tree


@given(cells)
@settings(max_examples=60, deadline=None)
def test_a_printed_cell_is_read_back_as_the_same_tests(tree):
    assert parse_unary_tests(Source(print_node(tree)), NAMES) == tree


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  a+b *c ", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("if a then b else if c then d else e", "if a then b else if c then d else e"),
        ("]1..3[", "(1..3)"),
        ("x in(1,<5)", "x in (1, < 5)"),
        ("f(start position:1)", "f(start position: 1)"),
        ('"a\\u0041\\n"', '"aA\\n"'),
        ("x instance of list< number >", "x instance of list<number>"),
        ('{a:1,"b c":2}', '{a: 1, "b c": 2}'),
        ('{"\U0002f800":1}', '{"\U0002f800": 1}'),
    ],
)
def test_text_is_printed_in_one_normal_form(text, normal):
    assert print_node(parse_expression(Source(text))) == normal
