"""Who reads which document: the rows of the table on real people, in lists, searches and single readings."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, update

from service.actions import documents
from service.actions.document_rows import FileSource
from service.bootstrap import Runtime, build
from service.domain.errors import Forbidden, InvalidInput, NotFound
from service.domain.ids import new_id
from service.queries import documents as lists
from service.queries.documents import DocumentFilter, DocumentView
from service.storage.models import Document, DocumentRecipient, Draft, IssuingBody, table_of
from tests.pdf_files import plain_pdf
from tests.processes.conftest import desk
from tests.processes.desk import (
    AIDE,
    CHECKED,
    CLERK,
    COLLEAGUE,
    CONFIRMED,
    DOCUMENT,
    LEADER,
    OTHER_HEAD,
    SPECIALIST,
    UNIT_HEAD,
    Desk,
)

__all__ = ["desk"]

DEPUTY = "phochanhvp"


@pytest.fixture
def secret_desk(settings, office, clock) -> Any:
    """A desk on a network with a solution of the cipher branch, where secret documents may be."""
    runtime: Runtime = build(replace(settings, zone="wan", has_cipher=True), clock)
    made = Desk(runtime, office, clock)
    made.deploy_bundle()
    yield made
    runtime.close()


def readers(desk: Desk) -> set[str]:
    """Return who reads the document, having checked that list, search and single reading say the same."""
    found = set()
    for person in desk.office.plan.people:
        login = person.login
        listed = {one.id for one in _listed(desk, login)}
        searched = {one.id for one in _listed(desk, login, text=desk.document().code_number)}
        try:
            _read(desk, login)
            assert desk.document_id in listed & searched, login
            found.add(login)
        except NotFound:
            assert desk.document_id not in listed | searched, login
    return found


def _listed(desk: Desk, login: str, **wanted: Any) -> list[DocumentView]:
    return list(desk.do(login, lambda unit: lists.list_documents(unit, DocumentFilter(**wanted))).items)


def _read(desk: Desk, login: str) -> DocumentView:
    return desk.do(login, lambda unit: documents.read_document(unit, desk.document_id))


ALWAYS = {CLERK, "vanthu2", LEADER}
"""The clerks of the agency and the head of office."""


@pytest.mark.clause("S3-19.2", "S2-4.1", "S1-8.1", "S1-5.2g2")
def test_nobody_reads_a_document_but_by_duty(desk: Desk) -> None:
    desk.enter()
    assert readers(desk) == ALWAYS
    desk.to_direction()
    assert readers(desk) == ALWAYS | {AIDE}
    desk.finish(
        "give_direction",
        {
            "decision": "assign",
            "lead_unit": "tong_hop",
            "coordinating_units": ["hanh_chinh"],
            "information_units": ["co_yeu"],
            "opinion": "Giao Phòng Tổng hợp",
        },
        LEADER,
    )
    directed = {UNIT_HEAD, "vt.tonghop", OTHER_HEAD, "vt.hanhchinh", "tp.coyeu", "cv.coyeu1"}
    assert readers(desk) == ALWAYS | directed
    desk.finish("assign_specialist", {"decision": "assign", "specialist": SPECIALIST}, UNIT_HEAD)
    assert readers(desk) == ALWAYS | directed | {SPECIALIST}
    assert not readers(desk) & {"quantri", "phantich", "giamsat", COLLEAGUE, "cv.hanhchinh1"}


@pytest.mark.clause("S2-4.1")
def test_those_who_keep_the_system_do_not_read_its_content(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    file = _read(desk, CLERK).files[0]
    for login in ("quantri", "phantich", "giamsat"):
        with pytest.raises(NotFound):
            desk.do(login, lambda unit: documents.open_file(unit, desk.document_id, file.id))


def test_whoever_could_have_taken_a_task_reads_no_longer_once_another_has_it(desk: Desk) -> None:
    desk.enter()
    desk.to_registration()
    desk.finish("present_document", {"route": "leader"})
    assert DEPUTY in readers(desk)
    desk.finish("give_direction", {"decision": "file_only"}, LEADER)
    assert DEPUTY not in readers(desk)


def _make_outgoing(desk: Desk, status: str, drafter: str, signer: str) -> None:
    """Turn the document into an outgoing one that only its draft and receivers tie to people."""
    accounts = desk.office.accounts
    with desk.unit() as unit:
        body = {"id": new_id(unit.now), "agency_id": desk.office.agency_id, "code": "TU", "name": "Tỉnh ủy"}
        body |= {"notation": "TU", "side": "party", "place": "", "superior_name": ""}
        unit.session.execute(insert(table_of(IssuingBody)).values(body))
        draft = {
            "document_id": desk.document_id,
            "agency_id": desk.office.agency_id,
            "profile": "party",
            "profile_from": unit.now.date(),
            "type_code": "TB",
            "issuing_body_id": body["id"],
            "drafter_id": accounts[drafter],
            "signer_id": accounts[signer],
            "capacity": "",
            "signer_position": "",
            "fields": {},
            "origin": "template",
            "current_version": 1,
        }
        unit.session.execute(insert(table_of(Draft)).values(draft))
        receivers = ({"unit_id": desk.office.units["co_yeu"]}, {"account_id": accounts[DEPUTY]})
        for ordinal, receiver in enumerate(receivers, 1):
            row = {"id": new_id(unit.now), "agency_id": desk.office.agency_id, "ordinal": ordinal}
            row |= {
                "document_id": desk.document_id,
                "kind": "unit",
                "name": "",
                "channel": "",
                "purpose": "to",
            }
            unit.session.execute(insert(table_of(DocumentRecipient)).values(row | receiver))
        mine = update(DOCUMENT).where(DOCUMENT.c.id == desk.document_id)
        changes = {"direction": "outgoing", "status": status, "created_by_id": None, "instance_id": None}
        unit.session.execute(mine.values(changes))


@pytest.mark.parametrize(
    ("status", "receivers"), [("awaiting_signature", set()), ("issued", {"tp.coyeu", "cv.coyeu1", DEPUTY})]
)
def test_an_outgoing_document_is_its_drafters_and_signers_and_after_issue_its_receivers(
    desk: Desk, status: str, receivers: set[str]
) -> None:
    desk.enter()
    _make_outgoing(desk, status, "cv.hanhchinh1", OTHER_HEAD)
    found = {
        person.login
        for person in desk.office.plan.people
        if desk.document_id in {one.id for one in _listed(desk, person.login, direction="outgoing")}
    }
    assert found == ALWAYS | {"cv.hanhchinh1", OTHER_HEAD} | receivers


@pytest.mark.clause("S0-4.5")
def test_a_secret_document_is_its_handlers_and_the_clerks(secret_desk: Desk) -> None:
    desk = secret_desk
    desk.enter(secrecy="confidential", category="general")
    desk.to_registration()
    desk.finish("present_document", {"route": "leader", "leader": DEPUTY})
    seen = {login for login in readers(desk) if not _read(desk, login).is_abstract_hidden}
    assert seen == {CLERK, "vanthu2", DEPUTY}


@pytest.mark.clause("S0-2")
def test_on_the_wide_area_network_each_document_keeps_whether_it_was_born_digital_or_digitised(
    secret_desk: Desk,
) -> None:
    desk = secret_desk
    assert desk.runtime.settings.zone == "wan"
    for channel, number in (("upload", "21"), ("paper", "22")):
        desk.enter(channel=channel, code_number=number)
        assert _read(desk, CLERK).channel == channel
        assert [one.code_number for one in _listed(desk, CLERK, channel=channel)] == [number]
    with pytest.raises(InvalidInput):
        desk.enter(channel="paper", pdf=b"khong phai ban quet")


@pytest.mark.clause("S0-9.1g1")
@pytest.mark.parametrize("secrecy", ["none", "confidential", "secret", "top_secret"])
def test_the_clerk_enters_every_arrival_with_its_scan_but_a_top_secret_one(
    secret_desk: Desk, secrecy: str
) -> None:
    desk, is_kept_out = secret_desk, secrecy == "top_secret"
    if is_kept_out:
        with pytest.raises(InvalidInput):
            desk.enter(secrecy=secrecy)
        assert desk.rows(table_of(Document)) == []
        return
    desk.enter(secrecy=secrecy, channel="paper")
    assert [file.media_type for file in _read(desk, CLERK).files] == ["application/pdf"]
    desk.to_direction()
    desk.finish("give_direction", {"decision": "assign", "lead_unit": "tong_hop", "opinion": "Giao"}, LEADER)
    assert UNIT_HEAD in readers(desk)


def test_without_a_right_to_it_the_abstract_of_a_secret_document_is_neither_shown_nor_found(
    secret_desk: Desk,
) -> None:
    desk = secret_desk
    subject = "Kế hoạch phòng thủ khu vực"
    desk.enter(secrecy="confidential", subject=subject)
    desk.finish("check_document", CHECKED)
    desk.finish("confirm_metadata", CONFIRMED | {"subject": subject})
    desk.finish("present_document", {"route": "leader", "leader": DEPUTY})
    (cover,) = _listed(desk, LEADER)
    assert (cover.is_abstract_hidden, cover.code) == (True, "05-TB/TU")
    assert subject not in repr(cover)
    alone = _read(desk, LEADER)
    assert subject not in repr(alone)
    assert (alone.files, alone.trace, alone.dossiers, alone.rights) == ((), (), (), ())
    assert _listed(desk, LEADER, text="phòng thủ") == []
    assert [one.subject for one in _listed(desk, DEPUTY, text="phòng thủ")] == [subject]
    file = _read(desk, DEPUTY).files[0]
    with pytest.raises(NotFound):
        desk.do(LEADER, lambda unit: documents.open_file(unit, desk.document_id, file.id))
    facts = [event.details for event in desk.audit("document.read") if event.details]
    assert facts == [{"cover_only": True}]


def test_a_top_secret_abstract_is_nobody_elses_than_those_it_went_through(secret_desk: Desk) -> None:
    desk = secret_desk
    desk.enter(secrecy="top_secret", files=())
    assert readers(desk) == {CLERK, "vanthu2"}  # who entered it, and who may take its open task
    desk.to_registration()
    desk.finish("present_document", {"route": "leader", "leader": DEPUTY})
    assert readers(desk) == {CLERK, DEPUTY}


def test_a_person_of_another_agency_reads_nothing(desk: Desk, other_office) -> None:
    desk.enter()
    for person in other_office.plan.people:
        with desk.runtime.database.unit_of_work(other_office.actor_for(person.login)) as unit:
            assert lists.list_documents(unit, DocumentFilter()).items == []
            with pytest.raises(NotFound):
                documents.read_document(unit, desk.document_id)


def test_the_rights_on_the_files_are_told_with_the_document(desk: Desk) -> None:
    desk.enter(files=[FileSource("a.pdf", io.BytesIO(plain_pdf()))])
    assert _read(desk, CLERK).rights == ("document.view_pages", "document.download", "document.print_copy")


def test_what_is_hidden_by_a_recall_gives_no_rights(desk: Desk) -> None:
    desk.receive()
    desk.to_handling()
    desk.recall()
    assert _read(desk, SPECIALIST).rights == ()
    assert _read(desk, CLERK).rights
    with pytest.raises(Forbidden):
        desk.do(SPECIALIST, lambda unit: documents.open_file(unit, desk.document_id, new_id(unit.now)))
