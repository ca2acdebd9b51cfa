"""Runs the PDF inspector in processes of its own, with limits, and trusts its answer only as data.

Starting an interpreter with the PDF library costs ten times as much as looking into a file, so a few
inspectors are kept; each looks into every file in a child of its own
(``inspector_process.py``, :mod:`handlers.signing.pdf_inspector`).
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from handlers.contract import Json
from handlers.resources import InspectionLimits

_INSPECTOR: Final = Path(__file__).with_name("inspector_process.py")
_ANSWER_LIMIT_BYTES: Final = 5 * 1024 * 1024
_LENGTH_BYTES: Final = 8
_GRACE: Final = timedelta(seconds=20)
"""How long an answer may take beyond the child's limit: an inspector starts, the machine is busy."""


class Inspector:
    """One process that looks into files, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own program, arguments are constants
            [sys.executable, "-I", "-B", str(_INSPECTOR)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
            bufsize=0,
        )
        self.is_alive = True

    def ask(self, request: Json) -> Json | None:
        """Return the answer to a request; None, and the process is over, if there is none in time."""
        seconds = request["seconds"] + _GRACE.total_seconds()
        try:
            self._stdin.write(json.dumps(request).encode() + b"\n")
            length = int.from_bytes(self._read(_LENGTH_BYTES, seconds), "big")
            answer = json.loads(self._read(min(length, _ANSWER_LIMIT_BYTES), seconds))
        except (OSError, ValueError):
            self.close()
            return None
        return answer if isinstance(answer, dict) else None

    def close(self) -> None:
        """End the process."""
        self.is_alive = False
        self._process.kill()
        self._process.wait()
        self._stdin.close()
        self._stdout.close()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _read(self, amount: int, seconds: float) -> bytes:
        """Return so many bytes of the answer.

        Raises:
            OSError: they do not come, or the process is over.
        """
        content = b""
        while len(content) < amount:
            if not select.select([self._stdout], [], [], seconds)[0]:
                raise TimeoutError
            block = os.read(self._stdout.fileno(), amount - len(content))
            if not block:
                raise BrokenPipeError
            content += block
        return content


class _Pool:
    """The inspectors of this process that nobody is using."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._idle: list[Inspector] = []
        atexit.register(self.close)

    def ask(self, request: Json) -> Json | None:
        """Ask an idle inspector, or a new one; as many work at once as there are askers."""
        with self._lock:
            if self._owner != os.getpid():  # after a fork: those belong to the parent
                self._owner, self._idle = os.getpid(), []
            inspector = self._idle.pop() if self._idle else None
        answer = inspector.ask(request) if inspector else None
        if inspector is None or not inspector.is_alive:  # killed meanwhile: the file is not to blame
            inspector = Inspector()
            answer = inspector.ask(request)
        self._put_back(inspector)
        return answer

    def _put_back(self, inspector: Inspector) -> None:
        with self._lock:
            if inspector.is_alive and len(self._idle) < MOST_IDLE:
                self._idle.append(inspector)
                return
        inspector.close()

    def close(self) -> None:
        """End the idle inspectors; those of a parent process are left to it."""
        if self._owner == os.getpid():
            while self._idle:
                self._idle.pop().close()


MOST_IDLE: Final = 2
_POOL: Final = _Pool()


def inspect_pdf(path: Path, trust_dir: Path | None, moment: datetime, limits: InspectionLimits) -> Json:
    """Return the report on a PDF; a file that breaks the limits gets the verdict ``unreadable``.

    Args:
        path: of the file; read only.
        trust_dir: folder of trust anchors and revocation lists, or None.
        moment: aware; as of when certificates are judged.
        limits: of the process.
    """
    request = {
        "path": str(path),
        "trust_dir": str(trust_dir) if trust_dir else None,
        "moment": moment.isoformat(),
        "seconds": max(1, int(limits.time.total_seconds())),
        "memory_bytes": limits.memory_bytes,
        "is_strict": True,
    }
    report = _ask(request)
    if report["verdict"] == "unreadable" and report["reasons"] == ["stopped"]:
        report = _ask(request | {"is_strict": False})
    return report


def find_active_content(path: Path, limits: InspectionLimits) -> list[str] | None:
    """Return the kinds of active content in a PDF; None where it cannot be looked through.

    Args:
        path: of the file; read only.
        limits: of the process.

    Returns:
        Of ``script``, ``outside_action``, ``automatic_action``, ``attachment``, ``media``, ``form_program``.
    """
    request = {
        "task": "active",
        "path": str(path),
        "seconds": max(1, int(limits.time.total_seconds())),
        "memory_bytes": limits.memory_bytes,
    }
    kinds = _ask(request).get("active")
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else None


def _ask(request: Json) -> Json:
    answer = _POOL.ask(request)
    if answer is None:
        return unreadable("no_answer")
    report = answer.get("report")
    return report if isinstance(report, dict) else unreadable(str(answer.get("stopped", "no_answer")))


def unreadable(reason: str) -> Json:
    """Return the report on a file that could not be looked into."""
    return {
        "verdict": "unreadable",
        "integrity": None,
        "trust": None,
        "revocation": None,
        "later_changes": None,
        "reasons": [reason],
        "is_lenient": False,
        "signatures": [],
        "timestamps": [],
    }
