"""Runs the PDF inspector in a process of its own, with limits, and trusts its answer only as data."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from handlers.contract import Json
from handlers.resources import InspectionLimits

_INSPECTOR: Final = Path(__file__).with_name("pdf_inspector.py")
_ANSWER_LIMIT_BYTES: Final = 4 * 1024 * 1024


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


def _ask(request: Json) -> Json:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, arguments are constants
            [sys.executable, "-I", "-B", str(_INSPECTOR)],
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=request["seconds"],
            check=False,
            env={"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        return unreadable("time_limit")
    if done.returncode != 0 or len(done.stdout) > _ANSWER_LIMIT_BYTES:
        return unreadable("stopped")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return unreadable("no_answer")
    return report if isinstance(report, dict) else unreadable("no_answer")


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
