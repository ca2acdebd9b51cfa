"""Regular expressions of XPath: their dialect, their flags, their bounded time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.clock import SystemClock
from service.feel.errors import FeelLimitError
from service.feel.functions import BUILTINS
from service.feel.functions.xpath_patterns import InvalidPatternError, translate
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.runtime import Run, Runtime


def ask(name, *arguments, limits=DEFAULT_LIMITS):
    run = Run(Runtime(clock=SystemClock(), limits=limits))
    answer = BUILTINS[name].invoke(arguments, run)
    assert (answer is None) == bool(run.warnings())
    return answer


@st.composite
def shared_patterns(draw, depth=3):
    """A pattern that XPath and Python read alike, over the letters a, b and c."""
    if not depth:
        return draw(st.sampled_from(["a", "b", "c", "[ab]", "[^a]", "[a-b]", r"\d", r"\.", r"\\"]))
    inner = shared_patterns(depth=depth - 1)
    kind = draw(st.sampled_from(["atom", "sequence", "choice", "group", "quantified"]))
    if kind == "sequence":
        return draw(inner) + draw(inner)
    if kind == "choice":
        return f"(?:{draw(inner)}|{draw(inner)})"
    if kind == "group":
        return f"({draw(inner)})"
    if kind == "quantified":
        return f"(?:{draw(inner)})" + draw(st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "*?", "??"]))
    return draw(inner)


@given(shared_patterns(), st.text(alphabet="abc1.\\", max_size=8))
def test_what_both_dialects_share_means_the_same(pattern, text):
    assert ask("matches", text, pattern) is (re.search(pattern, text, re.ASCII) is not None)
    assert ask("extract", text, pattern) == [found[0] for found in re.finditer(pattern, text, re.ASCII)]


@given(st.text(max_size=6), st.text(max_size=10))
def test_the_flag_q_takes_the_pattern_literally(pattern, text):
    assert ask("matches", text, pattern, "q") is (pattern in text)


@given(st.text(alphabet="ab[]()^-\\{}*+?.|$123,px Ls", max_size=12), st.sampled_from(["", "x", "i", "ms"]))
def test_any_text_is_a_pattern_or_refused_with_a_reason(pattern, flags):
    assert ask("matches", "ab-1", pattern, flags) in (True, False, None)


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "answer"),
    [
        ("12/BC-VP", r"^\d+/BC-[A-Z]{2}$", "", True),
        ("12/BC-VP\n", r"VP$", "", False),
        ("a\rb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("một\nhai", "^hai$", "m", True),
        ("a\n", "^$", "m", False),
        ("HOẢ TỐC", "hoả", "i", True),
        ("b", "[a-z-[aeiou]]", "", True),
        ("e", "[a-z-[aeiou]]", "", False),
        ("e", "[^a-z-[x]]", "", False),
        ("E", "[^a-z-[x]]", "", True),
        ("Đ", r"\p{Lu}", "", True),
        ("đ", r"\p{Lu}", "i", False),
        ("đ", r"\P{Lu}", "", True),
        ("Ω", r"\p{IsGreek}", "", True),
        ("a", r"\p{IsGreek}", "", False),
        ("ten_1", r"^\i\c*$", "", True),
        ("1ten", r"^\i\c*$", "", False),
        ("a b", r"^\S\s\S$", "", True),
        ("٣", r"\d", "", True),
        ("a", "a # not a comment", "x", False),
        ("ab", "a b", "x", True),
        ("a b", "a[ ]b", "x", True),
        ("abab", r"^(ab)\1$", "", True),
        ("b", r"^(a)?\1b$", "", True),
        ("a1", r"(a)\11", "", False),
        ("aa1", r"(a)\11", "", True),
        ("a-b", "[a-]-[-b]", "", True),
        ("^", r"[\^^]", "", True),
        ("&&", "^[&&]+$", "", True),
        ("", "", "", True),
        ("ß", "ss", "i", False),
    ],
)
def test_the_dialect(text, pattern, flags, answer):
    assert ask("matches", text, pattern, flags) is answer


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        ("(", ""), (")", ""), ("[a", ""), ("[]", ""), ("[^]", ""), ("*a", ""), ("a**", ""), ("a++", ""), ("a{,2}", ""),
        ("a{2,1}", ""), ("a{x}", ""), ("]", ""), ("}", ""), ("(?=a)", ""), ("(?P<n>a)", ""), (r"\b", ""), (r"\1", ""),
        (r"(a\1)", ""), (r"[\1]", ""), (r"\p{Xx}", ""), (r"\p{IsNowhere}", ""), (r"\p{L", ""), (r"\pL", ""), ("\\", ""),
        ("[b-a]", ""), ("[a-[b]c]", ""), ("[[a]]", ""), ("a", "g"), ("a", " "), (r"[a-\d]", ""),
    ],
)  # fmt: skip
def test_what_xpath_forbids_is_null_with_a_reason(pattern, flags):
    assert ask("matches", "a", pattern, flags) is None


def test_the_reason_names_the_mistake():
    with pytest.raises(InvalidPatternError) as caught:
        translate("(a", "")
    assert "missing" in caught.value.en
    assert "thiếu" in caught.value.vi


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("Số 12/BC", r"(\d+)/(\p{Lu}+)", "$2 $1"), "Số BC 12"),
        (("abc", "(b)", "[$0$1]"), "a[bb]c"),
        (("abc", "b", r"\$\\"), r"a$\c"),
        (("abc", "(a)|(b)", "<$2>"), "<><b>c"),
        (("abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$12"), "ka2l"),
        (("abc", "(b)", "$2"), "ac"),
        (("a.b", ".", "$", "q"), "a$b"),
        (("AbA", "a", "x", "i"), "xbx"),
        (("", "a", "b"), ""),
    ],
)  # fmt: skip
def test_replacements(arguments, answer):
    assert ask("replace", *arguments) == answer


@pytest.mark.parametrize(
    "arguments",
    [("abc", "b", "$"), ("abc", "b", "$x"), ("abc", "b", "\\n"), ("abc", "x*", "-"), ("abc", "(", "-")],
)
def test_wrong_replacements_are_null(arguments):
    assert ask("replace", *arguments) is None


@pytest.mark.parametrize(
    ("text", "delimiter", "pieces"),
    [
        ("A; B;C", r";\s*", ["A", "B", "C"]),
        ("A;;B;", ";", ["A", "", "B", ""]),
        ("", ";", [""]),
        ("A", "(;)", ["A"]),
    ],
)
def test_splitting(text, delimiter, pieces):
    assert ask("split", text, delimiter) == pieces


def test_a_delimiter_that_matches_nothing_is_refused():
    assert ask("split", "abc", "") is None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("(x+x+)+y", "x" * 40_000), ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 40_000), ("(a|aa)+$", "a" * 90 + "b")],
)
def test_a_catastrophe_ends_in_the_limit_error_in_bounded_time(pattern, text):
    begin = time.process_time()
    try:
        answer = ask("matches", text, pattern, limits=Limits(regex_seconds=0.1))
    except FeelLimitError as error:
        answer = error.findings[0].code
    assert answer in (False, "feel.regex_time")
    assert time.process_time() - begin < 2


def test_the_classic_catastrophe_is_the_limit_error_for_every_function():
    for name, arguments in (("matches", ()), ("replace", ("-",)), ("split", ()), ("extract", ())):
        with pytest.raises(FeelLimitError) as caught:
            ask(name, "x" * 40_000, "(x+x+)+y", *arguments, limits=Limits(regex_seconds=0.05))
        assert caught.value.findings[0].code == "feel.regex_time"


@pytest.mark.parametrize(
    "pattern", ["a{9999999}", "((a{100}){100}){100}", "(" * 200 + ")" * 200, "a" * 5000, "(a{5000}|b{5001})"]
)
def test_a_pattern_that_would_grow_is_over_the_limit_before_it_is_compiled(pattern):
    with pytest.raises(FeelLimitError) as caught:
        ask("matches", "a", pattern)
    assert caught.value.findings[0].code == "feel.regex_size"


def test_a_replacement_cannot_grow_without_bound():
    with pytest.raises(FeelLimitError):
        ask("replace", "a" * 100_000, "a", "b" * 1_000)


def test_many_slow_matches_end_although_each_is_within_its_time():
    run = Run(Runtime(clock=SystemClock()))
    begin = time.process_time()
    with pytest.raises(FeelLimitError) as caught:
        match_again_and_again(run)
    assert caught.value.findings[0].code == "feel.steps"
    assert time.process_time() - begin < 20


def match_again_and_again(run):
    for _ in range(10_000):
        BUILTINS["matches"].invoke(("ab" * 100, "(.*)(.*)[cd]"), run)


def test_matches_cost_steps():
    with pytest.raises(FeelLimitError):
        ask("extract", "a" * 1000, "a", limits=Limits(steps=100))
