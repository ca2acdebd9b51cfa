"""Series and forms of numbers, State and Party (NĐ 30/2020 Điều 15, Phụ lục I; HD 36-HD/VPTW)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.records.description import document_code
from service.domain.errors import Conflict
from service.domain.numbering import (
    NumberingBody,
    SeriesKey,
    date_texts,
    outgoing_code,
    outgoing_series,
)

COMMITTEE = NumberingBody("ubnd", "UBND", "state")
PARTY = NumberingBody("tu", "TU", "party", term="2025-2030")
ON = date(2026, 3, 2)


def test_a_state_body_has_one_series_for_its_administrative_documents_and_a_new_one_each_year() -> None:
    first = outgoing_series(COMMITTEE, "TB", on=ON)
    assert first == SeriesKey("ubnd", "outgoing", "2026")
    assert outgoing_series(COMMITTEE, "CV", on=ON) == first
    assert outgoing_series(COMMITTEE, "TB", on=date(2027, 1, 1)).period == "2027"


def test_the_head_of_a_state_body_may_choose_a_series_for_each_type() -> None:
    chosen = replace(COMMITTEE, is_per_type=True)
    assert outgoing_series(chosen, "TB", on=ON).book == "outgoing:TB"
    assert outgoing_series(chosen, "CV", on=ON).book == "outgoing:CV"


@pytest.mark.parametrize("is_per_type", [False, True])
def test_normative_and_secret_documents_are_numbered_apart(*, is_per_type: bool) -> None:
    body = replace(COMMITTEE, is_per_type=is_per_type)
    assert outgoing_series(body, "QĐ", on=ON, family="normative").book == "outgoing_normative:QĐ"
    assert outgoing_series(body, "QĐ", on=ON, secrecy="secret").book == "outgoing_secret"
    assert outgoing_series(body, "QĐ", on=ON, family="normative", secrecy="secret").book == "outgoing_secret"


def test_a_party_body_numbers_each_type_through_its_term_and_not_by_the_year() -> None:
    first = outgoing_series(PARTY, "TB", on=ON)
    assert first == SeriesKey("tu", "outgoing:TB", "2025-2030")
    assert outgoing_series(PARTY, "TB", on=date(2027, 1, 1)) == first
    assert outgoing_series(PARTY, "CV", on=ON) != first
    assert outgoing_series(replace(PARTY, term="2030-2035"), "TB", on=ON) != first


def test_documents_of_a_congress_share_one_series_and_secret_ones_have_their_own() -> None:
    assert outgoing_series(PARTY, "NQ", on=ON, family="congress") == SeriesKey(
        "tu", "outgoing_congress", "2025-2030"
    )
    assert outgoing_series(PARTY, "NQ", on=ON, secrecy="confidential").book == "outgoing_secret:NQ"


def test_a_party_body_without_a_term_gets_no_number() -> None:
    with pytest.raises(Conflict) as caught:
        outgoing_series(replace(PARTY, term=None), "TB", on=ON)
    assert caught.value.code == "numbering.no_term"


@pytest.mark.parametrize(
    ("body", "symbol", "number", "more", "text"),
    [
        (COMMITTEE, "TB", 5, {}, "05/TB-UBND"),
        (COMMITTEE, "", 5, {"unit_notation": "VX"}, "05/UBND-VX"),
        (COMMITTEE, "", 5, {}, "05/UBND"),
        (COMMITTEE, "QĐ", 127, {}, "127/QĐ-UBND"),
        (COMMITTEE, "QĐ", 9, {"family": "normative"}, "09/2026/QĐ-UBND"),
        (PARTY, "TB", 5, {}, "05-TB/TU"),
        (PARTY, "CV", 5, {"unit_notation": "VX"}, "05-CV/TU"),
        (PARTY, "QĐ", 127, {}, "127-QĐ/TU"),
    ],
)
def test_a_number_is_written_as_the_rules_show_it(body, symbol, number, more, text) -> None:
    code = outgoing_code(body, symbol, number, on=ON, **more)
    assert code.text == text
    assert document_code(code.number, code.notation) == text


@pytest.mark.parametrize(
    ("on", "day", "month"),
    [
        (date(2026, 3, 2), "02", "3"),
        (date(2026, 2, 10), "10", "02"),
        (date(2026, 1, 9), "09", "01"),
        (date(2026, 11, 30), "30", "11"),
    ],
)
def test_days_below_ten_and_the_first_two_months_have_a_zero_before_them(on, day, month) -> None:
    assert date_texts(on) == {"day": day, "month": month, "year": str(on.year)}
