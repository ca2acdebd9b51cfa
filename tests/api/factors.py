"""People with second factors: enrolled over the API, as they would be."""

from __future__ import annotations

from datetime import timedelta

from service.domain.one_time_codes import code_at
from tests.api.callers import Caller
from tests.factories import PASSWORD

STEP = timedelta(seconds=30)


def enrol_totp(person: Caller, clock, password: str | None = PASSWORD) -> tuple[str, list[str]]:
    """Enrol and confirm a code generator; return its secret and the recovery codes."""
    begun = person.post("/api/v1/me/second-factors/totp", {"password": password})
    assert begun.status_code == 201, begun.get_data(as_text=True)
    secret = begun.json["secret"]
    done = person.post("/api/v1/me/second-factors/totp/confirm", {"code": code_at(secret, clock.now())})
    assert done.status_code == 200, done.get_data(as_text=True)
    clock.advance(STEP)  # each code is taken once: the next proof needs the next one
    return secret, done.json["recovery_codes"]


def step_up(person: Caller, clock, secret: str) -> None:
    """Prove the code generator for the person's session."""
    clock.advance(STEP)
    answer = person.post("/api/v1/sessions/step-up", {"totp": code_at(secret, clock.now())})
    assert answer.status_code == 200, answer.get_data(as_text=True)


def log_in(anonymous: Caller, login: str = "vanthu", password: str = PASSWORD, **more):
    """Send a login and a password."""
    return anonymous.post("/api/v1/sessions", {"login": login, "password": password, **more})
