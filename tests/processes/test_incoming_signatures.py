"""The clerk sees what the signatures of an arriving document are worth, before accepting it."""

from __future__ import annotations

import pytest

from service.storage.models import DocumentFile, table_of
from tests.demo_ca import DemoCA
from tests.pdf_files import plain_pdf
from tests.processes.desk import CHECKED, CONFIRMED, Desk

FILE = table_of(DocumentFile)


@pytest.fixture
def ca(desk: Desk) -> DemoCA:
    """An authority that the deployment trusts."""
    made = DemoCA(desk.clock.now())
    made.write_trust(desk.runtime.settings.var_dir / "trust")
    return made


@pytest.mark.clause("S0-6.1b", "S3-5.1", "S4-8.2")
def test_a_signed_packet_is_verified_before_the_check_and_counts_as_the_original(
    desk: Desk, ca: DemoCA
) -> None:
    desk.receive(desk.packet(pdf=ca.sign(plain_pdf(), ca.issue("Nguyễn Văn An"))))
    found = desk.variables(desk.instance_id)["signatures"]
    assert found["verdict"] == "valid"
    assert found["legal_value"] == "original"
    assert found["files"][0]["signers"] == ["Nguyễn Văn An"]
    (file,) = desk.rows(FILE, FILE.c.document_id == desk.document_id)
    assert file.signature_report["verdict"] == "valid"
    assert file.signature_report["sha256"] == bytes(file.sha256).hex()
    desk.finish("check_document", CHECKED)
    desk.finish("confirm_metadata", CONFIRMED)
    assert desk.document().legal_value == "original"


@pytest.mark.clause("S0-3.2", "S3-5.2")
def test_an_unsigned_document_is_registered_for_reference_only(desk: Desk, ca: DemoCA) -> None:
    del ca
    desk.receive()
    assert desk.variables(desk.instance_id)["signatures"]["verdict"] == "unsigned"
    desk.finish("check_document", {name: value for name, value in CHECKED.items() if name != "legal_value"})
    desk.finish("confirm_metadata", CONFIRMED)
    assert desk.document().legal_value == "reference_only"


@pytest.mark.clause("S4-8.3")
@pytest.mark.parametrize(
    ("field_name", "signer", "legal_value"),
    [
        ("LeaderSig", "Nguyễn Văn An", "original"),
        ("SealSig", "Văn phòng Tỉnh ủy (mẫu)", "original"),
        (None, None, "reference_only"),
    ],
)
def test_one_signature_of_the_leader_or_of_the_office_is_enough_and_none_is_not(
    desk: Desk, ca: DemoCA, field_name: str | None, signer: str | None, legal_value: str
) -> None:
    pdf = plain_pdf()
    if field_name and signer:
        pdf = ca.sign(pdf, ca.issue(signer), field_name)
    desk.receive(desk.packet(pdf=pdf))
    found = desk.variables(desk.instance_id)["signatures"]
    assert found["files"][0]["signers"] == ([signer] if signer else [])
    assert found["legal_value"] == legal_value


@pytest.mark.clause("S0-6.1", "S3-14.1")
def test_a_document_that_was_changed_after_signing_is_shown_as_such(desk: Desk, ca: DemoCA) -> None:
    pdf = ca.sign(plain_pdf(), ca.issue("Nguyễn Văn An"))
    desk.receive(desk.packet(pdf=pdf.replace(b"Van ban", b"Xan ban")))
    (file,) = desk.variables(desk.instance_id)["signatures"]["files"]
    assert (file["verdict"], file["integrity"]) == ("invalid", "broken")
    assert desk.waits_at(desk.instance_id) == ["check_document"]


def test_files_that_are_no_pdf_do_not_stop_the_check(desk: Desk) -> None:
    desk.enter(pdf=b"noi dung van ban thuan tuy\n", channel="upload")
    assert desk.variables(desk.instance_id)["signatures"]["verdict"] == "unsigned"
