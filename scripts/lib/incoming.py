"""The walks of an incoming document: its whole life, a refusal, a recall, an overdue one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from paper import Authority, draw_letter
from story import Office, Story, title, wait_for

SENDER = {"organ_id": "A01.02.00", "organ_name": "Ban Tổ chức Tỉnh ủy (mẫu)"}
SIGNER = "Nguyễn Văn Chính"
CHECKED = {
    "is_complete": True,
    "is_whole": True,
    "is_authentic": True,
    "is_rightly_addressed": True,
    "legal_value": "original",
    "decision": "accept",
}


class Incoming:
    """The four walks of an incoming document."""

    def __init__(self, office: Office, authority: Authority) -> None:
        self.office = office
        self.authority = authority
        self.run = datetime.now(UTC).strftime("%H%M%S")  # noqa: TID251 - names this run's documents

    def happy_path(self) -> None:
        """From the signed PDF to the dossier."""
        title("Đường đi thông thường / The happy path")
        story, document_id = self.enter("1", "Về việc báo cáo công tác cán bộ quý IV", is_signed=True)
        self.show_signature(document_id)
        story.complete("vanthu", "check_document", CHECKED)
        story.complete(
            "vanthu", "confirm_metadata", self.metadata("1", "Về việc báo cáo công tác cán bộ quý IV")
        )
        self.show(document_id, "arrival_code", "Số đến")
        story.complete("vanthu", "present_document", {"route": "leader", "leader": "chanhvp"})
        direction = {
            "decision": "assign",
            "lead_unit": "tong_hop",
            "coordinating_units": ["hanh_chinh"],
            "information_units": ["co_yeu"],
            "opinion": "Giao Phòng Tổng hợp chủ trì tham mưu, báo cáo trước ngày 12.",
        }
        story.complete("troly", "give_direction", direction, on_behalf_of="chanhvp")
        story.complete("tp.tonghop", "assign_specialist", {"decision": "assign", "specialist": "cv.tonghop1"})
        opinion = {"view": "agree_with_comment", "text": "Bổ sung số liệu biên chế."}
        story.complete("tp.hanhchinh", "give_opinion", opinion)
        story.complete("cv.tonghop1", "start_handling", {"plan": "Tổng hợp số liệu, dự thảo báo cáo"})
        story.complete(
            "cv.tonghop1",
            "work_on_document",
            {"outcome": "progress", "percent": 40, "report": "Đã có số liệu"},
        )
        waiting = {"outcome": "wait", "report": "Chờ đơn vị xác minh"}
        story.complete("cv.tonghop1", "work_on_document", waiting)
        story.complete("cv.tonghop1", "resume_work", {"report": "Đã có kết quả xác minh"})
        done = {"outcome": "done", "percent": 100, "result": "advised", "report": "Đã tham mưu báo cáo"}
        story.complete("cv.tonghop1", "work_on_document", done)
        story.complete("tp.tonghop", "confirm_result", {"decision": "confirm"})
        story.complete("cv.tonghop1", "file_document", {"dossier_id": self.open_dossier()})
        self.finish(story, document_id, "completed")

    def refusal(self) -> None:
        """An unsigned copy for someone else goes back with its reason."""
        title("Từ chối, trả lại nơi gửi / A refusal")
        story, document_id = self.enter("2", "Về việc gửi nhầm địa chỉ", is_signed=False)
        self.show_signature(document_id)
        refusal = {"decision": "refuse", "reason": "Gửi nhầm địa chỉ nhận, bản chụp không có chữ ký số"}
        story.complete("vanthu", "check_document", refusal)
        self.finish(story, document_id, "completed")

    def recall(self) -> None:
        """A packet arrives from the exchange; its sender takes it back while a leader has it."""
        title("Thu hồi theo yêu cầu bên gửi / A recall")
        subject = "Về việc triệu tập hội nghị"
        pdf = self.authority.sign(draw_letter(["GIAY MOI HOP"]), SIGNER, SENDER["organ_name"])
        exchange_id = f"demo-{self.run}"
        document = {**self.metadata("3", subject), "exchange_id": exchange_id}
        packet = {"kind": "new", "from": {"organ_id": SENDER["organ_id"]}, "document": document}
        packet["files"] = [{"file_name": "thu-moi.pdf", "content": _base64(pdf)}]
        clerk = self.office.person("vanthu")
        taken = clerk.post("/api/v1/exchange/packets", packet)
        repeated = clerk.post("/api/v1/exchange/packets", packet)
        print(f"  gói tin: {taken['outcome']}; gửi lại: {repeated['outcome']}")
        story = Story(self.office, taken["instance_id"], "giamsat")
        story.tell()
        story.complete("vanthu", "check_document", CHECKED)
        story.complete("vanthu", "confirm_metadata", self.metadata("3", subject))
        story.complete("vanthu", "present_document", {"route": "leader", "leader": "chanhvp"})
        recall = {"kind": "recall", "from": {"organ_id": SENDER["organ_id"]}, "exchange_id": exchange_id}
        clerk.post("/api/v1/exchange/packets", {**recall, "reason": "Thay đổi thời gian họp"})
        story.tell()
        left = self.office.person("chanhvp").get(f"/api/v1/tasks?instance_id={story.instance_id}")["items"]
        print(f"  việc còn lại của lãnh đạo: {len(left)}")
        story.complete(
            "vanthu", "cancel_document", {"is_cancelled": True, "note": "Hủy theo yêu cầu bên gửi"}
        )
        self.finish(story, taken["document_id"], "completed")

    def overdue(self) -> None:
        """The date by which the sender wants an answer has passed: the assigner is told, the work goes on."""
        title("Quá hạn giải quyết / An overdue document")
        subject = "Về việc góp ý dự thảo kế hoạch"
        story, document_id = self.enter("4", subject, is_signed=True)
        story.complete("vanthu", "check_document", CHECKED)
        story.complete("vanthu", "confirm_metadata", self.metadata("4", subject))
        story.complete("vanthu", "present_document", {"route": "leader", "leader": "chanhvp"})
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()  # noqa: TID251 - a date to type
        direction = {
            "decision": "assign",
            "lead_unit": "tong_hop",
            "due_on": yesterday,
            "opinion": "Làm ngay",
        }
        story.complete("chanhvp", "give_direction", direction)
        story.complete("tp.tonghop", "assign_specialist", {"decision": "assign", "specialist": "cv.tonghop2"})
        story.tell_until("overdue_reported")
        task = story.task("cv.tonghop2", "start_handling")
        deadline = task["deadline"] or {}
        rule = f"{deadline.get('rule')}, {deadline.get('clause')}"
        print(f"  việc quá hạn: {task['is_overdue']}; hạn {task['due_at']} ({rule})")
        self.show(document_id, "status", "Trạng thái")

    def enter(self, number: str, subject: str, *, is_signed: bool) -> tuple[Story, str]:
        """Let the clerk enter a PDF; return its story and the document's id."""
        pdf = draw_letter(
            ["BAN TO CHUC TINH UY (MAU)", f"So: {number}{self.run}-CV/BTCTU", "Kinh gui: Van phong Tinh uy"]
        )
        if is_signed:
            pdf = self.authority.sign(pdf, SIGNER, SENDER["organ_name"])
        fields = {
            "metadata": json.dumps(self.metadata(number, subject)),
            "channel": "upload",
            "is_attested": "true",
        }
        entered = self.office.person("vanthu").send_file("/api/v1/documents", fields, "cong-van.pdf", pdf)
        print(f"  văn thư nhập {len(pdf)} byte PDF, {'có' if is_signed else 'không có'} chữ ký số")
        story = Story(self.office, entered["instance_id"], "giamsat")
        story.task("vanthu", "check_document")  # the worker has verified the signature by then
        story.tell()
        return story, entered["document_id"]

    def metadata(self, number: str, subject: str) -> dict[str, object]:
        """Return what is written on the letter."""
        return {
            "type_name": "Công văn",
            "code_number": f"{number}{self.run}",
            "code_notation": "CV/BTCTU",
            **SENDER,
            "subject": subject,
            "issued_on": datetime.now(UTC).date().isoformat(),  # noqa: TID251 - the letter's date
            "signer_position": "Trưởng ban",
            "signer_name": SIGNER,
            "page_amount": 1,
            "urgency": "normal",
        }

    def open_dossier(self) -> str:
        """Return the id of a new dossier."""
        year = datetime.now(UTC).year  # noqa: TID251 - the dossier's year
        new = {
            "year": year,
            "notation": f"{self.run}-TH",
            "title": "Báo cáo công tác cán bộ",
            "retention": "10 năm",
        }
        return str(self.office.person("cv.tonghop1").post("/api/v1/dossiers", new)["id"])

    def show_signature(self, document_id: str) -> None:
        """Print the verdict on the main file's signature."""
        document = self.office.person("vanthu").get(f"/api/v1/documents/{document_id}")
        report = document["files"][0]["signature_report"] or {}
        print(f"  chữ ký số: {report.get('verdict')} {', '.join(report.get('reasons', []))}".rstrip())

    def show(self, document_id: str, name: str, label: str) -> None:
        """Print one field of the document."""
        print(f"  {label}: {self.office.person('vanthu').get(f'/api/v1/documents/{document_id}')[name]}")

    def finish(self, story: Story, document_id: str, wanted: str) -> None:
        """Wait for the end, and tell it."""
        wait_for(lambda: story.state() == wanted, f"the process did not become {wanted}")
        story.tell()
        self.show(document_id, "status", "Trạng thái cuối")

    def walks(self) -> tuple[Callable[[], None], ...]:
        """Return the walks in their order."""
        return self.happy_path, self.refusal, self.recall, self.overdue


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
