"""One's own second factors, proving them, and the administrator's reset."""

from __future__ import annotations

from typing import Any

from flask import Response

from service.actions import second_factors as actions
from service.api.proving import client_address, counting_refusals, proof_of, proof_tools, relying_party
from service.api.resource import Resource
from service.api.schemas import second_factors as schemas
from service.api.schemas.passkeys import PasskeyOptions
from service.http.context import runtime, unit
from service.queries import second_factors as queries

second_factors = Resource(
    "second_factors",
    "",
    "Second factors: a generator of one-time codes and recovery codes; step-up before signing.",
)


@second_factors.post("/sessions/step-up")
@second_factors.takes(schemas.Proof, example={"totp": "123456"})
@second_factors.gives(schemas.StepUp)
def step_up(body: dict[str, Any]) -> object:
    """Prove a second factor again: signing, publishing and opening a ballot ask for it.

    The proof belongs to this session and counts for five minutes. Each code is taken once. After several
    failures the next try must wait (`Retry-After`).
    """
    with counting_refusals():
        return actions.step_up(unit(), proof_of(body), proof_tools(), client_address())


@second_factors.post("/sessions/step-up/passkey-options")
@second_factors.gives(PasskeyOptions)
def step_up_options() -> object:
    """Give the browser what it needs to let a passkey answer for the step-up; the challenge counts once."""
    return {"public_key": actions.step_up_options(unit(), relying_party())}


@second_factors.get("/me/second-factors")
@second_factors.gives(schemas.Factors)
def read_factors() -> object:
    """Tell what the caller can prove themselves with."""
    return queries.my_factors(unit())


@second_factors.post("/me/second-factors/totp")
@second_factors.takes(schemas.Password)
@second_factors.gives(schemas.Enrolment, 201)
def enrol_totp(body: dict[str, Any]) -> object:
    """Begin with a code generator (RFC 6238): its secret is shown once and counts when a code confirms it.

    The first factor is enrolled with the password; with one enrolled, the step-up is needed instead.
    """
    with counting_refusals():
        return actions.enrol_totp(unit(), runtime().sealer, client_address(), body["password"])


@second_factors.post("/me/second-factors/totp/confirm")
@second_factors.takes(schemas.Code, example={"code": "123456"})
@second_factors.gives(schemas.RecoveryCodes)
def confirm_totp(body: dict[str, Any]) -> object:
    """Let the code generator count; the first factor gives ten recovery codes, shown once."""
    return {"recovery_codes": actions.confirm_totp(unit(), runtime().sealer, body["code"])}


@second_factors.delete("/me/second-factors/totp")
@second_factors.gives(None, 204)
def remove_totp() -> Response:
    """Remove the code generator; needs the step-up."""
    actions.remove_totp(unit())
    return Response(status=204)


@second_factors.post("/me/second-factors/recovery-codes")
@second_factors.gives(schemas.RecoveryCodes, 201)
def renew_recovery_codes() -> object:
    """Replace the recovery codes by ten new ones, shown once; needs the step-up."""
    return {"recovery_codes": actions.renew_recovery_codes(unit())}


@second_factors.delete("/accounts/<login>/second-factors")
@second_factors.gives(None, 204)
def reset_factors(login: str) -> Response:
    """Take every second factor from an account whose person lost them; its sessions end.

    Needs the administrator's own step-up, and is told to the person.
    """
    actions.reset_factors(unit(), login)
    return Response(status=204)
