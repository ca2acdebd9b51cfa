"""Entering, reading, listing and filing documents: who may, what is recorded, what is refused."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID, uuid4

import pytest

from service.actions import documents, dossiers
from service.actions.document_rows import FileSource
from service.actions.dossiers import NewDossier
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, PolicyRefusal, TooLarge
from service.queries import documents as lists
from service.queries.documents import DocumentFilter
from service.storage.models import FileAttestation, table_of
from tests.pdf_files import plain_pdf
from tests.processes.conftest import desk
from tests.processes.desk import CLERK, LEADER, PARTNER, SPECIALIST, UNIT_HEAD, Desk, direct_publicly

__all__ = ["desk"]

ATTESTATION = table_of(FileAttestation)


def _sees(desk: Desk, login: str, **wanted) -> list:
    return list(desk.do(login, lambda unit: lists.list_documents(unit, DocumentFilter(**wanted))).items)


def _read(desk: Desk, login: str):
    return desk.do(login, lambda unit: documents.read_document(unit, desk.document_id))


@pytest.mark.clause("S3-19.2", "S2-4.1")
def test_only_those_concerned_see_a_document(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    for login in (CLERK, LEADER, UNIT_HEAD, SPECIALIST):
        assert _read(desk, login).id == desk.document_id
    for login in ("cv.tonghop2", "tp.hanhchinh", "quantri", "giamsat"):
        assert _sees(desk, login) == []
        with pytest.raises(NotFound):
            _read(desk, login)


def test_units_for_information_see_it_from_then_on(desk: Desk) -> None:
    desk.enter()
    desk.to_assignment()
    assert _sees(desk, "cv.coyeu1") == []
    desk.enter(code_number="06")
    desk.to_assignment(information_units=["co_yeu"])
    assert [one.id for one in _sees(desk, "cv.coyeu1")] == [desk.document_id]


@pytest.mark.clause("S0-5.3")
def test_a_public_document_is_seen_by_everyone_of_the_agency_and_nobody_else(
    desk: Desk, other_office
) -> None:
    desk.enter()
    desk.to_direction()
    direct_publicly(desk)
    assert [one.id for one in _sees(desk, "cv.hanhchinh1")] == [desk.document_id]
    stranger = desk.runtime.database.unit_of_work(other_office.actor_for("dongson.vanthu"))
    with stranger as unit:
        assert lists.list_documents(unit, DocumentFilter()).items == []
        with pytest.raises(NotFound):
            documents.read_document(unit, desk.document_id)


@pytest.mark.clause("S2-3.5b")
def test_reading_a_document_and_a_file_leaves_audit_events(desk: Desk) -> None:
    desk.enter()
    (file,) = _read(desk, LEADER).files
    opened = desk.do(LEADER, lambda unit: documents.open_file(unit, desk.document_id, file.id))
    assert opened.media_type == "application/pdf"
    assert [event.actor_id for event in desk.audit("document.read")] == [desk.office.accounts[LEADER]]
    (event,) = desk.audit("document.read_file")
    assert event.details["file_id"] == str(file.id)
    with pytest.raises(NotFound):
        desk.do(LEADER, lambda unit: documents.open_file(unit, desk.document_id, uuid4()))


def test_the_file_that_comes_out_is_the_file_that_went_in(desk: Desk) -> None:
    pdf = plain_pdf("Mot van ban khac")
    desk.enter(pdf=pdf)
    (file,) = _read(desk, CLERK).files
    found = desk.do(CLERK, lambda unit: documents.open_file(unit, desk.document_id, file.id))
    stored = desk.do(CLERK, lambda unit: desk.runtime.blobs.open(unit, found.sha256).read())
    assert stored == pdf


def test_only_clerks_enter_documents(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.enter(login=SPECIALIST)


def test_everything_wrong_with_an_entry_is_told_at_once(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.enter(subject="", issued_on="hôm qua", channel="fax", is_attested=False)
    assert {finding.pointer for finding in caught.value.findings} == {
        "/metadata/subject",
        "/metadata/issued_on",
        "/channel",
        "/is_attested",
    }


@pytest.mark.clause("S4-3.3")
def test_a_type_that_is_not_on_the_list_is_refused_whatever_its_name(desk: Desk) -> None:
    files = [FileSource("van-ban.pdf", io.BytesIO(b"MZ\x90\x00\x03" * 50))]
    with pytest.raises(InvalidInput) as caught:
        desk.enter(files=files, channel="upload")
    assert [(one.code, one.pointer) for one in caught.value.findings] == [("file.type", "/files/0")]
    with pytest.raises(InvalidInput) as caught:
        desk.enter(files=[FileSource("trong.pdf", io.BytesIO(b""))], channel="upload")
    assert caught.value.findings[0].code == "file.empty"


def test_a_file_over_the_limit_is_refused(desk: Desk) -> None:
    with pytest.raises(TooLarge):
        desk.enter(pdf=plain_pdf() + b"0" * desk.runtime.blobs.limit_bytes)


def test_a_refused_attempt_is_recorded_without_its_content(desk: Desk) -> None:
    with pytest.raises(PolicyRefusal) as caught:
        desk.enter(secrecy="secret", subject="Nội dung mật")
    desk.do(CLERK, lambda unit: documents.note_refusal(unit, caught.value))
    (event,) = desk.audit("document.refused_by_policy")
    assert event.details["zone"] == "internet"
    assert "Nội dung mật" not in str(event.details)
    assert _sees(desk, CLERK) == []


@pytest.mark.clause("S4-3.2")
@pytest.mark.parametrize("category", ["petition", "harmful"])
def test_complaints_and_harmful_content_are_not_entered_on_the_internet(desk: Desk, category: str) -> None:
    with pytest.raises(PolicyRefusal) as caught:
        desk.enter(category=category, subject="Đơn tố cáo")
    assert "S4-3.2" in caught.value.extra["clause"]
    assert _sees(desk, CLERK) == []


@pytest.mark.clause("S2-3.3", "S4-3.2")
def test_each_file_is_attested_by_who_brought_it(desk: Desk) -> None:
    desk.enter()
    (mine,) = desk.rows(ATTESTATION)
    (file,) = _read(desk, CLERK).files
    assert (bytes(mine.sha256).hex(), mine.object_id) == (file.sha256, desk.document_id)
    assert (mine.account_id, mine.statement, mine.zone) == (
        desk.office.accounts[CLERK],
        "no_state_secret",
        "internet",
    )
    desk.receive()
    theirs = next(row for row in desk.rows(ATTESTATION) if row.organ_id)
    assert (theirs.organ_id, theirs.account_id, theirs.statement) == (PARTNER, None, "sent_by_package")


def test_an_office_file_that_unpacks_to_far_more_is_refused_and_nothing_stays(desk: Desk) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<x/>")
        made.writestr("word/document.xml", b" " * 60_000_000)
    with pytest.raises(InvalidInput) as caught:
        desk.enter(files=[FileSource("bom.docx", io.BytesIO(packed.getvalue()))], channel="upload")
    assert [one.code for one in caught.value.findings] == ["file.unpacking"]
    assert not [one for one in desk.runtime.blobs.directory.rglob("*") if len(one.name) == 64]


def test_lists_are_filtered_and_paged(desk: Desk) -> None:
    for number in ("01", "02", "03"):
        desk.enter(code_number=number, subject=f"Văn bản 100% số {number}", urgency="urgent")
    assert [one.code_number for one in _sees(desk, CLERK, text="100% số 02")] == ["02"]
    assert _sees(desk, CLERK, text="100_ số") == []
    assert _sees(desk, CLERK, status="completed") == []
    assert len(_sees(desk, CLERK, urgency="urgent", channel="paper")) == 3
    first = desk.do(CLERK, lambda unit: lists.list_documents(unit, DocumentFilter(), None, 2))
    rest = desk.do(CLERK, lambda unit: lists.list_documents(unit, DocumentFilter(), first.next_cursor, 2))
    assert [one.code_number for one in (*first.items, *rest.items)] == ["03", "02", "01"]
    assert rest.next_cursor is None


def test_overdue_documents_are_found(desk: Desk) -> None:
    desk.enter(due_on="2026-03-03")
    assert _sees(desk, CLERK, is_overdue=True) == []
    desk.advance(days=2)
    assert [one.is_overdue for one in _sees(desk, CLERK, is_overdue=True)] == [True]
    assert _sees(desk, CLERK, is_overdue=False) == []


@pytest.mark.clause("S4-2.2", "S4-6.3b1")
def test_a_dossier_holds_what_was_filed_and_takes_nothing_when_closed(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    desk.to_completion()
    (view,) = desk.do(SPECIALIST, lambda unit: lists.list_dossiers(unit, year=2026, is_open=True))
    assert (view.notation, view.unit_code, view.document_count) == ("01.TH", "tong_hop", 1)
    assert [one.id for one in _sees(desk, CLERK, dossier_id=view.id)] == [desk.document_id]
    assert [one.id for one in _read(desk, SPECIALIST).dossiers] == [view.id]
    desk.do(SPECIALIST, lambda unit: dossiers.close_dossier(unit, view.id))
    desk.enter(code_number="07")
    desk.to_direction()
    desk.finish("give_direction", {"decision": "file_only"}, LEADER)
    desk.finish("file_document", {"dossier_id": str(view.id)}, CLERK)
    assert [one.code for one in desk.incidents()] == ["dossier.closed"]


def test_a_dossier_needs_its_fields_and_its_notation_is_unique_in_the_year(desk: Desk) -> None:
    desk.dossier()
    with pytest.raises(Conflict):
        desk.dossier()
    new = NewDossier(2026, " ", "x" * 501, "10 năm", None)
    with pytest.raises(InvalidInput) as caught:
        desk.do(SPECIALIST, lambda unit: dossiers.open_dossier(unit, new))
    assert {one.pointer for one in caught.value.findings} == {"/notation", "/title"}
    new = NewDossier(2026, "02", "Tiêu đề", "10 năm", "khong_co")
    with pytest.raises(InvalidInput):
        desk.do(SPECIALIST, lambda unit: dossiers.open_dossier(unit, new))
    with pytest.raises(Forbidden):
        desk.do("quantri", lambda unit: dossiers.open_dossier(unit, NewDossier(2026, "03", "T", "5 năm")))


def test_only_its_maker_or_someone_in_charge_closes_a_dossier(desk: Desk) -> None:
    dossier_id = UUID(desk.dossier())
    with pytest.raises(Forbidden):
        desk.do("cv.hanhchinh1", lambda unit: dossiers.close_dossier(unit, dossier_id))
    desk.do(UNIT_HEAD, lambda unit: dossiers.close_dossier(unit, dossier_id))
    with pytest.raises(Conflict):
        desk.do(UNIT_HEAD, lambda unit: dossiers.close_dossier(unit, dossier_id))


# --- packets ---


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "old"}, "/kind"),
        ({"from": {}}, "/from/organ_id"),
        ({"files": [{"file_name": "a.pdf", "content": "không phải base64"}]}, "/files/0"),
        ({"files": "a"}, "/files"),
        ({"document": {"exchange_id": "P"}}, "/document/subject"),
        ({"document": {"subject": "a", "type_name": "b"}}, "/document/exchange_id"),
    ],
)
def test_a_malformed_packet_is_refused_with_pointers(desk: Desk, change: dict, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.receive(desk.packet() | change)
    assert pointer in {one.pointer for one in caught.value.findings}


@pytest.mark.clause("S0-9.2g2", "S3-3.10")
def test_a_sender_that_is_not_in_the_directory_is_refused(desk: Desk) -> None:
    with pytest.raises(Forbidden) as caught:
        desk.receive(desk.packet() | {"from": {"organ_id": "H99"}})
    assert caught.value.code == "packet.unknown_sender"


def test_a_packet_cannot_speak_for_another_office(desk: Desk) -> None:
    desk.receive(desk.packet(organ_id="H99"))
    assert desk.document().organ_id == PARTNER
