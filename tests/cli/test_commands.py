"""The congvan command: what it prints, and how it fails."""

from __future__ import annotations

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select

from service.cli import main
from service.storage.models import AuditEvent, SecondFactor
from tests.harness import OPENING


@pytest.fixture
def congvan(settings, monkeypatch):
    """Return a function that runs the command on the test's database."""
    monkeypatch.setenv("CONGVAN_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CONGVAN_VAR_DIR", str(settings.var_dir))

    def run(*arguments: str):
        return CliRunner().invoke(main, list(arguments))

    return run


def test_migrating_again_changes_nothing(congvan):
    result = congvan("database", "migrate")
    assert (result.exit_code, result.output) == (0, "the database is up to date\n")
    assert congvan("db", "migrate").exit_code == 0


def test_the_demonstration_is_loaded_once(congvan):
    first = congvan("demo", "load", "--password", "mot mat khau de thu")
    assert first.exit_code == 0, first.output
    assert "vanthu" in first.output
    assert "mot mat khau de thu" in first.output
    again = congvan("demo", "load")
    assert again.exit_code == 0
    assert "password" not in again.output


def test_an_account_is_added_disabled_and_given_a_new_password(congvan, office):
    added = congvan(
        "user", "add", "--agency", office.code, "moi", "Người Mới", "--role", "specialist@tong_hop"
    )
    assert added.exit_code == 0, added.output
    login, password = added.output.split()
    assert login == "moi"
    renewed = congvan("user", "password", "--agency", office.code, "moi")
    assert renewed.output.split()[1] != password
    assert congvan("user", "disable", "--agency", office.code, "moi").exit_code == 0
    assert congvan("user", "enable", "--agency", office.code, "moi").exit_code == 0


def test_lost_second_factors_are_taken_from_an_account_on_the_command_line(congvan, office, owner):
    row = {"secret": "sealed", "last_step": 0, "created_at": OPENING, "confirmed_at": OPENING}
    account_id = office.accounts["quantri"]
    with owner.session() as session:
        session.execute(
            insert(SecondFactor).values(
                id=account_id, agency_id=office.agency_id, account_id=account_id, **row
            )
        )
    done = congvan("user", "reset-second-factor", "--agency", office.code, "quantri")
    assert done.exit_code == 0, done.output
    with owner.session() as session:
        assert session.execute(select(SecondFactor)).all() == []
        told = session.execute(select(AuditEvent.action)).scalars().all()
    assert told == ["account.reset_second_factor"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("user", "add", "--agency", "nowhere", "a.b", "A"), "there is no agency"),
        (("user", "disable", "--agency", "vptu", "nobody"), "account.not_found"),
        (("user", "add", "--agency", "vptu", "Có Dấu", "A"), "login.malformed"),
        (("user", "add", "--agency", "vptu", "a.b", "A", "--role", "emperor"), "role.unknown"),
    ],
)
def test_a_refusal_is_one_clear_line_and_status_1(congvan, office, arguments, told):
    result = congvan(*arguments)
    assert result.exit_code == 1
    assert told in result.output
    assert "Traceback" not in result.output


def test_issuing_bodies_are_kept(congvan, office):
    def ask(*arguments: str) -> str:
        result = congvan("issuing-body", *arguments, "--agency", office.code)
        assert result.exit_code == 0, result.output
        return result.output

    ask(
        "add",
        "btc",
        "Ban Tổ chức",
        "BTCTU",
        "--side",
        "party",
        "--term",
        "2025-2030",
        "--term-from",
        "2025-10-01",
    )
    ask("change", "btc", "--place", "Sông Hồng", "--superior", "TỈNH ỦY", "--organ-id", "A01.02")
    assert "A01.02" in ask("list")
    ask("change", "btc", "--organ-id", "")
    assert "A01.02" not in ask("list")
    ask("term", "btc", "2026-2031", "2026-03-02")
    assert "2026-2031" in ask("list")
    ask("close", "btc")
    assert "BTCTU" not in ask("list")
    assert "(closed)" in ask("list", "--closed")


def ask(congvan, *arguments: str) -> str:
    result = congvan(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_agency_is_founded_and_gets_its_first_administrator(congvan):
    ask(congvan, "agency", "found", "tinh", "Văn phòng tỉnh", "--side", "party", "--organ-id", "A09")
    ask(congvan, "agency", "found", "xa", "Văn phòng xã", "--side", "party", "--under", "tinh")
    ask(congvan, "agency", "change", "--name", "Văn phòng Tỉnh ủy", "--agency", "tinh")
    assert ask(congvan, "agency", "below", "--agency", "tinh").startswith("xa ")
    assert ask(congvan, "user", "add", "--agency", "xa", "xa.quantri", "Quản trị", "--role", "admin")
    again = congvan("agency", "found", "tinh", "Again", "--side", "party")
    assert again.exit_code == 1
    assert "name.taken" in again.output


def test_a_command_for_one_agency_touches_no_other(congvan, office, state_office):
    refused = congvan("user", "disable", "--agency", state_office.code, "vanthu")
    assert "account.not_found" in refused.output
    ask(congvan, "unit", "rename", "hanh_chinh", "Phòng mới", "--agency", state_office.code)
    assert "Phòng mới" in ask(congvan, "unit", "list", "--agency", state_office.code)
    assert "Phòng mới" not in ask(congvan, "unit", "list", "--agency", office.code)


def test_units_posts_and_people_are_kept(congvan, office):
    here = ("--agency", office.code)
    ask(congvan, "unit", "add", "to_1", "Tổ 1", "--under", "tong_hop", *here)
    ask(congvan, "unit", "rename", "to_1", "Tổ một", *here)
    ask(congvan, "unit", "move", "to_1", *here)
    assert "Tổ một" in ask(congvan, "unit", "list", *here)
    ask(congvan, "post", "add", "to_truong", "Tổ trưởng", "--role", "unit_head", "--unit", "to_1", *here)
    ask(congvan, "post", "change", "to_truong", "--role", "specialist", *here)
    holding = ask(congvan, "post", "take", "to_truong", "cv.tonghop1", "2026-03-01", *here).strip()
    assert "cv.tonghop1" in ask(congvan, "post", "list", "--unit", "to_1", *here)
    ask(congvan, "post", "leave", holding, "2026-03-01", *here)
    ask(congvan, "post", "close", "to_truong", *here)
    ask(congvan, "unit", "close", "to_1", *here)
    assert "(closed)" in ask(congvan, "unit", "list", "--closed", *here)
    ask(congvan, "person", "change", "vanthu", "--name", "Nguyễn Thị Lan Anh", "--staff-code", "CB-1", *here)
    assert ask(congvan, "person", "of-agency", "vptu", *here).startswith("vptu ")
    ask(congvan, "person", "keeper", "vptu", "vanthu", "--to", "2099-12-31", "--basis", "12-QĐ/VP", *here)
    assert "account.kept" in congvan("user", "password", "vptu", *here).output
    ask(congvan, "person", "keeper", "vptu", *here)


def test_a_list_of_people_is_looked_at_applied_and_given_out(congvan, office, tmp_path):
    here = ("--agency", office.code)
    file, out = tmp_path / "people.csv", tmp_path / "out.xlsx"
    file.write_text("login,full_name,unit,roles\nmoi,Người Mới,tong_hop,specialist\n", encoding="utf-8")
    assert "1 new" in ask(congvan, "people", "import", str(file), *here)
    ask(congvan, "people", "import", str(file), "--apply", "--passwords", str(tmp_path / "secret"), *here)
    assert (tmp_path / "secret").read_text().startswith("moi ")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    ask(congvan, "people", "export", str(out), *here)
    assert "0 new, 0 changed" in ask(congvan, "people", "import", str(out), *here)
    ask(congvan, "people", "template", str(tmp_path / "empty.csv"), *here)
    ask(congvan, "people", "rights", str(tmp_path / "rights.csv"), "--unit", "tong_hop", *here)
    assert "Người Mới" in (tmp_path / "rights.csv").read_text(encoding="utf-8-sig")
    file.write_text("login,full_name,roles\nmoi,Người Mới,emperor\n", encoding="utf-8")
    refused = congvan("people", "import", str(file), *here)
    assert refused.exit_code == 1
    assert "Dòng 2" in refused.output


def test_a_database_that_is_away_is_one_clear_line(congvan, monkeypatch):
    monkeypatch.setenv("CONGVAN_DATABASE_URL", "host=/nowhere dbname=none")
    result = congvan("database", "migrate")
    assert result.exit_code == 1
    assert result.output.startswith("Error: the database cannot be reached")
    assert len(result.output.splitlines()) == 1


def test_a_wrong_setting_is_one_clear_line(congvan, monkeypatch):
    monkeypatch.setenv("CONGVAN_PORT", "eighty")
    result = congvan("routes")
    assert result.exit_code == 1
    assert result.output == "Error: CONGVAN_PORT must be a whole number, not 'eighty'\n"


def test_the_routes_are_listed_with_who_may_ask(congvan):
    lines = congvan("routes").output.splitlines()
    assert any("/api/v1/tasks" in line and "signed in" in line for line in lines)
    assert any("/health/live" in line and "anyone" in line for line in lines)


def seal_all(congvan):
    """Seal the one event there is; transactions of other tests on the same server may hold it up for a moment."""
    for _ in range(200):
        if congvan("audit", "seal").output == "sealed 1 events\n":
            return
    pytest.fail("the event was not sealed")


def test_the_audit_log_is_sealed_and_found_intact(congvan, office):
    congvan("user", "password", "--agency", office.code, "vanthu")
    seal_all(congvan)
    verified = congvan("audit", "verify")
    assert verified.exit_code == 0
    assert "the log is intact" in verified.output
    anchor = verified.output.split("elsewhere: ")[1].splitlines()[0]
    assert congvan("audit", "verify", "--anchor", anchor).exit_code == 0
    assert congvan("audit", "verify", "--anchor", "not-an-anchor").exit_code == 2


def test_a_changed_audit_event_is_found(congvan, office, empty_database):
    congvan("user", "password", "--agency", office.code, "vanthu")
    seal_all(congvan)
    with psycopg.connect(empty_database.superuser_conninfo) as connection:
        connection.execute("SET session_replication_role = 'replica'")
        connection.execute("UPDATE audit_event SET action = 'account.read'")
    result = congvan("audit", "verify")
    assert result.exit_code == 1
    assert "the log was changed" in result.output


DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">
  <inputData id="i" name="urgency"><variable name="urgency" typeRef="string"/></inputData>
  <decision id="days" name="days">
    <variable name="days" typeRef="number"/>
    <informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
    <decisionTable id="t" hitPolicy="UNIQUE">
      <input id="ti"><inputExpression id="te" typeRef="string"><text>urgency</text></inputExpression></input>
      <output id="to" typeRef="number"/>
      <rule id="r1">
        <inputEntry id="r1i"><text>"urgent"</text></inputEntry><outputEntry id="r1o"><text>1</text></outputEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="r2i"><text>"normal"</text></inputEntry><outputEntry id="r2o"><text>5</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
"""


def test_a_decision_is_made_and_explained(congvan, tmp_path):
    file = tmp_path / "d.dmn"
    file.write_text(DMN, encoding="utf-8")
    result = congvan("decide", str(file), "days", "--input", "urgency=urgent", "--language", "en")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].endswith(": 1")
    assert congvan("decide", str(file), "nothing").exit_code == 1
    assert congvan("decide", str(file), "days", "--input", "urgency").exit_code == 2
