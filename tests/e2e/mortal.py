"""Processes that die: a parent that imports everything once and forks a child for each act.

``python -m tests.e2e.mortal`` reads one JSON object a line, ``{"act", "point", ...}``, lets a child do the act with
the crash point armed, and answers ``{"is_killed", "answer"}``. A child opens its own connections.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from service.app import create_app
from service.bootstrap import Runtime, build
from service.config import read_settings
from service.domain import crashpoints
from service.worker import rounds
from tests.e2e.trial import trial_runtime


class Mortals:
    """The parent's other end, in the test."""

    def __init__(self, var_dir: Path, conninfo: str) -> None:
        environment = {
            **os.environ,  # noqa: TID251 - handed on to the child
            "CONGVAN_DATABASE_URL": conninfo,
            "CONGVAN_VAR_DIR": str(var_dir),
        }
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.mortal"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def act(self, act: str, point: str | None = None, **arguments: Any) -> tuple[bool, Any]:
        """Let a child act; return whether it was killed at the point, and what it answered if not."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps({"act": act, "point": point, **arguments}) + "\n")
        self._parent.stdin.flush()
        line = self._parent.stdout.readline()
        assert line, "the parent itself has died"
        found = json.loads(line)
        return found["is_killed"], found["answer"]

    def close(self) -> None:
        self._parent.communicate()


def complete(runtime: Runtime, wanted: dict[str, Any]) -> Any:
    """Complete a task as the web process does; return the HTTP status."""
    headers = {"Authorization": f"Bearer {wanted['token']}", "Idempotency-Key": wanted["key"]}
    client = create_app(runtime).test_client()
    path = f"/api/v1/tasks/{wanted['task']}/complete"
    return client.post(path, json={"data": {"note": "đã xem"}}, headers=headers).status_code


def work(runtime: Runtime, wanted: dict[str, Any]) -> Any:
    """Do one round of each duty as the worker does; return how much was done."""
    del wanted
    duties = (rounds.send_outbox, rounds.run_due_jobs, rounds.fire_timers)
    return sum(duty(runtime) for duty in duties)


ACTS = {"complete": complete, "work": work}


def _child(wanted: dict[str, Any], answer: int) -> None:
    runtime = trial_runtime(build(read_settings()))
    if wanted["point"]:
        crashpoints.arm(wanted["point"])
    os.write(answer, json.dumps(ACTS[wanted["act"]](runtime, wanted)).encode())
    os._exit(0)


def _serve(line: str) -> dict[str, Any]:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _child(json.loads(line), write)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    is_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"is_killed": is_killed, "answer": json.loads(text) if text else None}


if __name__ == "__main__":
    for request in sys.stdin:
        sys.stdout.write(json.dumps(_serve(request)) + "\n")
        sys.stdout.flush()
