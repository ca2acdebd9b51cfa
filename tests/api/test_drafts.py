"""Drafts over the API: begun, changed, brought as files, compared, checked; whose turn it is; what is refused."""

from __future__ import annotations

import io
from functools import partial
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import insert, select, update

from handlers.documents.conversion import find_converter
from service.actions.partners import add_partner
from service.domain.ids import new_id
from service.storage.models import (
    Document,
    DocumentFile,
    DocumentSignature,
    Draft,
    FileAttestation,
    SigningConsent,
    SigningKeyRow,
    table_of,
)
from tests.api.callers import assert_problem
from tests.api.drafting import PATH, begin, fields, rewrite
from tests.api.processes import deploy, only_task, start
from tests.handlers.documents.office_files import docx, external
from tests.pdf_files import plain_pdf

DOCUMENT, DRAFT, FILE = table_of(Document), table_of(Draft), table_of(DocumentFile)
ATTESTATION = table_of(FileAttestation)
KEY, CONSENT, SIGNATURE = table_of(SigningKeyRow), table_of(SigningConsent), table_of(DocumentSignature)
PARTNER_ID = "A01.10.00"


@pytest.fixture(autouse=True)
def directory(database, office) -> None:
    """The partner that drafts are sent to."""
    with database.unit_of_work(office.system) as unit:
        add_partner(unit, PARTNER_ID, "Đảng ủy xã Đông Sơn (mẫu)")


@pytest.fixture
def drafter(sign_in):
    return sign_in("cv.tonghop1")


@pytest.fixture
def arrange(database, office):
    """Return a function that runs statements in the agency's own unit of work."""

    def _arrange(*statements):
        with database.unit_of_work(office.system) as unit:
            for statement in statements:
                unit.session.execute(statement)

    return _arrange


def bring(
    caller,
    document_id,
    content: bytes,
    name: str = "dự thảo.pdf",
    *,
    why: str = "bản sửa",
    is_attested: str = "true",
    **headers,
):
    data = {"file": (io.BytesIO(content), name), "why": why, "is_attested": is_attested}
    return caller.ask(
        "POST",
        f"{PATH}/{document_id}/versions",
        data=data,
        content_type="multipart/form-data",
        headers=headers,
    )


@pytest.mark.clause("S0-7.1", "S0-10.4g2")
def test_a_draft_is_begun_from_fields_and_read_with_all_that_it_says(drafter) -> None:
    answer = drafter.post(PATH, fields(urgency="urgent"))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert (answer.json["version"], answer.json["instance_id"]) == (1, None)
    read = drafter.get(answer.headers["Location"])
    draft = read.json
    assert read.headers["ETag"] == '"1"'
    assert (draft["status"], draft["status_name"], draft["may_change"]) == ("draft", "Dự thảo", True)
    assert (draft["profile"], draft["type_name"], draft["urgency"]) == ("party", "Thông báo", "urgent")
    assert "36-HD/VPTW" in draft["regulation"]
    assert (draft["signer_name"], draft["signer_position"]) == ("Lê Thị Hương", "Phó Chánh Văn phòng")
    assert draft["drafting_unit"] == "tong_hop"
    assert [(one["kind"], one["name"], one["purpose"]) for one in draft["recipients"]] == [
        ("unit", "Phòng Tổng hợp", "to"),
        ("partner", "Đảng ủy xã Đông Sơn (mẫu)", "to"),
        ("place", "Văn phòng Tỉnh ủy", "file"),
    ]
    pdf = drafter.get(f"{answer.headers['Location']}/versions/1/file")
    assert pdf.data.startswith(b"%PDF-1.7")
    assert drafter.get(f"{answer.headers['Location']}/checks").json == {
        "findings": [],
        "error_count": 0,
        "warning_count": 0,
    }


def test_a_draft_is_an_outgoing_document_in_the_list(drafter) -> None:
    document_id = begin(drafter)
    (listed,) = drafter.get("/api/v1/documents?direction=outgoing&status=draft").json["items"]
    assert (listed["id"], listed["to_places"]) == (document_id, "Phòng Tổng hợp; Đảng ủy xã Đông Sơn (mẫu)")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"issuing_body": "nobody"}, "/issuing_body", "issuing_body.not_found"),
        ({"profile": "state"}, "/profile", "profile.side"),
        ({"type_code": "HĐ"}, "/type_code", "document.type"),
        ({"signer": "nobody"}, "/signer", "account.not_found"),
        ({"signer": "cv.tonghop2"}, "/signer", "signer.authority"),
        ({"signer": "vanthu", "capacity": ""}, "/signer", "signer.authority"),
        ({"signer": "tp.tonghop", "capacity": "TM"}, "/signer", "signer.authority"),
        ({"capacity": "TUQ"}, "/capacity", "signer.capacity"),
        ({"issuing_body": "tinhuy", "capacity": "KT"}, "/capacity", "signer.capacity"),
        ({"drafting_unit": "nowhere"}, "/drafting_unit", "unit.not_found"),
        (
            {"recipients": [{"kind": "partner", "organ_id": "X"}]},
            "/recipients/0/organ_id",
            "recipient.not_found",
        ),
        ({"recipients": [{"kind": "unit", "unit": "x"}]}, "/recipients/0/unit", "recipient.not_found"),
        ({"recipients": [{"kind": "person", "person": "x"}]}, "/recipients/0/person", "account.not_found"),
        ({"recipients": [{"kind": "place"}]}, "/recipients/0/name", "recipient.name"),
        ({"content": {"blocks": [{"kind": "x"}]}}, "/content/blocks/0/kind", "draft.content"),
        ({"is_attested": False}, "/is_attested", "document.not_attested"),
        ({"answers_id": str(uuid4())}, "/answers_id", "document.not_found"),
        ({"replaces_id": str(uuid4())}, "/replaces_id", "document.not_found"),
    ],
)
@pytest.mark.clause("S0-7.1", "S3-10.1")
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_kept(drafter, changes, pointer, code) -> None:
    problem = assert_problem(drafter.post(PATH, fields(**changes)), 422)
    assert (code, pointer) in {(one["code"], one["pointer"]) for one in problem["errors"]}
    assert drafter.get("/api/v1/documents?direction=outgoing").json["items"] == []


def test_only_an_issued_document_can_be_replaced_or_corrected(drafter, arrange) -> None:
    first = begin(drafter)
    refused = drafter.post(PATH, fields(replaces_id=first))
    assert assert_problem(refused, 422)["errors"][0]["code"] == "document.not_issued"
    arrange(update(DOCUMENT).where(DOCUMENT.c.id == UUID(first)).values(status="issued"))
    second = begin(drafter, replaces_id=first, answers_id=first)
    read = drafter.get(f"{PATH}/{second}").json
    assert (read["replaces_id"], read["answers_id"]) == (first, first)


@pytest.mark.clause("S1-1", "S3-1.2", "S0-4.4")
def test_a_secret_draft_is_refused_on_the_internet_and_the_attempt_is_known(drafter, sign_in) -> None:
    for changes in ({"secrecy": "confidential"}, {"secrecy": "top_secret", "is_attested": True}):
        assert_problem(drafter.post(PATH, fields(**changes)), 422, "document.policy")
    document_id = begin(drafter)
    change = rewrite(secrecy="secret")
    assert_problem(drafter.ask("PUT", f"{PATH}/{document_id}", json=change), 422, "document.policy")
    assert drafter.get(f"{PATH}/{document_id}").json["secrecy"] == "none"
    events = sign_in("giamsat").get("/api/v1/audit-events?action=document.refused_by_policy").json["items"]
    assert len(events) == 3
    assert all(event["actor"] == "cv.tonghop1" for event in events)


@pytest.mark.parametrize("login", ["quantri", "phantich", "giamsat"])
def test_those_who_keep_the_system_draft_nothing(sign_in, login) -> None:
    assert_problem(sign_in(login).post(PATH, fields()), 403, "action.forbidden")


@pytest.mark.clause("S0-7.5")
def test_each_change_is_a_version_with_who_and_why_and_the_earlier_ones_stay(drafter) -> None:
    document_id = begin(drafter)
    address = f"{PATH}/{document_id}"
    before = drafter.get(f"{address}/versions/1/file").data
    changed = drafter.ask("PUT", address, json=rewrite(subject="nội dung khác"), headers={"If-Match": '"1"'})
    assert changed.json == {"document_id": document_id, "version": 2, "voided_signatures": []}
    versions = drafter.get(f"{address}/versions").json["items"]
    assert [(one["version"], one["added_by"], one["reason"], one["kind"]) for one in versions] == [
        (2, "cv.tonghop1", "sửa câu chữ", "draft"),
        (1, "cv.tonghop1", "Tạo dự thảo", "draft"),
    ]
    assert drafter.get(f"{address}/versions/1/file").data == before
    assert drafter.get(f"{address}/versions/2/file").data != before
    trace = drafter.get(f"/api/v1/documents/{document_id}").json["trace"]
    assert [(line["kind"], line.get("reason")) for line in trace] == [
        ("drafted", None),
        ("redrafted", "sửa câu chữ"),
    ]


def test_a_change_of_what_one_has_not_seen_is_refused(drafter) -> None:
    address = f"{PATH}/{begin(drafter)}"
    assert drafter.ask("PUT", address, json=rewrite(), headers={"If-Match": '"1"'}).status_code == 200
    stale = drafter.ask("PUT", address, json=rewrite(), headers={"If-Match": '"1"'})
    assert_problem(stale, 412, "draft.changed")
    assert_problem(bring(drafter, address.rsplit("/", 1)[1], plain_pdf(), **{"If-Match": '"1"'}), 412)
    assert_problem(drafter.ask("PUT", address, json={**rewrite(), "why": "  "}), 422)


def test_a_change_without_content_keeps_the_text(drafter) -> None:
    address = f"{PATH}/{begin(drafter)}"
    drafter.ask("PUT", address, json=rewrite(content=None, subject="chỉ đổi trích yếu"))
    draft = drafter.get(address).json
    assert draft["content"]["blocks"][0]["text"].startswith("Văn phòng Tỉnh ủy thông báo")
    assert (draft["subject"], draft["current_version"]) == ("chỉ đổi trích yếu", 2)


@pytest.mark.clause("S0-7.5")
def test_two_versions_are_compared_by_words_and_by_sight(drafter) -> None:
    address = f"{PATH}/{begin(drafter)}"
    content = fields()["content"]
    content["blocks"][1]["text"] = "Phòng Cơ yếu chủ trì theo dõi."
    drafter.ask("PUT", address, json=rewrite(content=content))
    compared = drafter.get(f"{address}/comparison?from=1&to=2").json
    assert compared["page_amounts"] == [1, 1]
    changes = [(one["change"], one["text"]) for one in compared["pieces"] if one["change"] != "same"]
    assert changes == [("removed", "Tổng hợp"), ("added", "Cơ yếu")]
    drawn = drafter.get(f"{address}/comparison/pages/1?from=1&to=2")
    assert drawn.mimetype == "image/png"
    assert Image.open(io.BytesIO(drawn.data)).width > 1500
    assert_problem(drafter.get(f"{address}/comparison/pages/9?from=1&to=2"), 404, "page.not_found")
    assert_problem(drafter.get(f"{address}/comparison?from=1&to=9"), 404, "version.not_found")
    page = drafter.get(f"{address}/versions/2/pages/1")
    assert Image.open(io.BytesIO(page.data)).format == "PNG"


@pytest.mark.clause("S4-3.3")
def test_a_pdf_is_taken_as_it_is(drafter) -> None:
    document_id = begin(drafter, content=None)
    assert drafter.get(f"{PATH}/{document_id}").json["current_version"] == 0
    brought = bring(drafter, document_id, plain_pdf())
    assert brought.status_code == 201, brought.get_data(as_text=True)
    assert drafter.get(f"{PATH}/{document_id}/versions/1/file").data == plain_pdf()
    draft = drafter.get(f"{PATH}/{document_id}").json
    assert (draft["origin"], draft["page_amount"], draft["current_version"]) == ("upload", 1, 1)
    checked = drafter.get(f"{PATH}/{document_id}/checks").json
    assert checked["error_count"] >= 3
    assert {"code", "severity", "vi", "en", "where"} == checked["findings"][0].keys()


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"plain words", "a.pdf", 422, "draft.file_type"),
        (b"%PDF-1.7 broken", "a.pdf", 422, "pdf.unreadable"),
        (b"MZ\x90\x00binary\x00", "a.docx", 422, "file.invalid"),
        (docx(more={"word/vbaProject.bin": b"x"}), "a.docx", 422, "file.unsafe"),
        (docx(relations=external("attachedTemplate")), "a.docx", 422, "file.unsafe"),
    ],
    ids=["text", "broken", "program", "macros", "template"],
)
@pytest.mark.clause("S4-3.3")
def test_a_file_that_is_not_fit_to_be_a_draft_is_refused(drafter, content, name, status, code) -> None:
    document_id = begin(drafter)
    assert_problem(bring(drafter, document_id, content, name), status, code)
    assert len(drafter.get(f"{PATH}/{document_id}/versions").json["items"]) == 1


@pytest.mark.clause("S2-3.3")
def test_each_file_is_declared_to_hold_no_state_secret_by_who_brings_it(drafter, database, office) -> None:
    document_id = begin(drafter)
    refused = bring(drafter, document_id, plain_pdf(), is_attested="false")
    assert_problem(refused, 422, "file.not_attested")
    assert bring(drafter, document_id, plain_pdf()).status_code == 201
    with database.unit_of_work(office.system) as unit:
        (row,) = unit.session.execute(select(ATTESTATION)).all()
    assert (row.account_id, row.object_id) == (office.accounts["cv.tonghop1"], UUID(document_id))


def test_what_waits_for_a_scan_is_neither_read_nor_compared(drafter, runtime, monkeypatch) -> None:
    document_id = begin(drafter)
    bring(drafter, document_id, plain_pdf())
    monkeypatch.setattr(runtime.blobs, "is_scanned", True)
    address = f"{PATH}/{document_id}"
    for path in (
        "versions/2/file",
        "versions/2/pages/1",
        "comparison?from=1&to=2",
        "comparison/pages/1?from=1&to=2",
    ):
        assert_problem(drafter.get(f"{address}/{path}"), 409, "file.waiting_for_scan")


def test_a_docx_is_converted_and_kept_or_the_answer_says_what_to_install(drafter) -> None:
    document_id = begin(drafter, content=None)
    answer = bring(drafter, document_id, docx(["Điều 1. Phạm vi"]), "dự thảo.docx")
    if find_converter() is None:
        assert_problem(answer, 503, "conversion.not_installed")
        return
    assert answer.status_code == 201, answer.get_data(as_text=True)
    (version,) = drafter.get(f"{PATH}/{document_id}/versions").json["items"]
    assert (version["media_type"], version["has_source"]) == ("application/pdf", True)
    files = drafter.get(f"/api/v1/documents/{document_id}").json["files"]
    assert [(one["role"], one["file_name"]) for one in files] == [
        ("main", "Thông báo - 1.pdf"),
        ("source", "dự thảo.docx"),
    ]


@pytest.fixture
def signed(drafter, office, database) -> str:
    """A draft with a leader's signature on record."""
    document_id = begin(drafter)
    with database.unit_of_work(office.system) as unit:
        file = unit.session.execute(select(FILE).where(FILE.c.document_id == UUID(document_id))).one()
        key_id, consent_id = new_id(unit.now), new_id(unit.now)
        ours = {"agency_id": office.agency_id, "account_id": office.accounts["phochanhvp"]}
        act = {"document_id": file.document_id, "file_id": file.id, "act": "leader", "field": "leader"}
        key = {"kind": "client_token", "reference": "", "certificate": b"x", "chain": [], "fingerprint": "f"}
        names = {"subject": "Lê Thị Hương", "issuer": "CA thử nghiệm", "is_test": True}
        times = {"not_before": unit.now, "not_after": unit.now, "created_at": unit.now}
        unit.session.execute(insert(KEY).values(id=key_id, **key, **names, **times, **ours))
        used = {"method": "client_token", "file_sha256": file.sha256, "key_id": key_id}
        when = {"created_at": unit.now, "expires_at": unit.now}
        unit.session.execute(insert(CONSENT).values(id=consent_id, **act, **used, **when, **ours))
        made = {"key_id": key_id, "consent_id": consent_id, "signed_at": unit.now, "level": "B-B"}
        name = {
            "signer_name": "Lê Thị Hương",
            "certificate_subject": "x",
            "fingerprint": "f",
            "is_test": True,
        }
        unit.session.execute(insert(SIGNATURE).values(id=new_id(unit.now), **act, **made, **name, **ours))
    return document_id


@pytest.mark.clause("S0-7.4")
def test_a_change_after_a_signature_voids_it_and_says_so(drafter, signed) -> None:
    changed = drafter.ask("PUT", f"{PATH}/{signed}", json=rewrite(subject="khác"))
    (voided,) = changed.json["voided_signatures"]
    assert (voided["act"], voided["signer_name"]) == ("leader", "Lê Thị Hương")
    trace = drafter.get(f"/api/v1/documents/{signed}").json["trace"]
    assert trace[-1]["voided_signatures"][0]["act"] == "leader"
    again = drafter.ask("PUT", f"{PATH}/{signed}", json=rewrite(subject="khác nữa"))
    assert again.json["voided_signatures"] == []


def test_a_file_brought_after_a_signature_voids_it_too(drafter, signed) -> None:
    assert bring(drafter, signed, plain_pdf()).json["voided_signatures"][0]["act"] == "leader"


@pytest.fixture
def in_process(sign_in, arrange):
    """Return a function that puts a draft of the clerk's into a running process; its first task is theirs."""

    def _put(document_id: str) -> str:
        deploy(sign_in("phantich"))
        instance = start(sign_in("vanthu"), {"topic": "a"})
        where = DOCUMENT.c.id == UUID(document_id)
        arrange(update(DOCUMENT).where(where).values(instance_id=UUID(instance)))
        return instance

    return _put


def send_annex(drafter, method, path, content, **form):
    """Send an annex as a form does."""
    data = {"file": (io.BytesIO(content), "phụ lục.pdf"), "why": "kèm theo", "is_attested": "true", **form}
    return drafter.ask(method, path, data=data, content_type="multipart/form-data")


@pytest.mark.clause("S0-7.4")
def test_a_change_of_annexes_after_a_signature_voids_it_and_says_so(drafter, signed, arrange) -> None:
    address = f"{PATH}/{signed}/annexes"
    (voided,) = send_annex(drafter, "POST", address, plain_pdf("mot")).json["voided_signatures"]
    assert (voided["act"], voided["signer_name"]) == ("leader", "Lê Thị Hương")
    again = (
        update(SIGNATURE).values(voided_at=None),
        update(FILE).where(FILE.c.role == "main").values(kind="signed"),
    )
    for change in (
        lambda: send_annex(drafter, "PUT", f"{address}/1", plain_pdf("hai")),
        lambda: drafter.ask("DELETE", f"{address}/1", json={"why": "không cần"}),
    ):
        for statement in again:
            arrange(statement)
        assert [one["act"] for one in change().json["voided_signatures"]] == ["leader"]
        trace = drafter.get(f"/api/v1/documents/{signed}").json["trace"]
        assert trace[-1]["voided_signatures"][0]["act"] == "leader"
        assert drafter.get(f"{PATH}/{signed}/versions").json["items"][0]["kind"] == "draft"


def test_an_annex_is_added_replaced_read_and_taken_out_with_its_versions_kept(drafter, sign_in) -> None:
    address = f"{PATH}/{begin(drafter)}/annexes"
    send = partial(send_annex, drafter)
    first = {"ordinal": 1, "version": 1, "voided_signatures": []}
    assert send("POST", address, plain_pdf("mot"), title="Danh mục").json == first
    assert send("POST", address, plain_pdf("hai")).json == first | {"ordinal": 2}
    assert send("PUT", f"{address}/1", plain_pdf("ba"), title="Danh mục sửa").json == first | {"version": 2}
    assert [(one["ordinal"], one["version"], one["title"]) for one in drafter.get(address).json["items"]] == [
        (1, 2, "Danh mục sửa"),
        (2, 1, ""),
    ]
    assert drafter.get(f"{address}/1/file").data == plain_pdf("ba")
    removed = drafter.ask("DELETE", f"{address}/2", json={"why": "không cần"})
    assert removed.json == first | {"ordinal": 2}
    assert [one["ordinal"] for one in drafter.get(address).json["items"]] == [1]
    assert_problem(drafter.get(f"{address}/2/file"), 404, "annex.not_found")
    assert_problem(send("PUT", f"{address}/7", plain_pdf()), 404, "annex.not_found")
    assert send("POST", address, plain_pdf("bon")).json["ordinal"] == 3
    reads = sign_in("giamsat").get("/api/v1/audit-events?action=document.read_file").json["items"]
    assert len(reads) == 1


@pytest.mark.clause("S2-4.1", "S3-19.2")
def test_a_draft_is_unknown_to_those_who_have_nothing_to_do_with_it(
    drafter, sign_in, sign_in_elsewhere
) -> None:
    address = f"{PATH}/{begin(drafter)}"
    for stranger in (sign_in("cv.hanhchinh1"), sign_in_elsewhere("dongson.chanhvp")):
        for path in ("", "/versions", "/versions/1/file", "/checks", "/annexes", "/comparison?from=1&to=1"):
            assert_problem(stranger.get(address + path), 404)
        assert_problem(stranger.ask("PUT", address, json=rewrite()), 404, "document.not_found")
        assert_problem(bring(stranger, address.rsplit("/", 1)[1], plain_pdf()), 404)
        assert_problem(stranger.ask("DELETE", address, json={"why": "x"}), 404)


def test_the_signer_and_the_clerk_read_a_draft_but_do_not_change_it(drafter, sign_in) -> None:
    address = f"{PATH}/{begin(drafter)}"
    for login in ("phochanhvp", "vanthu"):
        reader = sign_in(login)
        assert reader.get(address).json["may_change"] is False
        assert_problem(reader.ask("PUT", address, json=rewrite()), 403, "action.forbidden")


@pytest.mark.clause("S0-10.3g2")
def test_the_drafter_changes_it_until_the_task_is_anothers_who_then_changes_it(sign_in, in_process) -> None:
    clerk, head = sign_in("vanthu"), sign_in("chanhvp")
    document_id = begin(clerk)
    address = f"{PATH}/{document_id}"
    in_process(document_id)
    assert clerk.get(address).json["may_change"] is True
    done = clerk.post(f"/api/v1/tasks/{only_task(clerk)['id']}/complete", {"data": {"text": "a"}})
    assert done.status_code == 200

    assert_problem(clerk.ask("PUT", address, json=rewrite()), 403, "action.forbidden")
    assert head.get(address).json["may_change"] is False  # nobody has taken the task yet
    head.post(f"/api/v1/tasks/{only_task(head)['id']}/claim")
    assert head.get(address).json["may_change"] is True
    assert head.ask("PUT", address, json=rewrite(subject="Chánh Văn phòng sửa")).json["version"] == 2
    versions = head.get(f"{address}/versions").json["items"]
    assert versions[0]["added_by"] == "chanhvp"
    assert_problem(sign_in("phochanhvp").ask("PUT", address, json=rewrite()), 403, "action.forbidden")


@pytest.mark.parametrize("status", ["numbered", "issued", "completed", "recalled", "cancelled"])
def test_what_is_numbered_or_ended_is_not_changed_any_more(drafter, arrange, status) -> None:
    document_id = begin(drafter)
    arrange(update(DOCUMENT).where(DOCUMENT.c.id == UUID(document_id)).values(status=status))
    address = f"{PATH}/{document_id}"
    assert_problem(drafter.ask("PUT", address, json=rewrite()), 409, "action.wrong_state")
    assert_problem(bring(drafter, document_id, plain_pdf()), 409, "action.wrong_state")
    assert_problem(drafter.ask("DELETE", address, json={"why": "x"}), 409, "action.wrong_state")


@pytest.mark.clause("S0-7.5")
def test_a_frozen_draft_stays_as_it_is(drafter, arrange, clock) -> None:
    document_id = begin(drafter)
    arrange(update(DRAFT).where(DRAFT.c.document_id == UUID(document_id)).values(frozen_at=clock.now()))
    assert_problem(drafter.ask("PUT", f"{PATH}/{document_id}", json=rewrite()), 409, "draft.frozen")


def test_a_draft_is_given_up_with_its_reason_and_stays_on_record(drafter) -> None:
    address = f"{PATH}/{begin(drafter)}"
    assert drafter.ask("DELETE", address, json={"why": "không cần nữa"}).status_code == 204
    assert drafter.get(address).json["status"] == "cancelled"
    assert len(drafter.get(f"{address}/versions").json["items"]) == 1


def test_a_draft_that_a_process_carries_is_given_up_there(sign_in, in_process) -> None:
    clerk = sign_in("vanthu")
    document_id = begin(clerk)
    in_process(document_id)
    refused = clerk.ask("DELETE", f"{PATH}/{document_id}", json={"why": "x"})
    assert_problem(refused, 409, "draft.in_process")


def test_starting_needs_the_process(drafter) -> None:
    assert_problem(drafter.post(PATH, fields(start=True)), 404)
    assert drafter.get("/api/v1/documents?direction=outgoing").json["items"] == []


def test_types_are_listed_by_form_and_day(drafter) -> None:
    forms = drafter.get("/api/v1/document-types").json["items"]
    assert [(form["profile"], len(form["types"])) for form in forms] == [("state", 29), ("party", 33)]
    (form,) = drafter.get("/api/v1/document-types?profile=party&on=2026-06-01").json["items"]
    assert "05-HD/VPTW" in form["regulation"]
    assert any("05-HD/VPTW" in one["note"] for one in form["unknown"])
    assert_problem(drafter.get("/api/v1/document-types?profile=state&on=1999-01-01"), 422)


@pytest.mark.parametrize("path", ["", "/versions", "/versions/1/file", "/checks", "/annexes"])
def test_a_draft_that_is_not_there_is_not_found(drafter, path) -> None:
    assert_problem(drafter.get(f"{PATH}/{uuid4()}{path}"), 404)
