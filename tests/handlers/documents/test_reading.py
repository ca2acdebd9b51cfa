"""PDFs are read in a process of their own; versions are compared by words and by sight."""

from __future__ import annotations

import time
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from handlers.documents.comparison import Piece, compare_words
from handlers.documents.drafting import render
from handlers.documents.placing import find_places
from handlers.documents.reading import PdfFacts, draw_difference, draw_page, read_pdf
from handlers.resources import InspectionLimits
from handlers.signing.fields import prepare
from service.domain.errors import InvalidInput, NotFound
from tests.handlers.documents.pages import AT, DECISION, LETTER, LONG, NOTICE, with_content
from tests.pdf_files import plain_pdf

LIMITS = InspectionLimits()


@pytest.fixture
def save(tmp_path: Path):
    def _save(pdf: bytes, name: str = "a.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(pdf)
        return path

    return _save


def made(page=DECISION) -> bytes:
    return render(page, AT).pdf


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 nothing", b"\x00" * 5000, plain_pdf()[:200], b"<html>"],
    ids=["empty", "head", "zeros", "cut", "html"],
)
def test_a_file_that_is_no_pdf_is_refused(save, content) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_pdf(save(content), LIMITS)
    assert caught.value.code == "pdf.unreadable"


def test_a_file_that_wastes_time_or_memory_is_given_up(save) -> None:
    bomb = zlib.compress(b"0 0 m 9 9 l S\n" * 20_000_000, 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        stream,
    ]
    body, places = b"%PDF-1.7\n", []
    for number, inner in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, inner)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(body)
    body += b"xref\n0 5\n0000000000 65535 f \n" + table
    body += b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    with pytest.raises(InvalidInput) as caught:
        draw_page(save(body), 0, InspectionLimits(timedelta(seconds=1), 300 * 1024**2))
    assert caught.value.code == "pdf.unreadable"


def test_fields_for_signatures_are_noticed(save) -> None:
    facts = read_pdf(save(made()), LIMITS)
    assert (facts.signatures, facts.has_form) == (0, False)
    stream = BytesIO(made())
    prepare(stream, find_places(facts, DECISION.signer_name).layout)
    prepared = read_pdf(save(stream.getvalue()), LIMITS)
    assert prepared.has_form
    assert prepared.text() == facts.text()


def test_a_page_is_drawn_and_one_that_is_not_there_is_not_found(save) -> None:
    path = save(made())
    image = Image.open(BytesIO(draw_page(path, 0, LIMITS, dpi=72)))
    assert (image.format, image.size) == ("PNG", (596, 842))
    assert image.convert("L").getextrema() == (0, 255)
    for page in (-1, 1, 99):
        with pytest.raises(NotFound):
            draw_page(path, page, LIMITS)


def test_what_changed_is_told_word_by_word() -> None:
    before = ["Phòng", "Tổng", "hợp", "chủ", "trì", "báo", "cáo", "hằng", "tuần"]
    after = ["Phòng", "Tổng", "hợp", "chủ", "trì,", "báo", "cáo", "hằng", "tháng", "nhé"]
    assert compare_words(before, after) == [
        Piece("same", "Phòng Tổng hợp chủ"),
        Piece("removed", "trì"),
        Piece("added", "trì,"),
        Piece("same", "báo cáo hằng"),
        Piece("removed", "tuần"),
        Piece("added", "tháng nhé"),
    ]
    assert compare_words([], []) == []
    assert compare_words([], ["a"]) == [Piece("added", "a")]


def test_long_texts_are_compared_within_a_second_and_no_word_is_lost() -> None:
    before = [f"w{(place * place) % 1999 % (place % 37 + 1)}" for place in range(20_000)]
    after = [("khac" if place % 50 == 0 else word) for place, word in enumerate(before) if place % 999]
    for later in (after, before[::-1]):
        begun = time.process_time()
        pieces = compare_words(before, later)
        assert time.process_time() - begun < 1.0
        for skipped, words in (("added", before), ("removed", later)):
            assert " ".join(one.text for one in pieces if one.change != skipped).split() == words
    same = sum(len(one.text.split()) for one in compare_words(before, after) if one.change == "same")
    assert same > 0.9 * len(after)


@pytest.mark.clause("S0-7.5")
def test_pages_of_two_versions_stand_side_by_side_with_the_change_marked(save) -> None:
    first = save(made(), "first.pdf")
    second = save(made(with_content(DECISION, basis=["Căn cứ Luật khác;"])), "second.pdf")
    image, regions = draw_difference(first, second, 0, LIMITS)
    drawn = Image.open(BytesIO(image))
    assert drawn.width > 2 * 595
    assert regions
    assert min(top for _, top, _, _ in regions) > 150  # the heading is the same
    _, none = draw_difference(first, first, 0, LIMITS)
    assert none == []


def test_a_page_that_only_one_version_has_is_all_change(save) -> None:
    long = save(made(with_content(LETTER, blocks=[{"kind": "clause", "text": LONG}] * 30)), "long.pdf")
    short = save(made(), "short.pdf")
    assert draw_difference(long, short, 1, LIMITS)[1]
    assert draw_difference(short, long, 1, LIMITS)[1]
    with pytest.raises(NotFound):
        draw_difference(long, short, 40, LIMITS)


def facts_from(save, page=DECISION) -> PdfFacts:
    return read_pdf(save(made(page)), LIMITS)


@pytest.mark.parametrize("page", [DECISION, LETTER, NOTICE], ids=["decision", "letter", "notice"])
def test_places_are_found_by_the_words_around_them(save, page) -> None:
    facts = facts_from(save, page)
    found = find_places(facts, page.signer_name)
    assert found.findings == []
    slots = {one.name: one for one in found.slots}
    assert set(slots) == {"number", "day", "month", "leader", "seal", "copy", "initials_1", "initials_2"}
    assert slots["leader"].page == facts.page_amount - 1
    assert slots["leader"].box.height > 60
    assert slots["day"].box.right < slots["month"].box.left
    assert (slots["number"].is_italic, slots["day"].is_italic) == (False, True)


def without(facts: PdfFacts, *gone: str) -> PdfFacts:
    words = [word for word in facts.words if word.text not in gone]
    return PdfFacts(facts.page_amount, facts.page_sizes, words, 0, has_form=False)


@pytest.mark.parametrize(
    ("gone", "code"), [("Số:", "place.number"), ("tháng", "place.date"), ("Vinh", "place.signer")]
)
def test_a_place_that_is_not_found_is_a_finding_and_no_guess(save, gone, code) -> None:
    found = find_places(without(facts_from(save), gone), DECISION.signer_name)
    assert [one.code for one in found.findings] == [code]


def test_a_number_that_is_written_already_leaves_no_room(save) -> None:
    facts = facts_from(save)
    number = next(one for one in facts.words if one.text == "Số:")
    symbol = next(one for one in facts.words if one.text.startswith("/QĐ"))
    box = number.box.__class__(number.box.right + 4, number.box.bottom, symbol.box.left - 4, number.box.top)
    words = list(facts.words)
    words.insert(words.index(symbol), number.__class__(0, "12", box, 13.0, number.font, False, False))
    crowded = PdfFacts(facts.page_amount, facts.page_sizes, words, 0, has_form=False)
    assert [one.code for one in find_places(crowded, DECISION.signer_name).findings] == ["place.number"]
    assert find_places(crowded, DECISION.signer_name, is_numbered=False).findings == []


def test_no_room_over_the_name_is_a_finding(save) -> None:
    facts = facts_from(save)
    name = next(one for one in facts.words if one.text == "Đoàn")
    low = name.box.__class__(name.box.left, name.box.top + 20, name.box.right, name.box.top + 34)
    words = [*facts.words, name.__class__(name.page, "x", low, 13.0, name.font, False, False)]
    crowded = PdfFacts(facts.page_amount, facts.page_sizes, words, 0, has_form=False)
    assert [one.code for one in find_places(crowded, DECISION.signer_name).findings] == ["place.signature"]


def test_a_text_is_put_on_the_line_of_the_words_around_it(save) -> None:
    facts = facts_from(save)
    label = next(one for one in facts.words if one.text == "Số:")
    number = next(one for one in find_places(facts, DECISION.signer_name).slots if one.name == "number")
    assert number.box.bottom + 0.22 * number.font_size == pytest.approx(label.baseline)
    marked = render(DECISION, AT).marks["number"]
    assert number.box.bottom == pytest.approx(marked.y, abs=0.3)
