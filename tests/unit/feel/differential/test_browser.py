"""Rules of forms give in our FEEL what they give in the browser's, save for the differences that are accepted.

The editors evaluate with ``@bpmn-io/feelin``; the server has the last word. ``corpus.json`` holds rules over
one form's data: what they give, and where the browser gives something else, what and because of which
difference. Each difference is explained in the guides for analysts.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from service.feel import Runtime, compile_expression, compile_unary_tests, to_json

FOLDER = Path(__file__).resolve().parent
DOCS = FOLDER.parents[3] / "docs"
CORPUS: dict[str, Any] = json.loads((FOLDER / "corpus.json").read_text(encoding="utf-8"))
DATA: dict[str, Any] = CORPUS["data"]
CASES: list[dict[str, Any]] = CORPUS["cases"]
SECONDS = 90


def run_tool(*command: str, given: str = "") -> str:
    """Run a tool of Node in this folder; the test fails with what it said when that does not work."""
    try:
        done = subprocess.run(
            command, cwd=FOLDER, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.fail(f"{' '.join(command)} could not run ({error}); Node 20 and npm are needed here")
    if done.returncode:
        pytest.fail(
            f"{' '.join(command)} failed in {FOLDER}: {done.stderr.strip()[-800:]}\n"
            "The browser's FEEL is installed once with npm; its packages must be reachable then."
        )
    return done.stdout


def install() -> None:
    """Install what the lock file names, once; workers of one test run wait for one another."""
    lock = FOLDER / "package-lock.json"
    stamp = FOLDER / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open(encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
            run_tool("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
            stamp.write_text(wanted, encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> list[Any]:
    """What the browser's FEEL gives for each case, in order."""
    install()
    questions = [
        {"data": DATA, **{key: case[key] for key in ("text", "input") if key in case}} for case in CASES
    ]
    answers: list[Any] = json.loads(run_tool("node", "compare.mjs", given=json.dumps(questions)))
    return answers


def our_answer(case: dict[str, Any]) -> Any:
    if "input" in case:
        tests = compile_unary_tests(case["text"], names=DATA)
        value = tests.evaluate(case["input"], DATA, Runtime()).value
    else:
        value = compile_expression(case["text"], names=DATA).evaluate(DATA, Runtime()).value
    return json.loads(json.dumps(to_json(value), default=float))


def agree(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are the same, numbers to nine places."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1, abs(one))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agree, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(agree(part, other[key]) for key, part in one.items())
    return bool(one == other)


def shown(case: dict[str, Any]) -> str:
    return case["text"] + (f" on {case['input']!r}" if "input" in case else "")


@pytest.mark.parametrize("case", CASES, ids=shown)
def test_a_rule_gives_what_the_corpus_tells(case):
    assert agree(our_answer(case), case["value"])


def test_the_browser_agrees_or_differs_as_accepted(browser):
    surprises = [
        f"{shown(case)}: the browser gives {answer!r}, the corpus tells {case.get('browser', case['value'])!r}"
        for case, answer in zip(CASES, browser, strict=True)
        if not agree(answer, case.get("browser", case["value"]))
    ]
    assert not surprises, "\n".join(surprises)


def test_every_accepted_difference_is_one_and_is_explained_to_analysts():
    differing = [case for case in CASES if "browser" in case or "because" in case]
    assert not [shown(case) for case in differing if agree(case["browser"], case["value"])]
    reasons = {case["because"] for case in differing}
    section = (DOCS / "feel.md").read_text(encoding="utf-8").split("## Where the browser differs\n", 1)[1]
    rows = [
        line.split("|")[1].strip() for line in section.split("\n## ", 1)[0].splitlines() if line[:2] == "| "
    ]
    assert set(rows[1:]) == reasons
