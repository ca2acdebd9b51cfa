"""The content of a draft is cleaned as a whole; each fault is told with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.draft_content import BLOCK_KINDS, MOST_BLOCKS, clean_content, plain_text, texts_of
from service.domain.errors import InvalidInput

TABLE = {"kind": "table", "columns": [{"title": "TT", "width": 1}, {"title": "Việc", "width": 4}]}


def faults(content) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        clean_content(content)
    assert caught.value.code == "draft.content"
    return [one.pointer for one in caught.value.findings]


def test_nothing_is_required_and_everything_is_there_afterwards():
    cleaned = clean_content({})
    assert cleaned["blocks"] == []
    assert cleaned["signing"] == {"collective": "", "principal": "", "deputy_of": ""}
    assert (cleaned["text_size"], cleaned["number_family"]) == (14, "administrative")
    assert clean_content(cleaned) == cleaned


@pytest.mark.clause("S1-7.2", "S3-10.2")
def test_texts_are_composed_and_freed_of_control_characters():
    block = {"kind": "paragraph", "text": " tiê\u0301ng\u0000 Viê\u0323t "}
    assert clean_content({"blocks": [block]})["blocks"] == [{"kind": "paragraph", "text": "tiếng Việt"}]


def test_runs_keep_their_styles_and_the_blanks_between_them():
    runs = [{"text": "Điều 1. ", "bold": True}, {"text": "Ban hành", "italic": False}]
    (block,) = clean_content({"blocks": [{"kind": "paragraph", "text": runs}]})["blocks"]
    assert block["text"] == runs
    assert plain_text(block["text"]) == "Điều 1. Ban hành"


@pytest.mark.parametrize("kind", BLOCK_KINDS)
def test_every_kind_of_block_is_taken(kind):
    block = {"kind": kind}
    if kind == "table":
        block = {**TABLE, "rows": [["1", "Soạn"]]}
    elif kind == "list":
        block["items"] = ["một", [{"text": "hai", "bold": True}]]
    elif kind != "page_break":
        block["text"] = "Nội dung"
    assert clean_content({"blocks": [block]})["blocks"][0]["kind"] == kind


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ({"colour": "red"}, "/content/colour"),
        ({"blocks": "text"}, "/content/blocks"),
        ({"blocks": [{"kind": "paragraph", "text": "a"}] * (MOST_BLOCKS + 1)}, "/content/blocks"),
        ({"blocks": [{"kind": "script", "text": "a"}]}, "/content/blocks/0/kind"),
        ({"blocks": ["a"]}, "/content/blocks/0/kind"),
        ({"blocks": [{"kind": "paragraph", "text": "a", "onclick": "b"}]}, "/content/blocks/0/onclick"),
        ({"blocks": [{"kind": "paragraph", "text": 5}]}, "/content/blocks/0/text"),
        ({"blocks": [{"kind": "paragraph", "text": " "}]}, "/content/blocks/0/text"),
        ({"blocks": [{"kind": "paragraph", "text": "a" * 20_001}]}, "/content/blocks/0/text"),
        ({"blocks": [{"kind": "paragraph", "text": [{"text": "a", "size": 9}]}]}, "/content/blocks/0/text/0"),
        ({"blocks": [{"kind": "heading", "text": "a", "level": 9}]}, "/content/blocks/0/level"),
        ({"blocks": [{"kind": "list", "items": []}]}, "/content/blocks/0/items"),
        ({"blocks": [{**TABLE, "rows": [["một ô"]]}]}, "/content/blocks/0/rows/0"),
        ({"blocks": [{**TABLE, "columns": [], "rows": []}]}, "/content/blocks/0/columns"),
        (
            {"blocks": [{"kind": "table", "columns": [{"title": "a", "width": -1}], "rows": []}]},
            "/content/blocks/0/columns/0",
        ),
        ({"address": "Các sở"}, "/content/address"),
        ({"signing": []}, "/content/signing"),
        ({"signing": {"proxy": "x"}}, "/content/signing/proxy"),
        ({"place": "a" * 501}, "/content/place"),
        ({"text_size": 12}, "/content/text_size"),
        ({"number_family": "secret"}, "/content/number_family"),
    ],
)
def test_a_fault_is_told_with_its_place(content, pointer):
    assert pointer in faults(content)


def test_all_faults_are_told_at_once():
    found = faults({"text_size": 1, "blocks": [{"kind": "x"}, {"kind": "paragraph", "text": ""}]})
    assert found == ["/content/blocks/0/kind", "/content/blocks/1/text", "/content/text_size"]


def test_numbers_that_come_back_from_the_database_as_decimals_are_widths_too():
    column = {"title": "a", "width": Decimal("2.5"), "align": "right"}
    (block,) = clean_content({"blocks": [{"kind": "table", "columns": [column], "rows": [["b"]]}]})["blocks"]
    assert block["columns"] == [{"title": "a", "width": 2.5, "align": "right"}]


def test_every_text_can_be_walked_with_its_place():
    content = clean_content({"basis": ["Căn cứ"], "blocks": [{**TABLE, "rows": [["1", "Soạn"]]}]})
    found = dict(texts_of(content))
    assert found["/content/basis/0"] == "Căn cứ"
    assert found["/content/blocks/0/rows/0/1"] == "Soạn"
    assert "table" not in found.values()
