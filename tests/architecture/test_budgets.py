"""Sizes stay readable: a module, a class, a function and a decision record have a limit."""

from __future__ import annotations

from tests.architecture.sources import CODE_FOLDERS, ROOT, sources

MODULE_LINES = 400
CLASS_LINES = 250
FUNCTION_LINES = 50
DECISION_RECORD_LINES = 40


def test_no_module_is_longer_than_its_budget():
    long = {source.name: source.text.count("\n") for source in sources(*CODE_FOLDERS)}
    assert {name: lines for name, lines in long.items() if lines > MODULE_LINES} == {}


def test_no_class_is_longer_than_its_budget():
    assert _over_budget("class", CLASS_LINES) == []


def test_no_function_is_longer_than_its_budget():
    assert _over_budget("function", FUNCTION_LINES) == []


def test_a_decision_record_fits_on_a_page():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    lengths = {record.name: len(record.read_text(encoding="utf-8").splitlines()) for record in records}
    assert {name: lines for name, lines in lengths.items() if lines > DECISION_RECORD_LINES} == {}


def _over_budget(kind, limit):
    return [
        f"{source.name}:{one.line} {one.name} has {one.lines} lines"
        for source in sources(*CODE_FOLDERS)
        for one in source.facts.definitions
        if one.kind == kind and one.lines > limit
    ]
