"""Documents look as the form says: heading, symbol, title, recipients, signature, numbers of pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.documents.drafting import layout_of, recipient_lines, render, signature_lines
from handlers.documents.reading import PdfFacts, Word, read_pdf
from handlers.resources import InspectionLimits
from handlers.signing import typeface
from service.domain.signatures import POINTS_PER_MM, SlotKind
from tests.handlers.documents.pages import (
    AT,
    DECISION,
    LETTER,
    LONG,
    NOTICE,
    PARTY,
    STATE,
    text_of,
    with_content,
)


def facts_of(tmp_path: Path, page, **options) -> PdfFacts:
    path = tmp_path / "made.pdf"
    path.write_bytes(render(page, AT, **options).pdf)
    return read_pdf(path, InspectionLimits())


def find(facts: PdfFacts, *words: str) -> Word:
    texts = [word.text for word in facts.words]
    for start in range(len(texts)):
        if texts[start : start + len(words)] == list(words):
            return facts.words[start]
    raise AssertionError(f"{words} not in {' '.join(texts)}")


@pytest.mark.clause("S0-7.1", "S4-3.1")
def test_a_state_decision_has_the_boxes_of_the_decree(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, DECISION)
    width, height = facts.page_sizes[0]
    assert (round(width / POINTS_PER_MM), round(height / POINTS_PER_MM)) == (210, 297)
    country, body = find(facts, "CỘNG", "HÒA", "XÃ"), find(facts, "ỦY", "BAN", "NHÂN")
    assert country.box.left > width / 2 - 20 > body.box.left
    assert 12 <= country.size <= 13
    assert country.is_bold
    assert body.is_bold
    motto = find(facts, "Độc", "lập")
    assert 13 <= motto.size <= 14
    assert motto.is_bold
    number, place = find(facts, "Số:"), find(facts, "Sông", "Hồng,")
    assert abs(number.box.bottom - place.box.bottom) < 3
    assert (number.size, place.is_italic) == (13, True)
    title = find(facts, "QUYẾT", "ĐỊNH")
    assert title.is_bold
    assert abs((title.box.left + find(facts, "QUYẾT", "ĐỊNH").box.right) / 2 - width / 2) < 60
    ground = find(facts, "Căn", "cứ")
    assert ground.is_italic
    article = find(facts, "Điều", "1.")
    assert article.is_bold
    assert article.box.left == pytest.approx((30 + 10) * POINTS_PER_MM, abs=1)
    assert find(facts, "Ban", "hành", "kèm").size == 14
    receivers, signer = find(facts, "Nơi", "nhận:"), find(facts, "Đoàn", "Quang")
    assert (receivers.size, receivers.is_bold, receivers.is_italic) == (12, True, True)
    assert signer.is_bold
    assert signer.box.left > width / 2


def test_the_words_of_a_state_decision_stand_in_order() -> None:
    text = text_of(render(DECISION, AT).pdf)
    order = [
        "Số: /QĐ-UBND",
        "Sông Hồng, ngày tháng năm",
        "QUYẾT ĐỊNH",
        "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH",
        "QUYẾT ĐỊNH:",
        "Điều 1.",
        "Điều 3.",
        "thi hành Quyết định này./.",
        "TM. ỦY BAN NHÂN DÂN",
        "KT. CHỦ TỊCH",
        "Lưu: VT, NC.",
    ]
    places = [text.find(one) for one in order]
    assert -1 not in places, dict(zip(order, places, strict=True))
    assert places[2:] == sorted(places[2:])


@pytest.mark.clause("S3-12.4h")
def test_a_letter_has_its_subject_under_the_symbol_its_address_its_stamp_and_numbered_pages(
    tmp_path: Path,
) -> None:
    facts = facts_of(tmp_path, LETTER)
    subject, number = find(facts, "V/v", "tăng"), find(facts, "Số:")
    assert subject.box.top < number.box.bottom
    assert 12 <= subject.size <= 13
    assert find(facts, "THƯỢNG", "KHẨN").is_bold
    assert find(facts, "Kính", "gửi:").box.top < subject.box.bottom
    assert "CÔNG VĂN" not in facts.text()
    assert facts.page_amount > 1
    numbered = [word for word in facts.words if word.page == 1 and word.text == "2"]
    assert [round((one.box.left + one.box.right) / 2) for one in numbered] == [
        round(facts.page_sizes[1][0] / 2)
    ]
    assert not any(word.text == "1" and word.page == 0 for word in facts.words)


@pytest.mark.clause("S1-7.1", "S3-12.1")
def test_a_party_notice_has_the_form_of_the_party(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, NOTICE)
    text = " ".join(facts.text().split())
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in text
    assert "CỘNG HÒA" not in text
    party, body, star = find(facts, "ĐẢNG", "CỘNG"), find(facts, "VĂN", "PHÒNG", "TỈNH"), find(facts, "*")
    assert (party.size, party.is_bold) == (15, True)
    assert body.is_bold
    assert not find(facts, "TỈNH", "ỦY", "SÔNG").is_bold
    assert star.box.top < body.box.top
    assert "Số -TB/VPTU" in text
    assert "Số:" not in text
    assert (find(facts, "THÔNG", "BÁO").size, find(facts, "kết", "luận").size) == (16, 15)
    assert "K/T CHÁNH VĂN PHÒNG" in text
    assert "Lưu Văn phòng Tỉnh ủy." in text
    assert find(facts, "K/T").is_bold
    assert not find(facts, "PHÓ", "CHÁNH").is_bold


def test_a_draft_says_which_version_it_is_and_the_text_to_be_signed_does_not() -> None:
    assert "Dự thảo, phiên bản 3" in text_of(render(DECISION, AT, draft_note="Dự thảo, phiên bản 3").pdf)
    assert "phiên bản" not in text_of(render(DECISION, AT).pdf)


def test_a_draft_shows_the_year_of_the_office_and_the_text_to_be_signed_leaves_it_open() -> None:
    late = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    assert "năm 2027" in text_of(render(DECISION, late, draft_note="Dự thảo").pdf)
    ready = render(DECISION, late)
    assert "năm 20" not in text_of(ready.pdf).partition("QUYẾT ĐỊNH")[0]
    assert ready.marks["year"].box.left > ready.marks["month"].box.right


@pytest.mark.parametrize(
    ("page", "capacity", "signing", "lines"),
    [
        (DECISION, "", {}, ["PHÓ CHỦ TỊCH"]),
        (DECISION, "TM", {}, ["TM. ỦY BAN NHÂN DÂN TỈNH SÔNG HỒNG", "PHÓ CHỦ TỊCH"]),
        (DECISION, "TM", {"collective": "Ủy ban nhân dân"}, ["TM. ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH"]),
        (DECISION, "KT", {"principal": "Chủ tịch"}, ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        (
            DECISION,
            "TL",
            {"principal": "Chủ tịch", "deputy_of": "Chánh Văn phòng"},
            ["TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHỦ TỊCH"],
        ),
        (DECISION, "TUQ", {"principal": "Chủ tịch"}, ["TUQ. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        (DECISION, "Q", {}, ["Q. PHÓ CHỦ TỊCH"]),
        (NOTICE, "TM", {"collective": "Ban Thường vụ"}, ["T/M BAN THƯỜNG VỤ", "PHÓ CHÁNH VĂN PHÒNG"]),
        (NOTICE, "KT", {"principal": "Chánh Văn phòng"}, ["K/T CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]),
        (NOTICE, "TL", {"principal": "Ban Thường vụ"}, ["T/L BAN THƯỜNG VỤ", "PHÓ CHÁNH VĂN PHÒNG"]),
    ],
)
def test_the_capacity_of_the_signer_is_marked_as_the_form_marks_it(page, capacity, signing, lines) -> None:
    given = with_content(replace(page, capacity=capacity), signing=signing)
    assert [one["text"] for one in signature_lines(given)] == lines


def test_recipients_of_a_letter_begin_with_those_above_and_end_with_where_it_is_kept() -> None:
    assert recipient_lines(LETTER) == ["Như trên", "Văn phòng Chính phủ", "Lưu: VT, NC"]
    assert recipient_lines(DECISION) == ["Văn phòng Chính phủ", "Các sở, ban, ngành", "Lưu: VT, NC"]
    assert recipient_lines(NOTICE)[-1] == "Lưu Văn phòng Tỉnh ủy"
    written = with_content(DECISION, recipient_lines=["Như Điều 3;"])
    assert recipient_lines(written) == ["Như Điều 3", "Lưu: VT, NC"]


def test_articles_clauses_and_points_are_numbered_in_the_vietnamese_way() -> None:
    blocks = [
        {"kind": "article", "title": "Phạm vi", "text": "Quy định chung."},
        *[{"kind": "clause", "text": f"khoản {n}"} for n in range(2)],
        *[{"kind": "point", "text": f"điểm {n}"} for n in range(6)],
        {"kind": "article", "text": "Hiệu lực."},
        {"kind": "clause", "text": "khoản cuối"},
        {"kind": "annex", "label": "Phụ lục I", "text": "Danh mục", "reference": "(Kèm theo Quyết định)"},
        {"kind": "article", "text": "Trong phụ lục."},
    ]
    made = render(with_content(DECISION, blocks=blocks), AT)
    text = text_of(made.pdf)
    for expected in (
        "Điều 1. Phạm vi",
        "1. khoản 0",
        "2. khoản 1",
        "a) điểm 0",
        "d) điểm 3",
        "đ) điểm 4",
        "e) điểm 5",
    ):
        assert expected in text
    assert "Điều 2. Hiệu lực." in text
    assert "1. khoản cuối./." in text
    assert text.index("Đoàn Quang Vinh") < text.index("Phụ lục I") < text.index("Điều 1. Trong phụ lục.")
    assert made.page_amount == 2
    assert made.marks["leader"].page == 0


def test_a_table_breaks_over_pages_and_repeats_its_head() -> None:
    columns = [{"title": "TT", "width": 1, "align": "center"}, {"title": "Nhiệm vụ", "width": 6}]
    rows = [[str(n), LONG] for n in range(40)]
    table = {"kind": "table", "columns": columns, "rows": rows, "caption": "Bảng nhiệm vụ"}
    made = render(with_content(DECISION, blocks=[table]), AT)
    text = text_of(made.pdf)
    assert made.page_amount > 3
    assert text.count("Nhiệm vụ") == text.count("TT Nhiệm vụ") >= 3


def test_the_signature_never_stands_on_a_page_without_any_of_the_text(tmp_path: Path) -> None:
    for amount in range(8, 15):
        page = with_content(DECISION, basis=[], blocks=[{"kind": "clause", "text": LONG}] * amount)
        made = render(page, AT)
        path = tmp_path / "made.pdf"
        path.write_bytes(made.pdf)
        facts = read_pdf(path, InspectionLimits())
        leader = made.marks["leader"]
        above = [
            word
            for word in facts.words
            if word.page == leader.page and word.box.bottom > leader.box.top + 60 and word.size == 14
        ]
        assert above, amount


@pytest.mark.parametrize("page", [DECISION, LETTER, NOTICE])
def test_every_place_for_what_is_written_later_lies_on_its_page_and_over_no_words(
    page, tmp_path: Path
) -> None:
    made = render(page, AT)
    path = tmp_path / "made.pdf"
    path.write_bytes(made.pdf)
    facts = read_pdf(path, InspectionLimits())
    slots = {one.name: one for one in layout_of(made).slots}
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
    for slot in slots.values():
        width, height = made.page_sizes[slot.page]
        assert 0 <= slot.box.left < slot.box.right <= width
        assert 0 <= slot.box.bottom < slot.box.top <= height
        if slot.kind in {SlotKind.TEXT, SlotKind.LEADER}:
            covered = [
                word.text
                for word in facts.words
                if word.page == slot.page
                and word.box.left < slot.box.right - 0.5
                and word.box.right > slot.box.left + 0.5
                and word.box.bottom < slot.box.top - 3
                and word.box.top > slot.box.bottom + 3
            ]
            assert covered == [], slot.name


@pytest.mark.parametrize("form", [STATE, PARTY], ids=["state", "party"])
def test_every_type_of_document_can_be_typeset(form) -> None:
    page = DECISION if form is STATE else NOTICE
    for kind in form.types.values():
        made = render(replace(page, kind=kind, notation="/X"), AT)
        text = text_of(made.pdf)
        assert (kind.name.upper() in text) is (kind.shape != "letter"), kind.key
        assert ("number" in made.marks) is kind.is_numbered


@pytest.mark.parametrize("page", [DECISION, LETTER, NOTICE], ids=["decision", "letter", "notice"])
def test_without_the_usual_fonts_the_packaged_one_draws_the_same_words(page, monkeypatch) -> None:
    usual = render(page, AT)
    monkeypatch.setattr(typeface, "FONT_FILES", ())
    other = render(page, AT)
    assert text_of(other.pdf) == text_of(usual.pdf)
    assert b"NotoSerif" in other.pdf
    assert set(other.marks) == set(usual.marks)
    assert other.undrawn == ""
