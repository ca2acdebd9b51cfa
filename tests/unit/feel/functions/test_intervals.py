"""Points and ranges on a line, against a model of half steps."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.clock import SystemClock
from service.feel.functions import BUILTINS
from service.feel.runtime import Run, Runtime
from service.feel.values import Range, comparison, parse_date


@st.composite
def intervals(draw):
    low = draw(st.integers(0, 6))
    high = draw(st.integers(low + 1, 8))
    return Range(Decimal(low), Decimal(high), draw(st.booleans()), draw(st.booleans()))


points = st.integers(0, 8).map(Decimal)


def members(value) -> set[int]:
    """Give the half steps (in quarters, so that open ends differ) that a point or range covers."""
    if not isinstance(value, Range):
        return {int(value) * 4}
    low = int(value.low) * 4 + (0 if value.low_included else 1)
    high = int(value.high) * 4 - (0 if value.high_included else 1)
    return set(range(low, high + 1))


def ask(name, *arguments):
    run = Run(Runtime(clock=SystemClock()))
    answer = BUILTINS[name].invoke(arguments, run)
    assert (answer is None) == bool(run.warnings())
    return answer


@given(st.one_of(intervals(), points), st.one_of(intervals(), points))
def test_before_after_and_coincides_agree_with_the_sets(a, b):
    assert ask("before", a, b) is (max(members(a)) < min(members(b)))
    assert ask("after", a, b) is (min(members(a)) > max(members(b)))
    if isinstance(a, Range) == isinstance(b, Range):
        assert ask("coincides", a, b) is (members(a) == members(b))


@given(intervals(), st.one_of(intervals(), points))
def test_includes_starts_and_finishes_agree_with_the_sets(a, b):
    outer, inner = members(a), members(b)
    assert ask("includes", a, b) is (inner <= outer)
    assert ask("during", b, a) is (inner <= outer)
    assert ask("starts", b, a) is (min(inner) == min(outer) and inner <= outer)
    assert ask("started by", a, b) is (min(inner) == min(outer) and inner <= outer)
    assert ask("finishes", b, a) is (max(inner) == max(outer) and inner <= outer)
    assert ask("finished by", a, b) is (max(inner) == max(outer) and inner <= outer)


@given(intervals(), intervals())
def test_overlaps_and_meets_agree_with_the_sets(a, b):
    first, second = members(a), members(b)
    assert ask("overlaps", a, b) is bool(first & second)
    assert ask("overlaps after", b, a) is ask("overlaps before", a, b)
    assert ask("overlaps before", a, b) is (
        bool(first & second) and min(first) < min(second) and max(first) <= max(second)
    )
    assert ask("meets", a, b) is ask("met by", b, a)
    assert ask("meets", a, b) is (max(first) == min(second) and max(first) % 4 == 0)


def test_one_sided_ranges_reach_to_infinity():
    below, above = comparison("<", Decimal(5)), comparison(">=", Decimal(5))
    assert ask("before", below, above) is True
    assert ask("includes", below, Decimal(-1000)) is True
    assert ask("overlaps", below, above) is False
    assert ask("coincides", below, comparison("<", Decimal(5))) is True
    assert ask("during", Range(Decimal(5), Decimal(9)), above) is True


@pytest.mark.parametrize(
    "arguments",
    [
        (Decimal(1), "a"),
        (Decimal(1), Range("a", "b")),
        (Range(None, Decimal(1)), Decimal(2)),
        (comparison("!=", Decimal(1)), Decimal(2)),
        (Decimal(1), None),
        (Decimal(1),),
    ],
)
def test_what_has_no_order_is_null_with_a_reason(arguments):
    assert ask("before", *arguments) is None


def test_arguments_have_the_names_of_each_form(value):
    assert value("before(point1: 1, point2: 2) and before(range1: [1..2], range2: [3..4])") is True
    assert value("during(point: 1, range: [1..2]) and includes(range: [1..2], point: 1)") is True
    assert value("meets(range1: [1..2], range2: [2..3]) and coincides(point1: 1, point2: 1)") is True


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[1..10)", Range(Decimal(1), Decimal(10), True, False)),
        ("]-1.5 .. .5]", Range(Decimal("-1.5"), Decimal("0.5"), False, True)),
        ('("a..b".."c\\"d"[', Range("a..b", 'c"d', False, False)),
        ('[@"2026-01-01"..date("2026-12-31")]', Range(parse_date("2026-01-01"), parse_date("2026-12-31"))),
    ],
)
def test_a_range_is_read_from_its_text(text, read):
    assert ask("range", text) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1..2",
        "[1..2",
        "[a..b]",
        "[..2]",
        '[1.."b"]',
        "[2..1]",
        "[null..1]",
        '[date("x")..date("y")]',
        "[1..2] " * 2,
    ],
)
def test_what_is_no_range_is_null(text):
    assert ask("range", text) is None
