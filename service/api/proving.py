"""What routes share that take a second factor or a password of someone who is signed in.

A wrong one is counted although the request itself is rolled back: otherwise guessing would cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request

from service.actions.proofs import Proof, ProofTools
from service.actions.refusals import note_refused_factor, note_refused_password
from service.domain.errors import Forbidden
from service.domain.passkeys import RelyingParty
from service.http.context import runtime
from service.http.gate import note_after_rollback


@contextmanager
def counting_refusals() -> Iterator[None]:
    """Count and audit a wrong factor or password of the caller."""
    try:
        yield
    except Forbidden as error:
        address = client_address()
        if error.code in {"second_factor.refused", "passkey.copied"}:
            is_copied = error.code == "passkey.copied"
            note_after_rollback(lambda unit: note_refused_factor(unit, address, is_copied=is_copied))
        elif error.code == "password.wrong":
            note_after_rollback(lambda unit: note_refused_password(unit, address))
        raise


def client_address() -> str:
    """Return the address that the request comes from, as far as trusted proxies tell."""
    return request.remote_addr or ""


def proof_of(body: dict[str, Any]) -> Proof:
    """Return the proof that a body holds."""
    return Proof(body.get("totp"), body.get("recovery_code"), body.get("passkey"))


def proof_tools() -> ProofTools:
    """Return what proofs are checked with in this deployment."""
    return ProofTools(runtime().sealer, relying_party())


def relying_party() -> RelyingParty:
    """Return this house as passkeys know it: at the address that people type."""
    settings = runtime().settings
    return RelyingParty.at(settings.public_url or f"http://localhost:{settings.port}")
