"""Sharing a document with another agency: only one's own, for a time, read-only, through one door."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from service.actions.sessions import SessionRules, add_session
from service.domain.clock import ManualClock
from service.domain.ids import new_id
from service.storage.models import AuditEvent, Document, DocumentFile, DocumentShare, table_of
from tests.api.callers import Caller, assert_problem
from tests.harness import OPENING
from tests.pdf_files import plain_pdf

DOCUMENT, FILE, SHARE = table_of(Document), table_of(DocumentFile), table_of(DocumentShare)
PDF = plain_pdf()


@pytest.fixture
def document(runtime, office):
    """Return a function that writes a document of the provincial office with a PDF."""

    def write(**changes) -> UUID:
        texts = ("code_notation", "organ_name", "description", "signer_position", "signer_name", "category")
        row = dict.fromkeys(texts, "") | {"id": new_id(OPENING), "agency_id": office.agency_id}
        row |= {"created_at": OPENING, "is_public": False, "version": 1, "trace": [], "secrecy": "none"}
        row |= {"urgency": "normal", "direction": "outgoing", "status": "issued", "channel": "upload"}
        row |= {"language": "vi", "type_name": "Thông báo", "code_number": "7", "subject": "Kế hoạch chung"}
        row |= {"to_places": ""} | changes
        with runtime.database.unit_of_work(office.system) as unit:
            unit.session.execute(insert(DOCUMENT), row)
            blob = runtime.blobs.put(unit, io.BytesIO(PDF))
            file = {"id": new_id(OPENING), "agency_id": office.agency_id, "document_id": row["id"]}
            file |= {"ordinal": 1, "version": 1, "role": "main", "kind": "issued", "file_name": "tb.pdf"}
            file |= {"sha256": blob.sha256, "size_bytes": len(PDF), "media_type": "application/pdf"}
            unit.session.execute(insert(FILE), file | {"added_at": OPENING, "reason": "", "note": ""})
        return row["id"]

    return write


@pytest.fixture
def giver(app, office, database):
    """A clerk of the provincial office who has just proved the second factor."""
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        token = add_session(unit, "bearer", "127.0.0.1", "test", SessionRules(), factor="totp")
    return Caller(app.test_client(), token)


def _new(clock: ManualClock, **changes) -> dict[str, object]:
    until = (clock.now() + timedelta(days=2)).isoformat()
    return {"receiver": "dongson", "until_at": until, "reason": "Phối hợp"} | changes


def _audit(owner, action: str) -> list:
    table = table_of(AuditEvent)
    with owner.session() as session:
        return list(session.execute(select(table).where(table.c.action == action).order_by(table.c.id)))


@pytest.mark.clause("S2-3.6b")
def test_an_agency_shares_what_it_made_for_a_time_and_the_other_reads_it_only(
    document, giver, sign_in_elsewhere, owner, clock: ManualClock
) -> None:
    document_id = document()
    unshared = document(subject="Việc khác")
    there = sign_in_elsewhere("dongson.vanthu")
    assert there.get("/api/v1/shared-documents").json["items"] == []
    made = giver.post(f"/api/v1/documents/{document_id}/shares", _new(clock, may_download=True))
    assert made.status_code == 201, made.json
    (seen,) = there.get("/api/v1/shared-documents").json["items"]
    assert (seen["subject"], seen["giver_code"]) == ("Kế hoạch chung", "vptu")
    address = f"/api/v1/shared-documents/{seen['id']}"
    (file,) = there.get(address).json["files"]
    content = there.get(f"{address}/files/{file['id']}")
    assert content.data == PDF
    assert "X-Export-Warning" in content.headers
    page = there.get(f"{address}/files/{file['id']}/pages/1")
    assert page.data.startswith(b"\x89PNG")

    # Nothing else of the giver is seen, neither by the usual way nor by the file's own address.
    for path in (f"/api/v1/documents/{document_id}", f"/api/v1/documents/{document_id}/files/{file['id']}"):
        assert_problem(there.get(path), 404)
    assert there.get("/api/v1/documents?direction=outgoing").json["items"] == []
    assert_problem(there.get(f"/api/v1/shared-documents/{unshared}"), 404)
    assert_problem(sign_in_elsewhere("dongson.quantri").get(address), 403)

    # Both agencies have it on record: the giver with who read it there.
    assert [one.details["receiver"] for one in _audit(owner, "document.share")] == ["dongson"]
    opened = _audit(owner, "document.open_shared")
    readers = [one.details["reader"] for one in opened if one.object_kind == "document"]
    givers = [one.details["giver"] for one in opened if one.object_kind == "document_share"]
    assert (readers, givers) == (["dongson.vanthu"] * 2, ["vptu"] * 2)
    assert len({one.agency_id for one in opened}) == 2

    clock.advance(timedelta(days=3))
    again = sign_in_elsewhere("dongson.vanthu")
    assert again.get("/api/v1/shared-documents").json["items"] == []
    assert_problem(again.get(f"{address}/files/{file['id']}"), 404, "shared_document.not_found")


@pytest.mark.clause("S2-3.6b")
def test_a_share_is_taken_back_at_once_and_follows_what_becomes_of_the_document(
    document, giver, sign_in_elsewhere, owner, clock: ManualClock
) -> None:
    document_id = document()
    there = sign_in_elsewhere("dongson.vanthu")
    share = giver.post(f"/api/v1/documents/{document_id}/shares", _new(clock)).json
    address = f"/api/v1/shared-documents/{share['id']}"
    (file,) = there.get(address).json["files"]
    assert_problem(there.get(f"{address}/files/{file['id']}"), 403, "shared_document.view_only")
    assert_problem(giver.post(f"/api/v1/documents/{document_id}/shares", _new(clock)), 409, "share.same")
    for change in ({"status": "recall_pending"}, {"secrecy": "secret"}, {"direction": "incoming"}):
        with owner.session() as session:
            session.execute(update(DOCUMENT).values(status="issued", secrecy="none", direction="outgoing"))
            assert len(there.get("/api/v1/shared-documents").json["items"]) <= 1
            session.execute(update(DOCUMENT).values(**change))
        assert_problem(there.get(address), 404, "shared_document.not_found")
    with owner.session() as session:
        session.execute(update(DOCUMENT).values(status="issued", secrecy="none", direction="outgoing"))
    assert there.get(address).status_code == 200
    end = f"/api/v1/documents/{document_id}/shares/{share['id']}/end"
    assert giver.post(end, {"reason": "Hết phối hợp"}).status_code == 204
    assert_problem(there.get(address), 404, "shared_document.not_found")
    assert_problem(giver.post(end, {"reason": "Hết phối hợp"}), 409, "share.over")
    (listed,) = giver.get(f"/api/v1/documents/{document_id}/shares").json["items"]
    assert (listed["receiver"], listed["end_reason"]) == ("dongson", "Hết phối hợp")


def test_what_is_not_ones_own_issued_and_open_is_not_shared(
    document, giver, sign_in, other_office, clock: ManualClock
) -> None:
    def share(document_id: UUID, by: Caller = giver, **changes):
        return by.post(f"/api/v1/documents/{document_id}/shares", _new(clock, **changes))

    assert_problem(share(document(direction="incoming")), 409, "share.not_ours")
    assert_problem(share(document(status="drafting")), 409, "share.not_issued")
    assert_problem(share(document(status="recalled")), 409, "share.not_issued")
    assert_problem(share(document(secrecy="secret")), 422, "document.secret_not_public")
    ours = document()
    assert_problem(share(ours, receiver="nowhere"), 404, "agency.not_found")
    assert_problem(share(ours, receiver="vptu"), 422, "share.own")
    assert_problem(share(ours, until_at=(clock.now() + timedelta(days=400)).isoformat()), 422, "share.end")
    assert_problem(share(ours, by=sign_in("vanthu")), 403)  # without a second factor
    assert_problem(share(ours, by=sign_in("cv.tonghop1")), 403)


def test_row_level_security_gives_the_other_agency_no_row_of_a_share_or_its_document(
    document, giver, database, other_office, clock: ManualClock
) -> None:
    document_id = document()
    giver.post(f"/api/v1/documents/{document_id}/shares", _new(clock))
    shared = text("SELECT document_id FROM shared_documents(:now)")
    with database.unit_of_work(other_office.system) as unit:
        for table in (DOCUMENT, FILE, SHARE):
            assert unit.session.execute(select(table)).all() == []
        assert unit.session.execute(shared, {"now": unit.now}).scalars().all() == [document_id]
    with database.session() as session:  # under no agency
        assert session.execute(shared, {"now": clock.now()}).all() == []
