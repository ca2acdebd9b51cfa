"""How text is read: precedence, brackets with several meanings, names of several words, and complaints."""

from __future__ import annotations

import pytest

from service.feel import ast
from service.feel.errors import FeelSyntaxError, Source
from service.feel.parser import parse_expression, parse_unary_tests
from service.feel.printer import print_node


def normal(text, *names):
    return print_node(parse_expression(Source(text), names))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("a or b and c", "a or (b and c)"),
        ("not(a) = b", "(not(a)) = b"),
        ("-2 ** 2", "(-2) ** 2"),
        ("a + b instance of number", "a + (b instance of number)"),
        ("a between 1 and 2 and b", "(a between 1 and 2) and b"),
        ("a < 1 = b", "(a < 1) = b"),
        ("x in (1 + 2) * 3", "x in ((1 + 2) * 3)"),
        ("x in [1..3] and b", "(x in [1..3]) and b"),
        ("-a.b[1]", "-((a.b)[1])"),
        ("if a then b else c + 1", "if a then b else (c + 1)"),
        ("function(a) a + 1", "function(a) (a + 1)"),
        ("for i in 1..2 + 1 return i", "for i in 1..(2 + 1) return i"),
        ("every x in xs satisfies x and y", "every x in xs satisfies (x and y)"),
    ],
)
def test_operators_bind_as_the_standard_says(text, meaning):
    assert parse_expression(Source(text)) == parse_expression(Source(meaning))


def test_a_chain_of_one_level_is_one_flat_node():
    tree = parse_expression(Source("1 - 2 - 3 + 4"))
    assert isinstance(tree, ast.Arithmetic)
    assert [step.operator for step in tree.steps] == ["-", "-", "+"]
    assert tree != parse_expression(Source("1 - (2 - 3) + 4"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(1..3)", "(1..3)"),
        ("[1..3[", "[1..3)"),
        ("]1..3]", "(1..3]"),
        ("[a[1]..b[", "[a[1]..b)"),
        ("[ [1..2], (3..4] ]", "[[1..2], (3..4]]"),
        ("(< 5)", "(< 5)"),
        ("[1.5..2]", "[1.5..2]"),
        ("[.5..(x[1])]", "[0.5..(x[1])]"),
        ("x in ((1..2))", "x in (1..2)"),
        ("x in (< 5, [7..8])", "x in (< 5, [7..8])"),
        ("[]", "[]"),
        ("{}", "{}"),
    ],
)
def test_brackets_open_groups_lists_ranges_and_tests(text, kind):
    assert normal(text) == kind


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("monthly income > 3", ["monthly income"], "monthly income > 3"),
        ("monthly   income>3", ["monthly income"], "monthly income > 3"),
        ("a-b", [], "a - b"),
        ("a - b", ["a-b"], "a-b"),
        ("a-b", ["a"], "a - b"),
        ("in come or income", ["income"], None),
        ("x.total price", ["total price"], "x.total price"),
        ("x.end", [], "x.end"),
        ("x.date and time", ["date and time"], "x.date and time"),
        ("Person.Gender = 1", ["Person.Gender"], "Person.Gender = 1"),
        ("hạn trả lời + 1", ["hạn trả lời"], "hạn trả lời + 1"),
        ("longer name x", ["longer", "longer name", "longer name x"], "longer name x"),
        ("total pricey", ["total price"], None),
    ],
)
def test_a_name_of_several_words_is_one_where_it_is_known(text, names, expected):
    if expected is None:
        with pytest.raises(FeelSyntaxError):
            normal(text, *names)
    else:
        assert normal(text, *names) == expected


def test_names_are_learned_while_reading():
    assert normal("{a b: 1, c: a b + 1}.a b") == '{"a b": 1, c: a b + 1}.a b'
    assert normal("for my item in xs return my item * 2") == "for my item in xs return my item * 2"
    assert normal("function(total price: number) total price") == "function(total price: number) total price"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("'a'", "double quotes"),
        ("a && b", "'and'"),
        ("a || b", "'or'"),
        ("!a", "not(…)"),
        ("a % b", "modulo"),
        ("[1;2]", "commas"),
    ],
)
def test_what_other_languages_write_gets_a_hint(text, hint):
    with pytest.raises(FeelSyntaxError) as refused:
        parse_expression(Source(text))
    assert hint in refused.value.findings[0].en


def test_a_name_of_several_words_that_is_not_declared_is_guessed():
    with pytest.raises(FeelSyntaxError) as refused:
        parse_expression(Source("tổng tiền > 3"))
    assert "'tổng tiền…'" in refused.value.findings[0].vi
    with pytest.raises(FeelSyntaxError) as refused:
        parse_expression(Source("a if b"))
    assert refused.value.findings[0].en == "expected an operator or the end, found 'if'"


def test_a_decomposed_name_is_the_composed_one():
    assert normal("đo\u031bn vi\u0323 + 1", "đơn vị") == "đơn vị + 1"
    assert normal("đơn vị", "đo\u031bn vi\u0323") == "đo\u031bn vi\u0323"
    assert normal("o\u031b + 1") == normal("\u01a1 + 1")


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("1 +", 1, 4),
        ("1 == 1", 1, 4),
        ("a b", 1, 3),
        ("(1", 1, 3),
        ("[1, 2", 1, 6),
        ("{a 1}", 1, 2),
        ("{a: 1,}", 1, 7),
        ("if a then b", 1, 12),
        ("for x return 1", 1, 7),
        ('"open', 1, 1),
        ("/* open", 1, 1),
        ("a # b", 1, 3),
        ("1 +\n  * 2", 2, 3),
        ("f(a: 1, 2)", 1, 9),
        ("f(a: 1, a: 2)", 1, 9),
        ("function(a, a) a", 1, 13),
        ("< 5", 1, 1),
        ("not x", 1, 5),
        ("x[1:2]", 1, 4),
        ("lambda x: x", 1, 8),
        ("a if b else c", 1, 3),
        ("__import__('os')", 1, 12),
        ("x instance of 5", 1, 15),
        ("@5", 1, 2),
        ("1..3", 1, 2),
        ("a.", 1, 3),
        ("some x in xs", 1, 13),
        ("null null", 1, 6),
        ("and", 1, 1),
        ("9e99999", 1, 1),
    ],
)
def test_what_is_not_feel_is_refused_with_its_place(text, line, column):
    with pytest.raises(FeelSyntaxError) as refused:
        parse_expression(Source(text, "form.dmn"))
    (finding,) = refused.value.findings
    assert (finding.line, finding.column, finding.file) == (line, column, "form.dmn")
    assert finding.vi
    assert finding.en != finding.vi


def test_a_complaint_says_what_was_expected_in_both_languages():
    with pytest.raises(FeelSyntaxError) as refused:
        parse_expression(Source("if a then b"))
    assert refused.value.findings[0].en == "expected 'else', found the end"
    assert refused.value.findings[0].vi == "cần 'else', nhưng gặp hết biểu thức"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-", "-"),
        (" - ", "-"),
        ("-5", "-5"),
        ("< 5, >= 10", "< 5, >= 10"),
        ("not(1, < 5)", "not(1, < 5)"),
        ("not(a) and b", "not(a) and b"),
        ("not(negand: a)", "(not(negand: a))"),
        ('"a", "b"', '"a", "b"'),
        ("[1..2], (3..4)", "[1..2], (3..4)"),
        ("? > 5 and ? < 9", "? > 5 and ? < 9"),
        ("= 3", "= 3"),
    ],
)
def test_cells_hold_tests(text, expected):
    assert print_node(parse_unary_tests(Source(text))) == expected


def test_comments_and_every_kind_of_white_space_are_skipped():
    assert normal("1 /* two */ +// three\n\u00a0\u30004") == "1 + 4"


def test_what_is_no_escape_stays_as_written():
    assert parse_expression(Source('"\\s\\d\\u12\\U110000\\n"')) == ast.Text(0, "\\s\\d\\u12\\U110000\n")


@pytest.mark.parametrize(
    ("literal", "number"),
    [("1", "1"), ("1.50", "1.50"), (".5", "0.5"), ("1e3", "1E+3"), ("1.5E-7", "1.5E-7"), ("007", "7")],
)
def test_numbers_are_read_exactly(literal, number):
    assert normal(literal) == number


@pytest.mark.parametrize(
    "text", ["{a /* số trang */: 1}", "{/* x */ a: 1}", "{a // x\n : 1}", '{"a" /* x */: 1}']
)
def test_a_comment_beside_a_key_is_no_part_of_it(text):
    (entry,) = parse_expression(Source(text)).entries
    assert entry.key == "a"


def test_a_key_may_hold_a_slash():
    (entry,) = parse_expression(Source("{thời hạn/ngày: 1}")).entries
    assert entry.key == "thời hạn/ngày"
