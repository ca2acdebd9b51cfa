"""The clause tables in the documentation say what the diagrams say."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
NAME = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
KEYS = (
    "access_request",
    "account_lifecycle",
    "approval",
    "incoming_document",
    "late_recall",
    "outgoing_document",
    "recall_outgoing",
    "rights_review",
    "task_assignment",
)


def _drawn(key: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in etree.parse(ROOT / "processes" / key / f"{key}.bpmn").iter(NAME):
        if one.get("name") == "clauses":
            owner = one.getparent().getparent().getparent()
            for clause in one.get("value").split():
                found[clause].add(owner.get("id"))
    return dict(found)


def _written(key: str) -> dict[str, set[str]]:
    text = (ROOT / "docs" / "processes" / f"{key}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (S\d[^ |]*) \| (.+) \|$", text, flags=re.MULTILINE)
    return {clause: set(re.findall(r"`(\w+)`", elements)) for clause, elements in rows}


@pytest.mark.parametrize("key", KEYS)
def test_the_documentation_lists_exactly_the_clauses_of_the_diagram(key: str) -> None:
    assert _written(key) == _drawn(key)


@pytest.mark.parametrize("key", KEYS)
def test_every_user_task_and_every_report_to_the_sender_names_a_clause(key: str) -> None:
    named = set().union(*_drawn(key).values())
    tree = etree.parse(ROOT / "processes" / key / f"{key}.bpmn")
    elements = [one for tag in ("userTask", "serviceTask") for one in tree.iter(f"{{*}}{tag}")]
    assert {one.get("id") for one in elements} - named == set()
