"""gunicorn's settings, made from ours.

Used as ``gunicorn --config python:service.cli.gunicorn_settings service.wsgi:app``.
"""

from __future__ import annotations

import gc
from typing import Any, Final

from service.config import read_settings

_settings = read_settings()
gc.disable()  # nothing that loading makes is garbage: a worker is up a fifth sooner

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


def post_worker_init(worker: Any) -> None:
    """Collect garbage from now on (gunicorn's hook of a worker that is up).

    What was loaded is not frozen: with few objects left to count, full collections would come far more often.
    """
    del worker
    gc.enable()
