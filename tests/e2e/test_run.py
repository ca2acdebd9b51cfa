"""``congvan run``: what scripts/run starts, and how it stops and fails."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from psycopg.conninfo import make_conninfo

from tests.e2e.processes import HouseProcesses, free_port, wait_for_exit

RUN = (sys.executable, "-c", "import sys; from service.cli import main; main(['run', *sys.argv[1:]])")
START_SECONDS = 90
BARE = "--no-demo"
"""The demonstration is loaded only where a test looks for it."""


class Running:
    """A ``congvan run`` under test, its output read line by line."""

    def __init__(self, var_dir: Path, port: int, *options: str, **settings: str):
        environment = {
            **os.environ,  # noqa: TID251 - handed on to the child
            "CONGVAN_VAR_DIR": str(var_dir),
            "CONGVAN_PORT": str(port),
            "CONGVAN_WEB_PROCESSES": "1",
            **settings,
        }
        self.var_dir, self.port = var_dir, port
        self.process = subprocess.Popen(
            (*RUN, *options),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def lines_until(self, wanted: str) -> list[str]:
        """Return the lines up to the one that holds ``wanted``; fail when the output ends before."""
        lines = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if wanted in line:
                return lines
        pytest.fail("\n".join(lines))

    def children(self) -> dict[str, int]:
        """Return the process ids that it noted, by name."""
        return {file.stem: int(file.read_text()) for file in (self.var_dir / "run").glob("*.pid")}

    def interrupt(self) -> int:
        """Send what Ctrl-C sends; return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """Leave nothing behind, whatever the test did."""
        self.process.kill()
        for pid in self.children().values():
            if psutil.pid_exists(pid):
                os.killpg(pid, signal.SIGKILL)
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def start(own_database, tmp_path):
    """Return a function that starts ``congvan run`` on the test's database."""
    started = []

    def on_port(port: int, *options: str) -> Running:
        running = Running(tmp_path, port, *options, CONGVAN_DATABASE_URL=own_database.owner_conninfo)
        started.append(running)
        return running

    yield on_port
    for running in started:
        running.kill()


def test_it_starts_everything_says_how_to_enter_and_stops_cleanly(start):
    port = free_port()
    first = start(port)
    lines = first.lines_until("Ctrl-C")
    assert f"http://localhost:{port}" in lines[-1]
    assert any("vanthu" in line for line in lines)
    password = next(line.split(": ")[1] for line in lines if "password of each" in line)
    house = HouseProcesses(first.var_dir, "", port=port)
    assert house.log_in("vanthu", password)
    children = first.children()
    assert children.keys() == {"web", "worker"}
    assert first.interrupt() == 0
    assert not any(psutil.pid_exists(pid) for pid in children.values())

    second = start(port)
    again = second.lines_until("Ctrl-C")
    assert f"  password of each: {password}" in again
    assert house.log_in("vanthu", password)
    assert second.interrupt() == 0


def test_a_process_that_dies_is_started_again(start):
    running = start(free_port(), BARE)
    running.lines_until("Ctrl-C")
    worker = running.children()["worker"]
    os.killpg(worker, signal.SIGKILL)
    running.lines_until("starting it again")
    assert running.interrupt() == 0


def test_what_a_killed_run_left_behind_is_stopped_by_the_next(start):
    port = free_port()
    first = start(port, BARE)
    first.lines_until("Ctrl-C")
    left = first.children()
    first.process.kill()
    first.process.wait()
    second = start(port, BARE)
    second.lines_until("Ctrl-C")
    assert second.children().values() != left.values()
    assert not any(
        psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in left.values()
    )
    assert second.interrupt() == 0


def test_a_busy_port_is_one_clear_line(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        running = start(other.getsockname()[1])
        assert wait_for_exit(running.process, START_SECONDS)
        output = running.process.stdout.read()
    assert running.process.returncode == 1
    assert len(output.splitlines()) == 1
    assert "port" in output
    assert "CONGVAN_PORT" in output


def test_a_folder_that_cannot_be_written_is_one_clear_line(own_database, tmp_path):
    file = tmp_path / "not-a-folder"
    file.touch()
    running = Running(file / "var", free_port(), CONGVAN_DATABASE_URL=own_database.owner_conninfo)
    assert wait_for_exit(running.process, START_SECONDS)
    output = running.process.stdout.read()
    running.process.stdout.close()
    assert running.process.returncode == 1
    assert len(output.splitlines()) == 1
    assert "cannot be" in output


def test_a_database_that_is_away_is_one_clear_line(tmp_path):
    away = make_conninfo(host="/nowhere", dbname="none")
    running = Running(tmp_path, free_port(), CONGVAN_DATABASE_URL=away)
    assert wait_for_exit(running.process, START_SECONDS)
    output = running.process.stdout.read()
    running.process.stdout.close()
    assert running.process.returncode == 1
    assert output.startswith("Error: the database cannot be reached")
    assert len(output.splitlines()) == 1


def test_two_runs_on_one_installation_are_refused(start):
    first = start(free_port(), BARE)
    first.lines_until("Ctrl-C")
    second = start(free_port(), BARE)
    assert wait_for_exit(second.process, START_SECONDS)
    output = second.process.stdout.read()
    assert "already runs" in output
    assert first.interrupt() == 0
