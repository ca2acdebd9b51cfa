"""Headers that every answer carries (OWASP ASVS 5.0 V3.4), whatever route or error made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, g

API_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of an answer that is data: nothing may load, run or frame it. A page sets its own."""

SECURITY_HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": API_POLICY,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


_LOWERED: Final = tuple((name.lower(), (name, value)) for name, value in SECURITY_HEADERS.items())


def register_headers(app: Flask) -> None:
    """Put the security headers and the request id on every answer of ``app``."""
    app.after_request(_name_request)
    app.wsgi_app = SecureAnswers(app.wsgi_app)  # type: ignore[method-assign]


def _name_request(answer: Response) -> Response:
    if "request_id" in g:
        answer.headers["X-Request-Id"] = g.request_id
    return answer


class SecureAnswers:
    """WSGI middleware that adds the security headers which an answer does not set itself.

    It stands outside the application, so that no answer goes without, and works on plain tuples, because
    setting nine headers one by one on a response object costs as much as a small query.

    Args:
        inner: the application.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer through the application."""

        def start(status: str, headers: list[tuple[str, str]], *further: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            headers += [pair for lowered, pair in _LOWERED if lowered not in given]
            return start_response(status, headers, *further)

        return self._inner(environ, start)
