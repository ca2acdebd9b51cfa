"""Everything on one machine: starts the web process and the worker, keeps them running, stops them in order.

They run in sessions of their own, so that Ctrl-C reaches only this process: first the web process drains,
then the worker finishes what it has begun. A process that ends by itself is started again, ever more
slowly.
"""

from __future__ import annotations

import fcntl
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Final

import click
import psutil

from service.config import Settings

READY_SECONDS: Final = 60
STOP_SECONDS: Final = 45
LOOK_SECONDS: Final = 0.3
LONGEST_PAUSE_SECONDS: Final = 30.0
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, never bound here


@dataclass
class Child:
    """A process of the house; ``pause_seconds`` is how long to wait before starting it again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    pause_seconds: float = 1.0


class House:
    """The processes of one installation on this machine.

    Args:
        settings: of the deployment; logs go to ``log/`` and process ids to ``run/`` under its var folder.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logs = settings.var_dir / "log"
        self._pids = settings.var_dir / "run"
        self._children: list[Child] = []
        self._stop = threading.Event()

    @property
    def address(self) -> str:
        """The address that people type."""
        host = self._settings.host
        host = "localhost" if host in {*_EVERYWHERE, "127.0.0.1"} else host
        return self._settings.public_url or f"http://{host}:{self._settings.port}"

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """Hold this installation for one ``congvan run``; what an earlier one left behind is stopped.

        Raises:
            ClickException: another one holds it, or the folder cannot be written.
        """
        try:
            self._logs.mkdir(parents=True, exist_ok=True)
            self._pids.mkdir(parents=True, exist_ok=True)
            lock = (self._pids / "house.lock").open("w")
        except OSError as error:
            raise click.ClickException(
                f"{self._settings.var_dir} cannot be written: {error.strerror}"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise click.ClickException(f"Công Văn already runs on {self._settings.var_dir}") from error
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits it ignored
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
            self._stop_leftovers()
            yield

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process; its output goes to ``log/<name>.log``."""
        self._children.append(Child(name, command, self._open(name, command), monotonic()))

    def wait_until_ready(self) -> None:
        """Wait until the web process answers that it can serve.

        Raises:
            ClickException: it ended, or did not become ready.
        """
        deadline = monotonic() + READY_SECONDS
        while monotonic() < deadline:
            for child in self._children:
                if child.process.poll() is not None:
                    raise click.ClickException(f"{child.name} did not start; see {self._log(child.name)}")
            if self._is_ready():
                return
            self._stop.wait(LOOK_SECONDS)
        raise click.ClickException(f"not ready after {READY_SECONDS} s; see {self._logs}")

    def heed_signals(self) -> None:
        """Take SIGINT, SIGTERM and SIGHUP as the wish to stop; before anybody is told to press Ctrl-C."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop)

    def stay(self) -> None:
        """Keep the processes running until a signal that :meth:`heed_signals` takes."""
        while not self._stop.wait(LOOK_SECONDS):
            for child in self._children:
                if child.process.poll() is not None:
                    self._restart(child)

    def stop(self) -> None:
        """Stop the processes in the order in which they were started: web, then worker."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
                try:
                    child.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
            self._pid_file(child.name).unlink(missing_ok=True)
        self._children.clear()

    def _note_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._stop.is_set():  # asked twice: do not wait for anything
            for child in self._children:
                child.process.kill()
        self._stop.set()

    def _restart(self, child: Child) -> None:
        if monotonic() - child.started > LONGEST_PAUSE_SECONDS:
            child.pause_seconds = 1.0
        click.echo(f"{child.name} ended with status {child.process.returncode}; starting it again", err=True)
        if self._stop.wait(child.pause_seconds):
            return
        child.pause_seconds = min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        child.process, child.started = self._open(child.name, child.command), monotonic()

    def _open(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._pid_file(name).write_text(str(process.pid))
        return process

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self._settings.host in _EVERYWHERE else self._settings.host
        url = f"http://{host}:{self._settings.port}/health/ready"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False

    def _stop_leftovers(self) -> None:
        """Stop processes whose ``congvan run`` was killed; a process id may meanwhile be someone else's."""
        for file in self._pids.glob("*.pid"):
            try:
                process = psutil.Process(int(file.read_text()))
                if any(word in {"service.wsgi:app", "service.worker"} for word in process.cmdline()):
                    process.terminate()
                    process.wait(STOP_SECONDS)
            except (ValueError, psutil.Error):
                pass
            file.unlink(missing_ok=True)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _pid_file(self, name: str) -> Path:
        return self._pids / f"{name}.pid"


def check_port(host: str, port: int) -> None:
    """Refuse a port that something else holds.

    Raises:
        ClickException: with what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} on {host} cannot be used ({error.strerror}); set CONGVAN_PORT to another one"
            ) from error
