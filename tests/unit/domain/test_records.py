"""Metadata: lengths of NĐ30 Phụ lục VI, one Unicode form, the items that an exchanged document carries."""

from __future__ import annotations

import unicodedata

import pytest

from service.domain.delivery import EXCHANGE_STATUSES, STATUS_NAMES, TRANSITIONS, may_follow
from service.domain.numbering import arrival_code, arrival_series
from service.domain.records import TEXT_FIELDS, check_metadata, clean_metadata
from tests.harness import OPENING

GOOD = {"type_name": "Công văn", "organ_name": "Tỉnh ủy", "subject": "Về việc họp"}


@pytest.mark.clause("S1-7.2", "S3-10.2")
def test_text_is_kept_composed_and_trimmed() -> None:
    cleaned = clean_metadata({"subject": f"  {unicodedata.normalize('NFD', 'Thông báo')}\x07 "})
    assert cleaned["subject"] == "Thông báo"
    assert cleaned["urgency"] == "normal"
    assert cleaned["secrecy"] == "none"


@pytest.mark.parametrize("field", TEXT_FIELDS, ids=lambda field: field.name)
def test_a_field_may_be_as_long_as_the_decree_says_and_no_longer(field) -> None:
    whole = clean_metadata(GOOD | {field.name: "x" * field.length})
    assert check_metadata(whole) == []
    longer = clean_metadata(GOOD | {field.name: "x" * (field.length + 1)})
    assert [(one.code, one.pointer) for one in check_metadata(longer)] == [
        ("metadata.too_long", f"/{field.name}")
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"subject": ""}, "/subject"),
        ({"urgency": "soon"}, "/urgency"),
        ({"issued_on": "05/03/2026"}, "/issued_on"),
        ({"page_amount": 0}, "/page_amount"),
        ({"page_amount": True}, "/page_amount"),
        ({"signer_name": 5}, "/signer_name"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(change: dict, pointer: str) -> None:
    assert [one.pointer for one in check_metadata(clean_metadata(GOOD | change))] == [pointer]


@pytest.mark.clause("S3-12.4")
def test_an_exchanged_document_must_carry_the_items_of_the_regulation() -> None:
    missing = {one.pointer for one in check_metadata(clean_metadata(GOOD), is_exchange=True)}
    assert missing == {
        "/organ_id",
        "/code_number",
        "/code_notation",
        "/issued_on",
        "/signer_name",
        "/exchange_id",
    }


@pytest.mark.clause("S3-12.4f")
def test_every_exchange_status_sets_a_status_of_the_regulation() -> None:
    assert {one.document_status for one in EXCHANGE_STATUSES.values()} - {None} <= set(STATUS_NAMES)
    assert [one.code for one in EXCHANGE_STATUSES.values() if one.needs_reason] == ["02", "16"]


def test_a_finished_document_moves_only_by_recall() -> None:
    assert {one for one in STATUS_NAMES if may_follow("completed", one)} == {"completed", "recall_pending"}
    assert {one for one in STATUS_NAMES if may_follow("refused", one)} == {"refused"}
    assert all(may_follow(one, one) for one in TRANSITIONS)


@pytest.mark.clause("S0-6.3")
def test_the_series_of_arrivals_is_the_offices_year_and_secrets_have_their_own_book() -> None:
    last_evening_utc = OPENING.replace(year=2025, month=12, day=31, hour=17, minute=30)
    assert arrival_series("vptu", "none", last_evening_utc).period == "2026"
    assert arrival_series("vptu", "secret", OPENING).book == "incoming_secret"
    assert arrival_code(7) == "07"
    assert arrival_code(123) == "123"
