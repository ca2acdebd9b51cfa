"""Nothing is signed without the person's own consent, and a consent signs one thing once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from handlers.contract import BpmnError, HandlerContext
from handlers.scanning.release import SCAN
from handlers.signing.acts import void_signatures
from handlers.signing.files import add_version
from handlers.signing.sealing_task import IssueSeal
from service.actions import delegations, signing
from service.actions.signing_keys import disable_key
from service.domain.errors import CongVanError
from service.domain.ids import new_id
from service.domain.permission_table import AUTHORITIES
from service.domain.signatures import Level
from service.queries.signing_keys import KEY
from service.storage.database import Database
from tests.factories import Office, open_session, unit_for
from tests.handlers.signing.desk import page_text, pdfsig
from tests.handlers.signing.office import (
    CLERK,
    DRAFTER,
    LEADER,
    UNIT_HEAD,
    SigningOffice,
    authority,
    judge,
)
from tests.harness import OPENING


def refused(act: Callable[[], Any]) -> str:
    """Return the code with which something is refused."""
    with pytest.raises(CongVanError) as caught:
        act()
    return caught.value.code


@pytest.mark.clause(
    "S0-3.1", "S0-4.3", "S0-10.1", "S1-3.5", "S3-5.1", "S3-7.2d3", "S3-10.1", "S3-12.2", "S4-8"
)
def test_a_document_is_initialled_signed_numbered_and_sealed_with_three_consents(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    house.sealed()
    assert house.state(house.instance_id) == "completed"
    assert [(one.act, one.field, one.signer_name, one.is_test) for one in house.signatures()] == [
        ("initials", "initials_1", "Hoàng Đức Thắng", True),
        ("leader", "leader", "Trần Văn Minh", True),
        ("seal", "seal", "Tỉnh ủy Sông Hồng", True),
    ]
    content = house.content()
    trust = house.resources.signing.trust_dir
    assert trust is not None
    report = judge(content, tmp_path, trust)
    assert (report["verdict"], report["reasons"]) == ("valid", [])
    assert all(line.startswith("Signature is Valid.") for line in pdfsig(content, tmp_path).values())
    assert len(pdfsig(content, tmp_path)) == 3
    assert house.document().legal_value == "original"


@pytest.mark.clause("S4-5.2a", "S4-5.2b")
def test_number_and_date_of_the_register_are_written_on_the_sealed_page(
    signing_office: SigningOffice, tmp_path: Path
) -> None:
    house = signing_office
    house.sealed()
    sealed = house.variables(house.instance_id)["sealed"]
    (entry,) = house.entries()
    assert (sealed["code"], sealed["number"], sealed["issued_on"]) == ("01-TB/TU", 1, "2026-03-02")
    assert (entry.id, entry.state, entry.number) == (UUID(sealed["registry_entry_id"]), "registered", 1)
    assert (entry.columns["code"], entry.columns["issued_on"]) == ("01-TB/TU", "2026-03-02")
    document = house.document()
    assert (document.code_number, document.code_notation) == ("01", "TB/TU")
    assert document.issued_on.isoformat() == "2026-03-02"
    words = page_text(house.content(), tmp_path).split()
    assert {"01", "02", "3"} <= set(words)


def test_the_process_learns_who_signed_what(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    approved = house.variables(house.instance_id)["approved"]
    file = house.main_file()
    assert approved == {
        "act": "leader",
        "signer_login": LEADER,
        "signer_name": "Trần Văn Minh",
        "file_sha256": bytes(file.sha256).hex(),
        "version": file.version,
        "level": "B-B",
        "is_test": True,
    }
    assert (file.version, file.kind) == (3, "signed")


@pytest.mark.clause("S0-4.3")
@pytest.mark.parametrize("consent_id", ["", "khong-phai-ma", "01890a5d-ac96-774b-bcce-b302099a8057"])
def test_a_diagram_alone_signs_nothing(signing_office: SigningOffice, consent_id: str) -> None:
    house = signing_office
    house.hand_in("initial", UNIT_HEAD, consent_id)
    assert house.waits_at(house.instance_id) == ["initial"]
    assert house.signatures() == []
    assert house.main_file().version == 1


def test_a_refusal_tells_people_why(signing_office: SigningOffice) -> None:
    house = signing_office
    house.hand_in("initial", UNIT_HEAD, "")
    variables = house.variables(house.instance_id)
    assert variables["error_code"] == "signature.refused"
    assert variables["error_message"] == "Chưa có sự đồng ý ký của người có quyền cho văn bản này."


def test_a_consent_is_used_once(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    house.hand_in("initial", UNIT_HEAD, consent.id)
    house.hand_in("approve", LEADER, consent.id)
    assert house.waits_at(house.instance_id) == ["approve"]
    assert len(house.signatures()) == 1


def test_a_consent_is_for_one_document(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    house.draft()
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]
    assert house.signatures() == []


def test_a_consent_of_another_person_is_refused(signing_office: SigningOffice) -> None:
    house = signing_office
    house.initialled()
    consent = house.consent(LEADER, "leader")
    task = house.task("approve", house.instance_id)
    with house.unit(DRAFTER) as unit:
        assert refused(lambda: house.completion(task.id, {"consent_id": str(consent.id)})(unit)) == (
            "user_task.not_found"
        )
    house.hand_in("approve", LEADER, consent.id)
    house.hand_in("seal", CLERK, consent.id)
    assert house.waits_at(house.instance_id) == ["seal"]
    assert [one.act for one in house.signatures()] == ["initials", "leader"]


def test_a_clerk_cannot_seal_with_a_colleagues_consent(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    consent = house.consent(CLERK, "seal")
    house.hand_in("seal", "vanthu2", consent.id)
    assert house.waits_at(house.instance_id) == ["seal"]
    assert house.entries() == []


def test_a_consent_to_another_file_signs_nothing(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    content = house.content() + b"\n% an edit"
    row = house.main_file()
    with house.unit(DRAFTER) as unit:
        add_version(unit, house.runtime.blobs, row, BytesIO(content), kind="final", reason="sửa")
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]
    assert house.signatures() == []
    changed = refused(lambda: house.consent(UNIT_HEAD, "initials", file_sha256=bytes(row.sha256)))
    assert changed == "signature.file_changed"


def test_a_consent_ends_after_ten_minutes(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    assert (consent.expires_at - house.clock.now()).total_seconds() == 600
    house.advance(minutes=10, seconds=1)
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]


def test_a_consent_to_another_act_is_refused(signing_office: SigningOffice) -> None:
    house = signing_office
    house.initialled()
    consent = house.consent(LEADER, "leader")
    params = {"document_id": str(house.document_id), "consent_id": str(consent.id)}
    with house.unit() as unit:
        context = HandlerContext(unit, house.instance_id, "step", None, uuid4(), house.resources)
        with pytest.raises(BpmnError, match="việc khác") as caught:
            IssueSeal()(params, context)
    assert caught.value.code == "seal.refused"
    assert house.entries() == []


def test_another_agency_has_no_such_consent(signing_office: SigningOffice, other_office: Office) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    stranger = house.runtime.database.unit_of_work(other_office.actor_for("dongson.bithu"))
    given = signing.SignatureGiven(b"x")
    with stranger as unit:
        code = refused(
            lambda: signing.give_signature(unit, house.resources, house.document_id, consent.id, given)
        )
    assert code == "document.not_found"


def test_a_consent_needs_a_second_factor(signing_office: SigningOffice) -> None:
    house = signing_office
    new = signing.NewConsent("initials", bytes(house.main_file().sha256), "stored_key")
    with house.unit(UNIT_HEAD) as unit:
        code = refused(lambda: signing.give_consent(unit, house.resources, house.document_id, new))
    assert code.startswith("step_up.")


@pytest.mark.parametrize(
    ("login", "act", "code"),
    [
        (LEADER, "leader", "signature.no_task"),  # it is the unit head's turn
        (DRAFTER, "initials", "signature.no_task"),
        (UNIT_HEAD, "leader", "signature.not_signer"),
        (UNIT_HEAD, "seal", "action.forbidden"),
        (CLERK, "seal", "seal.before_leader"),
        (CLERK, "copy", "seal.before_leader"),
        (CLERK, "annex", "signature.file_changed"),
    ],
)
def test_a_consent_is_taken_from_whom_the_act_is_for_and_in_its_turn(
    signing_office: SigningOffice, login: str, act: str, code: str
) -> None:
    assert refused(lambda: signing_office.consent(login, act)) == code


def test_an_order_of_all_authorities_hands_over_no_signature(signing_office: SigningOffice) -> None:
    house, deputy = signing_office, "phochanhvp"
    house.initialled()
    day = house.clock.now().date()
    order = delegations.NewOrder(deputy, tuple(AUTHORITIES), day, day, basis="12-QĐ/VP")
    house.do(LEADER, lambda unit: delegations.give(unit, order))
    token = open_session(house.runtime.database, house.office.actor_for(deputy))
    with unit_for(house.runtime.database, token) as unit:
        assert [one.authorities for one in unit.actor.mandates] == [frozenset(AUTHORITIES)]
        actor = replace(unit.actor, stepped_up_at=house.clock.now())
    new = signing.NewConsent("leader", bytes(house.main_file().sha256), "stored_key")
    with house.runtime.database.unit_of_work(actor) as unit:
        code = refused(lambda: signing.give_consent(unit, house.resources, house.document_id, new))
    assert code == "signature.no_task"
    assert [one.act for one in house.signatures()] == ["initials"]


def test_where_the_draft_names_no_signer_nobody_signs_as_the_leader(
    signing_office: SigningOffice, owner: Database
) -> None:
    house = signing_office
    house.initialled()
    with owner.session() as session:
        session.execute(text("UPDATE draft SET signer_id = NULL"))
    assert refused(lambda: house.consent(LEADER, "leader")) == "signature.not_signer"


def test_what_is_signed_is_shown_exactly(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    what = house.consent(CLERK, "seal").what
    file = house.main_file()
    assert (what.file_sha256, what.version, what.page_amount) == (bytes(file.sha256).hex(), file.version, 1)
    assert (what.subject, what.field, what.act_vi) == (
        "Thông báo lịch làm việc tuần",
        "seal",
        "Cấp số, ngày và đóng dấu",
    )
    assert (what.number, what.number_state, what.issued_on) == ("01-TB/TU", "previewed", OPENING.date())
    assert (what.signer, what.is_test) == ("Tỉnh ủy Sông Hồng (TEST)", True)
    assert house.entries() == []


def test_a_seal_that_fails_takes_no_number(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    consent = house.consent(CLERK, "seal")
    places = house.resources.signing
    assert places.key_dir is not None
    kept = (places.key_dir / "tinhuy.p12").rename(places.key_dir / "away.p12")
    house.hand_in("seal", CLERK, consent.id)
    assert house.waits_at(house.instance_id) == ["seal"]
    assert house.entries() == []
    kept.rename(places.key_dir / "tinhuy.p12")
    house.hand_in("seal", CLERK, consent.id)
    assert [(one.number, one.state) for one in house.entries()] == [(1, "registered")]


@pytest.mark.clause("S3-7.2a", "S3-7.2d1")
def test_a_disabled_key_signs_no_more_even_with_an_earlier_consent(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    (key,) = house.rows(KEY, KEY.c.account_id == house.office.accounts[UNIT_HEAD])
    house.do(UNIT_HEAD, lambda unit: disable_key(unit, key.id, "mất thiết bị"))
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]
    assert refused(lambda: house.consent(UNIT_HEAD, "initials")) == "signing_key.none"


def test_a_consent_of_an_account_that_was_disabled_meanwhile_signs_nothing(
    signing_office: SigningOffice, owner: Database
) -> None:
    house = signing_office
    house.approved()
    consent = house.consent(CLERK, "seal")
    with owner.session() as session:
        session.execute(text("UPDATE account SET disabled_at = now() WHERE login = 'vanthu'"))
    params = {"document_id": str(house.document_id), "consent_id": str(consent.id)}
    with house.unit() as unit:
        context = HandlerContext(unit, house.instance_id, "step", None, uuid4(), house.resources)
        with pytest.raises(BpmnError, match="đã bị khóa"):
            IssueSeal()(params, context)


def test_a_certificate_revoked_meanwhile_signs_no_more(signing_office: SigningOffice) -> None:
    house = signing_office
    consent = house.consent(UNIT_HEAD, "initials")
    made, holders = authority()
    before = list(made._revoked)
    made.revoke(holders[UNIT_HEAD], house.clock.now())
    house.advance(minutes=1)
    try:
        assert house.resources.signing.trust_dir is not None
        made.save_trust(house.resources.signing.trust_dir, house.clock.now())
    finally:
        made._revoked[:] = before
    house.hand_in("initial", UNIT_HEAD, consent.id)
    assert house.waits_at(house.instance_id) == ["initial"]
    assert refused(lambda: house.consent(UNIT_HEAD, "initials")) == "certificate.revoked"


@pytest.mark.clause("S0-7.4")
def test_an_edit_after_a_signature_voids_it_and_says_so(signing_office: SigningOffice) -> None:
    house = signing_office
    house.approved()
    with house.unit(CLERK) as unit:
        voided = void_signatures(unit, house.document_id, "Sửa thể thức")
    assert [(one["act"], one["signer_name"]) for one in voided] == [
        ("initials", "Hoàng Đức Thắng"),
        ("leader", "Trần Văn Minh"),
    ]
    assert {one.void_reason for one in house.signatures()} == {"Sửa thể thức"}
    assert refused(lambda: house.consent(CLERK, "seal")) == "seal.before_leader"
    with house.unit(CLERK) as unit:
        assert void_signatures(unit, house.document_id, "lần nữa") == []


def test_the_file_of_a_finished_process_has_its_proof_inside(signing_office: SigningOffice) -> None:
    house = signing_office
    house.sealed()
    assert house.variables(house.instance_id)["raised"] == {"level": Level.B_LT.value}
    assert {one.level for one in house.signatures()} == {Level.B_LT.value}


def test_every_consent_and_signature_is_audited(signing_office: SigningOffice) -> None:
    house = signing_office
    house.sealed()
    given = house.audit("signing_consent.give")
    assert [one.details["act"] for one in given] == ["initials", "leader", "seal"]
    assert [one.details["field"] for one in house.audit("document.signed")] == ["initials_1", "leader"]
    assert len(house.audit("document.sealed")) == 1


def test_a_consent_of_a_made_up_id_for_a_real_document_is_no_consent(signing_office: SigningOffice) -> None:
    house = signing_office
    given = signing.SignatureGiven(b"x")
    assert refused(lambda: house.give(UNIT_HEAD, new_id(OPENING), given)) == "consent.not_found"


@pytest.mark.clause("S3-19.3")
def test_what_waits_for_its_scan_is_not_consented_to(signing_office: SigningOffice) -> None:
    house, blobs = signing_office, signing_office.resources.blobs
    blobs.is_scanned = True
    assert refused(lambda: house.consent(UNIT_HEAD, "initials")) == "file.waiting_for_scan"
    with house.unit() as unit:
        unit.session.execute(update(SCAN).values(state="clean"))
    assert house.consent(UNIT_HEAD, "initials").is_ready
