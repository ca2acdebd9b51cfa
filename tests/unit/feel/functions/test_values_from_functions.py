"""What the built-in functions give, by the examples of an office."""

from __future__ import annotations

from decimal import Decimal

import pytest

TRUE = [
    # conversion
    'date("2026-11-24") = date(2026, 11, 24)',
    'date(date and time("2026-11-24T08:30:00+07:00")) = @"2026-11-24"',
    'date(from: @"2026-11-24") = @"2026-11-24"',
    'time("08:30:00@Asia/Ho_Chi_Minh").timezone = "Asia/Ho_Chi_Minh"',
    'time(8, 30, 0) = @"08:30:00"',
    'string(time(8, 30, 1.25, @"PT7H")) = "08:30:01.25+07:00"',
    'time(date and time("2026-11-24T08:30:00")) = @"08:30:00"',
    'time(@"2026-11-24") = @"00:00:00Z"',
    'time("2026-11-24T08:30:00") = @"08:30:00"',
    'date and time(@"2026-11-24", @"08:30:00+07:00") = @"2026-11-24T08:30:00+07:00"',
    'date and time("2026-11-24") = @"2026-11-24T00:00:00"',
    'date and time(@"2026-11-24") = @"2026-11-24T00:00:00"',
    'date and time(2026, 11, 24, 8, 30, 0) = @"2026-11-24T08:30:00"',
    'date and time(2026, 11, 24, 8, 30, 0, @"PT7H") = @"2026-11-24T08:30:00+07:00"',
    'string(date and time(2026, 11, 24, 8, 30, 0, "Asia/Ho_Chi_Minh")) = "2026-11-24T08:30:00@Asia/Ho_Chi_Minh"',
    'duration("P5D") = @"P5D" and duration(@"P1Y") = @"P12M"',
    'years and months duration(@"2020-09-15", @"2026-11-14") = @"P6Y1M"',
    'number("1.250.000,50", ".", ",") = 1250000.5',
    'number("1 250 000") = null and number("1 250 000", " ") = 1250000 and number(7) = 7',
    'number(from: "1,5", decimal separator: ",") = 1.5',
    'string(1.50) = "1.50" and string("a") = "a" and string([1, "a"]) = "[1, \\"a\\"]" and string(true) = "true"',
    'string(@"P1DT2H") = "P1DT2H" and string({a: null}) = "{a: null}"',
    # strings
    'substring("12/BC-VP", 4, 2) = "BC" and substring("12/BC-VP", -2) = "VP" and substring("ab", 1, 9) = "ab"',
    'string length("Đảng uỷ") = 7 and upper case("đảng") = "ĐẢNG" and lower case("ỦY BAN") = "ủy ban"',
    'substring before("12/BC-VP", "/") = "12" and substring after("12/BC-VP", "/") = "BC-VP"',
    'substring before("12", "/") = "" and substring after("12", "/") = "" and substring after("12", "") = "12"',
    'contains("hoả tốc", "tốc") and starts with("hoả tốc", "hoả") and ends with("hoả tốc", "tốc")',
    'string join(["A", null, "B"], "; ") = "A; B" and string join([]) = "" and string join("A", "; ") = "A"',
    'trim("  a b\\n") = "a b"',
    # lists
    'list contains(["A", "B"], "B") and not(list contains(["A"], "a")) and list contains([1, null], null)',
    "count([1, null]) = 2 and count([]) = 0",
    'min(3, 1, 2) = 1 and max([@"2026-01-01", @"2026-11-24"]) = @"2026-11-24" and min(["b", "a"]) = "a"',
    "sum([0.1, 0.2]) = 0.3 and sum(1, 2) = 3 and sum(5) = 5",
    "mean([1, 2, 3, 4]) = 2.5 and median([3, 1, 2]) = 2 and median(1, 2) = 1.5 and product([2, 3]) = 6",
    "decimal(stddev([1, 2, 3, 4]), 6) = 1.290994 and mode([3, 1, 3, 1, 2]) = [1, 3] and mode([]) = []",
    "all([true, true]) and all([]) and not(any([])) and any([false, null, true]) and not(all([null, false]))",
    "sublist([1, 2, 3], 2) = [2, 3] and sublist([1, 2, 3], -2, 1) = [2] and sublist([1, 2], 2, 0) = []",
    "append([1], 2, null) = [1, 2, null] and append(1, 2) = [1, 2]",
    "concatenate([1], [2], 3) = [1, 2, 3]",
    "insert before([1, 3], 2, 2) = [1, 2, 3] and insert before([1], -1, 0) = [0, 1]",
    "remove([1, 2, 3], -1) = [1, 2] and reverse([1, 2]) = [2, 1]",
    "list replace([1, 2], 2, null) = [1, null]",
    "list replace([1, 5, 9], function(item, newItem) item > newItem, 4) = [1, 4, 4]",
    'index of(["a", "b", "a"], "a") = [1, 3] and index of([1, null], null) = [2]',
    'union(["A", "B"], ["B", "C"]) = ["A", "B", "C"] and distinct values([1, "1", 1.0, null, null]) = [1, "1", null]',
    'distinct values([{a: 1}, {a: 1.0}, [1], @"08:00:00"]) = [{a: 1}, [1], @"08:00:00"]',
    "flatten([1, [2, [3, []]]]) = [1, 2, 3]",
    'sort([3, 1, 2]) = [1, 2, 3] and sort(["b", "a"], function(x, y) x < y) = ["a", "b"]',
    "sort([{n: 1, d: 2}, {n: 2, d: 1}], function(x, y) x.d < y.d).n = [2, 1]",
    'sort([{k: 1, n: "a"}, {k: 0, n: "b"}, {k: 1, n: "c"}], function(x, y) x.k < y.k).n = ["b", "a", "c"]',
    # numbers
    "decimal(2.345, 2) = 2.34 and decimal(2.355, 2) = 2.36 and decimal(1250, -2) = 1200",
    "floor(-1.5) = -2 and ceiling(-1.5) = -1 and floor(1.27, 1) = 1.2 and ceiling(1.21, 1) = 1.3",
    "round up(1.01, 1) = 1.1 and round down(-1.09, 1) = -1.0 and round half up(2.5) = 3 and round half down(2.5) = 2",
    'round half up(1.005, 2) = 1.01 and string(decimal(1, 2)) = "1.00" and round up(0.1, 6000) = 0.1',
    'abs(-2) = 2 and abs(@"-P1D") = @"P1D" and abs(@"-P1Y") = @"P1Y"',
    "modulo(7, 3) = 1 and modulo(-7, 3) = 2 and modulo(7, -3) = -2 and modulo(6, 3) = 0 and modulo(5.5, 2) = 1.5",
    "sqrt(2.25) = 1.5 and decimal(log(10), 4) = 2.3026 and decimal(exp(1), 4) = 2.7183",
    "odd(3) and even(-2) and not(odd(1.5)) and not(even(1.5)) and even(1000000000000)",
    # dates
    'day of week(@"2026-11-24") = "Tuesday" and day of year(@"2026-12-31") = 365',
    'month of year(@"2026-11-24T08:00:00") = "November" and week of year(@"2027-01-01") = 53',
    'today() = @"2026-11-25"',
    'string(now()) = "2026-11-25T01:30:00@Asia/Ho_Chi_Minh" and now() = now()',
    'is(1, 1.0) and not(is(@"08:00:00Z", @"08:00:00")) and not(is(@"2026-11-24", @"2026-11-24T00:00:00"))',
    'is(null, null) and not(is(1, "1"))',
    # contexts
    'get value({a: 1}, "a") = 1 and get value({a: {b: 2}}, ["a", "b"]) = 2',
    'get entries({a: 1})[1].key = "a" and get entries({}) = []',
    'context([{key: "a", value: 1}, {key: "b", value: null}]) = {a: 1, b: null} and context([]) = {}',
    'context put({a: 1}, "b", 2) = {a: 1, b: 2} and context put({a: {b: 1}}, ["a", "b"], 2) = {a: {b: 2}}',
    "context merge([{a: 1, b: 1}, {b: 2}]) = {a: 1, b: 2}",
    # our own
    "is defined(1) and not(is defined(null)) and get or else(null, 2) = 2 and get or else(1, 2) = 1",
    'is empty("") and is empty([]) and is empty({}) and is empty(null) and not(is empty(0)) and not(is empty(" "))',
    "not(true) = false",
]  # fmt: skip

NULL = [
    'date("24/11/2026")',
    "date(2026, 2, 30)",
    'time("8:30")',
    'time("2026-11-24")',
    'time(8, 30, 0, @"PT19H")',
    "time(8, 30, 60)",
    'date and time("24/11/2026 08:30")',
    "date and time(2026, 11, 31, 8, 0, 0)",
    "date and time(2026, 11, 24, 25, 0, 0)",
    'date and time(2026, 11, 24, 8, 0, 0, "Asia/Hanoi City")',
    'duration("5 ngày")',
    'number("1.250.000,50")',
    'number("1,5", ",", ",")',
    'number("1", "_")',
    'substring("abc", 0)',
    'substring("abc", 4)',
    'substring("abc", 1, 0)',
    "min([])",
    'max([1, "a"])',
    "min([true])",
    "sum([])",
    "sum([1, null])",
    'sum(["1"])',
    "mean([])",
    "median([null])",
    "stddev([1])",
    "product([])",
    "mode([1, null])",
    "all([true, null])",
    "any([false, 1])",
    "sublist([1, 2], 3)",
    "sublist([1, 2], 1, -1)",
    "insert before([], 1, 1)",
    "remove([1], 2)",
    "list replace([1], 0, 1)",
    "list replace([1], function(item) true, 1)",
    "sort([1, 2], function(x) true)",
    'sort([1, "a"])',
    "sort([1, 2], function(x, y) x)",
    "decimal(1, 6177)",
    "string(null)",
    "modulo(1, 0)",
    "modulo(9000000000000000000000000000000000, 0.001)",
    "sqrt(-1)",
    "log(0)",
    "exp(100000)",
    'day of week("2026-11-24")',
    'get value({a: 1}, "b")',
    'get value({a: 1}, ["a", "b"])',
    'context([{key: "a"}])',
    'context([{key: "a", value: 1}, {key: "a", value: 2}])',
    'context put({a: 1}, ["a", "b"], 2)',
    "context put({a: 1}, [], 2)",
    "context merge([{a: 1}, null])",
    "not(1)",
    "now(1)",
    'range("[1..")',
    'range("[3..1]")',
]  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_holds(value, warnings, text):
    assert value(text) is True, warnings(text)


@pytest.mark.parametrize("text", NULL)
def test_is_null_and_says_why_in_both_languages(value, warnings, text):
    assert value(text) is None
    told = warnings(text)
    assert told
    assert all(warning.vi and warning.en and warning.vi != warning.en for warning in told)


def test_numbers_keep_the_decimals_they_were_rounded_to(value):
    assert value("string(decimal(1250000, 2))") == "1250000.00"
    assert value("decimal(1/3, 2)") == Decimal("0.33")


def test_today_is_told_in_the_office_not_in_utc(value):
    assert value('date(now()) = today() and today() > date(@"2026-11-24T18:30:00Z")') is True
