"""Whether the process lives, and whether it can serve: for load balancers and operators."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from handlers.scanning.clamd import Clamd
from service.bootstrap import Runtime
from service.config import ScannerSettings
from service.http.context import runtime
from service.http.json_text import write_json
from service.storage import schema

LOW_DISK_SHARE: Final = 0.15
"""Below this share of free space the answer warns."""
FULL_DISK_SHARE: Final = 0.05
"""Below this share the process is not ready: uploads would fail halfway."""

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> Response:
    """Answer that the process runs."""
    return _answer(200, {"status": "live"})


@health.get("/ready")
def ready() -> Response:
    """Answer 200 when database, schema and disk allow serving, 503 otherwise, with what stands in the way.

    The malware scanner is told beside them: without it files wait, and the rest of the house serves.
    """
    checks = {"database": _database(runtime()), "disk": _disk(runtime().settings.var_dir)}
    is_ready = all(state in {"ok", "low"} for state in checks.values())
    checks["scanner"] = _scanner(runtime().settings.scanner)
    return _answer(
        200 if is_ready else 503, {"status": "ready" if is_ready else "not ready", "checks": checks}
    )


def _scanner(settings: ScannerSettings | None) -> str:
    if settings is None:
        return "not configured: files are not scanned"
    return "ok" if Clamd(settings).is_there() else "unreachable: new files wait"


def _database(house: Runtime) -> str:
    try:
        with house.database.engine.connect() as connection:
            connection.execute(text("SET LOCAL statement_timeout = '2s'"))
            schema.check_schema(connection)
    except SQLAlchemyError:
        return "unreachable"
    except schema.SchemaError:
        return "not migrated"
    return "ok"


def _disk(folder: Path) -> str:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    usage = shutil.disk_usage(existing)
    share = usage.free / usage.total
    if share < FULL_DISK_SHARE:
        return "full"
    return "low" if share < LOW_DISK_SHARE else "ok"


def _answer(status: int, value: dict[str, object]) -> Response:
    answer = Response(write_json(value), status=status, mimetype="application/json")
    if status >= 500:  # noqa: PLR2004 - the one class of answers that may be tried again
        answer.headers["Retry-After"] = "5"
    return answer
