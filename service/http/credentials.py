"""Who asks: a bearer token, or the cookie of a browser with its anti-forgery token.

The cookie is ``__Host-`` (RFC 6265bis): only this host, only over TLS or on localhost, no script reads it. A
request that changes something by cookie must carry the session's token in ``X-CSRF-Token``, which no other
site can know, and must not come from another site as far as the browser says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, g, request
from sqlalchemy.orm import Session

from service.actions.exchange_links import PEER_PREFIX, peer_identity
from service.actions.identities import JOURNEY_LIFETIME
from service.actions.login_challenges import expired
from service.actions.logins import FactorWanted, LoginResult
from service.actions.sessions import Carrier, SessionRules, csrf_of, is_csrf_right, token_identity
from service.domain.actors import Actor
from service.domain.errors import Forbidden, Unauthenticated
from service.http.context import runtime

COOKIE: Final = "__Host-congvan"
LOGIN_COOKIE: Final = "__Host-congvan-login"
"""Holds a login that waits for its second factor, where it came back from another provider."""

JOURNEY_COOKIE: Final = "__Host-congvan-provider"
"""Binds a way to another provider and back to the browser that left."""

CSRF_HEADER: Final = "X-CSRF-Token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_TOKEN: Final = 200


def identity_of_request(
    *, for_password_change: bool, takes_peers: bool = False
) -> Callable[[Session, datetime], Actor]:
    """Return the function that finds the caller's actor in the unit of work's first statement.

    Args:
        for_password_change: the route is open to one who must change the password first.
        takes_peers: the route is open to partners' programs.

    Raises:
        Unauthenticated: the request carries no credentials.
        Forbidden: a change by cookie without its anti-forgery token.
    """
    carrier, token = _token()
    if takes_peers and carrier == "bearer" and token.startswith(PEER_PREFIX):
        return peer_identity(token, g.request_id)
    if carrier == "cookie" and request.method not in SAFE_METHODS:
        _check_origin(token)
    return token_identity(
        token,
        carrier=carrier,
        idle=session_rules().idle,
        request_id=g.request_id,
        for_password_change=for_password_change,
    )


def session_rules() -> SessionRules:
    """Return how long a login lasts in this deployment."""
    settings = runtime().settings
    return SessionRules(settings.session_lifetime, settings.session_idle)


def set_cookie(answer: Response, session: LoginResult) -> None:
    """Let the browser keep the session's token until the session ends."""
    answer.set_cookie(
        COOKIE,
        session.token,
        expires=session.expires_at,
        secure=True,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def set_login_cookie(answer: Response, wanted: FactorWanted) -> None:
    """Let the browser keep a login that waits for its second factor."""
    answer.set_cookie(
        LOGIN_COOKIE,
        wanted.login_token,
        expires=wanted.expires_at,
        secure=True,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def set_journey_cookie(answer: Response, browser_token: str) -> None:
    """Let the browser keep what it leaves for the provider with.

    It comes back from another site, so this cookie is ``Lax``: sent with that one navigation, not with a form
    or a script of another site.
    """
    answer.set_cookie(
        JOURNEY_COOKIE,
        browser_token,
        max_age=int(JOURNEY_LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear_journey_cookie(answer: Response) -> None:
    """Let the browser forget a journey that is over."""
    answer.delete_cookie(JOURNEY_COOKIE, secure=True, httponly=True, samesite="Lax", path="/")


def csrf_of_request() -> str | None:
    """Return the anti-forgery token of a request by cookie; None = it did not come by cookie.

    A page that a login at the provider has opened has not seen it yet; no other site can read it.
    """
    carrier, token = _token()
    return csrf_of(token) if carrier == "cookie" else None


def clear_login_cookie(answer: Response) -> None:
    """Let the browser forget a login that is complete, if it has one."""
    if LOGIN_COOKIE in request.cookies:
        answer.delete_cookie(LOGIN_COOKIE, secure=True, httponly=True, samesite="Strict", path="/")


def login_token_of(body: Mapping[str, Any]) -> str:
    """Return the token of a login that is under way, from the body or the cookie.

    Raises:
        Unauthenticated: there is none.
    """
    token = str(body.get("login_token") or request.cookies.get(LOGIN_COOKIE, ""))
    if not 0 < len(token) <= LONGEST_TOKEN:
        raise expired()
    return token


def clear_cookie(answer: Response) -> None:
    """Let the browser forget the session and what it cached of it."""
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def _token() -> tuple[Carrier, str]:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN:
            return "bearer", token
    elif 0 < len(request.cookies.get(COOKIE, "")) <= LONGEST_TOKEN:
        return "cookie", request.cookies[COOKIE]
    raise Unauthenticated(
        "session.missing",
        "Hãy đăng nhập trước.",
        "Sign in first.",
    )


def _check_origin(token: str) -> None:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in {"same-origin", "none"} or not is_csrf_right(token, request.headers.get(CSRF_HEADER, "")):
        raise Forbidden(
            "csrf.missing",
            "Yêu cầu không đến từ trang của hệ thống; hãy tải lại trang.",
            "The request does not come from a page of this system; load the page again.",
        )
