"""Who signs a draft after its own signer, and the bodies that issue it jointly, checked (NĐ 30/2020 Điều 13).

All of them are people and bodies of the same agency: a document that another agency signs too goes there on
paper, or is signed there as a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert

from handlers.records.signers import COSIGNER
from service.actions.draft_facts import FactReader, Signing
from service.domain.document_profiles import DocumentProfile
from service.domain.records import clean_text
from service.storage.unit_of_work import UnitOfWork

MOST_COSIGNERS: Final = 5
"""More than six signatures with their rooms do not fit one page."""

_WORDS: Final = ("collective", "principal", "deputy_of")
_WORDS_LENGTH: Final = 500


def read_cosigners(
    reader: FactReader,
    form: DocumentProfile,
    lead: Row[Any],
    given: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of who signs after the draft's own signer, and the names of the joint bodies.

    Args:
        reader: takes the faults.
        form: that holds.
        lead: row of the body that leads.
        given: ``{signer, capacity, signer_position, issuing_body, signing}``, in order; a body of None is the
            one that leads.
    """
    if len(given) > MOST_COSIGNERS:
        vi, en = f"Tối đa {MOST_COSIGNERS} người cùng ký.", f"At most {MOST_COSIGNERS} further signers."
        reader.fault("cosigners.too_many", vi, en, "/cosigners")
        return [], []
    rows: list[dict[str, Any]] = []
    names: dict[UUID, str] = {}
    for index, one in enumerate(given):
        at = f"/cosigners/{index}"
        code = one.get("issuing_body")
        body = reader.body(str(code), at) if code else lead
        if body is None:
            continue
        if body.id != lead.id:
            names[body.id] = body.name
        words = {name: clean_text(str((one.get("signing") or {}).get(name) or "")) for name in _WORDS}
        for name in [name for name, text in words.items() if len(text) > _WORDS_LENGTH]:
            vi, en = f"Dài quá {_WORDS_LENGTH} ký tự.", f"Longer than {_WORDS_LENGTH} characters."
            reader.fault("draft.content", vi, en, f"{at}/signing/{name}")
        rows.append(_row(reader, _signing(reader, form, body, one, at), index, body.id, words))
    return rows, list(names.values())


def _signing(
    reader: FactReader, form: DocumentProfile, body: Row[Any], one: Mapping[str, Any], at: str
) -> Signing:
    login, capacity = str(one.get("signer") or ""), str(one.get("capacity") or "")
    found = reader.signing(form, body, login, capacity, str(one.get("signer_position") or ""), at=at)
    if not login:
        reader.fault("signer.missing", "Chưa chọn người ký.", "The signer is not named.", f"{at}/signer")
    return found


def _row(
    reader: FactReader, signing: Signing, index: int, body_id: UUID, words: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "ordinal": index + 2,
        "account_id": signing.signer_id,
        "name": signing.signer_name,
        "capacity": signing.capacity,
        "position": signing.position,
        "words": dict(words),
        "issuing_body_id": body_id,
        "agency_id": reader.unit.actor.agency_id,
    }


def check_each_signs_once(reader: FactReader, first: Signing, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note a fault for everyone who is named twice, or after a first signer who is not named yet."""
    seen = {first.signer_id}
    if rows and first.signer_id is None:
        vi, en = "Chưa chọn người ký thứ nhất.", "The first signer is not named."
        reader.fault("signer.missing", vi, en, "/signer")
    for index, row in enumerate(rows):
        account = row["account_id"]
        if account is not None and account in seen:
            vi, en = f"{row['name']} được ghi ký hai lần.", f"{row['name']} is named twice."
            reader.fault("signer.twice", vi, en, f"/cosigners/{index}/signer")
        seen.add(account)


def write_cosigners(unit: UnitOfWork, document_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace who signs a draft after its own signer."""
    unit.session.execute(delete(COSIGNER).where(COSIGNER.c.document_id == document_id))
    if rows:
        unit.session.execute(insert(COSIGNER), [{**one, "document_id": document_id} for one in rows])
