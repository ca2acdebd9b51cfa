"""Every request has an id, and a line in the access log."""

from __future__ import annotations

import logging
from time import perf_counter

from flask import Flask, Response, g, request

from service import logs
from service.domain.ids import new_id
from service.http.context import runtime

_access_log = logging.getLogger("congvan.access")


def register_journal(app: Flask) -> None:
    """Give every request of ``app`` an id and a line in the access log."""
    app.before_request(_begin)
    app.after_request(_log_answer)


def _begin() -> None:
    g.request_id = new_id(runtime().clock.now()).hex
    g.began = perf_counter()
    logs.request_id.set(g.request_id)


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
