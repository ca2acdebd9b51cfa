"""What routes share that take a second factor or a password of someone who is signed in.

A wrong one is counted although the request itself is rolled back: otherwise guessing would cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import request

from service.actions import second_factors as actions
from service.actions.proofs import Proof, ProofTools
from service.domain.errors import Forbidden
from service.http.context import runtime
from service.http.gate import note_after_rollback


@contextmanager
def counting_refusals() -> Iterator[None]:
    """Count and audit a wrong factor or password of the caller."""
    try:
        yield
    except Forbidden as error:
        address = client_address()
        if error.code == "second_factor.refused":
            note_after_rollback(lambda unit: actions.note_refused_factor(unit, address))
        elif error.code == "password.wrong":
            note_after_rollback(lambda unit: actions.note_refused_password(unit, address))
        raise


def client_address() -> str:
    """Return the address that the request comes from, as far as trusted proxies tell."""
    return request.remote_addr or ""


def proof_of(body: dict[str, Any]) -> Proof:
    """Return the proof that a body holds."""
    return Proof(body.get("totp"), body.get("recovery_code"), body.get("passkey"))


def proof_tools() -> ProofTools:
    """Return what proofs are checked with in this deployment."""
    return ProofTools(runtime().sealer)
