"""Keeps the PDF inspector loaded and looks into each file in a child of its own; a program by itself.

Started by :mod:`handlers.signing.inspection` with an empty environment and nothing of this project on its
path, so the modules beside it are loaded from their files. Reads one JSON request a line; answers each with
its length and JSON.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NoReturn

Json = dict[str, Any]
MOST_ANSWER_BYTES = 4 * 1024 * 1024


def _load(name: str) -> Any:
    spec = spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TASKS = {
    "judge": _load("pdf_inspector").inspect,
    "active": _load("active_content").look_for_active,
}


def limit(request: Json) -> None:
    """Bound this process before it opens anything: processor seconds, memory, no files, no core dump."""
    seconds, memory = request["seconds"], request["memory_bytes"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve() -> None:
    """Answer requests on standard input, one JSON object a line; each answer is its length and JSON.

    What is imported is imported once; each file is looked into by a child of its own, which has the limits,
    neither our input nor our output, and ends with the file.
    """
    for line in sys.stdin.buffer:
        answer = json.dumps(_ask_child(json.loads(line))).encode()
        sys.stdout.buffer.write(len(answer).to_bytes(8, "big") + answer)
        sys.stdout.buffer.flush()


def _ask_child(request: Json) -> Json:
    """Return ``{report}`` or ``{stopped: why}`` of one file."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work_in_child(request, reading, writing)
    os.close(writing)
    content, why = _read(reading, request["seconds"])
    os.close(reading)
    if why is not None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if why is None and status != 0:
        why = "stopped"
    return {"stopped": why} if why is not None else {"report": json.loads(content)}


def _work_in_child(request: Json, reading: int, writing: int) -> NoReturn:
    code = 1
    try:
        for number in (0, 1, reading):
            os.close(number)
        limit(request)
        gc.disable()
        with os.fdopen(writing, "wb") as answer:
            answer.write(json.dumps(TASKS[request.get("task", "judge")](request)).encode())
        code = 0
    finally:
        os._exit(code)


def _read(reading: int, seconds: int) -> tuple[bytes, str | None]:
    """Return what the child wrote, and why it was given up, if it was."""
    content, deadline = b"", time.monotonic() + seconds
    while select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        block = os.read(reading, 65536)
        content += block
        if not block:
            return content, None
        if len(content) > MOST_ANSWER_BYTES:
            return b"", "stopped"
    return b"", "time_limit"


if __name__ == "__main__":
    serve()
