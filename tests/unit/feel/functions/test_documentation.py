"""The guides for analysts name every function, and every example in them gives the value it tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.clock import ManualClock
from service.engine.functions import OfficeFunctions
from service.feel import DEFAULT_LIMITS, Runtime, compile_expression, compile_unary_tests
from service.feel.functions import BUILTINS, EXTENSIONS
from service.feel.values.nesting import MAX_DEPTH
from service.feel.values.operations import is_same

DOCS = Path(__file__).resolve().parents[4] / "docs"
GUIDES = {"en": DOCS / "feel.md", "vi": DOCS / "vi" / "feel.md"}
RUNTIME = Runtime(
    clock=ManualClock(datetime(2026, 11, 24, 2, 15, tzinfo=UTC)), functions=OfficeFunctions(None)
)


def boxes(guide: Path, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def evaluate(text: str, data: dict):
    return compile_expression(text, names=data).evaluate(data, RUNTIME)


def data_of(guide: Path) -> dict:
    (box,) = boxes(guide, "feel-data")
    return evaluate(box, {}).value


def examples(kind: str, marker: str):
    """Give language, expression and what is told about it; an expression may take several lines."""
    for language, guide in GUIDES.items():
        for box in boxes(guide, kind):
            expression = ""
            for line in box.splitlines():
                code, found, told = line.partition(marker)
                expression += f"\n{code}"
                if found:
                    yield pytest.param(
                        language, expression.strip(), told.strip(), id=f"{language}: {code.strip()}"
                    )
                    expression = ""
            assert not expression.strip(), f"an example without a value: {expression}"


@pytest.mark.parametrize(("language", "expression", "told"), list(examples("feel", "// →")))
def test_an_example_gives_the_value_behind_it(language, expression, told):
    data = data_of(GUIDES[language])
    result, expected = evaluate(expression, data), evaluate(told, {})
    assert not expected.warnings
    assert is_same(result.value, expected.value), (result.value, result.warnings)
    assert (result.value is None) <= bool(result.warnings)


@pytest.mark.parametrize(("language", "cell", "told"), list(examples("feel-cell", "//")))
def test_a_cell_lets_the_value_behind_it_pass_or_not(language, cell, told):
    data = data_of(GUIDES[language])
    value, _, passes = told.partition("→")
    tested = evaluate(value, data).value
    answer = compile_unary_tests(cell, names=data).evaluate(tested, data, RUNTIME).value
    assert answer is evaluate(passes, {}).value


@pytest.mark.parametrize("guide", GUIDES.values(), ids=GUIDES)
def test_every_function_is_named_and_shown(guide):
    text = guide.read_text(encoding="utf-8")
    shown = "\n".join(boxes(guide, "feel"))
    assert [name for name in BUILTINS if f"`{name}(" not in text] == []
    assert [
        name for name in BUILTINS if not re.search(rf"(?<![\w ]){name}\(|(?:^|[^\w]) *{name}\(", shown)
    ] == []
    assert text.count("*ours*" if guide is GUIDES["en"] else "*mở rộng*") == len(EXTENSIONS) + 1


def test_the_limits_in_the_guides_are_those_in_force():
    limits = DEFAULT_LIMITS
    whole = (
        limits.nesting,
        limits.steps,
        limits.list_items,
        limits.string_characters,
        MAX_DEPTH,
        limits.exponent,
    )
    for language, heading, separator in (("en", "## Limits", ","), ("vi", "## Giới hạn", ".")):
        chapter = GUIDES[language].read_text(encoding="utf-8").partition(heading)[2]
        told = [int(number.replace(separator, "")) for number in re.findall(r"\(([0-9.,]*[0-9])\)", chapter)]
        assert told == list(whole)
        seconds = (
            f"({limits.regex_seconds:g} "
            if language == "en"
            else f"({limits.regex_seconds:g} ".replace(".", ",")
        )
        assert seconds in chapter


def test_both_guides_show_the_same_examples():
    for kind in ("feel", "feel-cell", "feel-data"):
        english, vietnamese = (
            ["".join(box.split()) for box in boxes(guide, kind)] for guide in GUIDES.values()
        )
        assert english == vietnamese
