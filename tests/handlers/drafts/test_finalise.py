"""A draft made ready takes the leader's signature, then number, date and seal, and stays valid."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from handlers.contract import BpmnError
from handlers.documents.drafting import layout_of, render
from handlers.drafts.draft_row import DRAFT, load_draft, page_of
from handlers.signing.approve import approve
from service.actions.document_rows import FileSource
from service.actions.draft_files import add_version
from service.actions.draft_rows import DraftFacts
from service.actions.drafts import change_draft
from service.domain.errors import NotFound
from service.domain.signatures import SignatureLayout, SlotKind
from tests.handlers.drafts.drafting import FACTS, begin, content_of, run
from tests.handlers.signing.desk import NUMBERS, pdfsig
from tests.handlers.signing.desk import Desk as SigningDesk
from tests.pdf_files import plain_pdf
from tests.processes.desk import SPECIALIST, Desk

WHOLE = "Signature is Valid. Total document signed"
EARLIER = "Signature is Valid. Not total document signed"
BODY = {"kind": "paragraph", "text": "Thực hiện chương trình công tác, Văn phòng Tỉnh ủy thông báo. " * 12}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningDesk:
    """Keys and certificates, made once."""
    return SigningDesk.set_up(tmp_path_factory.mktemp("trust"))


def signed_and_sealed(keys: SigningDesk, pdf: bytes) -> bytes:
    """Return a finalised file with the leader's signature, number, date and seal."""
    stream = BytesIO(pdf)
    approve(stream, "initials_1", keys.aide, image=None, at=AT)
    approve(stream, "leader", keys.leader, image=keys.blue, at=AT)
    fields = {name for name in ("number", "day", "month", "year") if f"/T ({name})".encode() in pdf}
    keys.put_seal(stream, at=AT, texts={name: TEXTS[name] for name in fields})
    return stream.getvalue()


TEXTS = NUMBERS | {"year": "2026"}
AT = datetime(2026, 3, 2, 2, 30, 5, tzinfo=UTC)


def words_of(pdf: bytes) -> str:
    command = ["pdftotext", "-layout", "-", "-"]
    return " ".join(
        subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode().split()
    )


@pytest.mark.clause("S0-4.3", "S4-5.2b")
def test_a_typeset_draft_made_ready_takes_signature_number_date_and_seal(
    desk: Desk, keys: SigningDesk, tmp_path: Path
) -> None:
    document_id = begin(desk)
    ready = run(desk, "draft.finalise", document_id)
    assert (ready["version"], ready["page_amount"]) == (2, 1)
    plain = content_of(desk, ready["file_sha256"])
    assert "phiên bản" not in words_of(plain)

    content = signed_and_sealed(keys, plain)

    report = keys.inspect(content, tmp_path, at=AT)
    assert (report["verdict"], report["reasons"]) == ("valid", [])
    assert pdfsig(content, tmp_path) == {"initials_1": EARLIER, "leader": EARLIER, "seal": WHOLE} | {
        name: pdfsig(content, tmp_path)[name]
        for name in ("initials_2", "copy")
        if name in pdfsig(content, tmp_path)
    }
    assert "Số 05-TB/VPTU Sông Hồng, ngày 02 tháng 03 năm 2026" in words_of(content)


def test_the_seal_covers_a_third_of_the_leaders_signature_which_stands_over_the_name(desk: Desk) -> None:
    document_id = begin(desk)
    run(desk, "draft.finalise", document_id)
    (row,) = desk.rows(DRAFT, DRAFT.c.document_id == document_id)
    slots = {one.name: one for one in SignatureLayout.from_json(row.layout).slots}
    assert set(slots) == {
        "number",
        "day",
        "month",
        "year",
        "initials_1",
        "initials_2",
        "leader",
        "seal",
        "copy",
    }
    leader, seal = slots["leader"].box, slots["seal"].box
    assert seal.right - leader.left == pytest.approx(leader.width / 3)
    assert seal.width == pytest.approx(36 * 72 / 25.4)
    assert slots["number"].kind == SlotKind.TEXT
    assert (slots["day"].is_italic, slots["number"].is_italic) == (True, False)


def test_making_ready_again_gives_the_same_version_until_the_draft_is_changed(desk: Desk) -> None:
    document_id = begin(desk)
    first = run(desk, "draft.finalise", document_id)
    assert run(desk, "draft.finalise", document_id, uuid4()) == first


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"signer": None}, "người ký"),
        ({"recipients": []}, "nơi nhận"),
        ({"content": {"signing": {"principal": "Chánh Văn phòng"}}}, "nội dung"),
        ({"content": {"blocks": [BODY]}}, "ký thay"),
        ({"content": None}, "tệp"),
    ],
)
@pytest.mark.clause("S0-7.1", "S3-10.1")
def test_a_draft_with_a_fault_of_form_is_not_made_ready_and_the_diagram_is_told_why(
    desk: Desk, changes, word: str
) -> None:
    document_id = begin(desk, **changes)
    with pytest.raises(BpmnError) as caught:
        run(desk, "draft.finalise", document_id)
    assert caught.value.code == "draft.unfit"
    assert word in caught.value.message


def typeset_without_marks(desk: Desk) -> bytes:
    """Return what a person would bring: the same look, from another program."""
    other = begin(desk, content={"signing": {"principal": "Chánh Văn phòng"}, "blocks": [BODY]})
    with desk.unit() as unit:
        return render(page_of(unit, load_draft(unit, other)), desk.clock.now(), draft_note="bản soạn").pdf


def bring(desk: Desk, document_id, pdf: bytes, name: str = "dự thảo.pdf"):
    resources = desk.engine.resources.handler_resources
    file = FileSource(name, BytesIO(pdf))
    return desk.do(
        SPECIALIST,
        lambda unit: add_version(
            unit, resources, document_id, file, why="Bản soạn ngoài", seen_version=None, is_attested=True
        ),
    )


@pytest.mark.clause("S0-7.1")
def test_a_file_that_was_brought_is_signed_where_its_words_say(
    desk: Desk, keys: SigningDesk, tmp_path: Path
) -> None:
    pdf = typeset_without_marks(desk)
    document_id = begin(desk, content=None)
    bring(desk, document_id, pdf)

    ready = run(desk, "draft.finalise", document_id)
    content = signed_and_sealed(keys, content_of(desk, ready["file_sha256"]))

    assert keys.inspect(content, tmp_path, at=AT)["verdict"] == "valid"
    assert "Số 05 -TB/VPTU Sông Hồng, ngày 02 tháng 03 năm 2026" in words_of(content)
    (row,) = desk.rows(DRAFT, DRAFT.c.document_id == document_id)
    found = {one.name: one.box for one in SignatureLayout.from_json(row.layout).slots}
    with desk.unit() as unit:
        page = page_of(unit, load_draft(unit, document_id))
        filled = page.__class__(
            **{
                **{f: getattr(page, f) for f in page.__slots__},
                "content": page.content
                | {"blocks": [BODY], "signing": page.content["signing"] | {"principal": "Chánh Văn phòng"}},
            }
        )
        made = {one.name: one.box for one in layout_of(render(filled, desk.clock.now())).slots}
    for name in ("number", "day", "month"):
        assert found[name].bottom == pytest.approx(made[name].bottom, abs=1.5)
        assert found[name].left == pytest.approx(made[name].left, abs=6)
    middle = (found["leader"].left + found["leader"].right) / 2
    assert middle == pytest.approx((made["leader"].left + made["leader"].right) / 2, abs=8)


def test_a_change_of_what_a_brought_file_says_makes_the_copy_that_was_ready_stale(desk: Desk) -> None:
    document_id = begin(desk, content=None)
    bring(desk, document_id, typeset_without_marks(desk))
    assert run(desk, "draft.finalise", document_id)["version"] == 2
    resources = desk.engine.resources.handler_resources
    facts = DraftFacts(**FACTS | {"content": None, "urgency": "urgent"})
    changed = desk.do(
        SPECIALIST,
        lambda unit: change_draft(unit, resources, document_id, facts, why="Khẩn", seen_version=None),
    )
    assert changed.version == 3
    assert run(desk, "draft.finalise", document_id)["version"] == 4


def test_a_file_with_scripts_or_without_room_for_number_date_and_signature_is_not_made_ready(
    desk: Desk,
) -> None:
    document_id = begin(desk, content=None)
    bring(desk, document_id, plain_pdf(catalogue="/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"))
    with pytest.raises(BpmnError) as caught:
        run(desk, "draft.finalise", document_id)
    assert caught.value.code == "draft.unfit"
    checked = run(desk, "draft.check", document_id)
    codes = {one["code"] for one in checked["findings"]}
    assert {"pdf.active", "place.number", "place.date", "place.signer"} <= codes
    assert checked["error_count"] >= 4
    (active,) = [one["vi"] for one in checked["findings"] if one["code"] == "pdf.active"]
    assert "JavaScript" in active
    assert "tự chạy" in active


def test_an_incoming_document_is_no_draft(desk: Desk) -> None:
    with pytest.raises(NotFound):
        run(desk, "draft.finalise", uuid4())
