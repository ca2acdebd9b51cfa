"""Logging in at another provider, and one's own identities there."""

from __future__ import annotations

from html import escape
from typing import Any, Final
from uuid import UUID

from flask import Response, g, jsonify, request

from handlers.identity.openid_provider import OpenIdProvider
from service.actions import identities as actions
from service.actions import sessions as session_actions
from service.actions.logins import FactorWanted, LoginResult
from service.api.proving import client_address, counting_refusals
from service.api.resource import Resource
from service.api.schemas import identities as schemas
from service.api.schemas.second_factors import Password
from service.domain.errors import NotFound, Unavailable
from service.http.context import runtime, unit
from service.http.credentials import (
    JOURNEY_COOKIE,
    clear_cookie,
    clear_journey_cookie,
    session_rules,
    set_cookie,
    set_journey_cookie,
    set_login_cookie,
)
from service.http.languages import choose
from service.queries import identities as queries

identities = Resource("identities", "", "Logging in at another provider (OpenID Connect).")

AFTER_LOGIN: Final = "/"
AFTER_FIRST_FACTOR: Final = "/sign-in/second-factor"
AFTER_LINKING: Final = "/account"
"""Pages that a browser goes on to when it is back from the provider."""

LONGEST_LOGOUT_TOKEN: Final = 16_384

_LOGOUT_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["logout_token"],
                    "properties": {"logout_token": {"type": "string"}},
                }
            }
        },
    }
}
_PAGE: Final = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta http-equiv="refresh" content="0;url={place}"><title>Công Văn</title></head>'
    '<body><p><a href="{place}">{words}</a></p></body></html>'
)


@identities.get("/sessions/provider")
@identities.gives(schemas.Provider)
def read_provider() -> object:
    """Tell where people may log in instead of here; 404 where there is no such place."""
    settings = _provider().settings
    return {"name": settings.name or settings.issuer, "issuer": settings.issuer}


@identities.post("/sessions/provider")
@identities.gives(schemas.Departure, 201)
def leave() -> object:
    """Begin a login at the provider (authorization code with PKCE); the browser then goes to the address."""
    house = runtime()
    return _departing(actions.leave(house.database, _provider(), house.sealer))


@identities.get("/sessions/provider/callback")
@identities.filters(schemas.ReturnQuery)
@identities.describes(responses={"200": {"description": "A page that goes on into the house."}})
def come_back(query: dict[str, Any]) -> Response:
    """Take the browser back from the provider: signed in by cookie, or with the second factor still wanted.

    No account is made here. The page leads on, because a cookie of `SameSite=Strict` would not be sent with a
    redirect that another site began.
    """
    house = runtime()
    back = actions.Return(
        state=query["state"],
        code="" if query["error"] else query["code"],
        browser_token=request.cookies.get(JOURNEY_COOKIE, ""),
        issuer=query["iss"],
        address=client_address(),
        device=request.user_agent.string,
        request_id=g.request_id,
    )
    arrived = actions.come_back(house.database, _provider(), back, house.sealer, session_rules())
    if isinstance(arrived, LoginResult):
        answer = _page(AFTER_LOGIN)
        set_cookie(answer, arrived)
    elif isinstance(arrived, FactorWanted):
        answer = _page(AFTER_FIRST_FACTOR)
        set_login_cookie(answer, arrived)
    else:
        answer = _page(AFTER_LINKING)
    clear_journey_cookie(answer)
    return answer


@identities.post("/sessions/provider/logout")
@identities.gives(schemas.Logout)
def log_out() -> Response:
    """Sign out here, and tell where the browser ends its login at the provider too."""
    house = runtime()
    try:
        address = _provider().logout_url(house.settings.public_url.rstrip("/") + "/", unit().now)
    except Unavailable:
        address = None  # the session here ends all the same
    session_actions.log_out(unit())
    answer = jsonify({"logout_url": address})
    clear_cookie(answer)
    return answer


@identities.post("/sessions/provider/back-channel-logout")
@identities.gives(None, 204)
@identities.describes(**_LOGOUT_FORM)
def end_logins() -> Response:
    """Take the provider's word that a login there has ended: the person's sessions here end too.

    The provider calls this itself, with a token that it has signed (Back-Channel Logout 1.0).
    """
    token = request.form.get("logout_token", "")[:LONGEST_LOGOUT_TOKEN]
    actions.end_logins(runtime().database, _provider(), token)
    return Response(status=204)


@identities.get("/me/identities")
@identities.gives(schemas.IdentityList)
def list_identities() -> object:
    """List who one is at the provider."""
    return {"items": queries.my_identities(unit())}


@identities.post("/me/identities")
@identities.takes(Password)
@identities.gives(schemas.Departure, 201)
def link(body: dict[str, Any]) -> Response:
    """Begin to link one's own identity at the provider; needs the password, or the step-up."""
    with counting_refusals():
        sealer, address = runtime().sealer, client_address()
        return _departing(actions.leave_to_link(unit(), _provider(), sealer, address, body["password"]))


@identities.delete("/me/identities/<uuid:identity_id>")
@identities.gives(None, 204)
def unlink(identity_id: UUID) -> Response:
    """Let an identity at the provider count no more; needs the step-up."""
    actions.unlink(unit(), identity_id)
    return Response(status=204)


def _provider() -> OpenIdProvider:
    """Return the provider of this deployment.

    Raises:
        NotFound: there is none.
    """
    provider = runtime().provider
    if provider is None:
        vi, en = "Hệ thống không dùng định danh ngoài.", "There is no other identity provider."
        raise NotFound("provider.none", vi, en)
    return provider


def _departing(departure: actions.Departure) -> Response:
    answer = jsonify({"authorization_url": departure.authorization_url})
    answer.status_code = 201
    set_journey_cookie(answer, departure.browser_token)
    return answer


def _page(place: str) -> Response:
    words = choose("Tiếp tục", "Go on")
    language = choose("vi", "en")
    page = _PAGE.format(language=language, place=escape(place), words=escape(words))
    return Response(page, mimetype="text/html")
