"""What expressions mean: logic, comparison, lists, paths, filters, loops, functions, types."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.feel.values import Date, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("19.99 * 100 = 1999", True),
        ("1 - 2 - 3", Decimal(-4)),
        ("2 ** 3 ** 2", Decimal(64)),
        ("-2 ** 2", Decimal(4)),
        ("--3", Decimal(3)),
        ("7 / 2 * 2", Decimal(7)),
        ('"a" + "b" + "c"', "abc"),
        ('"\\u0041\\U01F40E\\uD83D\\uDC0E"', "A🐎🐎"),
        ("null = null", True),
        ("1 = null", False),
        ("1 != null", True),
        ('100 = "100"', None),
        ('100 != "100"', None),
        ("1 < null", None),
        ('"b" > "a"', True),
        ("5 between 1 and 5", True),
        ("0 between 1 and 5", False),
        ("null between 1 and 5", None),
        ("1 instance of number", True),
        ("null instance of number", False),
        ("null instance of Null", True),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ('{a: 1, b: "x"} instance of context<a: number>', True),
        ("[1..3] instance of range<number>", True),
        ("(function(a: number) a) instance of function<number> -> Any", True),
        ('(function(a: number) "x") instance of function<number> -> string', True),
        ('(function(a: number) "x") instance of function<number> -> number', False),
        ("(function(a: string) {b: 1, c: [a]}) instance of function<string> -> context<b: number>", True),
        ("(function(a: list<number>) {b: 1}) instance of function<list<number>> -> context<c: Any>", False),
        ("(function(a: number) function() 1) instance of function<Any> -> Any", False),
        ("1 instance of tUnknown", None),
        ('@"2026-03-05" instance of date', True),
        ('@"2026-03-05T10:00:00" instance of date and time', True),
        ('@"nothing"', None),
    ],
)
def test_operators(value, text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
        (True, "x", None, True),
        (False, "x", False, None),
    ],
)
def test_logic_is_three_valued(value, left, right, both, either):
    for a, b in ((left, right), (right, left)):
        assert value("a and b", a=a, b=b) is both
        assert value("a or b", a=a, b=b) is either
        assert value("a and b and true", a=a, b=b) is both
        assert value("false or a or b", a=a, b=b) is either


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[10, 20, 30][1]", 10),
        ("[10, 20, 30][-1]", 30),
        ("[10, 20, 30][0]", None),
        ("[10, 20, 30][4]", None),
        ("[10, 20, 30][i]", 20),
        ("[10, 20, 30][item > 15]", [20, 30]),
        ("[{a: 1}, {a: 2}][a = 2]", [{"a": 2}]),
        ("[{a: 1}, {a: 2}][item.a = 2].a", [2]),
        ("[{item: 5}][item = 5]", [{"item": 5}]),
        ("[1, null, 3][item > 2]", [3]),
        ("5[1]", 5),
        ("5[item > 3]", [5]),
        ("[{a: {b: 1}}, {a: {b: 2}}].a.b", [1, 2]),
        ("[{a: 1}, {b: 2}].a", [1, None]),
        ("{a: {b: 1}}.a.b", 1),
        ("{a: 1}.b", None),
        ("null.a", None),
        ("[1..5].start", 1),
        ("[1..5].start included", True),
        ('@"10:00:00+07:00".time offset = @"PT7H"', True),
        ("(< 5).end", 5),
        ("{a: 1, b: a + 1, c: b + 1}", {"a": 1, "b": 2, "c": 3}),
        ("{a: 1, a: 2}", None),
        ('{"any key!": 1}', {"any key!": 1}),
    ],
)
def test_lists_contexts_paths_and_filters(value, text, expected):
    assert value(text, i=2) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1..3] return i", [1, 2, 3]),
        ("for i in [3..1] return i", None),
        ("for i in (1..3) return i", [2]),
        ("for i in 1..1 return i", [1]),
        ("for i in [] return i", []),
        ("for i in 5 return i", [5]),
        ("for i in null return i", None),
        ('for i in "a".."c" return i', None),
        ("for i in 1..1.5 return i", None),
        ("for x in [1, 2], y in [x, 10] return x + y", [2, 11, 4, 12]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ("for x in [[1, 2], [3]] return for y in x return y * 2", [[2, 4], [6]]),
        ("(for f in (for i in 1..3 return function() i) return f())", [1, 2, 3]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("some x in [1, 2] satisfies x > 2", False),
        ("some x in [] satisfies x", False),
        ("every x in [] satisfies x", True),
        ("every x in [1, 2], y in [3, 4] satisfies x < y", True),
        ("some x in [true, null] satisfies x", None),
        ("every x in [1, null] satisfies x > 0", None),
        ("some x in null satisfies true", None),
        ("if true then 1 else 2", 1),
        ("if null then 1 else 2", 2),
        ('if "x" then 1 else 2', None),
        ("if false then 1 else if true then 2 else 3", 2),
    ],
)
def test_loops_quantifiers_and_conditionals(value, text, expected):
    assert value(text) == expected


def test_days_can_be_gone_through(value):
    days = value('for d in @"2026-02-27"..@"2026-03-01" return d')
    assert days == [Date(2026, 2, 27), Date(2026, 2, 28), Date(2026, 3, 1)]


def test_partial_is_a_copy_that_later_results_do_not_change(value):
    assert value("for i in 1..3 return partial") == [[], [[]], [[], [[]]]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a - b)(5, 3)", 2),
        ("(function(a, b) a - b)(b: 5, a: 3)", -2),
        ("(function(a: number) a)([7])", 7),
        ("(function(a: list<number>) a)(7)", [7]),
        ('(function(a: number) a)("x")', None),
        ("(function(a) a)()", None),
        ("(function(a) a)(1, 2)", None),
        ("(function(a) a)(b: 1)", None),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", 120),
        ("(function(a) function(b) a + b)(1)(2)", 3),
        ("{k: 2, f: function(x) x * k, r: (for i in 1..2 return f(i))}.r", [2, 4]),
        ("(function(Person.Gender) Person.Gender)(3)", 3),
        ('"not a function"()', None),
        ("nowhere(1)", None),
        ('(function() external {java: {class: "x"}})()', None),
        ("{m: {f: function() 1}}.m.f()", 1),
    ],
)
def test_functions(value, text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x in 5", True),
        ("x in < 5", False),
        ("x in (1, 2, 5)", True),
        ("x in (1, > 4)", True),
        ("x in [1..5)", False),
        ("x in ([1..2], [4..6])", True),
        ("x in [1, 5]", True),
        ("x in [[1..2], [4..6]]", True),
        ("x in (!= 5)", False),
        ("x in (? > 4)", True),
        ("[1, 2] in [[1, 2], [3]]", True),
        ("[1, 2] in [1, 2]", True),
        ("x in null", False),
        ("null in (1, null)", True),
        ('x in "5"', None),
    ],
)
def test_in(value, text, expected):
    assert value(text, x=5) is expected


@pytest.mark.parametrize(
    ("tests", "tested", "expected"),
    [
        ("-", 1, True),
        ("5", 5, True),
        ("5, 6", 6, True),
        ("< 5", 5, False),
        ("not(5, 6)", 7, True),
        ("not(5, 6)", 6, False),
        ("[1..3]", 2, True),
        ("[1..3], 9", 9, True),
        ('"a"', "a", True),
        ("null", None, True),
        ("not(null)", None, False),
        ("true", True, True),
        ("true", False, False),
        ("false", False, True),
        ("limit", 5, True),
        ("> limit", 6, True),
        ("? > limit", 6, True),
        ("? = 1 or ? = 6", 6, True),
        ("[5, 6]", 6, True),
        ("5 > 3", "anything", True),
        ("5", None, False),
        ("< 5", None, None),
        ("< 5, null", None, True),
        ("not(< 5)", None, None),
    ],
)
def test_cells(passes, tests, tested, expected):
    assert passes(tests, tested, limit=5) is expected


def test_a_warning_says_why_and_where(evaluate):
    outcome = evaluate("amount +\n  nowhere", amount=1)
    assert outcome.value is None
    unknown, operand = outcome.warnings
    assert (unknown.code, unknown.line, unknown.column) == ("feel.unknown_name", 2, 3)
    assert unknown.en == "There is no variable 'nowhere'."
    assert unknown.vi == "Không có biến 'nowhere'."
    assert (operand.code, operand.line, operand.column) == ("feel.null_operand", 1, 8)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a.b", "feel.unknown_entry"),
        ("null.b", "feel.null_path"),
        ("[1][2]", "feel.index"),
        ("{a: 1, a: 2}", "feel.duplicate_key"),
        ('@"x"', "feel.temporal"),
        ('[1.."a"]', "feel.range_ends"),
        ("f()", "feel.unknown_function"),
        ("1()", "feel.not_a_function"),
        ("(function(a) a)()", "feel.arguments"),
        ('(function(a: number) a)("x")', "feel.argument_type"),
        ("for i in null return i", "feel.loop_domain"),
        ("some x in [1] satisfies x", "feel.condition"),
        ("if 1 then 2 else 3", "feel.condition"),
        ("1 instance of tUnknown", "feel.unknown_type"),
    ],
)
def test_every_null_has_its_reason(reasons, text, code):
    assert code in reasons(text, a={})


def test_no_attribute_of_python_is_reachable(value):
    for text in ("x.__class__", "x.year.real", "s.upper", "s.__len__", "xs.append", "f.invoke"):
        assert value(text, x=1, s="a", xs=[{}], f=parse_date("2026-03-05")) in (None, [None])
