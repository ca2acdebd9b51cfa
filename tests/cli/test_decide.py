"""Deciding at the desk: the shipped tables answer with the rules that matched, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main

FOLDER = Path(__file__).resolve().parents[2] / "processes" / "incoming_document"
SECRET = {
    "zone": "internet", "secrecy": "secret", "is_exchange": True, "category": "none", "is_no_copy": False,
    "has_cipher": False,
}  # fmt: skip
FLASH = {"urgency": "flash", "received_at": "2026-11-24T08:30:00+07:00"}


def decide(decision: str, *more: str, file: Path | None = None, **inputs: object) -> Result:
    given = [f"--input={name}={json.dumps(value)}" for name, value in inputs.items()]
    path = file or FOLDER / f"{decision}.dmn"
    return CliRunner().invoke(main, ["decide", str(path), decision, *given, *more])


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("vi", 'quy tắc 1 khớp (được lấy): Vùng mạng = "internet" thoả "internet"'),
        ("en", 'rule 1 matches (taken): Vùng mạng = "internet" passes "internet"'),
    ],
)  # fmt: skip
def test_the_rule_that_matched_is_told_with_its_cells(language, told):
    result = decide("content_policy", "--language", language, document=SECRET)
    assert result.exit_code == 0, result.output
    assert told in result.output


def test_a_table_that_asks_for_office_hours_is_decided_without_an_agency():
    result = decide("incoming_deadlines", document=FLASH)
    assert result.exit_code == 0, result.output
    assert '"check": {"rule": "clock", "hours": null, "minutes": 15' in result.output.splitlines()[-1]


def test_an_input_that_is_missing_is_told_as_the_reason():
    result = decide("content_policy", "--language", "en")
    assert "There is no value for 'document'." in result.output


def test_a_broken_file_beside_it_does_not_matter_unless_it_is_imported(tmp_path):
    file = tmp_path / "content_policy.dmn"
    file.write_bytes((FOLDER / file.name).read_bytes())
    (tmp_path / "draft.dmn").write_text("<half", encoding="utf-8")
    assert decide("content_policy", file=file, document=SECRET).exit_code == 0
    importing = file.read_bytes().replace(
        b"<inputData", b'<import name="x" namespace="urn:x" importType="dmn"/><inputData', 1
    )
    file.write_bytes(importing)
    assert decide("content_policy", file=file, document=SECRET).exit_code == 1


def test_people_are_unknown_without_an_agency(tmp_path):
    file = tmp_path / "who.dmn"
    file.write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
        '<decision id="who" name="who"><variable name="who"/>'
        '<literalExpression id="e"><text>people("role:leader")</text></literalExpression></decision></definitions>',
        encoding="utf-8",
    )
    assert "no agency is chosen" in decide("who", "--language", "en", file=file).output
