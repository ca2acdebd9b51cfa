"""gunicorn's settings, made from ours.

Used as ``gunicorn --config python:service.cli.gunicorn_settings service.wsgi:app``.
"""

from __future__ import annotations

from typing import Any, Final

from service.config import read_settings

_settings = read_settings()

bind: Final = f"{_settings.host}:{_settings.port}"
workers: Final = _settings.web_processes
worker_class: Final = "gthread"
threads: Final = 8
"""As many people at once in each process; the database's answers are waited for outside Python's lock."""
keepalive: Final = 15
timeout: Final = 60
graceful_timeout: Final = 20
"""Seconds that requests under way have after SIGTERM."""
max_requests: Final = 0
accesslog: Final = None
control_socket_disable: Final = True
logconfig_dict: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "service.logs.JsonLines"}},
    "handlers": {
        "error": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    },
    "root": {"level": "INFO", "handlers": ["error"]},
    "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error"], "propagate": False}},
}
