"""Forms of documents are data with days: which types there are, how they are headed, what is not known."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from service.domain.document_profiles import PROFILES, editions, profile_from, profile_on
from service.domain.errors import InvalidInput

STATE_CODES = [
    "NQ",
    "QĐ",
    "CT",
    "QC",
    "QyĐ",
    "TC",
    "TB",
    "HD",
    "CTr",
    "KH",
    "PA",
    "ĐA",
    "DA",
    "BC",
    "BB",
    "TTr",
    "HĐ",
    "CĐ",
    "BGN",
    "BTT",
    "GUQ",
    "GM",
    "GGT",
    "GNP",
    "PG",
    "PC",
    "PB",
]


def test_the_state_form_has_29_types_of_which_27_have_a_code_in_their_symbol():
    types = profile_on("state", date(2026, 3, 2)).types
    assert len(types) == 29
    assert [one.code for one in types.values() if one.in_notation] == STATE_CODES
    assert {one.name for one in types.values() if not one.in_notation} == {"Công văn", "Thư công"}


def test_a_party_letter_has_its_code_in_the_symbol_and_quy_dinh_writes_the_code_of_quyet_dinh():
    types = profile_on("party", date(2026, 3, 2)).types
    assert types["CV"].in_notation
    assert (types["QĐ"].code, types["QyĐ"].code) == ("QĐ", "QĐ")
    assert (types["QĐ"].name, types["QyĐ"].name) == ("Quyết định", "Quy định")


@pytest.mark.clause("S1-7.1", "S3-12.1")
@pytest.mark.parametrize(
    ("on", "number"), [(date(2026, 5, 26), "36-HD/VPTW"), (date(2026, 5, 27), "05-HD/VPTW")]
)
def test_the_party_form_is_that_of_the_guidance_in_force_on_the_day(on, number):
    assert number in profile_on("party", on).regulation


@pytest.mark.clause("S1-7.1", "S3-12.1")
def test_the_party_form_heads_with_the_partys_name_a_star_and_capacities_with_a_slash():
    form = profile_on("party", date(2026, 3, 2))
    assert form.layout["heading"]["lines"] == ["ĐẢNG CỘNG SẢN VIỆT NAM"]
    assert form.layout["heading"]["body_sign"] == "star"
    assert form.layout["number"]["label"] == "Số "
    assert form.layout["page"]["margins_mm"] == {"top": 20, "bottom": 20, "left": 30, "right": 15}
    assert [one.mark for one in form.capacities.values()] == ["", "T/M", "K/T", "T/L", "Q."]


def test_the_state_form_heads_with_country_and_motto_and_capacities_with_a_dot():
    form = profile_on("state", date(2026, 3, 2))
    assert form.layout["heading"]["lines"][1] == "Độc lập - Tự do - Hạnh phúc"
    assert form.layout["number"]["label"] == "Số: "
    assert [one.mark for one in form.capacities.values()] == ["", "TM.", "KT.", "TL.", "TUQ.", "Q."]
    assert form.layout["urgency"]["flash"] == {"words": "HỎA TỐC", "width_mm": 30, "height_mm": 8}


def test_an_edition_that_is_like_another_keeps_its_measures_and_says_what_is_not_known():
    old, new = editions("party")
    assert new.layout == old.layout
    assert new.types == old.types
    assert any("05-HD/VPTW" in one["note"] for one in new.unknown)
    assert profile_from("party", new.from_on) is new


@pytest.mark.parametrize("name", PROFILES)
def test_editions_follow_each_other_day_by_day_and_cite_their_regulation(name):
    found = editions(name)
    for earlier, later in itertools.pairwise(found):
        assert earlier.to_on is not None
        assert (later.from_on - earlier.to_on).days == 1
    for form in found:
        assert form.regulation
        assert form.layout["page"]["source"]
        assert len(set(form.types)) == len(form.types)
        assert all(one["note"] for one in form.unknown)


@pytest.mark.parametrize("name", PROFILES)
def test_margins_that_templates_use_are_within_what_the_form_allows(name):
    for form in editions(name):
        page = form.layout["page"]
        for side, size in page["margins_mm"].items():
            low, high = page["allowed_margins_mm"][side]
            assert low <= size <= high


@pytest.mark.parametrize(
    ("name", "on", "code"),
    [("army", date(2026, 3, 2), "profile.unknown"), ("state", date(1999, 1, 1), "profile.not_known_then")],
)
def test_a_form_that_is_not_on_record_is_refused(name, on, code):
    with pytest.raises(InvalidInput) as caught:
        profile_on(name, on)
    assert caught.value.code == code


def test_a_type_that_a_form_does_not_have_is_refused():
    with pytest.raises(InvalidInput) as caught:
        profile_on("party", date(2026, 3, 2)).type_of("HĐ")
    assert caught.value.findings[0].pointer == "/type_code"
