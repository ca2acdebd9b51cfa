"""Headers that every answer carries (OWASP ASVS 5.0 V3.4), whatever route or error made it."""

from __future__ import annotations

from typing import Final

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


def register_headers(app: Flask) -> None:
    """Put the security headers and the request id on every answer of ``app``."""
    app.after_request(_add_headers)


def _add_headers(answer: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        answer.headers.setdefault(name, value)
    if "request_id" in g:
        answer.headers["X-Request-Id"] = g.request_id
    return answer
