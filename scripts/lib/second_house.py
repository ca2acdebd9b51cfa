"""A second installation on this machine: its own database, files, web process and worker."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from client import Refused, call
from factors import Factors
from story import Office, wait_for

START_SECONDS = 240
"""The first start makes a database and deploys everything."""


@contextmanager
def second_house(var_dir: Path, database_url: str = "") -> Iterator[Office]:
    """Run another house as long as the demonstration needs it; its data stays for the next time.

    Args:
        var_dir: its folder; what it prints goes to ``house.log`` there.
        database_url: an existing PostgreSQL for it; empty = an embedded one in its folder.
    """
    var_dir.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,  # noqa: TID251 - the child reads it, with these changes
        "CONGVAN_VAR_DIR": str(var_dir),
        "CONGVAN_PORT": str(port),
        "CONGVAN_CALL_PRIVATE_NETWORKS": "1",
        "CONGVAN_DATABASE_URL": database_url,
        "CONGVAN_WEB_PROCESSES": "1",
    }
    with (var_dir / "house.log").open("wb") as log:
        house = subprocess.Popen(
            [str(Path(sys.prefix) / "bin" / "congvan"), "run"], env=environment, stdout=log, stderr=log
        )
    try:
        is_up = lambda: house.poll() is not None or _is_ready(address)  # noqa: E731 - asked again and again
        wait_for(is_up, "the second house did not start", START_SECONDS)
        if house.poll() is not None:
            told = (var_dir / "house.log").read_text(encoding="utf-8").strip().splitlines()[-1:]
            raise SystemExit("\n".join(["scripts/demo: the second house did not start", *told]))
        password = (var_dir / "demo-password").read_text(encoding="utf-8").strip()
        yield Office(address, password, Factors(var_dir / "demo-factors.json"))
    finally:
        house.send_signal(signal.SIGINT)
        house.wait(60)


def trust_each_other(here: Path, there: Path) -> None:
    """Let each house trust the other's demonstration authority, as their administrators would."""
    for source, target in ((here, there), (there, here)):
        for kind in ("roots", "intermediates", "crls"):
            folder = target / "trust" / kind
            folder.mkdir(parents=True, exist_ok=True)
            for file in sorted((source / "trust" / kind).glob("*")):
                if not file.name.startswith("neighbour-"):
                    shutil.copyfile(file, folder / f"neighbour-{file.name}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _is_ready(address: str) -> bool:
    try:
        call(address, "GET", "/health/ready")
    except (OSError, Refused):
        return False
    return True
