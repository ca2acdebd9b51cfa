"""A house to measure: a durable embedded PostgreSQL, an office of clerks, gunicorn, and clients over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_SUCCESS = 2


def free_port() -> int:
    """Return a TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def process_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(value) for value in fields[11:15]) / CLOCK_TICKS


def family(pid: int) -> list[int]:
    """Return a process and its living descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def family_seconds(pid: int) -> float:
    """Return the CPU seconds of a process with all its descendants."""
    return sum(process_seconds(member) for member in family(pid))


@contextmanager
def serving(environment: dict[str, str], port: int, processes: int) -> Iterator[int]:
    """Run gunicorn until the block ends; give the master's process id."""
    command = [
        str(Path(sys.executable).with_name("gunicorn")),
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        str(processes),
        "--threads",
        "4",
        "--log-level",
        "warning",
        "service.wsgi:app",
    ]
    whole = os.environ | environment  # noqa: TID251 - passed on to the server
    server = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.DEVNULL, env=whole)
    try:
        _await_answer(port)
        yield server.pid
    finally:
        server.terminate()
        server.wait(timeout=40)


def _await_answer(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            Client(port).call("GET", "/health/ready")
        except (OSError, RuntimeError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the web server does not answer")


class Client:
    """One keep-alive connection with one bearer token."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._token: str | None = None

    def log_in(self, login: str, password: str) -> None:
        """Keep a bearer token for the following calls."""
        body = {"login": login, "password": password, "carrier": "bearer"}
        self._token = self.call("POST", "/api/v1/sessions", body)["token"]

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Return the JSON answer.

        Raises:
            RuntimeError: the status is not of the 200s.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if key:
            headers["Idempotency-Key"] = key
        text = None if body is None else json.dumps(body)
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status // 100 != _SUCCESS:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return json.loads(data) if data else None
