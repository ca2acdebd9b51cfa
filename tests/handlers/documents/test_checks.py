"""What the format check says about fields and pages, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest

from handlers.documents import page_checks
from handlers.documents.drafting import Recipient, render
from handlers.documents.field_checks import check_fields
from handlers.documents.findings import checked_answer
from handlers.documents.page_checks import check_pages
from handlers.documents.placing import find_places
from handlers.documents.reading import PdfFacts, Word, read_pdf
from handlers.resources import InspectionLimits
from service.domain.signatures import Box
from tests.handlers.documents.pages import AT, DECISION, LETTER, NOTICE, ON, with_content
from tests.pdf_files import plain_pdf

LIMITS = InspectionLimits()


def codes(page, on: date = ON, *, with_text: bool = True) -> dict[str, str]:
    return {one.code: one.severity for one in check_fields(page, on, with_content=with_text)}


def page_codes(page, facts: PdfFacts, **options) -> dict[str, str]:
    return {one.code: one.severity for one in check_pages(page, facts, **options)}


@pytest.fixture
def facts_of(tmp_path: Path):
    def _facts(page) -> PdfFacts:
        path = tmp_path / "made.pdf"
        path.write_bytes(render(page, AT).pdf)
        return read_pdf(path, LIMITS)

    return _facts


@pytest.mark.clause("S0-7.1", "S3-10.1", "S4-3.1")
@pytest.mark.parametrize("page", [DECISION, LETTER, NOTICE], ids=["decision", "letter", "notice"])
def test_a_document_of_the_templates_has_no_fault(page, facts_of) -> None:
    assert codes(page) == {}
    assert page_codes(page, facts_of(page)) == {}


@pytest.mark.clause("S0-7.1", "S3-10.1")
@pytest.mark.parametrize(
    ("page", "code", "severity"),
    [
        (replace(DECISION, signer_name=""), "signer.missing", "error"),
        (replace(DECISION, position=""), "position.missing", "error"),
        (replace(DECISION, place=""), "place_name.missing", "error"),
        (with_content(DECISION, signing={}), "signing.principal", "error"),
        (replace(DECISION, recipients=()), "recipients.missing", "error"),
        (replace(DECISION, recipients=(Recipient("Các sở", "to"),)), "recipients.no_file", "warning"),
        (replace(LETTER, recipients=(Recipient("VT", "file"),)), "address.missing", "error"),
        (replace(NOTICE, kind=NOTICE.form.types["NQ"]), "type.authority", "warning"),
        (replace(NOTICE, capacity="TM"), "capacity.collective", "warning"),
        (replace(LETTER, subject="V/v báo cáo"), "subject.prefix", "warning"),
        (replace(LETTER, subject="báo cáo."), "subject.full_stop", "warning"),
        (with_content(DECISION, blocks=[]), "text.missing", "error"),
        (with_content(DECISION, basis=[]), "basis.missing", "warning"),
        (with_content(DECISION, decider=""), "decider.missing", "warning"),
        (with_content(DECISION, blocks=[{"kind": "paragraph", "text": "a"}]), "articles.missing", "warning"),
        (replace(DECISION, subject="Chúc mừng \U0001f600"), "text.no_glyph", "error"),
    ],
)
def test_what_is_missing_or_wrong_in_the_fields_is_found(page, code, severity) -> None:
    assert codes(page)[code] == severity


def test_a_committee_may_issue_what_is_for_committees() -> None:
    committee = replace(NOTICE, kind=NOTICE.form.types["NQ"], notation="-NQ/TU", capacity="TM")
    assert codes(committee) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("từ ngày 5 tháng 3 năm 2026", "date.leading_zero"),
        ("từ ngày 15 tháng 2 năm 2026", "date.leading_zero"),
        ("từ ngày 30 tháng 02 năm 2026", "date.invalid"),
        ("theo Quyết định số 5/QĐ-UBND", "number.leading_zero"),
    ],
)
def test_dates_and_numbers_below_ten_are_written_with_a_zero(text, code) -> None:
    page = with_content(DECISION, blocks=[{"kind": "article", "text": text}])
    assert code in codes(page)


def test_dates_as_the_form_wants_them_are_left_alone() -> None:
    text = "ngày 05 tháng 3 năm 2026, ngày 15 tháng 02 năm 2026, số 05/QĐ-UBND, số 15-QĐ/TU"
    assert codes(with_content(DECISION, blocks=[{"kind": "article", "text": text}])) == {}


@pytest.mark.clause("S1-7.1", "S3-12.1")
def test_a_draft_begun_before_the_form_changed_is_told_so() -> None:
    assert codes(NOTICE, date(2026, 5, 26)) == {}
    assert codes(NOTICE, date(2026, 5, 27)) == {"form.changed": "warning"}


def test_the_text_of_a_file_that_was_brought_is_not_asked_for_in_the_fields() -> None:
    assert codes(with_content(DECISION, blocks=[], basis=[], signing={}), with_text=False) == {}


def test_a_page_of_another_side_is_found_out(facts_of) -> None:
    found = page_codes(NOTICE, facts_of(LETTER))
    assert found["heading.missing"] == "error"
    assert found["number.form"] == "error"
    assert found["title.missing"] == "error"
    assert found["signer.not_printed"] == "error"
    assert found.keys() >= page_codes(LETTER, facts_of(NOTICE)).keys() & {"heading.missing", "number.form"}


def test_the_capacity_marked_in_the_other_sides_way_is_a_fault(facts_of) -> None:
    facts = facts_of(NOTICE)
    assert "capacity.form" not in page_codes(NOTICE, facts)
    words = [replace(word, text="KT." if word.text == "K/T" else word.text) for word in facts.words]
    assert page_codes(NOTICE, replace(facts, words=words))["capacity.form"] == "error"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda word: replace(word, font="ABCDEF+.VnTime"), "font.legacy"),
        (lambda word: replace(word, font="VNI-Times"), "font.legacy"),
        (lambda word: replace(word, font="ABCDEF+Arial"), "font.family"),
        (lambda word: replace(word, size=11.0), "font.size"),
        (lambda word: replace(word, text=normalize("NFD", word.text)), "text.not_composed"),
        (lambda word: replace(word, box=_moved(word.box, -40, 0)), "margin.left"),
        (lambda word: replace(word, box=_moved(word.box, 40, 0)), "margin.left"),
        (lambda word: replace(word, box=_moved(word.box, 20, 0)), "margin.right"),
        (lambda word: replace(word, box=_moved(word.box, 0, 30)), "margin.top"),
        (lambda word: replace(word, box=_moved(word.box, 0, -60)), "margin.bottom"),
    ],
)
@pytest.mark.clause("S1-7.2", "S3-10.2")
def test_type_letters_and_margins_are_measured(facts_of, change, code) -> None:
    facts = facts_of(LETTER)
    words = [change(word) for word in facts.words]
    assert code in page_codes(LETTER, replace(facts, words=words))


def _moved(box: Box, right: float, up: float) -> Box:
    return Box(box.left + right, box.bottom + up, box.right + right, box.top + up)


def test_times_new_roman_of_other_programs_is_taken_as_such(facts_of) -> None:
    facts = facts_of(LETTER)
    for font in ("TimesNewRomanPSMT", "BCDEEE+TimesNewRomanPS-BoldMT", "Tinos-Regular", "TeXGyreTermes-Bold"):
        words = [replace(word, font=font) for word in facts.words]
        assert "font.family" not in page_codes(LETTER, replace(facts, words=words)), font


def test_paper_numbers_of_pages_and_scans_are_noticed(facts_of, tmp_path: Path) -> None:
    facts = facts_of(LETTER)
    letter_paper = replace(facts, page_sizes=[(612.0, 792.0)] * facts.page_amount)
    assert page_codes(LETTER, letter_paper)["page.size"] == "error"
    unnumbered = [word for word in facts.words if not (word.page == 1 and word.text == "2")]
    assert page_codes(LETTER, replace(facts, words=unnumbered))["page.number"] == "warning"
    assert page_codes(LETTER, replace(facts, words=[])) == {"pdf.no_text": "error"}
    assert page_codes(LETTER, replace(facts, signatures=1))["pdf.not_plain"] == "error"
    assert "pdf.not_plain" not in page_codes(LETTER, replace(facts, signatures=1), is_plain=False)


def test_a_file_of_nothing_but_a_line_lacks_everything(tmp_path: Path) -> None:
    path = tmp_path / "plain.pdf"
    path.write_bytes(plain_pdf())
    found = page_codes(DECISION, read_pdf(path, LIMITS))
    wanted = {"heading.missing", "number.form", "date.missing", "title.missing", "recipients.not_printed"}
    assert wanted <= found.keys()


def test_the_answer_counts_and_puts_errors_first() -> None:
    page = replace(DECISION, signer_name="", subject="x.")
    answer = checked_answer(check_fields(page, ON, with_content=True))
    assert (answer["error_count"], answer["warning_count"]) == (1, 1)
    assert [one["severity"] for one in answer["findings"]] == ["error", "warning"]
    assert answer["findings"][0].keys() == {"code", "severity", "vi", "en", "where"}


def test_a_word_is_told_with_its_place_and_type(facts_of) -> None:
    word = next(one for one in facts_of(DECISION).words if one.text == "Điều")
    assert isinstance(word, Word)
    assert (word.page, word.size, word.is_bold, word.is_italic) == (0, 14.0, True, False)
    assert "Bold" in word.font


def test_a_page_of_nothing_but_dates_half_written_is_checked_in_no_time() -> None:
    assert page_checks._DATE_LINE.search("ngày tháng " * 20_000) is None
    assert page_checks._DATE_LINE.search("Hà Nội, ngày 05 tháng 3 năm 2026 ") is not None


def test_a_word_luu_beside_or_after_the_signature_is_no_line_of_recipients() -> None:
    def word(text: str, left: float, bottom: float, page: int = 0) -> Word:
        return Word(page, text, Box(left, bottom, left + 40, bottom + 14), 14, "Tinos", False, False, bottom)

    words = [word("An", 380, 200), word("Lưu:", 520, 120), word("lưu", 520, 700, 1)]
    facts = PdfFacts(2, [(595.0, 842.0)] * 2, words, 0, False)
    found = find_places(facts, "An", is_numbered=False)
    assert {slot.name for slot in found.slots} >= {"leader", "seal", "initials_1"}
    assert "initials_2" not in {slot.name for slot in found.slots}
