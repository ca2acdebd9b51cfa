"""scripts/demo outgoing: from the draft to a second installation and back, over HTTP, with real signatures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import free_port
from tests.e2e.test_run import Running

ROOT = Path(__file__).resolve().parents[2]
PDFS = ("1-du-thao.pdf", "2-phieu-trinh.pdf", "3-da-ky.pdf", "4-da-phat-hanh.pdf")


@pytest.fixture
def house(own_database, tmp_path):
    """The whole house with its demonstration offices, as ``scripts/run`` starts it."""
    settings = {"CONGVAN_DATABASE_URL": own_database.owner_conninfo, "CONGVAN_CALL_PRIVATE_NETWORKS": "1"}
    running = Running(tmp_path / "var", free_port(), **settings)
    running.lines_until("Ctrl-C")
    yield running
    running.kill()


@pytest.mark.timeout(420)
def test_the_demonstration_walks_to_its_end_and_leaves_the_papers(house, own_server):
    address = f"http://127.0.0.1:{house.port}"
    neighbour = own_server.create_database("neighbour").owner_conninfo
    command = [sys.executable, str(ROOT / "scripts" / "demo"), "outgoing", "--address", address]
    command += ["--neighbour-database", neighbour]
    result = subprocess.run(
        [*command, "--var", str(house.var_dir)], capture_output=True, text=True, check=False, timeout=400
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr
    told = result.stdout
    assert "số, ký hiệu: 01-CV/VPTU" in told
    assert "leader – Trần Văn Minh (TEST): toàn vẹn: intact, tin cậy: trusted" in told
    assert "seal – Văn phòng Tỉnh ủy (TEST): toàn vẹn: intact, tin cậy: trusted" in told
    assert told.count("Signature is Valid") == 2
    assert "← 01 từ A01.10.00" in told
    assert "← 03 từ A01.10.00" in told
    assert "trạng thái: completed" in told
    assert "bên nhận: recalled; bên gửi: recalled" in told
    assert sorted(file.name for file in (house.var_dir / "demo-pdf").iterdir()) == list(PDFS)
