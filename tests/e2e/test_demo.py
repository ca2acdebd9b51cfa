"""scripts/demo against the running house: the incoming document's four walks, over HTTP, on a real PDF."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from service.bootstrap import build
from service.cli.deploy import deploy_folder
from tests.factories import PASSWORD
from tests.harness import test_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def town(house, own_database, tmp_path):
    """Web and worker, with the incoming process deployed and the sender in the directory."""
    with psycopg.connect(own_database.superuser_conninfo) as connection:
        connection.execute(
            "INSERT INTO partner (id, agency_id, organ_id, name) SELECT gen_random_uuid(), id, %s, %s FROM agency",
            ["A01.02.00", "Ban Tổ chức Tỉnh ủy (mẫu)"],
        )
    runtime = build(test_settings(tmp_path, own_database.owner_conninfo))
    deploy_folder(runtime, ROOT / "processes" / "incoming_document", None, None)
    runtime.close()
    (tmp_path / "demo-password").write_text(PASSWORD, encoding="utf-8")
    house.start_web()
    house.start_worker()
    return house


def test_the_demonstration_walks_to_its_end(town):
    result = subprocess.run(
        [
            sys.executable,
            str(ROOT / "scripts" / "demo"),
            "incoming",
            "--address",
            f"http://127.0.0.1:{town.port}",
            "--var",
            str(town.var_dir),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert result.returncode == 0, (
        result.stdout[-2000:] + result.stderr + town.log("web") + town.log("worker")
    )
    told = result.stdout
    assert "chữ ký số: valid" in told
    assert "Số đến: 01" in told
    assert "Phạm Quốc Anh, thay mặt Trần Văn Minh" in told
    assert "Cấp số đến, vào sổ  [S0-6.2 S0-6.3" in told
    assert [line.split(": ")[1] for line in told.splitlines() if "Trạng thái cuối" in line] == [
        "completed",
        "refused",
        "recalled",
    ]
    assert "gói tin: started; gửi lại: repeated" in told
    assert "việc quá hạn: True" in told
