"""Signing in and out, and one's own account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, g, jsonify, request

from service.actions import login_challenges as challenges
from service.actions import logins
from service.actions import sessions as actions
from service.api.proving import client_address, counting_refusals, proof_of, proof_tools, relying_party
from service.api.resource import Resource
from service.api.schemas import sessions as schemas
from service.api.schemas.passkeys import PasskeyOptions
from service.api.schemas.second_factors import FactorWanted, LoginProof, LoginToken
from service.http.context import runtime, unit
from service.http.credentials import (
    clear_cookie,
    clear_login_cookie,
    csrf_of_request,
    login_token_of,
    session_rules,
    set_cookie,
)

sessions = Resource("sessions", "", "Signing in and out, and one's own account.")


@sessions.post("/sessions")
@sessions.takes(schemas.Credentials, example={"login": "vanthu", "password": "…"})
@sessions.gives(schemas.Session, 201)
@sessions.may_give(FactorWanted, 202, "The second factor is wanted.")
def log_in(body: dict[str, Any]) -> object:
    """Sign in; the answer is the same for a wrong password, an unknown login and a disabled account.

    An account with a second factor gets 202 with a token for `POST /sessions/second-factor` instead of a
    session. After several failures of one login from one address the next try must wait (`Retry-After`).
    """
    house = runtime()
    attempt = logins.Attempt(
        login=body["login"],
        password=body["password"],
        carrier=body["carrier"],
        address=client_address(),
        device=request.user_agent.string,
        request_id=g.request_id,
    )
    return _answer(logins.log_in(house.database, attempt, session_rules()))


@sessions.post("/sessions/second-factor")
@sessions.takes(LoginProof, example={"login_token": "…", "totp": "123456"})
@sessions.gives(schemas.Session, 201)
def show_factor(body: dict[str, Any]) -> object:
    """Show the second factor of a login that is under way; the session has then stepped up too.

    A token takes five tries within five minutes; each code counts once.
    """
    step = challenges.SecondStep(login_token_of(body), proof_of(body), client_address(), g.request_id)
    return _answer(challenges.show_factor(runtime().database, step, proof_tools(), session_rules()))


@sessions.post("/sessions/second-factor/passkey-options")
@sessions.takes(LoginToken, example={"login_token": "…"})
@sessions.gives(PasskeyOptions)
def login_options(body: dict[str, Any]) -> object:
    """Give the browser what it needs to let a passkey answer for a login under way."""
    house = runtime()
    options = challenges.login_options(house.database, login_token_of(body), relying_party(), g.request_id)
    return {"public_key": options}


@sessions.delete("/sessions/current")
@sessions.gives(None, 204)
def log_out() -> Response:
    """Sign out: the session ends at once."""
    actions.log_out(unit())
    answer = Response(status=204)
    clear_cookie(answer)
    return answer


@sessions.get("/sessions")
@sessions.gives(schemas.SessionList)
def list_sessions() -> object:
    """List one's own live sessions, on every device."""
    return {"items": actions.my_sessions(unit(), session_rules())}


@sessions.delete("/sessions")
@sessions.gives(None, 204)
def end_other_sessions() -> Response:
    """End one's own sessions on every other device; tokens of programs stay."""
    actions.end_my_other_sessions(unit())
    return Response(status=204)


@sessions.delete("/sessions/<uuid:session_id>")
@sessions.gives(None, 204)
def end_session(session_id: UUID) -> Response:
    """End one of one's own sessions."""
    actions.end_my_session(unit(), session_id)
    return Response(status=204)


@sessions.get("/me")
@sessions.gives(schemas.Me)
def read_me() -> object:
    """Tell who the caller is and what they may act as."""
    actor = unit().actor
    return {
        "login": actor.login,
        "full_name": actor.full_name,
        "agency_code": actor.agency_code,
        "roles": sorted(actor.roles),
        "references": sorted(actor.references),
        "assists": sorted(actor.assists),
        "must_change_password": actor.must_change_password,
        "csrf_token": csrf_of_request(),
    }


@sessions.post("/me/password")
@sessions.takes(schemas.PasswordChange)
@sessions.gives(None, 204)
def change_password(body: dict[str, Any]) -> Response:
    """Change one's own password; one's other sessions end."""
    with counting_refusals():
        actions.change_password(unit(), body["current_password"], body["new_password"], client_address())
    return Response(status=204)


def _answer(login: logins.LoginResult | logins.FactorWanted) -> Response:
    """Return the answer of a login: a session, or what is still wanted."""
    if isinstance(login, logins.FactorWanted):
        answer = jsonify(FactorWanted().dump(login))
        answer.status_code = 202
        return answer
    answer = jsonify(schemas.Session().dump(_told(login)))
    answer.status_code = 201
    if login.carrier == "cookie":
        clear_login_cookie(answer)
        set_cookie(answer, login)
    return answer


def _told(session: logins.LoginResult) -> dict[str, Any]:
    """Return what the answer tells: a cookie's token never shows up in a body that a script can read."""
    secret = {"token": session.token} if session.carrier == "bearer" else {"csrf_token": session.csrf}
    return {
        **secret,
        "login": session.login,
        "full_name": session.full_name,
        "expires_at": session.expires_at,
        "must_change_password": session.must_change_password,
    }
