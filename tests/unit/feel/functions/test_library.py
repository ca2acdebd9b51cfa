"""Declaring and calling functions: arity, names, coercion, null and left-out arguments, reasons."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.feel.functions import BUILTINS, EXTENSIONS, Library
from service.feel.functions.declarations import declared_type, parse_declaration
from service.feel.types import NUMBER, STRING, ListType
from service.feel.values.reasons import Reason

OFFICE = Library()


@OFFICE.function("round trips(days: number, per day?: number?, ...extra: number) -> number")
def round_trips(days, per_day=Decimal(2), extra=()):
    return days * (per_day or 0) + sum(extra)


@OFFICE.function("greet(name: string, title?: string) -> string")
def greet(name, title="đồng chí"):
    return f"{title} {name}"


@OFFICE.function("join(parts: list<string>) -> string")
@OFFICE.function("never(x: number) -> number")
def refuse(*_arguments):
    return Reason("feel.never", "không bao giờ", "never")


@OFFICE.function("budget left(of: Any?) -> number")
def budget_left(run, of):
    return Decimal(run.steps_left)


def call(name, run, /, *positional, **named):
    return OFFICE.functions[name].invoke(named or positional, run)


def test_arguments_may_be_named_in_any_order(run):
    assert call("greet", run, "An") == "đồng chí An"
    assert call("greet", run, title="bà", name="An") == "bà An"


def test_left_out_and_given_as_null_differ(run):
    assert call("greet", run, "An") == "đồng chí An"
    assert call("greet", run, "An", None) is None
    assert [warning.code for warning in run.warnings()] == ["feel.null_argument"]
    assert "greet()" in run.warnings()[0].vi
    assert "“title”" in run.warnings()[0].en


def test_a_nullable_parameter_takes_null(run):
    assert call("round trips", run, Decimal(3), None, Decimal(1)) == 1
    assert call("budget left", run, None) > 0


def test_further_arguments_are_collected_and_at_least_one_is_needed(run):
    assert call("round trips", run, Decimal(3), Decimal(1), Decimal(5), Decimal(6)) == 14
    assert call("round trips", run) is None
    assert call("round trips", run, Decimal(3), Decimal(1), "x") is None
    assert [warning.code for warning in run.warnings()] == ["feel.wrong_arguments", "feel.wrong_argument"]


@pytest.mark.parametrize("named", [{"nom": "An"}, {"name": "An", "rank": "x"}, {"title": "bà"}])
def test_unknown_and_missing_names_are_told(run, named):
    assert call("greet", run, **named) is None
    (warning,) = run.warnings()
    assert warning.code == "feel.wrong_arguments"
    assert "greet(name, title?)" in warning.en
    assert "greet(name, title?)" in warning.vi


def test_a_list_of_one_stands_for_its_item_and_an_item_for_a_list(run):
    assert call("greet", run, ["An"]) == "đồng chí An"
    assert call("greet", run, [None]) is None
    assert BUILTINS["count"].invoke((Decimal(5),), run) == 1


def test_an_argument_of_the_wrong_kind_is_named_with_both_kinds(run):
    assert call("greet", run, Decimal(1)) is None
    (warning,) = run.warnings()
    assert warning.code == "feel.wrong_argument"
    assert "must be string, but is number" in warning.en


def test_a_reason_becomes_null_with_the_functions_name(run):
    assert call("never", run, Decimal(1)) is None
    (warning,) = run.warnings()
    assert (warning.code, warning.vi, warning.en) == (
        "feel.never", "never(): không bao giờ", "never(): never",
    )  # fmt: skip


def test_a_declaration_tells_types_options_nulls_and_rest():
    name, signature = parse_declaration(
        "f(a: list<list<number>>, b c?: string | date?, ...d: Any?) -> range<number>"
    )
    assert name == "f"
    assert [(p.name, p.optional, p.nullable) for p in signature.parameters] == [
        ("a", False, False),
        ("b c", True, True),
    ]
    assert signature.parameters[0].type == ListType(ListType(NUMBER))
    assert signature.parameters[1].type.name == "string | date"
    assert signature.rest.name == "d"
    assert signature.rest.nullable
    assert signature.result.name == "range<number>"


@pytest.mark.parametrize(
    "text", ["f", "f(a: number)", "f(a: money) -> number", "f(a: number) -> set<number>"]
)
def test_a_wrong_declaration_fails_at_once(text):
    with pytest.raises(ValueError, match=r"f|money|set"):
        parse_declaration(text)


def test_a_union_type_accepts_each_choice():
    either = declared_type("number | string")
    assert either.accepts("x")
    assert either.accepts(Decimal(1))
    assert not either.accepts(True)
    assert declared_type("string") is STRING


def test_the_library_is_that_of_the_standard():
    standard = """
        date|date and time|time|number|string|duration|years and months duration|not|substring|string length|upper case
        |lower case|substring before|substring after|replace|contains|starts with|ends with|matches|split|string join
        |list contains|count|min|max|sum|mean|all|any|sublist|append|concatenate|insert before|remove|list replace|reverse
        |index of|union|distinct values|flatten|product|median|stddev|mode|decimal|floor|ceiling|round up|round down
        |round half up|round half down|abs|modulo|sqrt|log|exp|odd|even|is|before|after|meets|met by|overlaps
        |overlaps before|overlaps after|finishes|finished by|includes|during|starts|started by|coincides|day of year
        |day of week|month of year|week of year|now|today|sort|get value|get entries|context|context put|context merge
        |range
    """
    names = {" ".join(name.split()) for name in standard.split("|")}
    assert set(BUILTINS) - EXTENSIONS == names
    assert set(BUILTINS) >= EXTENSIONS


def test_builtins_cannot_be_changed():
    with pytest.raises(TypeError):
        BUILTINS["now"] = BUILTINS["today"]


def test_a_function_of_several_kinds_stands_where_one_of_them_is_asked(value):
    assert value("day of week instance of function<date> -> string") is True
    assert value("abs instance of function<number> -> number") is True
    assert value("abs instance of function<string> -> number") is False


def test_the_signature_is_the_first_form():
    assert [p.name for p in BUILTINS["sum"].signature.parameters] == ["list"]
    assert [p.name for p in BUILTINS["abs"].signature.parameters] == ["n"]
