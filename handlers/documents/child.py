"""Runs a program of this package in a process of its own: a request in, one line of JSON and bytes out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from handlers.contract import Json
from handlers.resources import InspectionLimits

_FOLDER: Final = Path(__file__).parent


class ChildStopped(Exception):  # noqa: N818 - named for what happened
    """The process broke a limit, or died of its input."""


def ask(program: str, request: Json, limits: InspectionLimits) -> tuple[Json, bytes]:
    """Return the answer of a program and the bytes after it.

    Args:
        program: name of a module beside this one.
        request: JSON; the limits are added to it.
        limits: processor time and memory; twice the time may pass on the clock.

    Raises:
        ChildStopped: there was no answer.
    """
    seconds = max(1, int(limits.time.total_seconds()))
    request = request | {"seconds": seconds, "memory_bytes": limits.memory_bytes}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, arguments are constants
            [sys.executable, "-I", "-B", str(_FOLDER / f"{program}.py")],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * seconds,
            check=False,
            env={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "2"},
        )
    except subprocess.TimeoutExpired:
        raise ChildStopped from None
    if done.returncode != 0:
        raise ChildStopped
    head, _, rest = done.stdout.partition(b"\n")
    answer: Json = json.loads(head)
    return answer, rest
