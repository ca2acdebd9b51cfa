"""Signing over HTTP: keys, consents, signatures that come back, numbers, and the four answers."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import text

from tests.api.callers import Caller, assert_problem
from tests.factories import open_session
from tests.handlers.signing.conftest import signing_office  # noqa: F401 - a fixture
from tests.handlers.signing.desk import draw_signature
from tests.handlers.signing.office import (
    BODY,
    CLERK,
    LEADER,
    UNIT_HEAD,
    UNIT_HEAD_TOKEN,
    SigningOffice,
    authority,
    png,
    unlocked,
)

STEP_UP = text("UPDATE login_session SET stepped_up_at = :now")


@pytest.fixture
def people(app, office, database, owner, clock):
    """Return a function from a login to that person, second factor just proved."""

    def as_person(login: str) -> Caller:
        caller = Caller(app.test_client(), open_session(database, office.actor_for(login)))
        with owner.session() as session:
            session.execute(STEP_UP, {"now": clock.now()})
        return caller

    return as_person


def certificate(name: str) -> dict:
    made, holders = authority()
    der, issuer = holders[name].der(), made.issuer.der()
    return {
        "certificate": base64.b64encode(der).decode(),
        "chain": [base64.b64encode(issuer).decode()],
        "image": png(draw_signature()),
    }


def consents(house: SigningOffice) -> str:
    return f"/api/v1/documents/{house.document_id}/signing-consents"


def newest(house: SigningOffice) -> str:
    return bytes(house.main_file().sha256).hex()


def disable_keys(caller: Caller) -> None:
    for key in caller.get("/api/v1/signing-keys").json["items"]:
        if key["state"] != "disabled":
            answer = caller.ask("DELETE", f"/api/v1/signing-keys/{key['id']}?reason=thay")
            assert answer.status_code == 200


@pytest.mark.clause("S3-18.3")
def test_a_person_sees_their_own_keys_and_a_clerk_the_seals(signing_office, people):  # noqa: F811
    (mine,) = people(UNIT_HEAD).get("/api/v1/signing-keys").json["items"]
    assert (mine["owner"], mine["kind"], mine["state"], mine["is_test"]) == (
        UNIT_HEAD,
        "pkcs12",
        "usable",
        True,
    )
    (seal,) = people(CLERK).get("/api/v1/signing-keys").json["items"]
    assert (seal["issuing_body"], seal["owner"], seal["has_image"]) == (BODY, None, True)
    assert people("cv.tonghop1").get("/api/v1/signing-keys").json["items"] == []
    assert len(people("chanhvp").get("/api/v1/signing-keys").json["items"]) == 3
    other = people("cv.tonghop1").get(f"/api/v1/signing-keys/{seal['id']}")
    assert_problem(other, 404, "signing_key.not_found")


def test_a_key_is_registered_only_for_whom_its_certificate_names(signing_office, people):  # noqa: F811
    disable_keys(people(UNIT_HEAD))
    body = {"kind": "client_token", **certificate(UNIT_HEAD_TOKEN)}
    clerk = people(CLERK)
    assert_problem(clerk.post("/api/v1/signing-keys", body), 409, "certificate.not_yours")
    foreign = clerk.post("/api/v1/signing-keys", {**body, "owner": UNIT_HEAD})
    assert_problem(foreign, 403, "action.forbidden")
    made = people(UNIT_HEAD).post("/api/v1/signing-keys", body)
    assert made.status_code == 201, made.get_data(as_text=True)
    assert made.json["subject"] == "Hoàng Đức Thắng (TEST)"
    again = people(UNIT_HEAD).post("/api/v1/signing-keys", body)
    assert_problem(again, 409, "signing_key.registered")


def test_those_who_keep_keys_answer_for_another_name_on_a_certificate(signing_office, people):  # noqa: F811
    disable_keys(people(UNIT_HEAD))
    body = {"kind": "client_token", "owner": CLERK, **certificate(UNIT_HEAD_TOKEN)}
    assert people("quantri").post("/api/v1/signing-keys", body).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"certificate": "AAAA"}, 422, "certificate.unreadable"),
        ({"certificate": ""}, 422, "field.required"),
        ({"kind": "pkcs12", "reference": "../../etc/passwd"}, 422, "key.reference"),
        ({"kind": "pkcs12", "reference": "khong-co"}, 422, "key.reference"),
        ({"kind": "pkcs11", "reference": "desk/x"}, 503, "token.no_library"),
        ({"kind": "csc", "reference": ""}, 422, "signing_key.reference"),
        ({"image": "AAAA"}, 422, "image.not_png"),
        ({"issuing_body": "khong-co"}, 403, "action.forbidden"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(signing_office, people, changes, status, code):  # noqa: F811
    person = people(UNIT_HEAD)
    disable_keys(person)
    body = {"kind": "client_token", **certificate(UNIT_HEAD_TOKEN), **changes}
    assert_problem(person.post("/api/v1/signing-keys", body), status, code)


@pytest.mark.clause("S3-18.3", "S4-8.1")
def test_a_key_of_an_authority_that_nobody_trusts_is_refused(signing_office, people, tmp_path):  # noqa: F811
    person = people(UNIT_HEAD)
    disable_keys(person)
    roots = signing_office.resources.signing.trust_dir / "roots"
    for path in roots.iterdir():
        path.unlink()
    body = {"kind": "client_token", **certificate(UNIT_HEAD_TOKEN)}
    assert_problem(person.post("/api/v1/signing-keys", body), 409, "certificate.untrusted")


def test_a_consent_and_a_key_need_a_second_factor(signing_office, sign_in):  # noqa: F811
    body = {"act": "initials", "file_sha256": newest(signing_office), "method": "stored_key"}
    assert_problem(sign_in(UNIT_HEAD).post(consents(signing_office), body), 403)
    assert_problem(sign_in(UNIT_HEAD).post("/api/v1/signing-keys", {"kind": "client_token"}), 403)


@pytest.mark.clause("S0-7.3")
def test_a_token_signs_over_http_in_two_requests(signing_office, people):  # noqa: F811
    house = signing_office
    person = people(UNIT_HEAD)
    disable_keys(person)
    key = person.post("/api/v1/signing-keys", {"kind": "client_token", **certificate(UNIT_HEAD_TOKEN)}).json
    body = {
        "act": "initials",
        "file_sha256": newest(house),
        "method": "client_token",
        "certificate": key["fingerprint"],
    }
    given = person.post(consents(house), body)
    assert given.status_code == 201, given.get_data(as_text=True)
    assert given.json["is_ready"] is False
    what = given.json["what"]
    assert (what["act_vi"], what["page_amount"], what["file_sha256"]) == ("Ký nháy", 1, newest(house))
    signature = unlocked(UNIT_HEAD_TOKEN).sign(base64.b64decode(given.json["attributes"]))
    address = f"{consents(house)}/{given.json['id']}/signature"
    done = person.ask("PUT", address, json={"signature": base64.b64encode(signature).decode()})
    assert done.status_code == 200, done.get_data(as_text=True)
    assert done.json["is_ready"] is True
    task = house.task("initial", house.instance_id)
    data = {"data": {"consent_id": given.json["id"]}}
    assert person.post(f"/api/v1/tasks/{task.id}/complete", data).status_code == 200
    assert [one.field for one in house.signatures()] == ["initials_1"]


def test_a_malformed_consent_is_told_field_by_field(signing_office, people):  # noqa: F811
    body = {"act": "stamp", "file_sha256": "Z" * 64, "method": "stored_key"}
    problem = assert_problem(people(UNIT_HEAD).post(consents(signing_office), body), 422)
    assert {one["pointer"] for one in problem["errors"]} >= {"/act"}
    body = {"act": "leader", "file_sha256": "z" * 64, "method": "stored_key"}
    problem = assert_problem(people(UNIT_HEAD).post(consents(signing_office), body), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/file_sha256"]


@pytest.mark.clause("S4-5.2a")
def test_a_clerk_reserves_and_voids_a_number_over_http(signing_office, people):  # noqa: F811
    house, clerk = signing_office, people(CLERK)
    address = f"/api/v1/documents/{house.document_id}/number-reservation"
    given = clerk.post(address)
    assert given.status_code == 201, given.get_data(as_text=True)
    assert (given.json["code"], given.json["state"]) == ("01-TB/TU", "reserved")
    void = f"/api/v1/registry-entries/{given.json['entry_id']}/void"
    assert_problem(clerk.post(void, {"reason": ""}), 422)
    voided = clerk.post(void, {"reason": "Cấp nhầm"})
    assert (voided.json["number"], voided.json["state"]) == (1, "voided")
    assert_problem(clerk.post(void, {"reason": "lần nữa"}), 409, "registry_entry.voided")
    assert clerk.post(address).json["code"] == "02-TB/TU"


def test_the_scheme_of_a_state_body_is_its_heads_to_choose(app, database, owner, clock):
    from service.demo import STATE_OFFICE
    from tests.factories import add_office

    with owner.session() as session:
        office = add_office(session.connection(), clock, STATE_OFFICE)
    head = Caller(app.test_client(), open_session(database, office.actor_for("ubnd.chanhvp")))
    address = "/api/v1/issuing-bodies/ubnd/number-scheme"
    assert head.get(address).json == {"body": "ubnd", "side": "state", "is_per_type": False, "basis": ""}
    body = {"is_per_type": True, "basis": "12/QĐ-UBND"}
    assert head.ask("PUT", address, json=body).json["is_per_type"] is True
    assert head.get(address).json["basis"] == "12/QĐ-UBND"
    assert_problem(head.get("/api/v1/issuing-bodies/khong/number-scheme"), 404, "issuing_body.not_found")


@pytest.mark.clause("S0-6.1b", "S3-14.1", "S3-10.3")
def test_four_answers_are_given_for_each_signature_and_its_revision(signing_office, people):  # noqa: F811
    house = signing_office
    house.approved()
    house.hand_in("seal", CLERK, house.consent(CLERK, "seal").id)
    answer = people(LEADER).get(f"/api/v1/documents/{house.document_id}/signatures")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (file,) = answer.json["files"]
    assert (file["verdict"]["value"], file["verdict"]["vi"]) == ("valid", "Mọi chữ ký hợp lệ.")
    rows = [(one["field"], one["act"], one["revision"], one["revision_amount"]) for one in file["signatures"]]
    assert rows == [("initials_1", "initials", 3, 5), ("leader", "leader", 4, 5), ("seal", "seal", 5, 5)]
    for one in file["signatures"]:
        answers = [one[name]["is_good"] for name in ("integrity", "trust", "revocation", "later_changes")]
        assert answers == [True] * 4
    assert [one["later_changes"]["value"] for one in file["signatures"]] == ["permitted", "permitted", "none"]
    assert [one["act"] for one in answer.json["made"]] == ["initials", "leader", "seal"]
    assert answer.json["legal_value"] == "original"


def test_a_file_that_was_altered_is_told_apart_from_one_of_a_stranger(signing_office, people):  # noqa: F811
    house = signing_office
    house.initialled()
    content = bytearray(house.content())
    place = content.find(b"/MediaBox")
    content[place + 12] = ord("9")
    house.add_file(bytes(content), 1, "attachment", "annex")
    path = f"/api/v1/documents/{house.document_id}/signatures"
    files = people(LEADER).get(path).json["files"]
    altered = next(one for one in files if one["role"] == "attachment")
    (signature,) = altered["signatures"]
    assert (signature["integrity"]["value"], signature["trust"]["value"]) == ("broken", "trusted")
    assert altered["verdict"]["value"] == "invalid"
