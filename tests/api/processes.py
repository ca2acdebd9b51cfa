"""A small process for the API's tests: deployed, started, its tasks found."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from tests.api.callers import Caller

MODELS = Path(__file__).parent / "models"


def bundle_parts(key: str = "short_note", **replaced: bytes) -> dict[str, Any]:
    """Return the multipart fields of a bundle; ``replaced`` gives other content by file stem."""
    paths = [MODELS / f"{key}.bpmn", *sorted((MODELS / "forms" / key).glob("*.form.json"))]
    files = []
    for path in paths:
        content = replaced.get(path.name.split(".")[0], path.read_bytes())
        files.append((io.BytesIO(content), path.relative_to(MODELS).as_posix()))
    return {"key": key, "file": files}


def deploy(analyst: Caller, key: str = "short_note", **replaced: bytes) -> dict[str, Any]:
    """Deploy a bundle of ``models/`` and return the version."""
    answer = analyst.ask(
        "POST",
        "/api/v1/process-definitions",
        data=bundle_parts(key, **replaced),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json


def start(caller: Caller, variables: dict[str, Any], process: str = "short_note") -> str:
    """Start an instance and return its id."""
    answer = caller.post("/api/v1/instances", {"process": process, "variables": variables})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.json["instance_id"])


def only_task(caller: Caller, scope: str = "all") -> dict[str, Any]:
    """Return the one open task that the caller sees."""
    items = caller.get(f"/api/v1/tasks?scope={scope}").json["items"]
    assert len(items) == 1
    return items[0]
