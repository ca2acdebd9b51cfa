"""The real processes of the house on one database: started, asked over HTTP, stopped, killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

WEB = ("-m", "gunicorn", "--config", "python:service.cli.gunicorn_settings", "service.wsgi:app")
WORKER = ("-m", "service.worker")
READY_SECONDS = 60
STOP_SECONDS = 60
PATIENCE_SECONDS = 60
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ConnectionLost(Exception):  # noqa: N818 - named for what happened
    """The server went away without an answer."""


def until(find: Callable[[], T]) -> T:
    """Wait for another process to get there: return the first true thing that ``find`` gives."""
    deadline, pause = monotonic() + PATIENCE_SECONDS, threading.Event()
    while not (found := find()):
        assert monotonic() < deadline, "this did not happen in time"
        pause.wait(0.05)
    return found


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class HouseProcesses:
    """Web and worker of one installation.

    Attributes:
        var_dir: logs and files of the installation.
        conninfo: the owner's connection string.
        settings: further environment variables (``CONGVAN_…``); one web process where they say nothing.
    """

    var_dir: Path
    conninfo: str
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def start_web(self, **settings: str) -> None:
        """Start gunicorn and wait until it serves."""
        self.web = self._start("web", WEB, settings)
        deadline = monotonic() + READY_SECONDS
        while True:
            assert self.web.poll() is None, self.log("web")
            assert monotonic() < deadline, self.log("web")
            try:
                if self.ask("GET", "/health/ready").status == 200:
                    return
            except ConnectionLost:
                pass
            wait_for_exit(self.web, 0.1)

    def start_worker(self, **settings: str) -> None:
        """Start the worker."""
        self.worker = self._start("worker", WORKER, settings)

    def stop(self) -> None:
        """Stop both as an operator does, and check that they end by themselves."""
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(STOP_SECONDS)
        self.web = self.worker = None

    def kill(self) -> None:
        """End both at once, with everything they started (kill -9)."""
        for process in (self.web, self.worker):
            if process is not None:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                process.wait(STOP_SECONDS)
        self.web = self.worker = None

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request on a connection of its own.

        Raises:
            ConnectionLost: no answer came.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {**sent, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(str(error)) from error
        finally:
            connection.close()

    def log_in(self, login: str, password: str) -> str:
        """Return a bearer token."""
        answer = self.ask("POST", "/api/v1/sessions", {"login": login, "password": password})
        assert answer.status == 201, answer.body
        return str(answer.json["token"])

    def log(self, name: str) -> str:
        """Return the last lines of a process's log."""
        return "\n".join(self._log_file(name).read_text(encoding="utf-8").splitlines()[-40:])

    def _log_file(self, name: str) -> Path:
        return self.var_dir / f"{name}.log"

    def _start(
        self, name: str, command: tuple[str, ...], settings: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,  # noqa: TID251 - handed on to the child
            "CONGVAN_DATABASE_URL": self.conninfo,
            "CONGVAN_VAR_DIR": str(self.var_dir),
            "CONGVAN_PORT": str(self.port),
            "CONGVAN_WEB_PROCESSES": "1",
            **self.settings,
            **settings,
        }
        with self._log_file(name).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def wait_for_exit(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait up to ``seconds`` for a process to end; return whether it has."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
