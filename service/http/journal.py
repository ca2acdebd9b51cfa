"""Log lines: one JSON object each, with the request id that answers carry too.

Nothing a person typed enters a line: no bodies, no query strings, no headers, no login names of failed
logins.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

import orjson
from flask import Flask, Response, g, has_request_context, request

from service.domain.clock import Clock
from service.domain.ids import new_id

_access_log = logging.getLogger("congvan.access")
_EXTRA_NAMES: Final = ("method", "route", "status", "ms", "agency", "account", "action", "object_id")


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: at, level, logger, message, request_id and named extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        line.update({name: getattr(record, name) for name in _EXTRA_NAMES if hasattr(record, name)})
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = "".join(traceback.format_exception(*record.exc_info))
        return orjson.dumps(line, default=str).decode()


def write_logs_as_json(level: int = logging.INFO) -> None:
    """Send the logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def register_journal(app: Flask, clock: Clock) -> None:
    """Give every request of ``app`` an id and a line in the access log."""

    def begin() -> None:
        g.request_id = new_id(clock.now()).hex
        g.began = perf_counter()

    app.before_request(begin)
    app.after_request(_log_answer)


def _log_answer(answer: Response) -> Response:
    unit = g.get("unit")
    _access_log.info(
        "answered",
        extra={
            "method": request.method,
            "route": request.url_rule.rule if request.url_rule else None,
            "status": answer.status_code,
            "ms": round((perf_counter() - g.began) * 1000, 1) if "began" in g else None,
            "account": str(unit.actor.account_id) if unit is not None else None,
        },
    )
    return answer
