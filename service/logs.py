"""Log lines of every process: one JSON object each, with the id of the request that they belong to.

Nothing a person typed enters a line: no bodies, no query strings, no headers, no login names of failed
logins.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request that this thread of work belongs to; the same id is in its answer and its audit events."""

_TALKATIVE: Final = ("apscheduler", "procrastinate")
"""Libraries that write a line for every tick; their warnings are enough."""

EXTRAS: Final = ("method", "route", "status", "ms", "account", "action", "agency", "object_id", "count")
"""The named values that a line may carry beside its message."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: at, level, logger, message, process, request_id, extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        current = request_id.get()
        if current is not None:
            line["request_id"] = current
        line.update({name: getattr(record, name) for name in EXTRAS if hasattr(record, name)})
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()


def write_logs_as_json(level: int = logging.INFO) -> None:
    """Send the logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
