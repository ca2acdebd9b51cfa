"""Consents to signatures, and what the signatures of a document are worth."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from handlers.resources import HandlerResources
from handlers.signing.remote import RemoteProof
from service.actions import signatures as verification
from service.actions import signing as actions
from service.api.resource import Resource
from service.api.schemas import signing as schemas
from service.http.context import runtime, unit

signing = Resource(
    "signing", "documents", "Consents to signatures, and what the signatures of a document are worth."
)

_EXAMPLE = {
    "act": "leader",
    "file_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "method": "stored_key",
}


@signing.post("/<uuid:document_id>/signing-consents")
@signing.takes(schemas.ConsentInput, example=_EXAMPLE)
@signing.gives(schemas.Consent, 201)
def give_consent(body: dict[str, Any], document_id: UUID) -> object:
    """Agree to one signature of one exact file: one use, ten minutes. Needs step-up.

    Hand the id to the process that signs. For `client_token` sign the `attributes`, for `csc` prove yourself
    to the service, and put the signature before the process goes on; a seal's number is then reserved.
    """
    new = actions.NewConsent(
        act=body["act"],
        file_sha256=bytes.fromhex(body["file_sha256"]),
        method=body["method"],
        fingerprint=body["certificate"],
        copy_form=body["copy_form"],
    )
    return actions.give_consent(unit(), _resources(), document_id, new)


@signing.put("/<uuid:document_id>/signing-consents/<uuid:consent_id>/signature")
@signing.takes(schemas.SignatureInput)
@signing.gives(schemas.Consent)
def give_signature(body: dict[str, Any], document_id: UUID, consent_id: UUID) -> object:
    """Give the signature that a device made, or let the remote service make it."""
    proof = RemoteProof(**body["csc"]) if body["csc"] else None
    signature = actions.read_bytes(body["signature"], "/signature")
    given = actions.SignatureGiven(signature, body["is_cms"], proof)
    return actions.give_signature(unit(), _resources(), document_id, consent_id, given)


@signing.get("/<uuid:document_id>/signatures")
@signing.gives(schemas.DocumentSignatures)
def read_signatures(document_id: UUID) -> object:
    """Read four separate answers for each signature: integrity, trust, revocation, later changes."""
    return verification.read_signatures(unit(), _resources(), document_id)


def _resources() -> HandlerResources:
    resources: HandlerResources = runtime().engine.resources.handler_resources
    return resources
