"""A state secret found after intake: locked at once for everybody, then released, or wiped to the last copy."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import String, cast, select

from service.actions import documents, spills
from service.actions.attachments import attach_file
from service.actions.document_rows import FileSource
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, PolicyRefusal
from service.queries import registers
from service.queries import spills as lists
from service.queries.clearance import SPILL_FILE, check_released
from service.queries.documents import DocumentFilter, list_documents
from service.queries.task_detail import read_task
from service.storage.models import Blob, table_of
from service.worker import rounds
from tests.pdf_files import plain_pdf
from tests.processes.conftest import desk
from tests.processes.desk import CHECKED, CLERK, CONFIRMED, LEADER, SPECIALIST, UNIT_HEAD, Desk
from tests.stored_words import rows_with

__all__ = ["desk"]

BLOB = table_of(Blob)
SECRET = "Phương án tác chiến phòng thủ của tỉnh"
SECRET_PDF = plain_pdf("Noi dung mat")


@pytest.fixture
def spilled(desk: Desk) -> Desk:
    """A desk where a document with a secret is being handled and has been read by some."""
    desk.enter(pdf=SECRET_PDF, subject=SECRET, description=f"Kèm {SECRET}")
    desk.finish("check_document", CHECKED)
    desk.finish("confirm_metadata", CONFIRMED | {"subject": SECRET})
    desk.finish("present_document", {"route": "leader", "leader": LEADER})
    direction = {"decision": "assign", "lead_unit": "tong_hop", "information_units": ["co_yeu"]}
    desk.finish("give_direction", direction | {"opinion": SECRET}, LEADER)
    desk.finish("assign_specialist", {"decision": "assign", "specialist": SPECIALIST}, UNIT_HEAD)
    desk.finish("start_handling", {}, SPECIALIST)
    read(desk, SPECIALIST)
    read(desk, LEADER)
    desk.send()
    return desk


def read(desk: Desk, login: str) -> Any:
    return desk.do(login, lambda unit: documents.read_document(unit, desk.document_id))


def report(desk: Desk, login: str = SPECIALIST, **changes: Any) -> Any:
    wanted = {"secrecy": "secret", "reason": "Có nội dung thuộc danh mục bí mật"} | changes
    return desk.do(login, lambda unit: spills.report_spill(unit, desk.document_id, **wanted))


def decide(desk: Desk, spill: Any, decision: str, login: str = LEADER) -> Any:
    actor = replace(desk.office.actor_for(login), stepped_up_at=desk.clock.now())
    with desk.runtime.database.unit_of_work(actor) as unit:
        return spills.decide_spill(desk.engine, unit, spill.id, decision, "Đã thẩm định")


def all_lines(unit: Any, words: str | None = None) -> list[Any]:
    """Return the lines of all registers."""
    found = registers.list_registers(unit)
    wanted = registers.LineFilter(text=words)
    return [line for one in found for line in registers.list_lines(unit, one.id, wanted).items]


@pytest.mark.clause("S0-4.4", "S1-1", "S2-3.3")
def test_a_report_locks_the_document_for_everybody_and_names_who_had_read_it(spilled: Desk) -> None:
    file = read(spilled, CLERK).files[0]
    task = spilled.task("work_on_document")
    spill = report(spilled)
    for person in spilled.office.plan.people:
        listing = lambda unit: list_documents(unit, DocumentFilter())  # noqa: E731
        assert spilled.do(person.login, listing).items == []
        with pytest.raises(NotFound):
            read(spilled, person.login)
    with pytest.raises(NotFound):
        spilled.do(CLERK, lambda unit: documents.open_file(unit, spilled.document_id, file.id))
    address = bytes.fromhex(file.sha256)
    with pytest.raises(Forbidden):
        spilled.do(CLERK, lambda unit: check_released(unit, spilled.runtime.blobs, address))
    assert spill.state == "quarantined"
    assert {one["login"] for one in spill.readers} == {SPECIALIST, LEADER, CLERK}
    assert spilled.state(spilled.instance_id) == "suspended"
    held = spilled.do(SPECIALIST, lambda unit: read_task(spilled.engine, unit, task.id))
    assert SECRET not in repr(held)
    assert SECRET not in repr(spilled.detail(spilled.instance_id))
    assert SECRET not in repr(spill)
    assert SECRET not in repr(spilled.do(CLERK, all_lines))
    assert spilled.do(CLERK, lambda unit: all_lines(unit, SECRET)) == []
    assert "role:head_of_office" in spilled.notices("spill_reported")
    with pytest.raises(NotFound):
        report(spilled)


def test_what_was_locked_by_mistake_is_as_before_once_released(spilled: Desk) -> None:
    before = read(spilled, SPECIALIST)
    subject = spilled.task("work_on_document").subject
    spill = report(spilled)
    assert decide(spilled, spill, "release").state == "released"
    after = read(spilled, SPECIALIST)
    assert (after.subject, after.files, after.trace) == (before.subject, before.files, before.trace)
    assert spilled.task("work_on_document").subject == subject
    assert SECRET in repr(spilled.do(CLERK, all_lines))
    assert spilled.state(spilled.instance_id) == "active"
    spilled.finish("work_on_document", {"outcome": "done", "result": "advised"}, SPECIALIST)


@pytest.mark.clause("S0-4.4", "S1-1")
def test_wiping_leaves_neither_bytes_nor_words_but_the_record_of_it(
    spilled: Desk, owner: Any, runtime: Any
) -> None:
    addresses = [bytes.fromhex(one.sha256) for one in read(spilled, CLERK).files]
    paths = [runtime.blobs.path_of(one) for one in addresses]
    assert all(path.exists() for path in paths)
    spill = report(spilled)
    assert decide(spilled, spill, "wipe").state == "wiping"
    assert rounds.wipe_spills(runtime) == 1
    assert not any(path.exists() for path in paths)
    seen = spilled.do(LEADER, lambda unit: lists.read_spill(unit, spill.id))
    assert (seen.state, [one.outcome for one in seen.files]) == ("wiped", ["erased"])
    assert [one["login"] for one in seen.readers] == sorted({CLERK, SPECIALIST, LEADER})
    assert spilled.state(spilled.instance_id) == "terminated"
    tombstone = read(spilled, CLERK)
    assert (tombstone.status, tombstone.code, tombstone.arrival_number) == ("deleted", "05-TB/TU", 1)
    assert SECRET not in repr(tombstone)
    assert rows_with(owner, SECRET) == []
    assert len(spilled.audit("spill.wiped")) == 1


def test_the_check_of_the_whole_database_finds_what_is_there(spilled: Desk, owner: Any) -> None:
    tables = {one.split(".")[0] for one in rows_with(owner, SECRET)}
    assert {"document", "user_task", "registry_entry", "notice", "outbox"} <= tables


def test_a_wiped_content_is_not_taken_in_again(spilled: Desk, runtime: Any) -> None:
    spill = report(spilled)
    for _ in range(2):
        with pytest.raises(PolicyRefusal) as refused:
            spilled.enter(pdf=SECRET_PDF, code_number="06")
        assert refused.value.code == "file.known_secret"
        if spill.state == "quarantined":
            spill = decide(spilled, spill, "wipe")
            rounds.wipe_spills(runtime)
    stored = [
        path for path in runtime.settings.blob_dir.rglob("*") if path.is_file() and len(path.name) == 64
    ]
    assert stored == []


def test_attachments_of_the_work_are_locked_and_wiped_with_it(spilled: Desk, runtime: Any) -> None:
    resources = spilled.engine.resources.handler_resources
    task_id = spilled.task("work_on_document").id
    attached = FileSource("phụ lục.txt", io.BytesIO(b"mot phu luc mat"))
    spilled.do(SPECIALIST, lambda unit: attach_file(unit, resources, task_id, attached, is_attested=True))
    spill = report(spilled)
    assert len(spilled.rows(SPILL_FILE)) == 2
    decide(spilled, spill, "wipe")
    rounds.wipe_spills(runtime)
    assert {one.outcome for one in spilled.rows(SPILL_FILE)} == {"erased"}
    assert spilled.rows(BLOB) == []


def test_what_another_agency_keeps_too_is_told_and_left_to_it(
    spilled: Desk, runtime: Any, other_office: Any
) -> None:
    with runtime.database.unit_of_work(other_office.actor_for("dongson.vanthu")) as unit:
        stored = runtime.blobs.put(unit, io.BytesIO(SECRET_PDF))
    spill = decide(spilled, report(spilled), "wipe")
    rounds.wipe_spills(runtime)
    seen = spilled.do(LEADER, lambda unit: lists.read_spill(unit, spill.id))
    assert [one.outcome for one in seen.files] == ["kept_elsewhere"]
    assert runtime.blobs.path_of(stored.sha256).exists()


def test_only_the_head_of_office_decides_and_wipes_with_a_second_factor(spilled: Desk) -> None:
    spill = report(spilled)
    with pytest.raises(Forbidden):
        decide(spilled, spill, "release", "phochanhvp")
    act = lambda unit: spills.decide_spill(spilled.engine, unit, spill.id, "wipe", "Đúng")  # noqa: E731
    with pytest.raises(Forbidden) as refused:
        spilled.do(LEADER, act)
    assert refused.value.code.startswith("step_up.")
    decide(spilled, spill, "release")
    with pytest.raises(Conflict):
        decide(spilled, spill, "wipe")


def test_a_report_needs_a_level_and_a_reason_and_a_reader(spilled: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        report(spilled, secrecy="none", reason=" ")
    assert {one.pointer for one in caught.value.findings} == {"/secrecy", "/reason"}
    with pytest.raises(NotFound):
        report(spilled, login="cv.hanhchinh1")
    named = select(cast(BLOB.c.agency_id, String))
    assert spilled.do(None, lambda unit: unit.session.execute(named).all())
