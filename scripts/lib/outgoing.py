"""The walk of an outgoing document: draft, opinions, slip, signature, number and seal, delivery, recall."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from client import Person
from story import Office, Story, title, wait_for

HERE, THERE = "A01.01.00", "A01.10.00"
"""The provincial office that issues, and the commune's office in the other installation."""

DRAFTER, HEAD, CONSULTED = "cv.tonghop1", "tp.tonghop", "tp.hanhchinh"
AIDE, LEADER, CLERK = "troly", "chanhvp", "vanthu"
ADMIN, THEIR_ADMIN, THEIR_CLERK = "quantri", "dongson.quantri", "dongson.vanthu"
SUBJECT = "chuẩn bị hội nghị sơ kết công tác quý I năm 2026"
CHECKED = {
    "is_complete": True,
    "is_whole": True,
    "is_authentic": True,
    "is_rightly_addressed": True,
    "legal_value": "original",
    "decision": "accept",
}


@dataclass
class Outgoing:
    """One document of the provincial office and its way to the commune.

    Attributes:
        office: the house that issues.
        other: the house that receives.
        folder: where the PDFs are left.
    """

    office: Office
    other: Office
    folder: Path
    run: str = field(default_factory=lambda: f"{datetime.now(UTC):%H%M%S}")  # noqa: TID251 - names this run
    document_id: str = ""
    story: Story | None = None

    def walks(self) -> tuple[Callable[[], None], ...]:
        """Return the parts of the walk in their order."""
        return (
            self.introduce,
            self.enrol,
            self.draft,
            self.submit,
            self.sign,
            self.seal,
            self.deliver,
            self.recall,
        )

    def introduce(self) -> None:
        """Let the two houses know each other: addresses, tokens, channels."""
        title("Hai cơ sở kết nối với nhau / Two installations are connected")
        ends = ((self.office, ADMIN, THERE, self.other), (self.other, THEIR_ADMIN, HERE, self.office))
        for office, admin, organ_id, peer in ends:
            person = office.person(admin)
            person.patch(
                f"/api/v1/partners/{organ_id}", {"endpoint": f"{peer.address}/api/v1/exchange/edxml"}
            )
            link = {"channel": "http", "accepts_unsigned": True}
            person.put(f"/api/v1/exchange/links/{organ_id}", link)
        for office, admin, organ_id, peer, peer_admin, us in (
            (self.office, ADMIN, THERE, self.other, THEIR_ADMIN, HERE),
            (self.other, THEIR_ADMIN, HERE, self.office, ADMIN, THERE),
        ):
            token = office.person(admin).post(f"/api/v1/exchange/links/{organ_id}/token")["token"]
            peer.person(peer_admin).put(f"/api/v1/exchange/links/{us}", {"outbound_token": token})
            print(f"  {office.address} ⇄ {organ_id}")

    def enrol(self) -> None:
        """Give the leader and the clerk a second factor: nothing is signed without one."""
        title("Yếu tố xác thực thứ hai / The second factor")
        for login in (LEADER, CLERK):
            person = self.office.person(login)
            if person.get("/api/v1/me/second-factors")["methods"]:
                print(f"  {login}: đã có")
                continue
            enrolment = person.post("/api/v1/me/second-factors/totp", {"password": self.office.password})
            self.office.factors.keep(self.office.address, login, enrolment["secret"])
            code = self.office.factors.code(self.office.address, login)
            codes = person.post("/api/v1/me/second-factors/totp/confirm", {"code": code})["recovery_codes"]
            print(f"  {login}: mã một lần (TOTP), {len(codes)} mã dự phòng")

    def draft(self) -> None:
        """Typeset a draft from fields, and ask a coordinating unit."""
        title("Soạn thảo, lấy ý kiến / Draft and opinions")
        drafter = self.office.person(DRAFTER)
        begun = drafter.post("/api/v1/drafts", self._facts())
        self.document_id = begun["document_id"]
        self.story = Story(self.office, begun["instance_id"], "giamsat")
        self._tell()
        self._save_version("1-du-thao.pdf")
        checked = drafter.get(f"/api/v1/drafts/{self.document_id}/checks")
        print(f"  thể thức: {checked['error_count']} lỗi, {checked['warning_count']} lưu ý")
        choice = {"action": "submit", "route": "slip", "consult_units": ["hanh_chinh"]}
        self._complete(DRAFTER, "edit_draft", choice)
        opinion = {"view": "agree_with_comment", "text": "Bổ sung phần bảo đảm hậu cần."}
        self._complete(CONSULTED, "give_draft_opinion", opinion)
        words = {"decision": "go_on", "words": "Đã tiếp thu vào mục 2."}
        self._complete(DRAFTER, "answer_comments", words)

    def submit(self) -> None:
        """Put it to the leader by a submission slip, which is frozen as a PDF."""
        title("Phiếu trình / The submission slip")
        submission = {
            "action": "submit",
            "kind": "for_signature",
            "matter": f"Ban hành công văn về việc {SUBJECT}",
            "summary": "Hội nghị họp trực tiếp và trực tuyến, cần phân công chuẩn bị.",
            "recommendation": "Kính trình đồng chí Chánh Văn phòng ký ban hành.",
            "leaders": [LEADER],
            "mode": "sequential",
            "urgency": "normal",
            "is_attested": True,
        }
        self._complete(DRAFTER, "prepare_slip", submission)
        self._complete(HEAD, "agree_as_head", {"decision": "agree"})
        self._complete(AIDE, "check_slip", {"decision": "forward"})
        self._complete(LEADER, "give_decision", {"decision": "agree"})
        self._pass_reviews()
        slips = self.office.person(DRAFTER).get("/api/v1/slips")["items"]
        self._save(
            "2-phieu-trinh.pdf", self.office.person(DRAFTER).fetch(f"/api/v1/slips/{slips[0]['id']}/file")
        )

    def sign(self) -> None:
        """The leader signs exactly the file that was shown."""
        title("Ký số của người có thẩm quyền / The leader's signature")
        consent = self._consent(LEADER, "sign_draft", "leader")
        self._complete(LEADER, "sign_draft", {"decision": "sign", "consent_id": consent})
        self._open_task(CLERK, "check_format")
        self._save_version("3-da-ky.pdf")

    def seal(self) -> None:
        """The clerk checks the form, then number, date and seal go in together."""
        title("Cấp số, đóng dấu, vào sổ, phát hành / Number, seal, register, issue")
        self._complete(CLERK, "check_format", {"decision": "pass"})
        consent = self._consent(CLERK, "seal_document", "seal")
        self._complete(CLERK, "seal_document", {"consent_id": consent})
        document = self._document()
        print(f"  số, ký hiệu: {document['code']}; ngày {document['issued_on']}; {document['status']}")
        issued = self._save_version("4-da-phat-hanh.pdf")
        self._show_signatures(issued)

    def deliver(self) -> None:
        """The other house takes it in; its statuses come back; the drafter files it."""
        title("Gửi sang cơ sở thứ hai, nhận phản hồi / Delivery and receipts")
        self._wait_for_status("01")
        theirs = self._received()
        print(f"  bên nhận: {theirs['organ_name']} – {theirs['code']} – {theirs['subject']}")
        story = Story(self.other, theirs["instance_id"], "dongson.chanhvp")
        self._complete_there(story, "check_document", CHECKED)
        names = ("type_name", "code_number", "code_notation", "issued_on", "organ_name", "subject")
        known = {name: theirs[name] for name in (*names, "signer_position", "signer_name")}
        self._complete_there(story, "confirm_metadata", known)
        self._wait_for_status("03")
        self._complete(DRAFTER, "file_issued", {"dossier_id": self._dossier()})
        assert self.story
        wait_for(lambda: self.story and self.story.state() == "completed", "the process did not end")
        self._tell()
        print(f"  trạng thái: {self._document()['status']}")

    def recall(self) -> None:
        """The office takes it back; the receiver cancels it and says so."""
        title("Thu hồi / Recall")
        drafter = self.office.person(DRAFTER)
        started = drafter.post(
            f"/api/v1/documents/{self.document_id}/recall-requests", {"reason": "Thay đổi thời gian hội nghị"}
        )
        self.story = Story(self.office, started["instance_id"], "giamsat")
        self._complete(LEADER, "approve_recall", {"decision": "agree"})
        theirs = wait_for(
            lambda: (
                next((one for one in [self._received()] if one["status"] == "recall_pending"), None)
                or next((one for one in [self._received()] if one["status"] == "recalled"), None)
            ),
            "the recall did not arrive",
        )
        if theirs["status"] == "recall_pending":
            person = self.other.person(THEIR_CLERK)
            task = wait_for(lambda: _task(person, "cancel_document"), "nothing to cancel at the receiver")
            done = {"data": {"is_cancelled": True, "note": "Hủy theo yêu cầu bên gửi"}}
            person.post(f"/api/v1/tasks/{task['id']}/complete", done)
        wait_for(lambda: self._document()["status"] == "recalled", "the recall did not come back")
        self._tell()
        (delivery,) = [one for one in self._board() if one["organ_id"] == THERE]
        print(f"  bên nhận: {self._received()['status']}; bên gửi: {self._document()['status']}")
        code = self._document()["code"]
        print(f"  phản hồi thu hồi: {delivery['recall_state']}; số {code} giữ nguyên trong sổ")
        print(f"\n  Các tệp PDF: {self.folder}")

    # --- what people do ---

    def _facts(self) -> dict[str, Any]:
        return {
            "issuing_body": "vptu",
            "type_code": "CV",
            "subject": SUBJECT,
            "signer": LEADER,
            "capacity": "",
            "signer_position": "Chánh Văn phòng",
            "recipients": [
                {"kind": "partner", "organ_id": THERE, "channel": "http"},
                {"kind": "unit", "unit": "hanh_chinh", "purpose": "copy"},
                {"kind": "place", "name": "Văn phòng Tỉnh ủy", "purpose": "file"},
            ],
            "content": {
                "blocks": [
                    {
                        "kind": "paragraph",
                        "text": "Thực hiện chương trình công tác năm 2026, Văn phòng Tỉnh ủy đề nghị"
                        " Đảng ủy xã Đông Sơn chuẩn bị nội dung phục vụ hội nghị sơ kết quý I như sau:",
                    },
                    {"kind": "clause", "text": "Báo cáo kết quả công tác quý I, gửi trước ngày 25/3/2026."},
                    {"kind": "clause", "text": "Bảo đảm điểm cầu trực tuyến, hậu cần và an toàn thông tin."},
                    {"kind": "clause", "text": "Cử đồng chí Bí thư hoặc Phó Bí thư Thường trực dự họp."},
                    {"kind": "paragraph", "text": "Đề nghị Đảng ủy xã Đông Sơn quan tâm phối hợp."},
                ],
            },
            "is_attested": True,
            "start": True,
        }

    def _consent(self, login: str, element_id: str, act: str) -> str:
        """Prove the second factor, look at the file, agree to sign exactly it."""
        person = self.office.person(login)
        self._open_task(login, element_id)
        if not person.get("/api/v1/me/second-factors")["stepped_up_at"]:
            code = self.office.factors.code(self.office.address, login)
            person.post("/api/v1/sessions/step-up", {"totp": code})
        newest = person.get(f"/api/v1/drafts/{self.document_id}/versions")["items"][0]
        wish = {"act": act, "file_sha256": newest["sha256"], "method": "stored_key"}
        consent = person.post(f"/api/v1/documents/{self.document_id}/signing-consents", wish)
        what = consent["what"]
        told = (
            f"{what['act_vi']}: {what['subject']}; bản {what['version']}, sha256 {what['file_sha256'][:16]}…"
        )
        print(f"  {login} đồng ý ký – {told}")
        if what["number"]:
            print(f"    số sẽ cấp: {what['number']}, ngày {what['issued_on']} ({what['number_state']})")
        return str(consent["id"])

    def _pass_reviews(self) -> None:
        """Let the unit head and the aide pass the draft on, where the diagram still asks them."""
        passing = {
            "review_draft": (HEAD, {"decision": "up"}),
            "check_dossier": (AIDE, {"decision": "forward"}),
            "sign_draft": (LEADER, {}),
        }
        while (
            element_id := wait_for(lambda: self._waits_at(passing), "nothing follows the slip")
        ) != "sign_draft":
            login, data = passing[element_id]
            self._complete(login, element_id, data)

    def _waits_at(self, elements: Mapping[str, tuple[str, Any]]) -> str | None:
        """Return the one of these steps that waits for its person."""
        assert self.story
        for element_id, (login, _data) in elements.items():
            if _task(self.office.person(login), element_id, self.story.instance_id):
                return element_id
        return None

    def _complete(self, login: str, element_id: str, data: dict[str, Any]) -> None:
        assert self.story
        self.story.complete(login, element_id, data)

    def _complete_there(self, story: Story, element_id: str, data: dict[str, Any]) -> None:
        person = self.other.person(THEIR_CLERK)
        task = wait_for(lambda: _task(person, element_id, story.instance_id), f"no {element_id} there")
        person.post(f"/api/v1/tasks/{task['id']}/complete", {"data": data})
        print(f"  ✔ (bên nhận) {task['name']}")

    def _open_task(self, login: str, element_id: str) -> None:
        assert self.story
        self.story.task(login, element_id)

    def _tell(self) -> None:
        assert self.story
        self.story.tell()

    # --- what there is ---

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = self.office.person(CLERK).get(f"/api/v1/documents/{self.document_id}")
        return found

    def _board(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.office.person(CLERK).get(
            f"/api/v1/documents/{self.document_id}/deliveries"
        )["items"]
        return found

    def _wait_for_status(self, code: str) -> None:
        def came() -> bool:
            return any(one["organ_id"] == THERE and one["last_status"] == code for one in self._board())

        wait_for(came, f"no status {code} came back")
        print(f"  ← {code} từ {THERE}")

    def _received(self) -> dict[str, Any]:
        """Return the document as the other office has it."""
        code = self._document()["code"]

        def find() -> dict[str, Any] | None:
            items = self.other.person(THEIR_CLERK).get("/api/v1/documents?direction=incoming")["items"]
            return next((one for one in items if one["code"] == code), None)

        found: dict[str, Any] = wait_for(find, "the other office has no such document")
        return found

    def _dossier(self) -> str:
        new = {
            "year": datetime.now(UTC).year,  # noqa: TID251 - the dossier's year
            "notation": f"{self.run}-VB",
            "title": "Hội nghị sơ kết quý I",
            "retention": "10 năm",
        }
        return str(self.office.person(DRAFTER).post("/api/v1/dossiers", new)["id"])

    def _save_version(self, name: str) -> Path:
        person: Person = self.office.person(DRAFTER)
        newest = person.get(f"/api/v1/drafts/{self.document_id}/versions")["items"][0]
        path = f"/api/v1/drafts/{self.document_id}/versions/{newest['version']}/file"
        return self._save(name, person.fetch(path))

    def _save(self, name: str, content: bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content)
        print(f"  → {path.name} ({len(content)} byte)")
        return path

    def _show_signatures(self, issued: Path) -> None:
        """Print our four answers for each signature, and what an independent program says."""
        answers = self.office.person(CLERK).get(f"/api/v1/documents/{self.document_id}/signatures")
        for file in answers["files"]:
            for one in file["signatures"]:
                four = ", ".join(
                    f"{label} {one[name]['value']}"
                    for label, name in (
                        ("toàn vẹn:", "integrity"),
                        ("tin cậy:", "trust"),
                        ("thu hồi:", "revocation"),
                        ("thay đổi sau ký:", "later_changes"),
                    )
                )
                print(f"  {one['field']} – {one['signer']}: {four}")
        if shutil.which("pdfsig"):
            told = subprocess.run(
                ["pdfsig", "-nocert", str(issued)],
                capture_output=True,
                text=True,
                check=False,
            ).stdout
            verdicts = [line.strip(" -") for line in told.splitlines() if "Signature Validation" in line]
            print(f"  pdfsig: {'; '.join(verdicts)}")


def _task(person: Person, element_id: str, instance_id: str = "") -> dict[str, Any] | None:
    of_instance = f"?instance_id={instance_id}" if instance_id else ""
    items = person.get(f"/api/v1/tasks{of_instance}")["items"]
    return next((item for item in items if item["element_id"] == element_id), None)
