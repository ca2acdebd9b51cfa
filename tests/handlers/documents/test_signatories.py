"""Blocks of several signatures: who stands where, which names are written, which seals go over which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.documents.drafting import DraftPage, layout_of, page_data, render
from handlers.documents.field_checks import check_fields
from handlers.documents.signatories import Signatory, with_body
from service.domain.signatures import SlotKind
from tests.handlers.documents.pages import AT, DECISION, NOTICE, ON, PARTY, STATE, text_of, with_content

PROVINCE = "Ủy ban nhân dân tỉnh Sông Hồng"
FINANCE = Signatory(
    "Trần Thị Bình", "Phó Giám đốc", "KT", {"principal": "Giám đốc"}, "Sở Tài chính", "STC", PROVINCE
)
POLICE = Signatory("Phạm Văn Cường", "Giám đốc", "", {}, "Công an tỉnh", "CAT", "Bộ Công an")
PLAN = with_content(
    replace(
        DECISION,
        kind=STATE.types["KH"],
        notation="/KH-SNV-STC",
        body_name="Sở Nội vụ",
        superior_name=PROVINCE,
        capacity="",
        position="Giám đốc",
        cosigners=(FINANCE,),
    ),
    signing={},
)
MINUTES = replace(
    PLAN,
    kind=STATE.types["BB"],
    notation="/BB-SNV",
    position="Chủ tọa",
    cosigners=(Signatory("Lại Thị Nga", "Thư ký", "", {}, "Sở Nội vụ", "SNV", PROVINCE),),
)


def titles(page: DraftPage) -> list[list[str]]:
    """Return the lines over each signature, in the order of signing."""
    return [[line["text"] for line in one["lines"]] for one in page_data(page, AT)["signatures"]]


@pytest.mark.parametrize(
    ("position", "body", "joined"),
    [
        ("Giám đốc", "Sở Nội vụ", "Giám đốc Sở Nội vụ"),
        ("Trưởng ban", "Ban Tổ chức Tỉnh ủy", "Trưởng Ban Tổ chức Tỉnh ủy"),
        ("Chánh Văn phòng", "Văn phòng Tỉnh ủy", "Chánh Văn phòng Tỉnh ủy"),
        ("Giám đốc Sở Nội vụ", "Sở Nội vụ", "Giám đốc Sở Nội vụ"),
        ("", "Sở Nội vụ", ""),
    ],
)
def test_a_position_takes_the_name_of_its_body_without_saying_a_word_twice(position, body, joined) -> None:
    assert with_body(position, body) == joined


def test_a_joint_document_names_the_bodies_in_heading_and_titles_and_its_lead_stands_right() -> None:
    made = render(PLAN, AT)
    assert titles(PLAN) == [["GIÁM ĐỐC SỞ NỘI VỤ"], ["KT. GIÁM ĐỐC SỞ TÀI CHÍNH", "PHÓ GIÁM ĐỐC"]]
    data = page_data(PLAN, AT)
    assert data["bodies"] == ["SỞ NỘI VỤ -", "SỞ TÀI CHÍNH"]
    assert data["superior"] == PROVINCE.upper()
    slots = {one.name: one for one in layout_of(made, PLAN.seals()).slots}
    lead, second = slots["leader"].box, slots["leader_2"].box
    assert lead.left > second.right
    assert lead.bottom == pytest.approx(second.bottom)
    for seal, signature in ((slots["seal"], lead), (slots["seal_2"], second)):
        assert seal.kind == SlotKind.SEAL
        assert seal.box.right - signature.left == pytest.approx(signature.width / 3)
    assert slots["seal_2"].box.left > 0
    assert "SỞ NỘI VỤ -" in text_of(made.pdf)


def test_bodies_with_different_ones_above_them_stand_alone_and_the_third_signs_in_the_middle() -> None:
    page = replace(PLAN, notation="/KH-SNV-STC-CAT", cosigners=(FINANCE, POLICE))
    assert page_data(page, AT)["superior"] == ""
    assert page.lead_notation == "SNV"
    boxes = {one.name: one.box for one in layout_of(render(page, AT), page.seals()).slots}
    assert boxes["leader_2"].right < boxes["leader_3"].right < boxes["leader"].right
    assert boxes["leader_3"].top < boxes["leader"].bottom
    assert {"seal", "seal_2", "seal_3"} <= set(boxes)


def test_two_leaders_of_one_body_sign_under_one_seal_and_one_name() -> None:
    assert titles(MINUTES) == [["CHỦ TỌA"], ["THƯ KÝ"]]
    assert page_data(MINUTES, AT)["bodies"] == ["SỞ NỘI VỤ"]
    assert MINUTES.seals() == ("leader",)


def test_each_signer_is_checked_by_the_rules_of_their_capacity() -> None:
    wrong = replace(FINANCE, words={}, position="")
    found = {
        (one.code, one.where)
        for one in check_fields(replace(PLAN, cosigners=(wrong,)), ON, with_content=True)
    }
    assert ("signing.principal", "cosigners/0/signing/principal") in found
    assert ("position.missing", "cosigners/0/signer_position") in found
    party = replace(
        NOTICE,
        kind=PARTY.types["NQ"],
        notation="-NQ/TU-VPTU",
        body_name="Tỉnh ủy Sông Hồng",
        capacity="TM",
        cosigners=(Signatory("Lê Thị Hương", "Chánh Văn phòng", "TM", {}, "Văn phòng Tỉnh ủy", "VPTU"),),
    )
    assert {(one.code, one.where) for one in check_fields(party, ON, with_content=True)} == {
        ("capacity.collective", "cosigners/0/capacity")
    }
